using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>SIP from everybody, as fast as they like.</summary>
internal static class SipWithoutLimit
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1705",
        Name = "sip-without-limit",
        Severity = Severity.Medium,
        Why = "A scanner sends thousands of guesses a second, and a flood of some five thousand keeps one processor of Asterisk busy; the sender of a datagram may be forged, so bans alone don't stop it.",
        Fix = "Allow SIP from your provider and your phones' networks. Where phones come from anywhere, drop what comes faster than a few packets a second from one address, or let Ringfence do it.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:5060      0.0.0.0:*    users:(("asterisk",pid=812,fd=9)) ; here
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 5060}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:5060      0.0.0.0:*    users:(("asterisk",pid=812,fd=9))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 5060}}, {"meter": {"key": {"payload": {"protocol": "ip", "field": "saddr"}}, "stmt": {"limit": {"rate": 15, "burst": 30, "per": "second", "inv": true}}, "size": 65535, "name": "sip"}}, {"drop": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 5060}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://wiki.nftables.org/wiki-nftables/index.php/Main_Page"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (MachineFirewall.Read(pbx) is not { } firewall || !firewall.CanStop(isIPv6: false))
        {
            return [];
        }

        return from open in OpenPorts.Of(pbx, firewall)
               where open.Socket is { Protocol: "udp", Port: 5060 or 5160 }
               let fast = firewall.Walk("udp", open.Socket.Port, isIPv6: false, isOverLimit: true)
               // A limit that is there and holds nothing back is told by its own rule.
               where fast.Outcome == Outcomes.Accept && fast.Limits.Count == 0 && LimitWithoutEffect.Futile(firewall, open.Socket) is null
               select new Fault(open.Socket.Place, open.Socket.Shown, $"SIP from {OpenPorts.From(firewall)} over {open.Over}, without a limit") { Severity = OpenPorts.Severity(firewall) };
    }
}
