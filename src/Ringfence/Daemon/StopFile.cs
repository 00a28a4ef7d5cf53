using System.Text.Json;
using Ringfence.Api;

namespace Ringfence.Daemon;

/// <summary>Stops of calls with their evidence, in a small file beside the journal: they hold over a restart, and what is over can be read for a while.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed partial class StopFile
{
    public const string Enforced = "enforced";

    public const string Observed = "observed";

    private const int MostKept = 500;

    // 500 with the evidence of each, some kilobytes.
    private const long LongestBytes = 16 << 20;

    private readonly StateFile _file;
    private readonly ILogger _log;
    private List<StopReport> _stops = [];

    public StopFile(string path, TimeProvider clock, ILogger log)
    {
        _file = new StateFile(path, LongestBytes);
        _log = log;
        try
        {
            _stops = _file.Read() is { } text ? [.. JsonSerializer.Deserialize(text, StopsJson.Default.IReadOnlyListStopReport) ?? []] : [];
        }
        catch (JsonException damaged)
        {
            var aside = _file.MoveAside(clock.GetUtcNow());
            Problem = $"{path}: {damaged.Message}: what was stopped before is not known, and calls leave; it is kept as {aside}";
            LogUnread(_log, Problem);
        }
        catch (IOException unread)
        {
            Problem = $"{unread.Message}: what was stopped before is not known, and calls leave";
            LogUnread(_log, Problem);
        }
    }

    /// <summary>Why stops do not hold over a restart, for people; null: they do.</summary>
    public string? Problem { get; private set; }

    /// <summary>As long as its time is not over.</summary>
    public static bool Holds(StopReport stop) => stop.State is Enforced or Observed;

    /// <summary>Newest last.</summary>
    public IReadOnlyList<StopReport> All => _stops;

    public StopReport? Find(int number) => _stops.Find(stop => stop.Number == number);

    /// <summary>In place of one with its number.</summary>
    public void Put(StopReport stop)
    {
        var at = _stops.FindIndex(other => other.Number == stop.Number);
        if (at >= 0)
        {
            _stops[at] = stop;
        }
        else
        {
            _stops.Add(stop);
            _stops = _stops.Count > MostKept ? [.. _stops.Skip(_stops.Count - MostKept)] : _stops;
        }
    }

    public void Write()
    {
        try
        {
            _file.Write(JsonSerializer.Serialize(_stops, StopsJson.Default.IReadOnlyListStopReport));
            Problem = null;
        }
        catch (IOException problem)
        {
            Problem = $"{problem.Message}: what is stopped is not known after a restart";
            LogUnwritten(_log, problem.Message);
        }
    }

    [LoggerMessage(2941, LogLevel.Error, "{Problem}")]
    private static partial void LogUnread(ILogger log, string problem);

    [LoggerMessage(2942, LogLevel.Error, "{Problem}: what is stopped is not known after a restart")]
    private static partial void LogUnwritten(ILogger log, string problem);
}
