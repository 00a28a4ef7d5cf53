using System.Net;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>SIP in WebSockets without encryption, for the network.</summary>
/// <remarks>res/res_http_websocket.c is served by the HTTP server of http.conf, whatever bind the transport has.</remarks>
internal static class WebSocketInClear
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1047",
        Name = "websocket-in-clear",
        Severity = Severity.Medium,
        Why = "A transport with protocol = ws lets browsers and programs log in over plain HTTP, at the address of http.conf: logins, calls and SRTP's keys cross the network in clear.",
        Fix = "Use wss: tlsenable and tlsbindaddr in http.conf, protocol = wss; and bind plain HTTP to 127.0.0.1, where a proxy with TLS may stand before it.",
        Bad = """
            [ws] ; here
            type = transport
            protocol = ws
            bind = 0.0.0.0
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Good = """
            [ws]
            type = transport
            protocol = ws
            bind = 0.0.0.0
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            tlsenable = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/WebRTC/Configuring-Asterisk-for-WebRTC-Clients/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var http = pbx.Config("http.conf").Named("general").ToList();
        var bound = http.Select(static general => general["bindaddr"]).LastOrDefault(static value => value is not null);

        // main/http.c: without a bindaddr the server does not listen in clear.
        return http.Exists(static general => AsteriskBool.IsTrue(general["enabled"])) && IPAddress.TryParse(bound, out var address) && !IPAddress.IsLoopback(address)
            ? pbx.Pjsip.Transports.Where(static transport => PjsipTls.Protocol(transport) == "ws")
                .Select(transport => new Fault(transport.Place, $"transport {Shown.Text(transport.Name)}", $"SIP in WebSockets is taken in clear at {address}, where http.conf binds the server"))
            : [];
    }
}
