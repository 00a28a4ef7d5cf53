using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;
using Ringfence.Core.Wire;

namespace Ringfence.Sources;

/// <summary>Reads whole logs, several side by side in the order of their time, as if they were being written now.</summary>
/// <remarks>
/// Of several logs, the one whose newest event is the oldest is read on, a block at a time: rotated files come in their order, and a
/// security log and a notice log go together, whatever the order on the command line.
/// </remarks>
internal sealed class LogReplay : IDisposable
{
    // Fits into the second-level cache of small machines.
    private const int BlockBytes = 256 * 1024;

    private readonly List<OpenLog> _logs = [];

    /// <param name="zone">The zone of dates that do not say theirs.</param>
    /// <param name="captures">How captures among them are read; one of them is told from a log by its first bytes.</param>
    /// <param name="doorOf">Whose log a path is; null: Asterisk's.</param>
    /// <exception cref="LogFileException">One of them can't be read.</exception>
    public LogReplay(IReadOnlyList<string> paths, TimeZoneInfo zone, CaptureReading captures, Func<string, DoorSettings?>? doorOf = null)
    {
        foreach (var path in paths)
        {
            var file = LogFile.Open(path);
            if (file.IsCapture())
            {
                _logs.Add(new OpenLog(path, null, file, null, captures.Begin(path)));
                continue;
            }

            var door = doorOf?.Invoke(path);
            var parser = new LogParser(zone, door?.NewLog());
            if (path != "-")
            {
                // Dates without a year end where the file was last written.
                parser.Reference = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
            }

            _logs.Add(new OpenLog(path, door, file, new LogBuffer(parser, BlockBytes), null));
        }
    }

    /// <summary>Bytes to read, as the files lie on the disk; 0 if not known.</summary>
    public long TotalBytes => _logs.Sum(log => log.File.Length ?? 0);

    public long DoneBytes => _logs.Sum(log => log.File.Position);

    /// <summary>What each log held, in the order in which they were given.</summary>
    public IReadOnlyList<(string Path, LogCounts Counts, bool IsMixed)> Logs =>
        [.. _logs.Select(log => (log.Path, log.Buffer?.Parser.Counts ?? default, log.Buffer?.Parser.IsMixed ?? false))];

    /// <summary>As <see cref="Logs"/>, of captures; null for a log.</summary>
    public IReadOnlyList<CaptureBuffer?> Captures => [.. _logs.Select(log => log.Capture)];

    /// <summary>Whose each of them is, in that order.</summary>
    public IReadOnlyList<DoorSettings?> Doors => [.. _logs.Select(log => log.Door)];

    /// <summary>Reads everything.</summary>
    /// <param name="sink">Gets the events.</param>
    /// <param name="beforeBlock">Called with the index of the log that comes next.</param>
    /// <exception cref="LogFileException">An archive is damaged: what stands before the damage was read.</exception>
    public void Run<TSink>(ref TSink sink, Action<int> beforeBlock)
        where TSink : IEventSink
    {
        for (var next = Next(); next >= 0; next = Next())
        {
            beforeBlock(next);
            var log = _logs[next];
            var read = log.File.Read(log.Free);
            log.Buffer?.Parse(read, endOfFile: read == 0, ref sink);
            log.Capture?.Parse(read, endOfFile: read == 0, ref sink);
            log.IsDone = read == 0;
            if (log.Capture?.File.Problem is { } problem)
            {
                log.IsDone = true;
                throw new LogFileException(LogFileProblem.Damaged, $"{log.Path}: {problem}; what stands before was read");
            }
        }
    }

    public void Dispose() => _logs.ForEach(log => log.File.Dispose());

    private int Next()
    {
        var next = -1;
        for (var i = 0; i < _logs.Count; i++)
        {
            if (!_logs[i].IsDone && (next < 0 || _logs[i].LastTicks < _logs[next].LastTicks))
            {
                next = i;
            }
        }

        return next;
    }

    private sealed class OpenLog(string path, DoorSettings? door, LogFile file, LogBuffer? buffer, CaptureBuffer? capture)
    {
        public string Path => path;

        public DoorSettings? Door => door;

        public LogFile File => file;

        public LogBuffer? Buffer => buffer;

        public CaptureBuffer? Capture => capture;

        // A small block of a capture at a time: it holds more events than a log, and other logs go with it.
        public Span<byte> Free => buffer is not null ? buffer.Free : capture!.Free[..Math.Min(capture.Free.Length, BlockBytes)];

        public long LastTicks => buffer?.Parser.LastEventTicks ?? capture!.LastTicks;

        public bool IsDone { get; set; }
    }
}
