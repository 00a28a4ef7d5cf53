namespace Ringfence.Core.Host.Filter;

/// <summary>One packet's way through the chains. What is not understood makes both ways possible, so a single flag in the answer is sure.</summary>
internal sealed class FilterWalk(IReadOnlyDictionary<string, FilterChain> chains, Probe probe, int maxSteps = FilterWalk.MaxSteps)
{
    // nftables allows 16 jumps; a file from a stranger may go in circles.
    private const int MaxDepth = 20;

    // A ruleset in which each chain jumps twice to the next one would take for ever.
    public const int MaxSteps = 500_000;

    private const int TrackingPriority = -200;

    /// <summary>What the way has cost.</summary>
    public int Steps { get; private set; }

    /// <summary>Sets and lists that a rule on the way may have put the sender into.</summary>
    public HashSet<string> Touched { get; } = new(StringComparer.Ordinal);

    /// <summary>What "ct state" is where the packet is now; null: not known.</summary>
    public string? ConnectionState { get; private set; }

    /// <summary>Rules with a limit that the packet fits, or may.</summary>
    public List<FilterRule> Limits { get; } = [];

    /// <summary>Through every chain with a hook on the way in: to be accepted a packet has to pass all of them.</summary>
    public Outcomes Enter()
    {
        var all = Outcomes.Accept;
        foreach (var chain in chains.Values.Where(chain => chain.Hook is "ingress" or "prerouting" or "input" && (probe.IsIPv6 ? chain.ForIPv6 : chain.ForIPv4)))
        {
            // Before a connection is looked for, each packet is of none: "invalid" (measured; xt_conntrack.c and nft_ct.c).
            ConnectionState = chain.Hook == "ingress" || chain.Priority < TrackingPriority ? "invalid" : chain.Priority == TrackingPriority ? null : "new";
            var end = Through(chain, 0);
            var here = (end & ~Outcomes.Continue) | (end.HasFlag(Outcomes.Continue) ? chain.Policy : Outcomes.None);
            if (here == Outcomes.Drop)
            {
                return Outcomes.Drop;
            }

            all |= here;
        }

        return all;
    }

    private Outcomes Through(FilterChain chain, int depth)
    {
        var sofar = Outcomes.None;
        foreach (var rule in chain.Rules)
        {
            Steps += rule.Cost;
            if (Steps > maxSteps)
            {
                return Outcomes.Accept | Outcomes.Drop | Outcomes.Continue;
            }

            var fits = Fits(rule);
            if (fits is false)
            {
                continue;
            }

            if (rule.HasLimit)
            {
                Limits.Add(rule);
            }

            var (end, leaves) = Apply(rule.Verdict, depth);
            sofar |= end & ~Outcomes.Continue;
            if (leaves)
            {
                sofar |= end & Outcomes.Continue;
            }

            if (fits is true && (leaves || !end.HasFlag(Outcomes.Continue)))
            {
                return sofar;
            }
        }

        return sofar | Outcomes.Continue;
    }

    /// <returns>Leaves: Continue means the end of this chain and not its next rule.</returns>
    private (Outcomes End, bool Leaves) Apply(FilterVerdict verdict, int depth)
    {
        switch (verdict)
        {
            case Ends ends:
                return (ends.Outcome, false);
            case Returns:
                return (Outcomes.Continue, true);
            case Jumps jumps when depth < MaxDepth && chains.TryGetValue(jumps.Chain, out var target):
                return (Through(target, depth + 1), jumps.IsGoto);
            case Maps maps:
                return maps.Choose(probe, this) is { } chosen ? Apply(chosen, depth) : (Outcomes.Accept | Outcomes.Drop | Outcomes.Continue, false);
            default:
                return (Outcomes.Accept | Outcomes.Drop | Outcomes.Continue, false);
        }
    }

    private bool? Fits(FilterRule rule)
    {
        bool? all = true;
        foreach (var match in rule.Matches)
        {
            // What stands behind a part that does not fit is not looked at, and puts nobody into a set.
            switch (match(probe, this))
            {
                case false:
                    return false;
                case null:
                    all = null;
                    break;
                default:
                    break;
            }
        }

        return all;
    }
}
