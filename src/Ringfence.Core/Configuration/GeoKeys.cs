using Ringfence.Core.Geo;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of [geo].</summary>
internal static class GeoKeys
{
    public const string Section = "geo";

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "database", Type = "path", Default = "none", IsUnset = true, Example = "/usr/share/GeoIP/GeoLite2-Country.mmdb",
            Meaning = "A database of countries or network operators: .mmdb of MaxMind, DB-IP, IPinfo or ip-location-db, or a list of networks and countries as CSV; also .gz and .tar.gz. Of several each says what those before it do not know: one of countries and one of operators (ASN).",
            IsList = true,
            Set = ConfigKeys.Each(static value => value.StartsWith('/') ? null : "an absolute path, beginning with /",
                static (config, values) => config with { Geo = config.Geo with { Databases = values } }),
        },
        new()
        {
            Section = Section, Name = "url", Type = "URL", Default = "nothing is fetched", IsUnset = true, Example = "https://geo.example.com/country-lite-{YYYY-MM}.mmdb.gz",
            Meaning = "Where a database is fetched from; {YYYY-MM} is the month. It is kept beside the journal and asked behind those of database. A key in it is yours: only root may read this file then.",
            IsList = true, IsSecret = true,
            Set = ConfigKeys.Each(ExpectedUrl, static (config, values) => config with { Geo = config.Geo with { Urls = values } }),
        },
        new()
        {
            Section = Section, Name = "interval", Type = "duration, 1h to 365d", Default = "7d", Example = "1d",
            Meaning = "How often the URLs are asked whether there is something new.",
            Set = ConfigKeys.Time(TimeSpan.FromHours(1), TimeSpan.FromDays(365), static (config, value) => config with { Geo = config.Geo with { Interval = value } }),
        },
        new()
        {
            Section = Section, Name = "unknown", Type = "allow or deny", Default = "as the zone says", IsUnset = true, Example = "deny",
            Meaning = "What becomes of an address whose country no database knows, also of codes that are no country (EU, AP, A1). Unset, it is in no country: a zone of some countries does not hold it, a zone of all but some does. Private addresses are never shut out of all but some.",
            Set = ConfigKeys.One(static (config, value) => value switch
            {
                "allow" => ConfigKeys.Ok(config with { Geo = config.Geo with { Unknown = UnknownCountry.Allow } }),
                "deny" => ConfigKeys.Ok(config with { Geo = config.Geo with { Unknown = UnknownCountry.Deny } }),
                _ => ConfigKeys.Expect("allow or deny"),
            }),
        },
    ];

    private static string? ExpectedUrl(string value) =>
        value.Length <= 2000 && Uri.TryCreate(value.Replace(GeoSettings.Month, "2026-01", StringComparison.Ordinal), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.Host.Length > 0
            && !value.Replace(GeoSettings.Month, "", StringComparison.Ordinal).Contains('{', StringComparison.Ordinal)
            ? null : "a URL that begins with https:// or http://, with {YYYY-MM} where the month stands";
}
