using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>The events of one block of a log, kept when the block is gone.</summary>
/// <param name="withRecords">Whether their whole records are kept too: most of the bytes of a log.</param>
internal sealed class EventBatch(bool withRecords)
{
    private readonly List<Kept> _events = [];
    private byte[] _text = new byte[64 * 1024];
    private int _length;

    /// <summary>Which of the logs it is of, in the order in which they were given.</summary>
    public int Log { get; private set; }

    /// <summary>So many bytes of all of them had been read before it.</summary>
    public long DoneBytes { get; private set; }

    public EventBatch Begin(int log, long doneBytes)
    {
        (Log, DoneBytes) = (log, doneBytes);
        _events.Clear();
        _length = 0;
        return this;
    }

    public void Add(in PbxEvent seen)
    {
        var record = withRecords ? seen.Record : default;
        var needed = _length + seen.Account.Length + seen.Session.Length + seen.Detail.Length + seen.Method.Length + seen.UserAgent.Length + record.Length;
        if (needed > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(needed, 2 * _text.Length));
        }

        _events.Add(new Kept(
            seen.Kind, seen.Origin, seen.Service, seen.Transport, seen.Proof, seen.Port, seen.Source, seen.TimeTicks, seen.Line, _length,
            Keep(seen.Account), Keep(seen.Session), Keep(seen.Detail), Keep(seen.Method), Keep(seen.UserAgent), Keep(record)));
    }

    /// <summary>Tells them, in their order.</summary>
    public void Tell<TSink>(ref TSink sink)
        where TSink : IEventSink
    {
        foreach (ref readonly var kept in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_events))
        {
            var text = _text.AsSpan(kept.TextAt);
            sink.See(new PbxEvent
            {
                Kind = kept.Kind,
                Origin = kept.Origin,
                Service = kept.Service,
                Transport = kept.Transport,
                Proof = kept.Proof,
                Port = kept.Port,
                Source = kept.Source,
                TimeTicks = kept.TimeTicks,
                Line = kept.Line,
                Account = Take(ref text, kept.Account),
                Session = Take(ref text, kept.Session),
                Detail = Take(ref text, kept.Detail),
                Method = Take(ref text, kept.Method),
                UserAgent = Take(ref text, kept.UserAgent),
                Record = Take(ref text, kept.Record),
            });
        }
    }

    private static ReadOnlySpan<byte> Take(ref Span<byte> text, int length)
    {
        var taken = text[..length];
        text = text[length..];
        return taken;
    }

    private int Keep(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
        return text.Length;
    }

    /// <summary>The numbers, and how long its texts are, which stand one behind the other.</summary>
    private readonly record struct Kept(
        EventKind Kind, Origin Origin, Service Service, Transport Transport, Proof Proof, ushort Port, Address Source, long TimeTicks, long Line, int TextAt,
        int Account, int Session, int Detail, int Method, int UserAgent, int Record);
}
