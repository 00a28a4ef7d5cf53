using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Tests.Parsing;

/// <summary>An event that outlives its buffer. Texts are Latin-1, so that every byte stays what it was.</summary>
internal sealed record SeenEvent(
    EventKind Kind,
    Origin Origin,
    Service Service,
    Transport Transport,
    Proof Proof,
    string Source,
    int Port,
    long TimeTicks,
    string Account,
    string Session,
    string Detail,
    string Record,
    long Line)
{
    public bool Counts => Proof != Proof.Forgeable;

    public string Time => new DateTimeOffset(TimeTicks, TimeSpan.Zero).ToString("yyyy-MM-dd HH:mm:ss.ffffff");
}

/// <summary>Keeps all that a parser reports.</summary>
internal sealed class Recorder : IEventSink
{
    /// <summary>One for each record: less <see cref="Injections"/>.</summary>
    public List<SeenEvent> Events { get; } = [];

    /// <summary>What is told beside the record's own event: its account holds a line end.</summary>
    public List<SeenEvent> Injections { get; } = [];

    public List<(long Line, string Text)> Misses { get; } = [];

    public LogCounts Counts { get; private set; }

    public bool IsMixed { get; private set; }

    public static Recorder Read(ReadOnlySpan<byte> log, TimeZoneInfo? zone = null, DoorLog? door = null, DateTimeOffset? reference = null)
    {
        var recorder = new Recorder();
        var parser = new LogParser(zone ?? TimeZoneInfo.Utc, door) { Reference = reference ?? new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero) };
        parser.Parse(log, endOfFile: true, ref recorder);
        recorder.Counts = parser.Counts;
        recorder.IsMixed = parser.IsMixed;
        return recorder;
    }

    /// <summary>Reads what a session of the manager interface was told.</summary>
    public static Recorder ReadAmi(ReadOnlySpan<byte> stream, AmiParser? parser = null)
    {
        var recorder = new Recorder();
        parser ??= new AmiParser { ManagerOverHttp = false };
        while (AmiFrame.LengthOf(stream) is > 0 and var length)
        {
            parser.Read(stream[..length], ref recorder);
            stream = stream[length..];
        }

        return recorder;
    }

    public static Recorder Read(string log, DateTimeOffset? reference = null) => Read(Encoding.Latin1.GetBytes(log), reference: reference);

    /// <summary>Requests with credentials: what became of them is told by their answers.</summary>
    public List<SeenEvent> Answers { get; } = [];

    public void See(in PbxEvent seen) => (seen.Kind switch { EventKind.Injection => Injections, EventKind.ChallengeAnswered => Answers, _ => Events }).Add(new SeenEvent(
        seen.Kind,
        seen.Origin,
        seen.Service,
        seen.Transport,
        seen.Proof,
        seen.Source.ToString(),
        seen.Port,
        seen.TimeTicks,
        Text(seen.Account),
        Text(seen.Session),
        Text(seen.Detail),
        Text(seen.Record),
        seen.Line));

    public void Unmatched(ReadOnlySpan<byte> line, long lineNumber) => Misses.Add((lineNumber, Text(line)));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
