using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Host;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>Closed over IPv4 and open over IPv6.</summary>
internal static class IPv6Unfiltered
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1707",
        Name = "ipv6-unfiltered",
        Severity = Severity.High,
        Why = "The same port is reached over the other protocol, past every rule that was written for IPv4.",
        Fix = "Write the rules in a table of the family inet, or the same ones with ip6tables; ufw: IPV6=yes.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            tcp   LISTEN 0      10                 *:5038            *:*    users:(("asterisk",pid=812,fd=7)) ; here
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "ipv4"}}, {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 5038}}, {"drop": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            2: eth0    inet6 2001:db8::9/64 scope global 
            """,
        Good = """
            ;;; fact sockets
            tcp   LISTEN 0      10                 *:5038            *:*    users:(("asterisk",pid=812,fd=7))
            ;;; fact nft
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}}, {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 5038}}, {"drop": null}]}}]}
            ;;; fact addresses
            2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0
            2: eth0    inet6 2001:db8::9/64 scope global 
            """,
        Reference = new Uri("https://wiki.nftables.org/wiki-nftables/index.php/Main_Page"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (MachineFirewall.Read(pbx) is not { HasPublicIPv6: true } firewall)
        {
            return [];
        }

        var sockets = ListeningSocket.All(pbx);
        return from socket in sockets
               where IsOpenOverIPv6Alone(socket, sockets, firewall)
               select new Fault(socket.Place, socket.Shown, $"port {socket.Port}/{socket.Protocol} is closed to strangers over IPv4 and open over IPv6");
    }

    /// <summary>Told here, whatever listens there, and by no rule about that program.</summary>
    public static bool IsOpenOverIPv6Alone(ListeningSocket socket, IReadOnlyList<ListeningSocket> sockets, MachineFirewall firewall) =>
        firewall.HasPublicIPv6 && socket.IsAll && socket.Address.AddressFamily == AddressFamily.InterNetworkV6 && socket.Port < 32_768
        && (socket.IsDual || sockets.Any(other => other.Port == socket.Port && other.Protocol == socket.Protocol && other.Address.Equals(IPAddress.Any)))
        && firewall.For(socket.Protocol, socket.Port, isIPv6: false) == Outcomes.Drop && firewall.For(socket.Protocol, socket.Port, isIPv6: true) == Outcomes.Accept;
}
