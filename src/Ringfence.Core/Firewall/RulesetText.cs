using System.Text;

namespace Ringfence.Core.Firewall;

/// <summary>The table's sets, chains and rules as a script for <c>nft -f</c>, made of constants and numbers only.</summary>
/// <remarks>The script is one transaction. Run on a table that is there, it keeps the sets and all that is in them and renews the rules.
/// It holds no <c>destroy</c>, which nft 1.0.6 of Debian 12 does not know, and never <c>flush ruleset</c> or <c>flush set</c>.</remarks>
internal static class RulesetText
{
    public const string Arriving = "arriving";
    public const string Refuse = "refuse";

    /// <summary>The hook chain as the kernel tells it: hook 0 (prerouting), priority -10, policy 1 (accept), type.</summary>
    public const string ArrivingHook = "0800010000000000" + "08000200FFFFFFF6" + " 00000001 filter";

    public static ReadOnlySpan<byte> TableName => "ringfence"u8;

    /// <summary>What bans dropped.</summary>
    public const string Counter = "dropped";

    /// <summary>The counters that a table has: bans, and what each limit dropped.</summary>
    public static IReadOnlyList<string> Counters(Ruleset ruleset) => ruleset.Limits is null ? [Counter] : [Counter, LimitRules.Counter, LimitRules.TogetherCounter, LimitRules.ThrottleCounter, LimitRules.LongCounter];

    /// <summary>The chains and how many rules each has.</summary>
    public static IReadOnlyDictionary<string, int> Chains(Ruleset ruleset) =>
        Rules(ruleset).GroupBy(rule => rule.Chain, StringComparer.Ordinal).ToDictionary(chain => chain.Key, chain => chain.Count(), StringComparer.Ordinal);

    /// <param name="actual">What is there now: parts of it that can't be changed in place are replaced.</param>
    public static string Build(TableShape actual, Ruleset ruleset)
    {
        var script = new StringBuilder();
        void Line(string line) => script.Append(line).Append('\n');

        // Also wakes a table that somebody made dormant.
        Line("add table inet ringfence");
        foreach (var counter in Counters(ruleset))
        {
            Line($"add counter inet ringfence {counter}");
        }

        var chains = Chains(ruleset).Keys.Where(chain => chain != Arriving).ToList();
        chains.ForEach(chain => Line($"add chain inet ringfence {chain}"));
        chains.ForEach(chain => Line($"flush chain inet ringfence {chain}"));

        var strangeSets = actual.StrangeSets(ruleset).ToList();
        var retired = actual.RetiredChains(ruleset).ToList();
        if (actual.HasStrangeHook || strangeSets.Count > 0 || retired.Count > 0)
        {
            // Bare "add chain" accepts whatever hook is there, so that the flush has something to flush.
            Line("add chain inet ringfence arriving");
            Line("flush chain inet ringfence arriving");
            Line("delete chain inet ringfence arriving");
            retired.ForEach(chain => Line($"flush chain inet ringfence {chain}"));
            retired.ForEach(chain => Line($"delete chain inet ringfence {chain}"));
            strangeSets.ForEach(set => Line($"delete set inet ringfence {set}"));
        }

        Line("add set inet ringfence banned4 { type ipv4_addr; flags timeout; }");
        Line("add set inet ringfence banned6 { type ipv6_addr; flags timeout; }");
        Line("add set inet ringfence banned_nets4 { type ipv4_addr; flags interval, timeout; }");
        Line("add set inet ringfence banned_nets6 { type ipv6_addr; flags interval, timeout; }");
        if (ruleset.Limits is not null)
        {
            LimitRules.Sets.ForEach(Line);
        }

        // Prerouting sees what is for this machine and what it forwards (containers) alike, before either is routed; behind
        // conntrack (-200) and destination NAT (-100), which leaves the source alone. What is dropped here takes no room in conntrack's table.
        Line("add chain inet ringfence arriving { type filter hook prerouting priority -10; policy accept; }");
        Line("flush chain inet ringfence arriving");
        foreach (var (chain, rule) in Rules(ruleset))
        {
            Line($"add rule inet ringfence {chain} {rule}");
        }

        return script.ToString();
    }

    private static IEnumerable<(string Chain, string Rule)> Rules(Ruleset ruleset)
    {
        // By index, which is 1 in every namespace: nobody can name another interface "lo".
        yield return (Arriving, "iif 1 accept");
        yield return (Arriving, "ip saddr @banned4 jump refuse");
        yield return (Arriving, "ip saddr @banned_nets4 jump refuse");

        // Router and neighbour discovery: without it a ban of fe80::/64, or of our own /64, would cut IPv6 off altogether.
        yield return (Arriving, "icmpv6 type 133-136 accept");
        yield return (Arriving, "ip6 saddr & ffff:ffff:ffff:ffff:: @banned6 jump refuse");
        yield return (Arriving, "ip6 saddr @banned_nets6 jump refuse");

        // A named counter, since a rule's own would start again at each renewal.
        yield return (Refuse, $"counter name \"{Counter}\"");
        if (ruleset.Reject)
        {
            yield return (Refuse, "meta l4proto tcp reject with tcp reset");
            yield return (Refuse, "reject with icmpx type admin-prohibited");
        }
        else
        {
            yield return (Refuse, "drop");
        }

        foreach (var rule in ruleset.Limits is { } limits ? LimitRules.Of(limits) : [])
        {
            yield return rule;
        }
    }
}
