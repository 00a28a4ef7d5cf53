using System.Text;
using System.Text.Json;
using Ringfence.Core.Blocks;

namespace Ringfence.Bench.Fuzzing;

/// <summary>What other programs that block say of themselves.</summary>
internal static class BlockTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("nft", corpus => corpus.Blocks("nft.json"), Json(json => NftRules.Read(json, static _ => true))),
        new("crowdsec", corpus => corpus.Blocks("crowdsec.json"), Json(CrowdsecDecisions.Read)),
        new("iptables", corpus => corpus.Blocks("iptables.save"), Text(text => IptablesRules.Read("iptables", text).Count() + IptablesRules.RecentLists(text).Count)),
        new("nft-verdicts", corpus => corpus.Blocks("nft-verdicts.json"), Json(json => NftRules.Read(json, static _ => true))),
        new("ipset", corpus => corpus.Blocks("ipset.save"), Text(text => IptablesRules.Read("iptables", "-A INPUT -m set --match-set all src -j DROP\n", IpSets.Read(text)).Count())),
        new("ufw", corpus => corpus.Blocks("ufw.added"), Text(text => UfwRules.Read(text).Count())),
        new("firewalld", corpus => corpus.Blocks("firewalld.zones"), Text(text => FirewalldRules.Read(text).Count() + FirewalldRules.Sets(text).Count())),
        new("fail2ban", corpus => corpus.Blocks("fail2ban.banned"), Text(text => Fail2banBans.Read(text)?.Count ?? 0)),
        new("fail2ban-times", corpus => corpus.Blocks("fail2ban.times"), Text(text => Fail2banBans.TimeOf(text, "203.0.113.5", static _ => TimeSpan.FromHours(1)) is null ? 0 : 1)),
        new("hosts-deny", corpus => corpus.Blocks("hosts.deny"), Text(text => HostsDeny.Read("/etc/hosts.deny", text).Count() + HostsDeny.Without(text, ["203.0.113.5"]).Length)),
        new("xt-recent", corpus => corpus.Blocks("xt_recent.list"), Text(text => XtRecentList.Read("/proc/net/xt_recent/ATTACKER", text, [new RecentRule("ATTACKER", 0, 0, 128, "INPUT")]).Count())),
    ];

    // As a program's output is read: what is no UTF-8 becomes U+FFFD.
    private static FuzzTarget.Parser Text(Func<string, int> read) => input => FuzzTargets.Ignore(read(Encoding.UTF8.GetString(input)) == 0);

    private static FuzzTarget.Parser Json(Func<ReadOnlyMemory<byte>, IReadOnlyList<Block>> read) => input =>
    {
        try
        {
            FuzzTargets.Ignore(read(input.ToArray()).Count == 0);
        }
        catch (JsonException)
        {
            // What is no JSON is said to be none.
        }
    };
}
