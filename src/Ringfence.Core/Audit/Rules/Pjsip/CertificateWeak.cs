using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A certificate whose key or signature is too weak.</summary>
/// <remarks>NIST SP 800-131A: RSA keys under 2,048 bits and signatures with MD5 or SHA-1 are disallowed.</remarks>
internal static class CertificateWeak
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1049",
        Name = "certificate-weak",
        Severity = Severity.Medium,
        Why = "A key of less than 2,048 bits, or a signature with MD5 or SHA-1, can be forged with money; phones of today refuse both.",
        Fix = "Make a new key (RSA of 2,048 bits, or EC P-256) and a certificate signed with SHA-256.",
        Bad = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt ; here
            ;;; /etc/asterisk/keys/pbx.crt
            -----BEGIN CERTIFICATE-----
            MIICEDCCAXmgAwIBAgIUGDoTGjcg5yj0jQlnijt13Zc37fIwDQYJKoZIhvcNAQEL
            BQAwGjEYMBYGA1UEAwwPcGJ4LmV4YW1wbGUuY29tMB4XDTI2MTEyMjA3MzAzN1oX
            DTI3MTEyMjA3MzAzN1owGjEYMBYGA1UEAwwPcGJ4LmV4YW1wbGUuY29tMIGfMA0G
            CSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLVcN4ZUSt9q3NtWByqxMPrl/k8F1UtMK5
            ZwiftKK76/TqBOuHQwL9VaImTMuX/NJRjrO5RSyzaH2K8BskykcyBkZRi9SdTjyy
            G5V7A0lS4mv5dSi6rRHjYrRf57+BgwG54jc93VLwU2rfqqO9RSm33sYgaqFEdH/B
            Z2cJ9vFLoQIDAQABo1MwUTAdBgNVHQ4EFgQUieXBYN1B3Z/7M4CYEYvLFLR6J8Aw
            HwYDVR0jBBgwFoAUieXBYN1B3Z/7M4CYEYvLFLR6J8AwDwYDVR0TAQH/BAUwAwEB
            /zANBgkqhkiG9w0BAQsFAAOBgQBI5EwF93qG3nn4NZvt11n30OuDhZvjGreYkv6Z
            03g86ay8e/AQylQ0TjPGqZkw+NjHY0N1E4AkAVYyjiGZYose3o5ioFEODUMI4O3Y
            nYUdMdwVSGaIj9/fBZl0QPlE6CUlVyHd4IWPqiJIymgZomPMFEbLpCLLLNGxpVTG
            a26Ohw==
            -----END CERTIFICATE-----
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            """ + ExampleCertificates.Valid,
        Reference = new Uri("https://doi.org/10.6028/NIST.SP.800-131Ar2"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private const int FewestRsaBits = 2048;

    // md2, md4, md5 and sha1WithRSAEncryption (RFC 8017), ecdsa-with-SHA1 (RFC 5758), dsa-with-sha1.
    private static readonly string[] BrokenSignatures = ["1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.2.840.10040.4.3"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in PjsipTls.Certificates(pbx)
        let weakness = found.Certificate.RsaBits is { } bits && bits < FewestRsaBits ? $"its RSA key has {bits} bits"
            : BrokenSignatures.Contains(found.Certificate.SignatureOid) ? $"its certificate is signed with {found.Certificate.Signature}" : null
        where weakness is not null
        select new Fault(found.Transport.PlaceOf("cert_file"), $"transport {Shown.Text(found.Transport.Name)}", weakness);
}
