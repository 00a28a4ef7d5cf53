using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A certificate that is over, or will be within 30 days.</summary>
internal static class CertificateExpires
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1048",
        Name = "certificate-expires",
        Severity = Severity.High,
        Why = "When the certificate is over phones that check it stop working over TLS, and somebody switches the check off or goes back to UDP.",
        Fix = "Renew it, and have Asterisk read it again (\"module reload res_pjsip.so\" does, as long as the file's name stays).",
        Bad = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt ; here
            """ + ExampleCertificates.Valid + """

            ;;; fact now
            2027-11-10T12:00:00Z
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            """ + ExampleCertificates.Valid + """

            ;;; fact now
            2027-05-10T12:00:00Z
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        PjsipTls.Now(pbx) is not { } now ? []
            : from found in PjsipTls.Certificates(pbx)
              let left = found.Certificate.NotAfter - now
              where left < Soon
              select new Fault(found.Transport.PlaceOf("cert_file"), $"transport {Shown.Text(found.Transport.Name)}", left < TimeSpan.Zero
                  ? $"its certificate is over since {found.Certificate.NotAfter:yyyy-MM-dd}" : $"its certificate is over on {found.Certificate.NotAfter:yyyy-MM-dd}")
              {
                  Severity = left < TimeSpan.Zero ? null : Severity.Medium,
              };
}
