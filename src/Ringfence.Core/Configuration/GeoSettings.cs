using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Geo;

namespace Ringfence.Core.Configuration;

/// <summary>Where countries and network operators are looked up.</summary>
internal sealed record GeoSettings
{
    /// <summary>Databases: what the first does not know, the next one says.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Where databases are fetched from, each into a file beside the journal; {YYYY-MM} is the month.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>How often they are asked for.</summary>
    /// <value>1 hour to 1 year; 7 days if unset: makers publish weekly or monthly, and who has nothing new answers with a line.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromDays(7);

    public UnknownCountry Unknown { get; init; }

    /// <summary>A database that is older says wrong things of networks that were sold since: MaxMind's terms want 30 days, makers that publish monthly are some days late.</summary>
    public static TimeSpan Old => TimeSpan.FromDays(35);

    /// <summary>The address to fetch in this month. At a month's beginning the maker may not have it yet: then that of the month before is right.</summary>
    public static string UrlAt(string url, DateTimeOffset now) => url.Replace(Month, now.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>What a URL's file is called beside the journal: the same whatever the month, another for each URL, and without what may be a key.</summary>
    public static string FileName(string url)
    {
        var path = url.Split('?', '#')[0].TrimEnd('/');
        var name = path[(path.LastIndexOf('/') + 1)..].Replace(Month, "", StringComparison.Ordinal).Replace("-.", ".", StringComparison.Ordinal);
        var safe = string.Concat(name.Where(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'));

        // MaxMind's are all called "download": what tells them apart stands before it, or behind the question mark.
        var which = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)).AsSpan(0, 4));
        return $"{which}-{safe[Math.Max(0, safe.Length - 100)..]}";
    }

    internal const string Month = "{YYYY-MM}";
}
