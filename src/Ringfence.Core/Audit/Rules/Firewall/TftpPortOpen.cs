using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>The firewall lets everybody reach the TFTP server.</summary>
internal static class TftpPortOpen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1704",
        Name = "tftp-port-open",
        Severity = Severity.High,
        Why = "It gives every file to whoever guesses its name, without a password: phones' configurations are named by their MAC address and hold their passwords.",
        Fix = "Allow UDP 69 from the phones' network alone.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:69        0.0.0.0:*    users:(("in.tftpd",pid=700,fd=4)) ; here
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 69}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:69        0.0.0.0:*    users:(("in.tftpd",pid=700,fd=4))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "192.0.2.0", "len": 24}}}}, {"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 69}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => OpenPorts.Faults(pbx, "TFTP", static socket => socket is { Protocol: "udp", Port: 69 });
}
