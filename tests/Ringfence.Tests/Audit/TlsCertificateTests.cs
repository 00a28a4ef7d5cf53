using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>What is read of the certificates that transports name.</summary>
public sealed class TlsCertificateTests
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_certificate_of_a_file_counts_and_text_around_it_does_not()
    {
        using var key = RSA.Create(2048);
        var first = Make(key, HashAlgorithmName.SHA256, From.AddDays(90));
        var second = Make(key, HashAlgorithmName.SHA384, From.AddDays(10));

        var read = TlsCertificate.Parse(Encoding.ASCII.GetBytes($"bag attributes\n{key.ExportPkcs8PrivateKeyPem()}\n{first}\n{second}\n"))!;

        Assert.Equal(From.AddDays(90), read.NotAfter);
        Assert.Equal(2048, read.RsaBits);
        Assert.Equal("1.2.840.113549.1.1.11", read.SignatureOid);
        Assert.True(read.IsSelfSigned);
    }

    [Theory]
    [InlineData("pbx.example.com", true)]
    [InlineData("PBX.example.com", true)]
    [InlineData("a.phones.example.com", true)]
    [InlineData("phones.example.com", false)]
    [InlineData("a.b.phones.example.com", false)]
    [InlineData("203.0.113.9", true)]
    [InlineData("other.example.com", false)]
    [InlineData("common.example.com", false)]
    public void A_certificate_is_for_its_alternative_names_and_one_label_of_a_wildcard(string host, bool isFor)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("pbx.example.com");
        names.AddDnsName("*.phones.example.com");
        names.AddIpAddress(System.Net.IPAddress.Parse("203.0.113.9"));
        var request = new CertificateRequest("CN=common.example.com", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());

        Assert.Equal(isFor, TlsCertificate.Parse(Encoding.ASCII.GetBytes(request.CreateSelfSigned(From, From.AddDays(1)).ExportCertificatePem()))!.IsFor(host));
    }

    [Fact]
    public void A_key_fits_its_own_certificate_alone_and_one_with_a_passphrase_is_not_judged()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var read = TlsCertificate.Parse(Encoding.ASCII.GetBytes(new CertificateRequest("CN=pbx.example.com", own, HashAlgorithmName.SHA256).CreateSelfSigned(From, From.AddDays(1)).ExportCertificatePem()))!;

        Assert.True(read.Fits(Encoding.ASCII.GetBytes(own.ExportECPrivateKeyPem())));
        Assert.True(read.Fits(Encoding.ASCII.GetBytes(own.ExportPkcs8PrivateKeyPem())));
        Assert.False(read.Fits(Encoding.ASCII.GetBytes(other.ExportPkcs8PrivateKeyPem())));
        Assert.False(read.Fits(Encoding.ASCII.GetBytes(rsa.ExportRSAPrivateKeyPem())));
        Assert.Null(read.Fits(Encoding.ASCII.GetBytes(own.ExportEncryptedPkcs8PrivateKeyPem("pass", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000)))));
        Assert.Null(read.Fits("no key"u8.ToArray()));
    }

    [Fact]
    public void Any_bytes_are_read_without_an_exception()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = Encoding.ASCII.GetBytes(new CertificateRequest("CN=pbx.example.com", key, HashAlgorithmName.SHA256).CreateSelfSigned(From, From.AddDays(1)).ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        var whole = TlsCertificate.Parse(pem)!;
        var random = new Random(4713);
        var read = 0;

        for (var i = 0; i < 2_000; i++)
        {
            var changed = pem.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            read += TlsCertificate.Parse(changed[..random.Next(changed.Length)]) is null ? 0 : 1;
            _ = whole.Fits(changed);
        }

        Assert.InRange(read, 1, 1_999);
    }

    private static string Make(RSA key, HashAlgorithmName hash, DateTimeOffset until) =>
        new CertificateRequest("CN=pbx.example.com", key, hash, RSASignaturePadding.Pkcs1).CreateSelfSigned(From, until).ExportCertificatePem();
}
