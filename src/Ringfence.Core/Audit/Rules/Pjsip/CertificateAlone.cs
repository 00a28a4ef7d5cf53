using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A certificate of Let's Encrypt without the one that vouches for it.</summary>
/// <remarks>https://eff-certbot.readthedocs.io/en/stable/using.html, "Where are my certificates?": cert.pem is the server's alone, fullchain.pem has the chain too.</remarks>
internal static class CertificateAlone
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1051",
        Name = "certificate-without-chain",
        Severity = Severity.Low,
        Why = "cert.pem holds the server's certificate alone. Phones know the root and not what stands between, so those that check refuse the connection, and somebody switches the check off.",
        Fix = "Name fullchain.pem.",
        Bad = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/letsencrypt/live/pbx.example.com/cert.pem ; here
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/letsencrypt/live/pbx.example.com/fullchain.pem
            """,
        Reference = new Uri("https://eff-certbot.readthedocs.io/en/stable/using.html"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private const string Lonely = "/cert.pem";

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from transport in PjsipTls.Transports(pbx)
        let path = transport["cert_file"]
        where path is not null && path.StartsWith("/etc/letsencrypt/live/", StringComparison.Ordinal) && path.EndsWith(Lonely, StringComparison.Ordinal)
        select new Fault(transport.PlaceOf("cert_file"), $"transport {Shown.Text(transport.Name)}", "its certificate is shown without the one that vouches for it")
        {
            Mend = new Mend("name fullchain.pem", ObjectEdit.Set(transport, "cert_file", path[..^Lonely.Length] + "/fullchain.pem")),
        };
}
