using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ringfence.Notifiers;

/// <summary>Which certificate of a server is believed: one for its name, from the system's authorities or from those of a file.</summary>
internal static class ServerTrust
{
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds no certificate.</exception>
    public static SslClientAuthenticationOptions Of(string host, string? caFile)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (caFile is null)
        {
            return options;
        }

        // Read each time: an authority that was renewed needs no restart.
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(File.ReadAllText(caFile));
        if (authorities.Count == 0)
        {
            throw new System.Security.Cryptography.CryptographicException($"{caFile}: there is no certificate in it");
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        options.CertificateChainPolicy = policy;
        return options;
    }
}
