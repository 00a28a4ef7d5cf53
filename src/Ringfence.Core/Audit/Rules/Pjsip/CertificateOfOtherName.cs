using System.Net;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A certificate for another host than the one that phones connect to.</summary>
internal static class CertificateOfOtherName
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1052",
        Name = "certificate-of-other-name",
        Severity = Severity.Low,
        Why = "A phone that checks looks for the name of its server in the certificate. Where it is another one the phone refuses, and somebody switches the check off: then whoever gets between is believed as well.",
        Fix = "Have the certificate issued for the name that the phones have as their server; one may hold several.",
        Bad = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            external_signaling_address = sip.example.net
            cert_file = /etc/asterisk/keys/pbx.crt ; here
            """ + ExampleCertificates.Valid,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            external_signaling_address = pbx.example.com
            cert_file = /etc/asterisk/keys/pbx.crt
            [tls-by-address]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5062
            external_signaling_address = 203.0.113.9
            cert_file = /etc/asterisk/keys/pbx.crt
            """ + ExampleCertificates.Valid,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc9525"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    // Where the transport tells its address and not its name phones may well have the name.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in PjsipTls.Certificates(pbx)
        where found.Certificate.Names.Count > 0
        let external = found.Transport["external_signaling_address"]
        let text = external is { Length: > 0 } && !IPAddress.TryParse(external, out _) && !found.Certificate.IsFor(external)
                ? $"its certificate is for {Named(found.Certificate)}, and the transport is reached as {Shown.Text(external)}"
            : found.Certificate.Names.All(static name => name.Split('.')[0].Equals("localhost", StringComparison.OrdinalIgnoreCase)) ? $"its certificate is for {Named(found.Certificate)}, which no phone connects to"
            : null
        where text is not null
        select new Fault(found.Transport.PlaceOf("cert_file"), $"transport {Shown.Text(found.Transport.Name)}", text);

    private static string Named(TlsCertificate certificate) => string.Join(", ", certificate.Names.Take(3).Select(static name => Shown.Text(name))) + (certificate.Names.Count > 3 ? ", ..." : "");
}
