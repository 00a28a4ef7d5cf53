using System.Globalization;

namespace Ringfence.Core.Pbx;

/// <summary>The TLS transports of PJSIP and what lies in the files that they name.</summary>
internal static class PjsipTls
{
    public static IEnumerable<PjsipObject> Transports(PbxSnapshot pbx) => pbx.Pjsip.Transports.Where(static transport => Protocol(transport) == "tls");

    /// <summary>Those whose certificate can be read, with it.</summary>
    public static IEnumerable<(PjsipObject Transport, TlsCertificate Certificate)> Certificates(PbxSnapshot pbx) =>
        from transport in Transports(pbx)
        let certificate = transport["cert_file"] is ['/', ..] path && pbx.Files.Read(path) is { } pem ? TlsCertificate.Parse(pem) : null
        where certificate is not null
        select (transport, certificate);

    /// <summary>In lower case; udp where it is not given.</summary>
    public static string Protocol(PjsipObject transport) => transport["protocol"]?.ToLowerInvariant() ?? "udp";

    /// <summary>UDP and TCP: whoever is on the way reads it.</summary>
    public static bool IsClear(PjsipObject transport) => Protocol(transport) is "udp" or "tcp";

    /// <returns>When the machine was looked at; null: it is not known.</returns>
    public static DateTimeOffset? Now(PbxSnapshot pbx) =>
        DateTimeOffset.TryParseExact(pbx.Fact(HostFact.Now)?.Trim(), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var now) ? now : null;
}
