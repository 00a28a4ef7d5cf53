using Ringfence.Core;
using Ringfence.Core.Configuration;
using Ringfence.Sources;

namespace Ringfence.Feeds;

/// <summary>Fetches databases of countries, and says which do not come or are old.</summary>
/// <remarks>
/// What comes is a stranger's file: it is opened and read whole beside the one that is held, and takes its place only when it is a database of at least half as many networks.
/// So a server that is down, a truncated file or a web page leaves what was held.
/// </remarks>
internal sealed partial class GeoKeeper(RingfenceConfig config, TimeProvider clock, ILogger<GeoKeeper> log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Download = TimeSpan.FromMinutes(30);
    private static readonly RetryDelay Retry = new(TimeSpan.FromMinutes(10), TimeSpan.FromDays(1));

    private readonly Dictionary<string, (DateTimeOffset Next, int Failures)> _due = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _failed = new(StringComparer.Ordinal);
    private volatile string? _problem;

    /// <summary>Why a database does not come, or is too old; null: all is well.</summary>
    public string? Problem => _problem;

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, clock);
        do
        {
            await LookAsync(stop);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Fetches what is due.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        foreach (var url in config.Geo.Urls)
        {
            var (next, failures) = _due.TryGetValue(url, out var due) ? due : (DueAt(url), 0);
            if (next > clock.GetUtcNow())
            {
                continue;
            }

            try
            {
                await FetchAsync(url, stop);
                _due[url] = (clock.GetUtcNow() + config.Geo.Interval, 0);
                _failed.Remove(url);
            }
            catch (Exception e) when (e is FeedException or WorldFailedException or IOException or UnauthorizedAccessException)
            {
                LogFailed(GeoSettings.FileName(url), e.Message);

                // A problem until it has come: the next try may be a day away.
                _failed[url] = $"{GeoSettings.FileName(url)}: {e.Message}";
                _due[url] = (clock.GetUtcNow() + Retry.After(failures + 1), failures + 1);
            }
        }

        var paths = GeoFile.PathsOf(config);
        List<string> problems = [.. _failed.Values];
        problems.AddRange(paths.Where(File.Exists).Where(path => clock.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(path)) > GeoSettings.Old).Select(static path => $"{path} is older than {Duration.Words(GeoSettings.Old)}"));
        _problem = problems.Count == 0 ? null : string.Join("; ", problems);
    }

    // A database that is there is as new as its file: a restart asks nobody again.
    private DateTimeOffset DueAt(string url) => GeoFile.FetchedPath(config, url) is var path && File.Exists(path) ? new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero) + config.Geo.Interval : DateTimeOffset.MinValue;

    private async Task FetchAsync(string url, CancellationToken stop)
    {
        var path = GeoFile.FetchedPath(config, url);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        var settings = new FeedSettings { Name = GeoSettings.FileName(url), Timeout = Download, MaxBytes = GeoFile.MostBytes };
        var body = await GetAsync(url, settings, stop);
        var ranges = 0;
        AtomicFile.Write(path, file => file.Write(body), judge: fresh => ranges = Judged(fresh, path));
        LogTaken(settings.Name, ranges);
    }

    private static int Judged(string fresh, string path)
    {
        int ranges;
        try
        {
            ranges = GeoFile.Open(fresh).ReadAll().Ranges.Length;
        }
        catch (WorldFailedException e)
        {
            throw new FeedException(e.Message.Replace($"{fresh}: ", "what came ", StringComparison.Ordinal), e);
        }

        var held = File.Exists(path) ? Held(path) : 0;
        return ranges > 0 && ranges >= held / 2 ? ranges : throw new FeedException($"it has {ranges} networks, and what is held has {held}: it is not taken");
    }

    private async Task<byte[]> GetAsync(string url, FeedSettings settings, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        try
        {
            return await GetAsync(new Uri(GeoSettings.UrlAt(url, now)), settings, stop);
        }
        catch (FeedException e) when (e.Status == 404 && url.Contains(GeoSettings.Month, StringComparison.Ordinal))
        {
            // At a month's beginning the maker may not have it yet.
            return await GetAsync(new Uri(GeoSettings.UrlAt(url, now.AddMonths(-1))), settings, stop);
        }
    }

    private async Task<byte[]> GetAsync(Uri url, FeedSettings settings, CancellationToken stop)
    {
        var got = await new FeedDownload(settings, clock).GetAsync(url, null, stop);

        // The half of a CSV is a CSV.
        return !got.IsWhole ? throw new FeedException($"{url.Host}: it does not say how long the database is, so that nobody can tell whether it came whole")
            : got.Body ?? throw new FeedException("it says that nothing has changed, and was not asked that");
    }

    private static int Held(string path)
    {
        try
        {
            return GeoFile.Open(path).ReadAll().Ranges.Length;
        }
        catch (WorldFailedException)
        {
            // Damaged on the disk: whatever comes is better.
            return 0;
        }
    }

    [LoggerMessage(2721, LogLevel.Information, "Countries: {Name} has come, {Ranges} networks")]
    private partial void LogTaken(string name, int ranges);

    [LoggerMessage(2722, LogLevel.Warning, "Countries: {Name}: {Problem}; what was held stays")]
    private partial void LogFailed(string name, string problem);
}
