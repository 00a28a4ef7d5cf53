using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

/// <summary>A directory of its own with a log in it, and a reader that does what the pipeline does with batches: lines per file, positions, losses.</summary>
internal sealed class TailRig : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<LogIdentity, (StringBuilder Half, long Next, long Line, bool Skips)> _open = [];
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public TailRig([CallerMemberName] string name = "")
    {
        Directory_ = Directory.CreateTempSubdirectory("rf-sources-" + name[..Math.Min(name.Length, 24)] + "-").FullName;
        Log = Path.Combine(Directory_, "security_log");
    }

    public string Directory_ { get; }

    public string Log { get; set; }

    /// <summary>Complete lines in the order in which they came.</summary>
    public List<string> Lines { get; } = [];

    public List<(long Offset, long Line)> Starts { get; } = [];

    /// <summary>What came along with each start: the lines before it.</summary>
    public List<string> Before { get; } = [];

    public List<int> RecollectedBefore { get; } = [];

    public List<string> Messages { get; } = [];

    public long Lost { get; private set; }

    public long FreshBytes { get; private set; }

    public int EndsOfFile { get; private set; }

    /// <summary>As the journal would have it.</summary>
    public ReadPosition? Position { get; private set; }

    public Channel<SourceBatch> Batches { get; set; } = SourceBatch.NewChannel();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public FileTail? Tail { get; private set; }

    public TailStatus Status => Tail!.Status.Single();

    public string At(string name) => Path.Combine(Directory_, name);

    public void Start(params string[] paths)
    {
        _stop = new CancellationTokenSource();
        Batches = Batches.Reader.Completion.IsCompleted ? SourceBatch.NewChannel() : Batches;
        Tail = new FileTail(
            paths.Length == 0 ? [Log] : paths, Position is null ? [] : [Position], Batches.Writer, Time, new ListLogger<FileTail>(Messages));
        _running = Tail.RunAsync(_stop.Token);
    }

    /// <summary>As the supervisor does: what failed is run again, until so many lines were read.</summary>
    /// <returns>How often it failed.</returns>
    public async Task<int> ReadLinesThroughFailuresAsync(int count)
    {
        var failures = 0;
        using var patience = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (Lines.Count < count)
        {
            if (_running.IsFaulted)
            {
                failures++;
                _running = Tail!.RunAsync(_stop.Token);
            }

            while (Batches.Reader.TryRead(out var batch))
            {
                Consume((RawBatch)batch);
                batch.Dispose();
            }

            await tick.WaitForNextTickAsync(patience.Token);
        }

        return failures;
    }

    /// <summary>Ends the tail as a crash would: what is still in the channel was never consumed.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Patience);
        while (Batches.Reader.TryRead(out var batch))
        {
            batch.Dispose();
        }

        _open.Clear();
        _stop.Dispose();
    }

    public async Task ReadUntilAsync(Func<bool> isEnough)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!isEnough())
        {
            using var batch = await ReadBatchAsync(patience.Token);
            Consume(batch);
        }
    }

    public Task ReadLinesAsync(int count) => ReadUntilAsync(() => Lines.Count >= count);

    /// <summary>Waits for a state that no batch tells of, consuming what comes.</summary>
    public Task WaitForAsync(Func<TailStatus, bool> isSo) => WaitForAsync(isSo, consumes: true);

    /// <summary>Waits for a state and leaves the batches in the channel.</summary>
    public Task WaitForStatusAsync(Func<TailStatus, bool> isSo) => WaitForAsync(isSo, consumes: false);

    private async Task WaitForAsync(Func<TailStatus, bool> isSo, bool consumes)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!isSo(Status))
        {
            while (consumes && Batches.Reader.TryRead(out var batch))
            {
                Consume((RawBatch)batch);
                batch.Dispose();
            }

            await tick.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Reads on for a while in which nothing should come.</summary>
    public async Task ReadForAsync(TimeSpan time)
    {
        using var end = new CancellationTokenSource(time);
        try
        {
            while (true)
            {
                using var batch = await ReadBatchAsync(end.Token);
                Consume((RawBatch)batch);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    public async ValueTask<RawBatch> ReadBatchAsync(CancellationToken stop)
    {
        // The tail must not have died.
        if (_running.IsFaulted)
        {
            await _running.EndAsync();
        }

        return (RawBatch)await Batches.Reader.ReadAsync(stop);
    }

    public void Consume(RawBatch batch)
    {
        if (batch.StartsFile)
        {
            Assert.DoesNotContain(batch.File, (IDictionary<LogIdentity, (StringBuilder, long, long, bool)>)_open);
            _open[batch.File] = (new StringBuilder(), batch.Offset, batch.File.LinesBefore, batch.StartsMidLine);
            Starts.Add((batch.Offset, batch.File.LinesBefore));
            RecollectedBefore.Add(batch.RecollectedBefore);
            Before.Add(Encoding.Latin1.GetString(batch.Before.Span));
        }

        Lost += batch.Lost;
        FreshBytes += batch.IsFresh ? batch.Bytes.Length : 0;
        var (half, next, line, skips) = _open.GetValueOrDefault(batch.File, (new StringBuilder(), batch.Offset, 0, false));
        Assert.Equal(next, batch.Offset);
        var rest = batch.Bytes;
        next += rest.Length;
        int end;
        while ((end = rest.IndexOf((byte)'\n')) >= 0)
        {
            half.Append(Encoding.Latin1.GetString(rest[..end]));
            line++;
            if (!skips)
            {
                Lines.Add(half.ToString());
            }

            skips = false;
            half.Clear();
            rest = rest[(end + 1)..];
        }

        half.Append(Encoding.Latin1.GetString(rest));
        _open[batch.File] = (half, next, line, skips);
        if (!batch.IsLate)
        {
            Position = batch.PositionAt(next - half.Length, line);
        }

        if (batch.EndOfFile)
        {
            EndsOfFile++;
            _open.Remove(batch.File);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_running.IsCompleted)
        {
            await StopAsync();
        }

        await _running.EndAsync();
        _stop.Dispose();
        Directory.Delete(Directory_, recursive: true);
    }
}

internal sealed class ListLogger<T>(List<string> messages) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (messages)
        {
            messages.Add($"{eventId.Id} {formatter(state, exception)}");
        }
    }
}
