using System.Globalization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Ringfence.Sources;

namespace Ringfence.Feeds;

/// <summary>One blocklist: fetched each interval, judged, and kept on disk. Whatever goes wrong, what is kept stays.</summary>
/// <param name="changed">Is told when other entries are kept.</param>
internal sealed partial class Feed(FeedSettings settings, string directory, Action changed, TimeProvider clock, ILogger logger) : IDisposable
{
    // APIBAN gives some 250 addresses on a page: a week of them, and an end for a server that always has another page.
    private const int MostPages = 400;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(10);

    private readonly KeptList _kept = new(directory, settings.Name);
    private readonly FeedDownload _download = new(settings, clock);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Lock _reading = new();
    private ListFacts? _facts;
    private string? _problem;
    private int _failures;
    private DateTimeOffset? _next;
    private TimeSpan? _after;
    private bool _isRead;

    public FeedSettings Settings => settings;

    /// <summary>A list so old is said to be stale: three times it should have come, and a day went by.</summary>
    private TimeSpan Stale => 3 * settings.Every is var three && three > TimeSpan.FromDays(1) ? three : TimeSpan.FromDays(1);

    private string Source => settings.File ?? settings.Url?.OriginalString ?? settings.Kind?.Url ?? "";

    /// <exception cref="IOException">They can't be read to the end.</exception>
    public IEnumerable<KeptEntry> Entries() => Facts is null ? [] : _kept.Entries();

    private ListFacts? Facts
    {
        get
        {
            lock (_reading)
            {
                if (!_isRead)
                {
                    _isRead = true;
                    _facts = Read();
                }

                return _facts;
            }
        }

        set
        {
            lock (_reading)
            {
                _isRead = true;
                _facts = value;
            }
        }
    }

    private ListFacts? Read()
    {
        try
        {
            return _kept.Facts() is { } facts && facts.Source == Source ? facts : null;
        }
        catch (IOException problem)
        {
            Volatile.Write(ref _problem, problem.Message);
            return null;
        }
    }

    /// <summary>From any thread.</summary>
    public FeedStatus Status(DateTimeOffset now)
    {
        var (facts, problem) = (Facts, Volatile.Read(ref _problem));
        var isStale = facts is not null && now - facts.Checked > Stale;
        var told = (facts, problem, isStale) switch
        {
            (null, { } why, _) => $"nothing is held: {why}",
            (_, _, true) => $"STALE: the list of {Duration.Words(now - facts!.Checked)} ago is in force{(problem is null ? "" : $": {problem}")}",
            _ => null,
        };
        return new FeedStatus(settings.Name, settings.Where, facts?.Entries ?? 0, facts?.Unread ?? 0, facts?.Updated, facts?.Checked, _next, told)
        {
            Note = told is not null ? null : problem is not null ? $"the last try failed, and the list of before stays: {problem}" : Unread(facts),
        };
    }

    /// <summary>What is kept is damaged: it is fetched again, as if it had never come.</summary>
    public void Doubt(string problem)
    {
        Facts = null;
        _next = clock.GetUtcNow();
        Volatile.Write(ref _problem, problem);
        LogFailed(settings.Name, problem);
        Wake();
    }

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        _next = Due();
        while (true)
        {
            var wait = _next.Value - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                // Looked at again each minute: the machine's clock may be set, or stand still while it sleeps.
                await SleepAsync(wait < TimeSpan.FromMinutes(1) ? wait : TimeSpan.FromMinutes(1), stop);
                continue;
            }

