using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>The firewall lets everybody reach Asterisk's web server without TLS.</summary>
internal static class HttpPortOpen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1702",
        Name = "http-port-open",
        Severity = Severity.Medium,
        Why = "ARI, the manager over HTTP and web phones send their passwords in clear here, and wrong ones leave no line in any log.",
        Fix = "Allow TCP 8088 from your own machines alone; phones in a browser need 8089, with TLS.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            tcp   LISTEN 0      10           0.0.0.0:8088      0.0.0.0:*    users:(("asterisk",pid=812,fd=12)) ; here
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 8088}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact sockets
            tcp   LISTEN 0      10           0.0.0.0:8088      0.0.0.0:*    users:(("asterisk",pid=812,fd=12))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "192.0.2.0", "len": 24}}}}, {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 8088}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => OpenPorts.Faults(pbx, "the web server without TLS", static socket => socket is { Protocol: "tcp", Port: 8088, Program: "asterisk" });
}
