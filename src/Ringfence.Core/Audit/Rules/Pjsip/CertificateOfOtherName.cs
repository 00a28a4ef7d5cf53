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
            ;;; /etc/asterisk/keys/pbx.crt
            -----BEGIN CERTIFICATE-----
            MIIBiTCCAS+gAwIBAgIUJJ1cUiC9W2vaGDPbhPXNC/VVVvowCgYIKoZIzj0EAwIw
            GjEYMBYGA1UEAwwPcGJ4LmV4YW1wbGUuY29tMB4XDTI2MTEyMjA3MzAzN1oXDTI3
            MTEyMjA3MzAzN1owGjEYMBYGA1UEAwwPcGJ4LmV4YW1wbGUuY29tMFkwEwYHKoZI
            zj0CAQYIKoZIzj0DAQcDQgAEkP+b01s4F/55alXMDWDH3rcC5KgdburrFRBE+YHU
            wY+iPe6B4vm9y5KHrg0kzFEyWnEkYHkwFHZKRP5gq4Y0BqNTMFEwHQYDVR0OBBYE
            FJdrZPxWDuoPw8P+Llny09eNwTd8MB8GA1UdIwQYMBaAFJdrZPxWDuoPw8P+Llny
            09eNwTd8MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgcDMWkcPp
            h1S3VkN66XM+YmKJb1FgUylCSh9zngBwH4MCIQDvhfSU96Ut3O6O6dg+bLpBoFxO
            3KnWTqMcvEqwSClGmg==
            -----END CERTIFICATE-----
            """,
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
            ;;; /etc/asterisk/keys/pbx.crt
            -----BEGIN CERTIFICATE-----
            MIIBiTCCAS+gAwIBAgIUJJ1cUiC9W2vaGDPbhPXNC/VVVvowCgYIKoZIzj0EAwIw
            GjEYMBYGA1UEAwwPcGJ4LmV4YW1wbGUuY29tMB4XDTI2MTEyMjA3MzAzN1oXDTI3
            MTEyMjA3MzAzN1owGjEYMBYGA1UEAwwPcGJ4LmV4YW1wbGUuY29tMFkwEwYHKoZI
            zj0CAQYIKoZIzj0DAQcDQgAEkP+b01s4F/55alXMDWDH3rcC5KgdburrFRBE+YHU
            wY+iPe6B4vm9y5KHrg0kzFEyWnEkYHkwFHZKRP5gq4Y0BqNTMFEwHQYDVR0OBBYE
            FJdrZPxWDuoPw8P+Llny09eNwTd8MB8GA1UdIwQYMBaAFJdrZPxWDuoPw8P+Llny
            09eNwTd8MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgcDMWkcPp
            h1S3VkN66XM+YmKJb1FgUylCSh9zngBwH4MCIQDvhfSU96Ut3O6O6dg+bLpBoFxO
            3KnWTqMcvEqwSClGmg==
            -----END CERTIFICATE-----
            """,
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
