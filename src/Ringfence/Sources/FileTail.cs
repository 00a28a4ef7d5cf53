using System.Threading.Channels;

namespace Ringfence.Sources;

/// <summary>Follows logs by their paths and delivers what is written to them, within well under a millisecond, whatever rotates them.</summary>
/// <remarks>
/// One thread for all logs. inotify wakes it: on the directories for names, on the open files for data. A log of which inotify can't tell everything (a directory
/// that is not there yet, a network file system, a file closed to us) is looked at every 200 ms even so, and any other every second.
/// </remarks>
internal sealed partial class FileTail
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    // From 2,000 wakes a second on, lines are gathered for so long: at 20,000 lines/s half the batches and a third less CPU.
    private static readonly TimeSpan FloodPause = TimeSpan.FromMilliseconds(0.25);

    private volatile IReadOnlyList<string> _paths;
    private readonly Dictionary<string, ReadPosition> _positions;
    private readonly ChannelWriter<SourceBatch> _batches;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Inotify? _inotify;
    private TailedLog[] _logs = [];
    private IReadOnlyList<string> _taken = [];
    private DateTimeOffset _followedAt;

    /// <param name="paths">Absolute; a link is followed.</param>
    /// <param name="positions">Where the last run stopped. A log without one is read from its end: nothing old is acted upon.</param>
    /// <param name="batches">Bounded, so that a slow reader makes the tail wait (<see cref="SourceBatch.NewChannel"/>). Never completed by the tail.</param>
    public FileTail(
        IEnumerable<string> paths, IEnumerable<ReadPosition> positions, ChannelWriter<SourceBatch> batches, TimeProvider time, ILogger<FileTail> logger)
    {
        _paths = [.. paths.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)];
        _positions = positions.GroupBy(position => position.Path, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last(), StringComparer.Ordinal);
        _batches = batches;
        _time = time;
        _logger = logger;
        _followedAt = time.GetUtcNow();
    }

    /// <summary>The logs that are followed.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>These logs from now on, taken up within a second. A new one is read from its end, or, if the file was made since the last change, from its beginning.</summary>
    public void Follow(IEnumerable<string> paths) => _paths = [.. paths.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)];

    /// <summary>How it stands with each log, in the order of the paths. From any thread.</summary>
    public IReadOnlyList<TailStatus> Status
    {
        get
        {
            var logs = Volatile.Read(ref _logs);
            return logs.Length == 0
                ? [.. _paths.Select(path => new TailStatus(path, TailState.Starting, null, _time.GetUtcNow(), 0, 0, 0, 0, null))]
                : [.. logs.Select(log => log.Status)];
        }
    }

    /// <summary>Runs until stopped, or until the channel is completed. No state of a log ends it. After a failure it goes on at the very byte when run
    /// again: files, places and half lines are kept.</summary>
    /// <param name="stop">The same one each time.</param>
    /// <exception cref="IOException">The process has no file descriptor left to begin with.</exception>
    public Task RunAsync(CancellationToken stop) =>
        // poll(2) blocks, so it has a thread of its own.
        Task.Factory.StartNew(() => Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private void Run(CancellationToken stop)
    {
        var inotify = _inotify ??= Begin(stop);
        foreach (var log in _logs)
        {
            // What the kernel told when the last run failed may not have been looked at.
            log.LookAgain();
        }

        using (stop.Register(inotify.Ring))
        {
            try
            {
                Follow(_logs, inotify, stop);
            }
            catch (Exception error) when (error is OperationCanceledException or ChannelClosedException)
            {
                // Stopped while it waited for the reader.
            }
        }

        foreach (var log in _logs)
        {
            log.Dispose();
        }

        inotify.Dispose();
    }

    private Inotify Begin(CancellationToken stop)
    {
        var inotify = new Inotify();
        if (inotify.Problem is { } problem)
        {
            LogNoInotify(_logger, problem);
        }

        _taken = _paths;
        Volatile.Write(ref _logs, [.. _taken.Select(path => new TailedLog(path, _positions.GetValueOrDefault(path), _batches, inotify, _time, _logger, stop))]);
        return inotify;
    }

    private TailedLog[] TakeUp(TailedLog[] logs, Inotify inotify, CancellationToken stop)
    {
        var paths = _taken = _paths;
        foreach (var gone in logs.Where(log => !paths.Contains(log.Path)))
        {
            // Where it was left: should it come again, its lines of now are old.
            _positions.Remove(gone.Path);
            gone.End(watch => Array.Exists(logs, log => log != gone && log.Watches(watch)));
            gone.Dispose();
        }

        TailedLog[] followed = [.. paths.Select(path => Array.Find(logs, log => log.Path == path)
            ?? new TailedLog(path, _positions.GetValueOrDefault(path) ?? BeginningOf(path), _batches, inotify, _time, _logger, stop))];
        _followedAt = _time.GetUtcNow();
        Volatile.Write(ref _logs, followed);
        return followed;
    }

    // "logger reload" makes the file when it likes, perhaps before we looked. The kernel dates files by its last tick, up to 10 ms ago.
    private ReadPosition? BeginningOf(string path) =>
        Libc.Stat(path) is { Error: 0, Facts: var file } && file.BornNs > (_followedAt - TimeSpan.FromMilliseconds(20) - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick
            ? new ReadPosition(path, file.Device, file.Inode, 0, 0, LogIdentity.Checksum([]))
            : null;

    private void Follow(TailedLog[] logs, Inotify inotify, CancellationToken stop)
    {
        var events = new List<InotifyEvent>();
        var pace = new Pace(_time);
        while (!stop.IsCancellationRequested)
        {
            if (!ReferenceEquals(_taken, _paths))
            {
                logs = TakeUp(logs, inotify, stop);
            }

            foreach (var log in logs)
            {
                log.Look();
            }

            var rest = LongestWait;
            foreach (var log in logs)
            {
                rest = log.Rest < rest ? log.Rest : rest;
            }

            if (rest > TimeSpan.Zero)
            {
                inotify.Wait((int)Math.Ceiling(rest.TotalMilliseconds));
            }

            if (pace.IsFlooded())
            {
                inotify.Pause(FloodPause);
            }

            events.Clear();
            inotify.Read(events);
            foreach (var change in events)
            {
                foreach (var log in logs)
                {
                    log.See(change);
                }
            }
        }
    }

    /// <summary>Notices that lines come one by one faster than it pays to wake for each.</summary>
    private sealed class Pace(TimeProvider time)
    {
        private const int WakesPerWindow = 20;
        private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(10);
        private long _windowStart;
        private int _wakes;
        private bool _flooded;

        public bool IsFlooded()
        {
            _wakes++;
            if (time.GetElapsedTime(_windowStart) >= Window)
            {
                _flooded = _wakes >= WakesPerWindow;
                _windowStart = time.GetTimestamp();
                _wakes = 0;
            }

            return _flooded || _wakes >= WakesPerWindow;
        }
    }

    [LoggerMessage(2110, LogLevel.Warning, "{Problem}: no news of changes from the kernel, so the logs are looked at every 200 ms; raise fs.inotify.max_user_instances")]
    private static partial void LogNoInotify(ILogger logger, string problem);
}
