namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>The certificate of the examples that need a good one: EC P-256, of pbx.example.com, until 2027-11-22.</summary>
internal static class ExampleCertificates
{
    public const string Valid = """

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
        """;
}
