using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A login at a provider over TLS without looking at the provider's certificate.</summary>
/// <remarks>res/res_pjsip/config_transport.c: verify_server is no unless it is given.</remarks>
internal static class ProviderUnverified
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1046",
        Name = "tls-server-unverified",
        Severity = Severity.Medium,
        Why = "Asterisk logs in over TLS at whoever answers at that name: verify_server is no unless it is given. Whoever gets between (DNS, a router) reads and changes the calls, and may ask for a digest of the password.",
        Fix = "Write verify_server = yes and ca_list_file = /etc/ssl/certs/ca-certificates.crt into the transport that the registration uses.",
        Bad = """
            [tls] ; here
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = sslv23
            [provider]
            type = registration
            transport = tls
            server_uri = sip:sip.provider.example.com\;transport=tls
            client_uri = sip:1234@sip.provider.example.com
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = sslv23
            verify_server = yes
            ca_list_file = /etc/ssl/certs/ca-certificates.crt
            [provider]
            type = registration
            transport = tls
            server_uri = sip:sip.provider.example.com\;transport=tls
            client_uri = sip:1234@sip.provider.example.com
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from transport in PjsipTls.Transports(pbx)
        where !AsteriskBool.IsTrue(transport["verify_server"])
        let registration = pbx.Pjsip.Having("registration", "transport", transport.Name).FirstOrDefault(IsOver)
        where registration is not null
        select new Fault(transport.PlaceOf("verify_server"), $"transport {Shown.Text(transport.Name)}", $"registration {Shown.Text(registration.Name)} logs in at whoever answers: the server's certificate is not looked at");

    private static bool IsOver(PjsipObject registration) =>
        registration["server_uri"] is { } uri
        && (uri.StartsWith("sips:", StringComparison.OrdinalIgnoreCase) || uri.Contains("transport=tls", StringComparison.OrdinalIgnoreCase));
}
