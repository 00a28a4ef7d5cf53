using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Core.Wire;

/// <summary>Makes of TCP segments the bytes that the PBX read, as its kernel does: in their order, what it acknowledged, each once.</summary>
/// <remarks>Hot path over spans; whatever has to be kept is bounded.</remarks>
internal sealed class TcpTap
{
    private readonly WireMessages _messages;
    private readonly WirePorts _ports;
    private readonly TcpStreams _streams = new();
    private readonly ManagerVisits _visits = new();
    private readonly StreamDecoder _decoder;
    private long _lost;

    public TcpTap(WireMessages messages, WirePorts ports)
    {
        _messages = messages;
        _ports = ports;
        _decoder = new StreamDecoder(messages, ports, _streams);
    }

    /// <summary>Streams that were given up, or read with a hole: too many at once, too long, contradictory.</summary>
    public long Lost => _lost + _decoder.Lost + _streams.Lost;

    /// <summary>Bytes of memory that unfinished streams hold.</summary>
    public long HeldBytes => _streams.HeldBytes;

    /// <summary>Segments with data that the PBX's kernel drops: of no connection, or with what its sender can't have been told.</summary>
    public long Refused { get; private set; }

    /// <summary>Pieces of streams that were sent in more than one version, or with an urgent byte: each way to read them was followed.</summary>
    public long Contradicted { get; private set; }

    /// <summary>What can be seen of TLS.</summary>
    public TlsPeers Tls => _decoder.Tls;

    public void See<TSink>(in TcpSegment segment, Flow flow, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        if (_ports.IsManager(flow.To.Port) && _messages.IsOwn(flow.To.Address))
        {
            Visit(segment, flow, isAnswer: false, timeTicks, ref sink);
            return;
        }

        if (_ports.IsManager(flow.From.Port) && _messages.IsOwn(flow.From.Address))
        {
            Visit(segment, flow, isAnswer: true, timeTicks, ref sink);
            return;
        }

        // What the PBX has is what it read; what a stranger says that he has is his word.
        var isOwn = _messages.IsOwn(flow.From.Address);
        if (segment.HasAcknowledgment && isOwn)
        {
            Acknowledge(flow.Reversed, segment, timeTicks, ref sink);
        }

        var stream = _streams.Find(flow);
        if (segment.IsReset)
        {
            Close(stream, segment.Sequence);
            return;
        }

        if (!isOwn && (segment.IsFirst || stream?.Takes(segment) == false || !segment.HasAcknowledgment))
        {
            // The PBX's kernel drops it, and what a SYN brings along too (TCP Fast Open, which Asterisk does not ask for).
            Refused += segment.Payload.IsEmpty ? 0 : 1;
            return;
        }

        if (stream is { Reading.IsOpaque: true } && stream.Next != segment.Sequence && !segment.Payload.IsEmpty && !TlsPeers.IsTls(segment.Payload))
        {
            // The middle of a record, whose beginning the kernel's filter does not pass.
            return;
        }

        if (segment.Payload.IsEmpty && stream is null)
        {
            return;
        }

        stream ??= Open(flow, segment.IsFirst ? segment.Sequence + 1 : segment.Sequence);
        stream.Take(segment);
        if (isOwn)
        {
            Read(stream, stream.Next, timeTicks, ref sink);
        }

        Account(stream);
        if (isOwn && segment.IsLast)
        {
            Close(stream, segment.Sequence + (uint)segment.Payload.Length);
        }
    }

    private void Visit<TSink>(in TcpSegment segment, Flow flow, bool isAnswer, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var seen = _visits.See(segment, flow, isAnswer, timeTicks, _messages.Frame);
        if (seen.Kind != EventKind.None && !_messages.IsOwn(seen.Source))
        {
            sink.See(seen);
        }
    }

    private void Acknowledge<TSink>(Flow flow, in TcpSegment segment, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var stream = _streams.Find(flow);
        if (segment is { IsFirst: true, IsReset: false })
        {
            // The PBX takes a connection: its first byte is the one after the stranger's SYN. A SYN needs no address: that it was answered proves none.
            if (stream?.IsBegun(segment) != true)
            {
                Close(stream, stream?.Next ?? 0);
                Open(flow, segment.Acknowledgment).Begin(segment);
            }

            return;
        }

        // A reset of what is no connection says what was sent to it (RFC 9293 section 3.5.2).
        if (stream is null || (segment.IsReset && !stream.IsProven))
        {
            return;
        }

        stream.SeeAnswer(segment);
        while (stream.IsMissing(segment.Acknowledgment))
        {
            // Of TLS the kernel's filter passes the beginnings alone.
            if (stream.IsProven)
            {
                Read(stream, segment.Acknowledgment, timeTicks, ref sink);
            }

            _lost += stream.Reading.IsOpaque ? 0 : 1;
            stream.Skip(segment.Acknowledgment);
        }

        if (stream.IsProven)
        {
            Read(stream, segment.Acknowledgment, timeTicks, ref sink);
        }

        Account(stream);

        // Who has asked all of the web server still waits for its answer.
        if (stream.IsEndedAt(segment.Acknowledgment) && !_decoder.IsToWeb(flow))
        {
            _streams.Close(stream);
        }
    }

    private TcpStream Open(Flow flow, uint first) => _streams.Open(flow, first, _messages.IsOwn(flow.From.Address));

    // A reset or an end that is not the next thing in the stream is not the PBX's view of it (RFC 5961 section 3).
    private void Close(TcpStream? stream, uint sequence)
    {
        if (stream is not null && stream.Next == sequence)
        {
            _streams.Close(stream);
            if (_decoder.IsToWeb(stream.Flow.Reversed) && _streams.Find(stream.Flow.Reversed) is { } asking)
            {
                _streams.Close(asking);
            }
        }
    }

    private void Account(TcpStream stream)
    {
        var (isContradicted, isOverrun) = stream.TakeOddities();
        Contradicted += isContradicted ? 1 : 0;
        _lost += (isOverrun || (isContradicted && !IsForkable(stream))) && !stream.Reading.IsOpaque ? 1 : 0;
        _streams.Account(stream);
    }

    private bool IsForkable(TcpStream stream) => !_decoder.IsToWeb(stream.Flow) && !_decoder.IsToWeb(stream.Flow.Reversed);

    private void Read<TSink>(TcpStream stream, uint limit, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isForkable = IsForkable(stream);
        while (stream.Release(limit, isForkable) is { IsEmpty: false } release)
        {
            if (release.IsPlain && stream.Readings == 1)
            {
                _decoder.Read(stream, stream.Reading, stream.Reading.With(release.Run), timeTicks, ref sink);
                continue;
            }

            Contradicted += release.Urgent.Count > 0 ? 1 : 0;
            if (!isForkable)
            {
                // What HTTP and WebSocket say hangs together over a whole connection: it is read once.
                _decoder.Read(stream, stream.Reading, stream.Reading.With(TcpRelease.Without(release.Run!, release.Urgent)), timeTicks, ref sink);
                continue;
            }

            var (each, isPartial) = stream.Share(release);
            _lost += isPartial ? 1 : 0;
            foreach (var (reading, bytes) in each)
            {
                _decoder.Read(stream, reading, reading.With(bytes), timeTicks, ref sink);
            }

            stream.Join();
        }
    }
}
