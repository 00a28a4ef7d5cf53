using System.Globalization;
using System.Text.Json;
using Ringfence.Core.Configuration;
using Ringfence.Core.Geo;
using Ringfence.Sources;

namespace Ringfence.Feeds;

/// <summary>Fetches the databases of countries that [geo] names by URL. What comes takes the place of what is there only if it is a database, and none that lost half of what it knew.</summary>
internal sealed partial class GeoFetch(RingfenceConfig config, TimeProvider clock, ILogger<GeoFetch> logger)
{
    // DB-IP's cities, the largest that are free, have 130 MB unpacked.
    private const long MostBytes = 512L << 20;
    private const int LongestFacts = 64 << 10;

    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, DateTimeOffset> _next = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>What did not come, and why, for people; null: all is well. What was there stays.</summary>
    public string? Problem { get; private set; }

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, clock);
        do
        {
            foreach (var url in config.Geo.Urls)
            {
                if (clock.GetUtcNow() >= Due(url))
                {
                    await UpdateAsync(url, stop);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Asks for one now.</summary>
    /// <returns>Why it was not taken; null: it was, or nothing has changed.</returns>
    public async Task<string?> UpdateAsync(string url, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        try
        {
            await TakeAsync(url, now, stop);
            _problems.Remove(url);
            _next[url] = now + config.Geo.Interval;
        }
        catch (Exception problem) when (problem is FeedException or WorldFailedException or IOException or UnauthorizedAccessException)
        {
            if (_problems.GetValueOrDefault(url) != problem.Message)
            {
                LogFailed(problem.Message);
            }

            var after = (problem as FeedException)?.After ?? Retry;
            _problems[url] = problem.Message;
            _next[url] = now + (after > Retry ? after : Retry);
        }

        Problem = _problems.Count == 0 ? null : string.Join("; ", _problems.Values);
        return _problems.GetValueOrDefault(url);
    }

    // A guard that ends again and again asks nobody more often.
    private DateTimeOffset Due(string url) => _next.TryGetValue(url, out var next) ? next
        : FactsOf(url) is { } facts && facts.Checked <= clock.GetUtcNow() ? facts.Checked + config.Geo.Interval
        : DateTimeOffset.MinValue;

    private async Task TakeAsync(string url, DateTimeOffset now, CancellationToken stop)
    {
        try
        {
            await TakeAsync(url, now, now, stop);
        }
        catch (FeedException problem) when (problem.Status is 404 && url.Contains(GeoSettings.Month, StringComparison.Ordinal))
        {
            // A maker publishes some days into the month.
            await TakeAsync(url, now.AddMonths(-1), now, stop);
        }
    }

    private async Task TakeAsync(string url, DateTimeOffset month, DateTimeOffset now, CancellationToken stop)
    {
        var address = new Uri(GeoSettings.UrlAt(url, month));
        var source = string.Create(CultureInfo.InvariantCulture, $"{address.Host} {(url.Contains(GeoSettings.Month, StringComparison.Ordinal) ? month.UtcDateTime : DateTime.UnixEpoch):yyyy-MM}");
        var before = FactsOf(url);
        var download = new FeedDownload(new FeedSettings { Name = "geo", Timeout = Patience, MaxBytes = MostBytes }, clock);
        var got = await download.GetAsync(address, before?.Source == source ? before : null, stop);
        if (got.Body is not { } body)
        {
            FactsFile(url).Write(Json(before! with { Checked = now }));
            return;
        }

        if (!got.IsWhole)
        {
            throw new FeedException($"{address.Host}: it does not say how long the database is, so that nobody can tell whether it came whole");
        }

        var path = GeoFile.FetchedPath(config, url);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var fresh = $"{path}.new";
        try
        {
            AtomicFile.Write(fresh, file => file.Write(body));
            var ranges = Ranges(fresh, address.Host);
            if (before is not null && File.Exists(path) && ranges < before.Entries / 2)
            {
                throw new FeedException($"{address.Host}: refused: it has {ranges} ranges, and {before.Entries} are held: less than half; delete {path} to take it");
            }

            File.Move(fresh, path, overwrite: true);
            FactsFile(url).Write(Json(new ListFacts { Source = source, Entries = ranges, Updated = now, Checked = now, ETag = got.ETag, LastModified = got.LastModified }));
            LogTaken(address.Host, path, ranges);
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    // Read as a whole: what is damaged somewhere is found before it takes the place of what is sound.
    private static int Ranges(string path, string host)
    {
        try
        {
            return GeoFile.Open(path).Database.ReadAll().Ranges.Length is > 0 and var ranges ? ranges : throw new FeedException($"{host}: refused: the database knows no address");
        }
        catch (Exception problem) when (problem is WorldFailedException or GeoFormatException)
        {
            throw new FeedException($"{host}: refused: what came {problem.Message.Replace($"{path}: ", "", StringComparison.Ordinal)}", problem);
        }
    }

    private ListFacts? FactsOf(string url)
    {
        try
        {
            return File.Exists(GeoFile.FetchedPath(config, url)) && FactsFile(url).Read() is { } text ? JsonSerializer.Deserialize(text, ListFactsJson.Default.ListFacts) : null;
        }
        catch (Exception problem) when (problem is JsonException or IOException)
        {
            // Nothing is known of it: it is fetched anew.
            return null;
        }
    }

    private StateFile FactsFile(string url) => new($"{GeoFile.FetchedPath(config, url)}.json", LongestFacts);

    private static string Json(ListFacts facts) => JsonSerializer.Serialize(facts, ListFactsJson.Default.ListFacts);

    [LoggerMessage(2861, LogLevel.Warning, "Database of countries: {Problem}; what was there stays, and it is asked again in an hour")]
    private partial void LogFailed(string problem);

    [LoggerMessage(2862, LogLevel.Information, "Database of countries from {Host}: {Path} has {Ranges} ranges now")]
    private partial void LogTaken(string host, string path, int ranges);
}
