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
