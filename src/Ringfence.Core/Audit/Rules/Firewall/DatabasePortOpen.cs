using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>The firewall lets everybody reach a database.</summary>
internal static class DatabasePortOpen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1703",
        Name = "database-port-open",
        Severity = Severity.High,
        Why = "Its password is all that stands before every account, call and recording, and scanners try it all day; Redis and memcached often have none.",
        Fix = "Take the port out of the firewall's rules, and bind the database to 127.0.0.1.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            tcp   LISTEN 0      80           0.0.0.0:3306      0.0.0.0:*    users:(("mariadbd",pid=700,fd=20)) ; here
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 3306}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact sockets
            tcp   LISTEN 0      80           0.0.0.0:3306      0.0.0.0:*    users:(("mariadbd",pid=700,fd=20))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "192.0.2.0", "len": 24}}}}, {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 3306}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => OpenPorts.Faults(pbx, "a database", static socket => socket is { Protocol: "tcp", Port: 3306 or 5432 or 6379 or 27017 or 11211 or 9200 or 5984 });
}
