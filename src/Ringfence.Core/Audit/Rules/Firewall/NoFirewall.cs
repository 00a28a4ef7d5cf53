using Ringfence.Core.Host;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>No rule of this machine stops any packet.</summary>
internal static class NoFirewall
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1700",
        Name = "no-firewall",
        Severity = Severity.High,
        Why = "Every port that any program opens, now or after the next update, is open to whoever reaches the machine.",
        Fix = "Drop what is not allowed: nftables, ufw or firewalld with SIP from your provider and your phones' networks, SSH from yours, RTP from everywhere, and nothing else.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:5060      0.0.0.0:*    users:(("asterisk",pid=812,fd=9))
            ;;; fact nft ; here
            {"nftables": [{"metainfo": {"version": "1.0.6"}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Good = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:5060      0.0.0.0:*    users:(("asterisk",pid=812,fd=9))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "192.0.2.0", "len": 24}}}}, {"accept": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (MachineFirewall.Read(pbx) is not { } firewall || firewall.CanStop(isIPv6: false))
        {
            return [];
        }

        var sockets = ListeningSocket.All(pbx).Where(static socket => socket.IsOnNetwork && socket.Port < 32_768).Select(static socket => $"{socket.Port}/{socket.Protocol}").Distinct().ToList();
        return sockets.Count == 0 ? [] :
        [
            new Fault(firewall.Place, "firewall", $"neither nftables nor iptables has a rule for what comes in; programs listen on {string.Join(", ", sockets.Take(8))}{(sockets.Count > 8 ? ", ..." : "")}")
            {
                Severity = OpenPorts.Severity(firewall) is null ? null : Severity.Medium,
            },
        ];
    }
}
