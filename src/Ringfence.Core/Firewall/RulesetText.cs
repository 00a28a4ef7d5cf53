using System.Text;

namespace Ringfence.Core.Firewall;

/// <summary>The table's sets, chains and rules as a script for <c>nft -f</c>, made of constants only.</summary>
/// <remarks>The script is one transaction. Run on a table that is there, it keeps the sets and all that is in them and renews the rules.
/// It holds no <c>destroy</c>, which nft 1.0.6 of Debian 12 does not know, and never <c>flush ruleset</c> or <c>flush set</c>.</remarks>
internal static class RulesetText
{
    public const string Arriving = "arriving";
    public const string Refuse = "refuse";

    /// <summary>Rules in the chain at the hook.</summary>
    public const int ArrivingRules = 6;

    /// <summary>The hook chain as the kernel tells it: hook 0 (prerouting), priority -10, policy 1 (accept), type.</summary>
    public const string ArrivingHook = "0800010000000000" + "08000200FFFFFFF6" + " 00000001 filter";

    public static ReadOnlySpan<byte> TableName => "ringfence"u8;

    public static ReadOnlySpan<byte> CounterName => "dropped"u8;

    public static int RefuseRules(bool reject) => reject ? 3 : 2;

    /// <param name="actual">What is there now: parts of it that can't be changed in place are replaced.</param>
    /// <param name="reject">Answer with a TCP reset or an ICMP error instead of silence.</param>
    public static string Build(TableShape actual, bool reject)
    {
        var script = new StringBuilder();
        void Line(string line) => script.Append(line).Append('\n');

        // Also wakes a table that somebody made dormant.
        Line("add table inet ringfence");
        Line("add counter inet ringfence dropped");
        Line("add chain inet ringfence refuse");
        Line("flush chain inet ringfence refuse");

        var strangeSets = actual.StrangeSets.ToList();
        if (actual.HasStrangeHook || strangeSets.Count > 0)
        {
            // Bare "add chain" accepts whatever hook is there, so that the flush has something to flush.
            Line("add chain inet ringfence arriving");
            Line("flush chain inet ringfence arriving");
            Line("delete chain inet ringfence arriving");
            foreach (var set in strangeSets)
            {
                Line($"delete set inet ringfence {Encoding.ASCII.GetString(set.Name)}");
            }
        }

        Line("add set inet ringfence banned4 { type ipv4_addr; flags timeout; }");
        Line("add set inet ringfence banned6 { type ipv6_addr; flags timeout; }");
        Line("add set inet ringfence banned_nets4 { type ipv4_addr; flags interval, timeout; }");
        Line("add set inet ringfence banned_nets6 { type ipv6_addr; flags interval, timeout; }");

        // Prerouting sees what is for this machine and what it forwards (containers) alike, before either is routed; behind
        // conntrack (-200) and destination NAT (-100), which leaves the source alone.
        Line("add chain inet ringfence arriving { type filter hook prerouting priority -10; policy accept; }");
        Line("flush chain inet ringfence arriving");

        // By index, which is 1 in every namespace: nobody can name another interface "lo".
        Line("add rule inet ringfence arriving iif 1 accept");
        Line("add rule inet ringfence arriving ip saddr @banned4 jump refuse");
        Line("add rule inet ringfence arriving ip saddr @banned_nets4 jump refuse");

        // Router and neighbour discovery: without it a ban of fe80::/64, or of our own /64, would cut IPv6 off altogether.
        Line("add rule inet ringfence arriving icmpv6 type 133-136 accept");
        Line("add rule inet ringfence arriving ip6 saddr & ffff:ffff:ffff:ffff:: @banned6 jump refuse");
        Line("add rule inet ringfence arriving ip6 saddr @banned_nets6 jump refuse");

        // A named counter, since a rule's own would start again at each renewal.
        Line("add rule inet ringfence refuse counter name \"dropped\"");
        if (reject)
        {
            Line("add rule inet ringfence refuse meta l4proto tcp reject with tcp reset");
            Line("add rule inet ringfence refuse reject with icmpx type admin-prohibited");
        }
        else
        {
            Line("add rule inet ringfence refuse drop");
        }

        return script.ToString();
    }
}
