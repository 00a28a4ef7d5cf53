using System.Text.Json;
using System.Threading.Channels;
using Ringfence.Api;

namespace Ringfence.Calls;

/// <summary>Stops of calls with their evidence, in a small file beside the journal: they hold over a restart, and what is over can be read for a while.</summary>
/// <remarks>
/// What is in it is one thread's at a time; the disk is another's (<see cref="RunAsync"/>): one that stands still keeps no call waiting. The last state wins, and a guard that is killed has written all but what
/// it decided in the milliseconds before.
/// </remarks>
internal sealed partial class StopFile
{
    public const string Enforced = "enforced";

    public const string Observed = "observed";

    private const int MostKept = 500;

    // Twenty extensions that somebody took, and each stopped for thirty countries, are 600.
    private const int MostHolding = 2_000;

    // 500 with the evidence of each, some kilobytes; and as many as may hold without.
    private const long LongestBytes = 16 << 20;

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    private readonly StateFile _file;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly bool _mayWrite = true;
    private readonly Lock _disk = new();
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<StopReport> _stops = [];
    private bool _isNew;
    private bool _isFailing;
    private StopReport[]? _unwritten;
    private volatile string? _problem;

    public StopFile(string path, TimeProvider clock, ILogger log)
    {
        _file = new StateFile(path, LongestBytes);
        _clock = clock;
        _log = log;
        try
        {
            _stops = _file.Read() is { } text ? Parsed(text, path) : [];
        }
        catch (IOException unread)
        {
            // What was stopped stands in it still, and somebody may make it readable again.
            _mayWrite = false;
            _problem = $"{unread.Message}: what was stopped before is not known, and calls leave; it is not written over, and what is stopped now is not known after a restart: repair or remove it, and restart the guard";
            LogUnread(_log, _problem);
        }
    }

    /// <summary>Why stops do not hold over a restart, for people; null: they do.</summary>
    public string? Problem => _problem;

    public string Path => _file.Path;

    /// <summary>As long as its time is not over.</summary>
    public static bool Holds(StopReport stop) => stop.State is Enforced or Observed;

    /// <summary>Newest last.</summary>
    public IReadOnlyList<StopReport> All => _stops;

    public StopReport? Find(int number) => _stops.Find(stop => stop.Number == number);

    /// <summary>In place of one with its number.</summary>
    public void Put(StopReport stop)
    {
        _isNew = true;
        var at = _stops.FindIndex(other => other.Number == stop.Number);
        if (at >= 0)
        {
            _stops[at] = stop;
        }
        else
        {
            _stops.Add(stop);
            MakeRoom();
        }
    }

    /// <summary>In place of one with its number, and on disk with whatever is next: a phone that tries again and again is no reason to write.</summary>
    public void Note(StopReport stop) => _stops[_stops.FindIndex(other => other.Number == stop.Number)] = stop;

    /// <summary>What was put since is to be on disk soon.</summary>
    public void Save()
    {
        if (!_isNew)
        {
            return;
        }

        _isNew = false;
        Volatile.Write(ref _unwritten, [.. _stops]);
        _due.Writer.TryWrite(true);
    }

    /// <summary>Writes what is not on disk yet; from any thread.</summary>
    /// <returns>Whether all is.</returns>
    public bool Write()
    {
        lock (_disk)
        {
            if (!_mayWrite || Interlocked.Exchange(ref _unwritten, null) is not { } stops)
            {
                return true;
            }

            try
            {
                _file.Write(JsonSerializer.Serialize(stops, StopsJson.Default.IReadOnlyListStopReport));
                (_problem, _isFailing) = (null, false);
                return true;
            }
            catch (IOException problem)
            {
                // Unless there is newer by now.
                Interlocked.CompareExchange(ref _unwritten, stops, null);
                _problem = $"{problem.Message}: what is stopped is not known after a restart";

                // Each try has a file of another name: a disk that is full must not be told the same all day.
                if (!_isFailing)
                {
                    _isFailing = true;
                    LogUnwritten(_log, problem.Message);
                }

                return false;
            }
        }
    }

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _due.Reader.ReadAsync(stop);
                while (!Write())
                {
                    await Task.Delay(TryAgain, _clock, stop);
                }
            }
        }
        finally
        {
            Write();
        }
    }

    /// <exception cref="IOException">It is damaged, and stays where it is.</exception>
    private List<StopReport> Parsed(string text, string path)
    {
        try
        {
            List<StopReport> stops = [.. JsonSerializer.Deserialize(text, StopsJson.Default.IReadOnlyListStopReport) ?? []];
            return stops.TrueForAll(IsWhole) ? stops : throw new JsonException("one of its stops lacks what makes it one");
        }
        catch (JsonException damaged)
        {
            _problem = $"{path}: {damaged.Message}: what was stopped before is not known, and calls leave; it is kept as {_file.MoveAside(_clock.GetUtcNow())}";
            LogUnread(_log, _problem);
            return [];
        }
    }

    // The reader of JSON leaves null where there is nothing, whatever the type says.
    private static bool IsWhole(StopReport? stop) =>
        stop is { State: not null, Rule: not null, Limit: not null, Extension: not null, Region: not null, Trunk: not null, Why: not null, Evidence: not null }
        && stop.Limits.All(static limit => limit is { Limit: not null, Key: not null });

    // What is over is there to be read alone, and goes first. What holds is kept for longer: by this list it is seen and lifted.
    private void MakeRoom()
    {
        var now = _clock.GetUtcNow();
        for (var over = 0; _stops.Count > MostKept && over >= 0;)
        {
            over = _stops.FindIndex(stop => !Holds(stop) || stop.Until <= now);
            if (over >= 0)
            {
                _stops.RemoveAt(over);
            }
        }

        if (_stops.Count > MostHolding)
        {
            _stops.RemoveAt(0);
        }

        if (_stops.Count > MostKept)
        {
            _stops[^(MostKept + 1)] = _stops[^(MostKept + 1)] with { Evidence = [] };
        }
    }

    [LoggerMessage(2941, LogLevel.Error, "{Problem}")]
    private static partial void LogUnread(ILogger log, string problem);

    [LoggerMessage(2942, LogLevel.Error, "{Problem}: what is stopped is not known after a restart")]
    private static partial void LogUnwritten(ILogger log, string problem);
}
