using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>A list of bad addresses that is empty.</summary>
internal static class EmptyBlocklist
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1711",
        Name = "empty-blocklist",
        Severity = Severity.Low,
        Why = "A rule drops whoever is in this set, and nobody is: the job that fills it fails, or never ran after the last restart.",
        Fix = "Run the job by hand and look at its errors; load the set from a file when the firewall starts.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact nft ; here
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"set": {"family": "inet", "name": "blocklist", "table": "filter", "type": "ipv4_addr", "flags": ["interval"]}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@blocklist"}}, {"drop": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}]}
            """,
        Good = """
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"set": {"family": "inet", "name": "blocklist", "table": "filter", "type": "ipv4_addr", "flags": ["interval"], "elem": ["198.51.100.7"]}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@blocklist"}}, {"drop": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}]}
            """,
        Reference = new Uri("https://wiki.nftables.org/wiki-nftables/index.php/Main_Page"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    // Those who ban fill their sets when somebody attacks, and an empty one is what an honest day looks like.
    private static readonly string[] OfGuards = ["f2b", "fail2ban", "ringfence", "crowdsec", "addr-set-", "sshguard"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from set in MachineFirewall.Read(pbx)?.EmptyBlocklists ?? []
        where !Array.Exists(OfGuards, guard => set.Contains(guard, StringComparison.OrdinalIgnoreCase))
        select new Fault(new Place(HostFact.Nft.Name, 0), $"set {Shown.Text(set, 60)}", "a rule drops whoever is in it, and it is empty");
}
