using Ringfence.Core.Configuration;
using Ringfence.Core.Lists;
using Ringfence.Sources;

namespace Ringfence.Feeds;

/// <summary>One blocklist: fetched each interval, judged, and kept on disk. Whatever goes wrong, what is kept stays.</summary>
/// <param name="changed">Is told when other entries are kept.</param>
internal sealed partial class Feed(FeedSettings settings, string directory, Action changed, TimeProvider clock, ILogger logger) : IDisposable
{
    private readonly KeptList _kept = new(directory, settings.Name);
    private readonly FeedDownload _download = new(settings, clock);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Lock _asking = new();
    private FeedBook? _book;

    public FeedSettings Settings => settings;

    private ListFacts? Facts => Ask(static book => book.Facts);

    /// <exception cref="IOException">They can't be read to the end.</exception>
    public IEnumerable<KeptEntry> Entries() => Facts is null ? [] : _kept.Entries();

    /// <summary>From any thread.</summary>
    public FeedStatus Status(DateTimeOffset now) => Ask(book =>
    {
        var (problem, note) = book.Told(now);
        return new FeedStatus(settings.Name, settings.Where, book.Facts?.Entries ?? 0, book.Facts?.Unread ?? 0, book.Facts?.Updated, book.Facts?.Checked, book.Next, problem) { Note = note };
    });

    /// <summary>What is kept is damaged: it is fetched again, as if it had never come.</summary>
    public void Doubt(string problem)
    {
        Tell(book => book.Doubt(problem, clock.GetUtcNow()));
        LogFailed(settings.Name, problem);
        Wake();
    }

    // From any thread; the disk is asked at the first question.
    private T Ask<T>(Func<FeedBook, T> question)
    {
        lock (_asking)
        {
            return question(_book ??= Open());
        }
    }

    private void Tell(Action<FeedBook> fact) => Ask(book =>
    {
        fact(book);
        return true;
    });

    private FeedBook Open()
    {
        var book = new FeedBook(settings);
        try
        {
            book.Restore(_kept.Facts());
        }
        catch (IOException problem)
        {
            book.Miss(problem.Message);
        }

        return book;
    }

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Tell(book => book.Begin(clock.GetUtcNow()));
        while (true)
        {
            var wait = Ask(static book => book.Next)!.Value - clock.GetUtcNow();
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
            if (Ask(book => book.Succeed(clock.GetUtcNow())))
            {
                LogAgain(settings.Name);
            }
        }
        catch (Exception e) when (e is FeedException or IOException or UnauthorizedAccessException)
        {
            if (Ask(book => book.Fail(e.Message, (e as FeedException)?.After, clock.GetUtcNow())))
            {
                LogFailed(settings.Name, e.Message);
            }
        }
        finally
        {
            _turn.Release();
            Wake();
        }

        return Ask(static book => book.Problem);
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
            var same = Facts! with { Checked = now };
            Tell(book => book.Hold(same));
            _kept.WriteFacts(same);
            return;
        }

        var reading = ListReader.Read(body, got.IsWhole);
        Refuse(ListChange.Refusal(reading, Facts?.Entries, settings.MaxEntries, isForced));
        Keep(KeptEntry.Renewed(reading.Entries, Readable(), now), ListFacts.Of(Source, reading, now) with { ETag = got.ETag, LastModified = got.LastModified }, reading.Entries.Count);
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
        var list = new PagedList(settings, Readable(), Facts?.NextId, now);
        while (!list.IsComplete)
        {
            try
            {
                var got = await _download.GetAsync(settings.Address(list.NextId)!, null, stop);
                Refuse(list.Add(ListReader.Read(got.Body!, got.IsWhole)));
            }
            catch (FeedException e) when (e.Status == 400)
            {
                // "The list is complete": there is nothing behind this page.
                break;
            }
        }

        Refuse(list.End());
        Keep(list.Entries, ListFacts.Of(Source, list.Last, now) with { NextId = list.NextId });
    }

    private string Source => Ask(static book => book.Source);

    private void Refuse(string? why)
    {
        if (why is not null)
        {
            throw new FeedException($"{settings.Where}: refused: {why}");
        }
    }

    /// <param name="raw">How many came, with repetitions; null: as many as are kept.</param>
    private void Keep(IEnumerable<KeptEntry> entries, ListFacts facts, int? raw = null)
    {
        var count = _kept.Write(entries, facts);
        Tell(book => book.Hold(facts with { Entries = count }));
        LogTaken(settings.Name, count, raw ?? count, settings.Where);
        changed();
    }

    [LoggerMessage(2900, LogLevel.Information, "Feed {Name}: {Count} entries ({Raw} with repetitions) from {Where}")]
    private partial void LogTaken(string name, int count, int raw, string where);

    [LoggerMessage(2901, LogLevel.Warning, "Feed {Name}: {Problem}; what was held stays in force")]
    private partial void LogFailed(string name, string problem);

    [LoggerMessage(2902, LogLevel.Information, "Feed {Name}: it comes again")]
    private partial void LogAgain(string name);
}
