namespace Ringfence.Core.Host.Filter;

/// <summary>Whether a part of a rule fits a packet; null: it was not understood, or depends on what is not known.</summary>
internal delegate bool? FilterMatch(Probe probe, FilterWalk walk);

/// <summary>A rule of nftables or iptables.</summary>
/// <param name="HasLimit">It has a limit on packets in time.</param>
/// <param name="Text">Where it stands, for people: "inet filter input".</param>
/// <param name="Cost">What asking it takes, in steps: a rule may hold a country's networks.</param>
internal sealed record FilterRule(IReadOnlyList<FilterMatch> Matches, FilterVerdict Verdict, bool HasLimit, string Text, int Cost);

/// <summary>What a rule does with a packet that it fits.</summary>
internal abstract record FilterVerdict
{
    public static readonly FilterVerdict Accept = new Ends(Outcomes.Accept);
    public static readonly FilterVerdict Drop = new Ends(Outcomes.Drop);
    public static readonly FilterVerdict None = new Ends(Outcomes.Continue);

    /// <summary>It may do anything: another machine's address, a program that decides, a target that is not known here.</summary>
    public static readonly FilterVerdict Unknown = new Ends(Outcomes.Accept | Outcomes.Drop | Outcomes.Continue);
}

internal sealed record Ends(Outcomes Outcome) : FilterVerdict;

internal sealed record Returns : FilterVerdict;

/// <param name="IsGoto">What falls out of that chain does not come back to this one.</param>
internal sealed record Jumps(string Chain, bool IsGoto) : FilterVerdict;

/// <summary>A map from a packet's field to verdicts.</summary>
/// <param name="Choose">The verdict for a packet; null where the field is not known; <see cref="FilterVerdict.None"/> where the map lacks it.</param>
internal sealed record Maps(Func<Probe, FilterWalk, FilterVerdict?> Choose, IReadOnlyList<FilterVerdict> All) : FilterVerdict;

/// <param name="Key">Family, table and name, which jumps of the same table say.</param>
/// <param name="Hook">null: packets come here by jumps alone.</param>
/// <param name="Policy">What becomes of a packet at the end of a chain with a hook.</param>
/// <param name="Priority">Of the hook; connections are tracked at -200 (NF_IP_PRI_CONNTRACK), and what is lower knows of none.</param>
internal sealed record FilterChain(string Key, string? Hook, Outcomes Policy, bool ForIPv4, bool ForIPv6, int Priority)
{
    public List<FilterRule> Rules { get; } = [];
}
