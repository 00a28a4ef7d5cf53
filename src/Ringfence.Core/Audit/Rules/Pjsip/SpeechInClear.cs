using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A phone that logs in over TLS and speaks in clear.</summary>
internal static class SpeechInClear
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1043",
        Name = "speech-in-clear",
        Severity = Severity.Medium,
        Why = "The endpoint is bound to a TLS transport, and its calls are sent as plain RTP: whoever is on the way hears them, and the digits dialled in them (PINs too).",
        Fix = "Write media_encryption = sdes, once its phone is set to SRTP.",
        Bad = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = sslv23
            [1001] ; here
            type = endpoint
            transport = tls
            auth = 1001
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = sslv23
            [1001]
            type = endpoint
            transport = tls
            auth = 1001
            media_encryption = sdes
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        where (endpoint["media_encryption"]?.ToLowerInvariant() ?? "no") is "no" or "" && !AsteriskBool.IsTrue(endpoint["webrtc"])
            && endpoint["transport"] is { } name && pbx.Pjsip.Find("transport", name) is { } transport && PjsipTls.Protocol(transport) is "tls" or "wss"
        select new Fault(endpoint.PlaceOf("media_encryption"), $"endpoint {Shown.Text(endpoint.Name)}", "its SIP is encrypted and its calls are not");
}
