using Ringfence.Core.Audit.Rules.Firewall;
using Ringfence.Core.Host;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>A service without passwords or without encryption listens on the network.</summary>
internal static class ClearTextService
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1608",
        Name = "clear-text-service",
        Severity = Severity.Medium,
        Why = "TFTP gives any file to whoever guesses its name, phones' configurations with passwords among them; FTP and telnet send passwords in clear.",
        Fix = "Serve phones by HTTPS with a password, in a network of their own, and turn the service off or allow its port from that network alone.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            udp   UNCONN 0      0            0.0.0.0:69        0.0.0.0:*    users:(("in.tftpd",pid=700,fd=4)) ; here
            """,
        Good = """
            ;;; fact sockets
            udp   UNCONN 0      0          127.0.0.1:69        0.0.0.0:*
            tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc1350#section-1"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from socket in ListeningSocket.All(pbx)
        let service = (socket.Protocol, socket.Port) switch
        {
            ("udp", 69) => "TFTP",
            ("tcp", 21) => "FTP",
            ("tcp", 23) => "telnet",
            ("tcp", 513) => "rlogin",
            ("tcp", 514) => "rsh",
            _ => null,
        }
        where service is not null && socket.IsOnNetwork && (socket.IsAll || !PrivateNetworks.Contains(socket.Address))
        let before = OpenPorts.Before(pbx, socket)
        // Of TFTP that the firewall lets through its own rule tells.
        where service != "TFTP" || before is not Outcomes.Accept
        select new Fault(socket.Place, socket.Shown, $"{service} is open to other machines{(socket.Program is null ? "" : $" ({socket.Program})")}{(before is Outcomes.Drop ? ", and the firewall alone keeps strangers out" : "")}")
        {
            Severity = before is Outcomes.Drop ? Severity.Low : null,
        };
}
