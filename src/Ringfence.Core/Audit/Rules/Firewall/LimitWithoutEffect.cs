using Ringfence.Core.Host;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>A limit that stops nothing.</summary>
internal static class LimitWithoutEffect
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1706",
        Name = "limit-without-effect",
        Severity = Severity.High,
        Why = "A rule accepts what comes below its limit, and what comes above it is accepted as well, by a later rule or the policy: the flood passes and everybody believes it is held.",
        Fix = "Drop what is over the limit, above the rule that accepts: udp dport 5060 meter sip { ip saddr limit rate over 15/second burst 30 packets } drop.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:5060      0.0.0.0:*    users:(("asterisk",pid=812,fd=9)) ; here
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 5060}}, {"meter": {"key": {"payload": {"protocol": "ip", "field": "saddr"}}, "stmt": {"limit": {"rate": 15, "burst": 30, "per": "second"}}, "size": 65535, "name": "sip"}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:5060      0.0.0.0:*    users:(("asterisk",pid=812,fd=9))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 5060}}, {"meter": {"key": {"payload": {"protocol": "ip", "field": "saddr"}}, "stmt": {"limit": {"rate": 15, "burst": 30, "per": "second"}}, "size": 65535, "name": "sip"}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 5060}}, {"drop": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://wiki.nftables.org/wiki-nftables/index.php/Main_Page"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (MachineFirewall.Read(pbx) is not { } firewall)
        {
            return [];
        }

        return from open in OpenPorts.Of(pbx, firewall)
               where open.Socket is { Port: 5060 or 5061 or 5160 or 4569 }
               let limit = Futile(firewall, open.Socket)
               where limit is not null
               select new Fault(open.Socket.Place, open.Socket.Shown, $"a limit in {Shown.Text(limit.Text, 60)} accepts what is below it, and what is above it is accepted too") { Severity = OpenPorts.Severity(firewall) };
    }

    /// <returns>The rule whose limit holds nothing back; null: there is none.</returns>
    public static FilterRule? Futile(MachineFirewall firewall, ListeningSocket socket)
    {
        var limits = firewall.Walk(socket.Protocol, socket.Port, isIPv6: false, isOverLimit: false).Limits;
        return limits.Any(static rule => rule.Verdict == FilterVerdict.Accept) && firewall.For(socket.Protocol, socket.Port, isIPv6: false, isOverLimit: true) == Outcomes.Accept ? limits[0] : null;
    }
}
