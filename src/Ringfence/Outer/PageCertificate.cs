using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ringfence.Core.Configuration;

namespace Ringfence.Outer;

/// <summary>The page's certificate, read anew when its file changes: Let's Encrypt's last 90 days, and a guard runs for longer.</summary>
internal sealed partial class PageCertificate : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly string _certificate;
    private readonly string _key;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly List<X509Certificate2> _made = [];
    private SslServerAuthenticationOptions _options;
    private (DateTime, DateTime) _stamp;
    private long _looked;

    /// <exception cref="IOException">It can't be read.</exception>
    public PageCertificate(PageSettings settings, TimeProvider clock, ILogger log)
    {
        _certificate = settings.Certificate!;
        _key = settings.CertificateKey ?? settings.Certificate!;
        _clock = clock;
        _log = log;
        _stamp = Stamp();
        _looked = clock.GetTimestamp();
        _options = Read();
    }

    /// <summary>What holds now.</summary>
    public SslServerAuthenticationOptions Options
    {
        get
        {
            lock (_lock)
            {
                if (_clock.GetElapsedTime(_looked) >= LookEvery)
                {
                    _looked = _clock.GetTimestamp();
                    Renew();
                }

                return _options;
            }
        }
    }

    public void Dispose() => _made.ForEach(static one => one.Dispose());

    private void Renew()
    {
        var stamp = Stamp();
        if (stamp == _stamp)
        {
            return;
        }

        try
        {
            _options = Read();
            LogRenewed(_certificate);
        }
        catch (IOException problem)
        {
            LogKept(problem.Message);
        }

        _stamp = stamp;
    }

    private (DateTime, DateTime) Stamp() => (File.GetLastWriteTimeUtc(_certificate), File.GetLastWriteTimeUtc(_key));

    private SslServerAuthenticationOptions Read()
    {
        try
        {
            var own = X509Certificate2.CreateFromPemFile(_certificate, _key);
            _made.Add(own);
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(_certificate);
            _made.AddRange(all);

            // Offline: nothing is fetched to complete the chain.
            return new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(own, all, offline: true),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificateRequired = false,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
            };
        }
        catch (Exception problem) when (problem is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{_certificate}{(_key == _certificate ? "" : $", {_key}")}: no certificate with its key in PEM: {problem.Message}", problem);
        }
    }

    [LoggerMessage(2861, LogLevel.Information, "{Path}: the page's certificate was read anew")]
    private partial void LogRenewed(string path);

    [LoggerMessage(2862, LogLevel.Error, "{Problem}; the page keeps the certificate that it has")]
    private partial void LogKept(string problem);
}
