using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>A firewall that lets in what no rule names.</summary>
internal static class AcceptsUnnamed
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1708",
        Name = "accepts-unnamed",
        Severity = Severity.Medium,
        Why = "There are rules, and what they don't name is accepted: each program that is installed later is open to everybody from its first minute.",
        Fix = "Set the policy of input to drop, after rules for established connections, loopback, ICMP, SSH, SIP and RTP.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact nft ; here
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 5038}}, {"drop": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://wiki.nftables.org/wiki-nftables/index.php/Main_Page"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    // Ports that nothing is registered for and no rule is written for.
    private static readonly int[] Odd = [2_999, 7_919, 39_163];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        MachineFirewall.Read(pbx) is { } firewall && firewall.CanStop(isIPv6: false) && Odd.All(port => firewall.For("tcp", port, isIPv6: false) == Outcomes.Accept)
            ? [new Fault(firewall.Place, "firewall", $"{OpenPorts.From(firewall)} may connect to every port that no rule names") { Severity = OpenPorts.Severity(firewall) }]
            : [];
}
