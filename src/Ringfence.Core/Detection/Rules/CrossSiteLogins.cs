using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Wrong passwords that a web page made its visitor's browser send to the PBX's HTTP server.</summary>
internal static class CrossSiteLogins
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2024",
        Name = "cross-site-logins",
        Severity = Severity.Medium,
        Why = "The PBX's HTTP server (ARI, the manager over HTTP) refused passwords from this address, and its browser said that a page of another site asked for them (Sec-Fetch-Site, Origin). Who looks at a page with such an image in it did nothing wrong, and nobody is banned for it. Whoever writes these headers himself guesses without a ban: that is why it is told.",
        Fix = "Let the HTTP server listen on 127.0.0.1 alone (bindaddr in http.conf), or behind a proxy that asks for a password of its own. If it is nobody of yours who guesses: ringfence ban ADDRESS.",
        Bad = """
            web 2026-11-20 12:00:00.000 198.51.100.7 5 cross-site
            # here
            """,
        Good = """
            web 2026-11-20 12:00:00.000 198.51.100.7 4 cross-site
            web 2026-11-20 12:30:00.000 198.51.100.7 4 cross-site
            """,
        Reference = new Uri("https://www.w3.org/TR/fetch-metadata/"),
        Kinds = [EventKind.CrossSiteRefused],
        Check = Check,
    };

    // Once for each burst: more of the same is no news.
    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        return count == settings.Refusals ? new Claim(count, "wrong passwords that a web page made a browser send") { TellOnly = true } : null;
    }
}