            await UpdateAsync(isForced: false, stop);
        }
    }

    /// <summary>Fetches it now.</summary>
    /// <param name="isForced">Whatever its length.</param>
    /// <returns>Why it was not taken; null: it was, or nothing has changed.</returns>
    public async Task<string?> UpdateAsync(bool isForced, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            await TakeAsync(isForced, stop);
            if (_failures > 0)
            {
                LogAgain(settings.Name);
            }

            _failures = 0;
            _after = null;
            Volatile.Write(ref _problem, null);
        }
        catch (Exception e) when (e is FeedException or IOException or UnauthorizedAccessException)
        {
            _failures++;
            _after = (e as FeedException)?.After;
            if (_problem != e.Message)
            {
                LogFailed(settings.Name, e.Message);
            }

            Volatile.Write(ref _problem, e.Message);
        }
        finally
        {
            _next = clock.GetUtcNow() + Pause();
            _turn.Release();
            Wake();
        }

        return _problem;
    }

    public void Dispose()
    {
        _turn.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    private async Task SleepAsync(TimeSpan time, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(Task.Delay(time, clock, either.Token), _wake.WaitAsync(either.Token));
        await either.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    // After a restart it is asked when it would have been, so that a guard that ends again and again asks nobody more often.
    private DateTimeOffset Due() => Facts is { } facts && facts.Checked <= clock.GetUtcNow() ? facts.Checked + settings.Every : clock.GetUtcNow();

    private TimeSpan Pause()
    {
        if (_failures == 0)
        {
            return settings.Every;
        }

        var retry = FirstRetry * Math.Pow(2, Math.Min(_failures - 1, 10));
        var least = settings.Kind is { } kind && settings.File is null ? kind.Least : TimeSpan.Zero;
        var pause = retry < settings.Every ? retry : settings.Every;
        pause = pause > least ? pause : least;
        return _after > pause ? _after.Value : pause;
    }

    private async Task TakeAsync(bool isForced, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        if (settings.IsPaged)
        {
            await TakePagesAsync(now, stop);
            return;
        }

        var got = settings.Address() is { } url ? await _download.GetAsync(url, isForced ? null : Facts, stop) : ReadFile();
        if (got.Body is not { } body)
        {
            Facts = Facts! with { Checked = now };
            _kept.WriteFacts(Facts);
            return;
        }

        var reading = ListReader.Read(body, got.IsWhole);
        if (ListChange.Refusal(reading, Facts?.Entries, settings.MaxEntries, isForced) is { } why)
        {
            throw new FeedException($"{settings.Where}: refused: {why}");
        }

        Keep(reading.Entries, Since(reading.Entries, now), reading, now, got);
    }

    private Downloaded ReadFile()
    {
        var file = new FileInfo(settings.File!);
        if (!file.Exists)
        {
            throw new FeedException($"{settings.File}: there is no such file");
        }

        if (Libc.Stat(settings.File!) is { Facts: { IsRegular: false } facts })
        {
            throw new FeedException($"{settings.File}: it is {facts.TypeName}: expected a regular file");
        }

        return file.Length > settings.MaxBytes
            ? throw new FeedException($"{settings.File}: it is longer than {settings.MaxBytes >> 20} MiB (max_size)")
            : new Downloaded(File.ReadAllBytes(settings.File!), IsWhole: true, null, null);
    }

    // Those that are on the list still keep the time since when they are: both are sorted.
    private IEnumerable<KeptEntry> Since(IReadOnlyList<Network> entries, DateTimeOffset now)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted);
        using var before = Readable().GetEnumerator();
        var isThere = before.MoveNext();
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && sorted[i] == sorted[i - 1])
            {
                continue;
            }

            while (isThere && before.Current.Network.CompareTo(sorted[i]) < 0)
            {
                isThere = before.MoveNext();
            }

            yield return new KeptEntry(sorted[i], isThere && before.Current.Network == sorted[i] ? before.Current.Since : now);
        }
    }

    // A damaged one is replaced: what it knew of times is gone.
    private IEnumerable<KeptEntry> Readable()
    {
        using var entries = Entries().GetEnumerator();
        while (true)
        {
            try
            {
                if (!entries.MoveNext())
                {
                    yield break;
                }
            }
            catch (IOException)
            {
                yield break;
            }

            yield return entries.Current;
        }
    }

    private async Task TakePagesAsync(DateTimeOffset now, CancellationToken stop)
    {
        var life = settings.Kind!.Life ?? TimeSpan.MaxValue;
        var entries = Readable().Where(entry => now - entry.Since < life).ToDictionary(entry => entry.Network, entry => entry.Since);
        var id = Facts?.NextId;
        ListReading? last = null;
        for (var page = 0; page < MostPages; page++)
        {
            ListReading reading;
            try
            {
                var got = await _download.GetAsync(settings.Address(id)!, null, stop);
                reading = ListReader.Read(got.Body!, got.IsWhole);
            }
            catch (FeedException e) when (e.Status == 400)
            {
                // "The list is complete": there is nothing behind this page.
                break;
            }

            if (reading.Refusal is { } why)
            {
                throw new FeedException($"{settings.Where}: refused: {why}");
            }

            last = reading;
            foreach (var entry in reading.Entries)
            {
                entries[entry] = now;
            }

            if (entries.Count > settings.MaxEntries)
            {
                throw new FeedException($"{settings.Where}: refused: it has more than {settings.MaxEntries} entries (max_entries)");
            }

            if (reading.NextId is null or "none" || reading.NextId == id)
            {
                break;
            }

            id = reading.NextId;
        }

        if (entries.Count == 0)
        {
            throw new FeedException($"{settings.Where}: refused: it is empty");
        }

        Keep(null, entries.OrderBy(entry => entry.Key).Select(entry => new KeptEntry(entry.Key, entry.Value)), last, now, new Downloaded(null, true, null, null), id);
    }

    private void Keep(IReadOnlyList<Network>? raw, IEnumerable<KeptEntry> entries, ListReading? reading, DateTimeOffset now, Downloaded got, string? nextId = null)
    {
        var facts = new ListFacts
        {
            Source = Source,
            Unread = reading?.Unread ?? 0,
            FirstUnread = [.. (reading?.FirstUnread ?? []).Select(static unread => string.Create(CultureInfo.InvariantCulture, $"line {unread.Line}: \"{unread.Text}\": {unread.Why}"))],
            Updated = now,
            Checked = now,
            ETag = got.ETag,
            LastModified = got.LastModified,
            NextId = nextId,
        };
        var count = _kept.Write(entries, facts);
        Facts = facts with { Entries = count };
        LogTaken(settings.Name, count, raw is null ? count : raw.Count, settings.Where);
        changed();
    }

    private static string? Unread(ListFacts? facts) => facts is { Unread: > 0, FirstUnread: [var first, ..] } ? $"{facts.Unread} of its entries could not be read: {first}" : null;

    [LoggerMessage(2900, LogLevel.Information, "Feed {Name}: {Count} entries ({Raw} with repetitions) from {Where}")]
    private partial void LogTaken(string name, int count, int raw, string where);

    [LoggerMessage(2901, LogLevel.Warning, "Feed {Name}: {Problem}; what was held stays in force")]
    private partial void LogFailed(string name, string problem);

    [LoggerMessage(2902, LogLevel.Information, "Feed {Name}: it comes again")]
    private partial void LogAgain(string name);
}
