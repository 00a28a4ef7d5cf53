using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A TLS transport that speaks old versions alone, or not all the new ones.</summary>
/// <remarks>res/res_pjsip/config_transport.c, transport_tls_method_handler.</remarks>
internal static class TlsVersion
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1040",
        Name = "tls-version",
        Severity = Severity.High,
        // Measured on 22.10.1 with openssl s_client: no method, default, unspecified and tlsv1: TLS 1.0 alone; tlsv1_1: 1.1 alone; tlsv1_2: 1.2 alone; tlsv1_3: 1.3 alone;
        // sslv2, sslv3: nobody connects; sslv23: 1.2 and 1.3.
        Why = "method names one version and not the lowest: without it Asterisk speaks TLS 1.0 alone, whose ciphers are broken and which phones of today refuse; tlsv1_2, which guides call \"1.2 or newer\", keeps 1.3 out. sslv23 is, in spite of its name, 1.2 and 1.3.",
        Fix = "Write method = sslv23.",
        Bad = """
            [tls] ; here
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            [tls2]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5062
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = tlsv1_2 ; here
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = sslv23
            [udp]
            type = transport
            protocol = udp
            bind = 0.0.0.0:5060
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from transport in PjsipTls.Transports(pbx)
        let found = Found(transport["method"]?.ToLowerInvariant())
        where found is not null
        select new Fault(transport.PlaceOf("method"), $"transport {Shown.Text(transport.Name)}", found.Value.Text)
        {
            Severity = found.Value.Severity,
            Mend = new Mend("write method = sslv23", ObjectEdit.Set(transport, "method", "sslv23")),
        };

    // Another word makes Asterisk refuse the transport, which is told elsewhere.
    private static (string Text, Severity Severity)? Found(string? method) => method switch
    {
        null or "" or "default" or "unspecified" or "tlsv1" => ("it speaks TLS 1.0 alone", Severity.High),
        "tlsv1_1" => ("it speaks TLS 1.1 alone", Severity.High),
        "sslv2" or "sslv3" => ("nobody can connect: SSL 2 and 3 are not spoken any more", Severity.Medium),
        "tlsv1_2" => ("it speaks TLS 1.2 alone, not 1.3", Severity.Low),
        "tlsv1_3" => ("it speaks TLS 1.3 alone: phones that know only 1.2 are kept out, and put to UDP by whoever has to make them work", Severity.Low),
        _ => null,
    };
}
