using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>The parsers of all files under watch, each with the half line that it waits for.</summary>
/// <param name="managerOverHttp">For <see cref="LogParser.ManagerOverHttp"/>.</param>
/// <param name="doors">Whose logs are not Asterisk's.</param>
internal sealed class LogReaders(Detector detector, TimeZoneInfo zone, bool managerOverHttp, IReadOnlyList<DoorSettings> doors, TimeProvider clock)
{
    private const int BlockBytes = 64 * 1024;

    private readonly Dictionary<LogIdentity, Reader> _readers = [];
    private readonly Dictionary<string, LogState> _states = new(StringComparer.Ordinal);

    /// <summary>Takes the log that says so, how many messages Asterisk could not send over HEP, and how many security records its logger cut.</summary>
    public Action<string, long, long> Untold { get; init; } = static (_, _, _) => { };

    public IReadOnlyCollection<LogState> States => _states.Values;

    public LogCounts CountsOf(string path)
    {
        var counts = _states.TryGetValue(path, out var state) ? state.Finished : default;
        foreach (var reader in _readers.Values.Where(reader => reader.State.Path == path))
        {
            counts += reader.Buffer.Parser.Counts;
        }

        return counts;
    }

    /// <summary>Parses a batch; what it leads to is then in <see cref="Judge.Decisions"/>.</summary>
    public void Read(RawBatch batch, Judge judge)
    {
        var reader = Of(batch, judge);
        var state = reader.State;
        var bytes = batch.Bytes;
        var before = reader.Buffer.Parser.Counts;
        state.BytesRead += bytes.Length;
        var now = clock.GetUtcNow();
        if (reader.IsSkipping)
        {
            var end = bytes.IndexOf((byte)'\n');
            bytes = end < 0 ? [] : bytes[(end + 1)..];
            reader.IsSkipping = end < 0;
        }

        judge.Log = reader.Number;
        reader.Buffer.Parser.Reference = now;
        var sink = new Judge.Sink(judge);
        reader.Buffer.Feed(bytes, batch.EndOfFile, ref sink);
        var parser = reader.Buffer.Parser;
        state.LastRead = now;
        state.Lines += parser.Counts.Lines - before.Lines;
        state.IsMixed = parser.IsMixed;
        if (parser.Counts.Events > before.Events)
        {
            state.LastEvent = new DateTimeOffset(parser.LastEventTicks, TimeSpan.Zero);
            state.Skew = batch.IsFresh ? now - state.LastEvent.Value : state.Skew;
            state.Rate.Add(parser.Counts.Events - before.Events);
        }

        // A record that was cut is its sender's doing, and no sign of a format that nobody knows.
        var cut = parser.Counts.CutRecords - before.CutRecords;
        SeeUnmatched(state, parser.Counts.Events - before.Events, Math.Max(0, parser.Counts.Unmatched - before.Unmatched - cut), now);
        state.Unsure.See(parser.Counts.Unsure - before.Unsure, parser.Counts.Events - before.Events, now);
        var unsent = parser.Counts.Unsent - before.Unsent;
        if (cut > 0 || unsent > 0)
        {
            Untold(state.Path, unsent, cut);
        }

        if (!batch.IsLate)
        {
            state.Position = batch.Kept ?? batch.PositionAt(batch.Offset + batch.Bytes.Length - reader.Buffer.Pending, parser.Counts.Lines);
        }

        if (batch.EndOfFile)
        {
            state.Finished += parser.Counts;
            _readers.Remove(batch.File);
        }
    }

    /// <summary>Positions that changed since they were last taken.</summary>
    public IReadOnlyList<ReadPosition> TakePositions()
    {
        List<ReadPosition> positions = [];
        foreach (var state in _states.Values.Where(state => state.Position is not null))
        {
            positions.Add(state.Position!);
            state.Position = null;
        }

        return positions;
    }

    private static void SeeUnmatched(LogState state, long events, long unmatched, DateTimeOffset now)
    {
        if (events > 0 || now - state.LastUnmatched > TimeSpan.FromHours(1))
        {
            state.UnmatchedInRow = 0;
        }

        if (unmatched > 0)
        {
            state.LastUnmatched = now;
            state.UnmatchedInRow += events > 0 ? 0 : unmatched;
        }
    }

    private Reader Of(RawBatch batch, Judge judge)
    {
        if (_readers.TryGetValue(batch.File, out var known))
        {
            return known;
        }

        if (!_states.TryGetValue(batch.Log, out var state))
        {
            state = new LogState(batch.Log, clock);
            _states.Add(batch.Log, state);
        }

        var door = doors.FirstOrDefault(door => door.JournalName == batch.Log || door.Logs.Any(log => Path.GetFullPath(log) == batch.Log));
        var buffer = new LogBuffer(new LogParser(zone, door?.NewLog()) { ManagerOverHttp = managerOverHttp }, BlockBytes);
        buffer.Parser.Reference = clock.GetUtcNow();
        var reader = new Reader(state, buffer, detector.AddLog(batch.Log, door)) { IsSkipping = batch.StartsMidLine };
        judge.Log = reader.Number;
        var memory = new Judge.Memory(judge);
        buffer.Parser.ResumeAfter(batch.Before.Span, batch.File.LinesBefore, batch.RecollectedBefore, ref memory);
        _readers.Add(batch.File, reader);
        return reader;
    }

    private sealed class Reader(LogState state, LogBuffer buffer, ushort number)
    {
        public LogState State => state;

        public LogBuffer Buffer => buffer;

        public ushort Number => number;

        /// <summary>Until the first line end: what stands before it is the end of a line that nobody saw begin.</summary>
        public bool IsSkipping { get; set; }
    }
}
