using System.Globalization;

namespace Ringfence.Core.Firewall;

/// <summary>The part of the table that limits SIP: behind the bans, and not for who is trusted.</summary>
/// <remarks>
/// A forged source costs its forger nothing, so a meter for each address holds a flood of a million of them no better than no meter, and
/// its full set opens the door (70,000 forged addresses fill 65,536 places in a second). So what was not seen within the last seconds goes
/// through one meter for all and is remembered as seen, dropped or not: a phone asks again after half a second and is then among those
/// who came back, where each address has its own meter. A forger who wants to be there must send twice from each address, and
/// meets the second meter for all. Whoever is trusted meets none of it: ban first, trust second, limit third.
/// </remarks>
internal static class LimitRules
{
    /// <summary>What single addresses sent beyond their rate.</summary>
    public const string Counter = "limited";

    /// <summary>What all together sent beyond the rate for all.</summary>
    public const string TogetherCounter = "limited_together";

    public const string Strangers = "strangers";
    public const string Again = "again";
    public const string Excess = "excess";

    /// <summary>Who jumps stands before where he jumps to.</summary>
    public static readonly string[] Chains = [Strangers, Again, Excess];

    // A phone owns its whole /64, and so does an attacker.
    private const string Source6 = "ip6 saddr & ffff:ffff:ffff:ffff::";

    public static List<string> Sets =>
    [
        "add set inet ringfence trusted4 { type ipv4_addr; flags interval; }",
        "add set inet ringfence trusted6 { type ipv6_addr; flags interval; }",
        .. LimitSet.All.Select(set => string.Create(CultureInfo.InvariantCulture,
            $"add set inet ringfence {set.Name} {{ type {(set.IsIPv4 ? "ipv4_addr" : "ipv6_addr")}; size {set.Entries}; flags dynamic, timeout; timeout {set.Timeout.TotalSeconds}s; }}")),
    ];

    public static IEnumerable<(string Chain, string Rule)> Of(SipLimits limits)
    {
        var together = $"limit rate over {limits.TogetherRate}/second burst {limits.TogetherRate} packets counter name \"{TogetherCounter}\" drop";
        var alone = $"limit rate over {limits.Rate}/second burst {limits.Burst} packets";
        if (limits.Datagrams.Count > 0)
        {
            yield return (RulesetText.Arriving, $"udp dport {{ {string.Join(", ", limits.Datagrams)} }} jump {Strangers}");
        }

        // What follows on a connection is from whom it says, so the detector bans him; the first packet may be forged.
        yield return (RulesetText.Arriving, $"tcp dport {{ {string.Join(", ", limits.Connections)} }} tcp flags & (fin | syn | rst | ack) == syn jump {Strangers}");

        yield return (Strangers, "ip saddr @trusted4 return");
        yield return (Strangers, "ip6 saddr @trusted6 return");
        yield return (Strangers, $"ip saddr @seen4 goto {Again}");
        yield return (Strangers, $"{Source6} @seen6 goto {Again}");
        yield return (Strangers, "add @seen4 { ip saddr }");
        yield return (Strangers, $"add @seen6 {{ {Source6} }}");
        yield return (Strangers, together);

        yield return (Again, "update @seen4 { ip saddr }");
        yield return (Again, $"update @seen6 {{ {Source6} }}");
        yield return (Again, $"update @rated4 {{ ip saddr {alone} }} goto {Excess}");
        yield return (Again, $"update @rated6 {{ {Source6} {alone} }} goto {Excess}");
        yield return (Again, together);

        yield return (Excess, "update @limited4 { ip saddr counter }");
        yield return (Excess, $"update @limited6 {{ {Source6} counter }}");
        yield return (Excess, $"counter name \"{Counter}\"");
        yield return (Excess, "drop");
    }
}
