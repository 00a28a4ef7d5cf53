using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>The firewall lets everybody reach the manager interface.</summary>
internal static class ManagerPortOpen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1701",
        Name = "manager-port-open",
        Severity = Severity.High,
        Why = "Its protocol counts no wrong passwords and sends them in clear; a user of it can call out or run programs.",
        Fix = "Allow TCP 5038 and 5039 from the machines that need it alone, or bind it to 127.0.0.1.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            tcp   LISTEN 0      10                 *:5038            *:*    users:(("asterisk",pid=812,fd=7)) ; here
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 5038}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact sockets
            tcp   LISTEN 0      10                 *:5038            *:*    users:(("asterisk",pid=812,fd=7))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "192.0.2.0", "len": 24}}}}, {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 5038}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => OpenPorts.Faults(pbx, "the manager interface", static socket => socket is { Protocol: "tcp", Port: 5038 or 5039 });
}
