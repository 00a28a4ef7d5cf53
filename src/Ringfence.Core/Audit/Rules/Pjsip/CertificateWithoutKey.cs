using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A private key that belongs to another certificate.</summary>
internal static class CertificateWithoutKey
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1050",
        Name = "certificate-without-its-key",
        Severity = Severity.Medium,
        // Measured on 22.10.1: the transport is listed and opened without an error, and no handshake succeeds.
        Why = "Asterisk opens the transport, lists it and says nothing, and every handshake fails.",
        Fix = "Name the key that the certificate was made with. After a renewal both files have to be replaced.",
        Bad = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key ; here
            """ + ExampleCertificates.Valid + """

            ;;; /etc/asterisk/keys/pbx.key
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgL6RToydiBTElws1g
            6Uj0VLyn/KvJ6MpecsekHhhSr1ahRANCAASi79K+JoeHUUAoRJ5d0vaG1tCHL2RK
            YUBPS6n7jriB+/5JJWW+PRcqbCJX/Zf8JCwEOwkOKlJAmA0h8Vur0WST
            -----END PRIVATE KEY-----
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            """ + ExampleCertificates.Valid + """

            ;;; /etc/asterisk/keys/pbx.key
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS57J4HjLejwoiQTN
            EoTBPR4gvmAx0SbERauLLmapj8ChRANCAASQ/5vTWzgX/nlqVcwNYMfetwLkqB1u
            6usVEET5gdTBj6I97oHi+b3LkoeuDSTMUTJacSRgeTAUdkpE/mCrhjQG
            -----END PRIVATE KEY-----
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in PjsipTls.Certificates(pbx)
        where found.Transport["priv_key_file"] is ['/', ..] path && pbx.Files.Read(path) is { } key && found.Certificate.Fits(key) is false
        select new Fault(found.Transport.PlaceOf("priv_key_file"), $"transport {Shown.Text(found.Transport.Name)}", "the key does not belong to the certificate: no phone can connect over TLS");
}
