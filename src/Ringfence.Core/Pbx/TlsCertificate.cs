using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ringfence.Core.Pbx;

/// <summary>What the first certificate of a PEM file says: the one that a server shows as its own.</summary>
/// <param name="Signature">By what it is signed: "sha256RSA".</param>
/// <param name="SignatureOid">The same as its number.</param>
/// <param name="RsaBits">Length of an RSA key; null: it is another kind of key.</param>
/// <param name="PublicKey">Its key as SubjectPublicKeyInfo.</param>
/// <param name="IsSelfSigned">Issuer and subject are the same.</param>
internal sealed record TlsCertificate(DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Signature, string SignatureOid, int? RsaBits, byte[] PublicKey, bool IsSelfSigned)
{
    private const int MostBytes = 1 << 20;

    /// <summary>The hosts that it is for: its alternative names, or the common name where it has none.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>It is for this host, by name or by a wildcard.</summary>
    /// <remarks>RFC 9525, section 6.3: a star stands for one label, the first.</remarks>
    public bool IsFor(string host) => Names.Any(name => name.Equals(host, StringComparison.OrdinalIgnoreCase)
        || (name.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && name.AsSpan(1).Equals(host.AsSpan(dot), StringComparison.OrdinalIgnoreCase)));

    /// <returns>null: there is no certificate in it, or one that can't be read.</returns>
    public static TlsCertificate? Parse(byte[] pem)
    {
        if (pem.Length > MostBytes || Pem.First(pem, "CERTIFICATE") is not { } block)
        {
            return null;
        }

        try
        {
            using var read = X509CertificateLoader.LoadCertificate(block.Content);
            using var rsa = read.GetRSAPublicKey();
            return new TlsCertificate(
                new DateTimeOffset(read.NotBefore.ToUniversalTime(), TimeSpan.Zero), new DateTimeOffset(read.NotAfter.ToUniversalTime(), TimeSpan.Zero), read.SignatureAlgorithm.FriendlyName ?? read.SignatureAlgorithm.Value ?? "",
                read.SignatureAlgorithm.Value ?? "", rsa?.KeySize, read.PublicKey.ExportSubjectPublicKeyInfo(), read.SubjectName.RawData.AsSpan().SequenceEqual(read.IssuerName.RawData))
            {
                Names = NamesOf(read),
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <returns>Whether the private key in a PEM file belongs to the certificate; null: there is none that can be read (it may have a passphrase).</returns>
    public bool? Fits(byte[] keyPem)
    {
        if (keyPem.Length > MostBytes || keyPem.AsSpan().IndexOf("ENCRYPTED"u8) >= 0 || Pem.First(keyPem, "PRIVATE KEY") is not { } block)
        {
            return null;
        }

        foreach (var make in (Func<AsymmetricAlgorithm>[])[RSA.Create, ECDsa.Create])
        {
            using var key = make();
            try
            {
                key.ImportFromPem(PemEncoding.WriteString(block.Label, block.Content));
                return key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(PublicKey);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
            {
                // Of another kind, on a curve that this machine lacks, or no key at all.
            }
        }

        return null;
    }

    private static List<string> NamesOf(X509Certificate2 certificate)
    {
        var alternative = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(static address => address.ToString()))).ToList();
        return alternative.Count > 0 ? alternative : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common ? [common] : [];
    }
}
