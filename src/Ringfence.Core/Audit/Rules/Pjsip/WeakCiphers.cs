using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Ciphers for TLS that protect nothing.</summary>
/// <remarks>res/res_pjsip/config_transport.c, transport_tls_cipher_handler; RFC 7465 (RC4), RFC 9325 section 4.1.</remarks>
internal static class WeakCiphers
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1053",
        Name = "weak-ciphers",
        Severity = Severity.Medium,
        Why = "The transport names ciphers that encrypt nothing, that anybody may use without a certificate, or that are broken.",
        Fix = "Remove the line: OpenSSL's own choice is better than any list that was written down once.",
        Bad = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cipher = ECDHE-RSA-AES256-GCM-SHA384,ECDHE-RSA-RC4-SHA ; here
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cipher = ECDHE-ECDSA-AES256-GCM-SHA384,ECDHE-RSA-AES256-GCM-SHA384
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc9325#section-4.1"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static readonly string[] Broken = ["NULL", "EXP", "EXPORT", "RC4", "RC2", "DES", "ADH", "AECDH", "MD5", "ANON"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from transport in PjsipTls.Transports(pbx)
        from named in transport.List("cipher")
        where named.Text.ToUpperInvariant().Split('-', '_').Any(Broken.Contains)
        select new Fault(named.Place, $"transport {Shown.Text(transport.Name)}", $"it offers {Shown.Text(named.Text)}");
}
