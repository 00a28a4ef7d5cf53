using System.Buffers.Binary;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;

namespace Ringfence.Core.Wire;

/// <summary>Makes events of the frames that pass: IP packets, datagrams and streams, SIP messages, exchanges.</summary>
/// <remarks>Hot path over spans; whatever has to be kept is bounded.</remarks>
/// <param name="ports">The SIP ports: a packet is looked at if it comes from one or goes to one.</param>
/// <param name="webPorts">Where the PBX's HTTP server is, in clear; null: nowhere.</param>
/// <param name="managerPorts">Where its manager interface is, in clear; null: nowhere.</param>
/// <param name="isMirrored">The frames come from a mirror port (SPAN), where nobody says which of them the PBX sent: its answers are those from its addresses and ports.</param>
internal sealed class WireTap(SipExchanges exchanges, IEnumerable<ushort> ports, IEnumerable<ushort>? webPorts = null, IEnumerable<ushort>? managerPorts = null, bool isMirrored = false)
{
    private const int UdpHeadBytes = 8;

    private readonly FragmentTable _fragments = new();
    private readonly TcpStreams _streams = new();
    private readonly bool[] _isSip = Marked(ports);
    private readonly bool[] _isWeb = Marked(webPorts ?? []);
    private readonly bool[] _isManager = Marked(managerPorts ?? []);
    private readonly ManagerVisits _visits = new();
    private long _lost;

    // Of the frame that is read.
    private FrameDirection _direction;
    private byte[]? _room;

    /// <summary>Frames since start, of whatever kind.</summary>
    public long Frames { get; private set; }

    /// <summary>SIP messages since start.</summary>
    public long Messages { get; private set; }

    /// <summary>What came on a SIP port and is no SIP.</summary>
    public long Invalid { get; private set; }

    /// <summary>Fragments of IP packets.</summary>
    public long Fragments { get; private set; }

    /// <summary>Streams and packets in fragments that were given up: too many at once, too long, contradictory, or late.</summary>
    public long Lost => _lost + _fragments.Lost + _streams.Lost;

    /// <summary>Bytes of memory that unfinished streams hold.</summary>
    public long HeldBytes => _streams.HeldBytes;

    /// <summary>TLS connections, in which nothing can be read.</summary>
    public long Opaque => Tls.Connections;

    /// <summary>Frames that came in with an address of the PBX as their source: forged, and not looked at.</summary>
    public long Forged { get; private set; }

    /// <summary>Packets to the PBX with a wrong checksum, which it never read.</summary>
    public long Damaged { get; private set; }

    /// <summary>Segments with data that the PBX's kernel drops: of no connection, or with what its sender can't have been told.</summary>
    public long Refused { get; private set; }

    /// <summary>Pieces of streams that were sent in more than one version, or with an urgent byte: each way to read them was followed.</summary>
    public long Contradicted { get; private set; }

    /// <summary>What can be seen of TLS.</summary>
    public TlsPeers Tls { get; } = new();

    /// <summary>Takes a frame of which nobody says whether it came or went.</summary>
    /// <param name="timeTicks">When it was captured; UTC.</param>
    public void See<TSink>(ReadOnlySpan<byte> frame, LinkType link, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct => See(frame, link, FrameDirection.Unknown, ChecksumState.Captured, timeTicks, ref sink);

    /// <param name="direction">As the kernel says it: what comes in from an address of the PBX is forged, for the PBX's answers are evidence.</param>
    /// <param name="timeTicks">When it was captured; UTC.</param>
    public void See<TSink>(ReadOnlySpan<byte> frame, LinkType link, FrameDirection direction, ChecksumState checksum, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        Frames++;
        var packet = IpPacket.Parse(frame, link);
        if (!packet.IsValid)
        {
            return;
        }

        direction = direction == FrameDirection.Unknown ? Direction(frame, link) : direction;
        _direction = direction;
        if (direction == FrameDirection.In && exchanges.IsOwn(packet.Source))
        {
            // What the machine sends to itself goes out first, and was seen then.
            Forged += exchanges.IsOwn(packet.Destination) ? 0 : 1;
            return;
        }

        // What goes out a network card completes, behind our back.
        var isChecked = direction != FrameDirection.Out && !exchanges.IsOwn(packet.Source);
        if (isChecked && !InternetChecksum.IsHeaderRight(packet))
        {
            Damaged++;
            return;
        }

        checksum = isChecked ? checksum : ChecksumState.Vouched;
        if (!packet.IsFragment)
        {
            Take(packet, packet.Payload, checksum, timeTicks, ref sink);
            return;
        }

        Fragments++;
        if (packet.Protocol is IpPacket.Udp or IpPacket.Tcp && _fragments.Take(packet, timeTicks) is { IsEmpty: false } whole)
        {
            Take(packet, whole, checksum, timeTicks, ref sink);
        }
    }

    private void Take<TSink>(in IpPacket packet, ReadOnlySpan<byte> payload, ChecksumState checksum, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        if (payload.Length < UdpHeadBytes)
        {
            return;
        }

        var from = new Endpoint(packet.Source, BinaryPrimitives.ReadUInt16BigEndian(payload));
        var to = new Endpoint(packet.Destination, BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        var isSip = _isSip[from.Port] || _isSip[to.Port];
        if (!isSip && !_isWeb[from.Port] && !_isWeb[to.Port] && !_isManager[from.Port] && !_isManager[to.Port])
        {
            return;
        }

        if (!InternetChecksum.IsRight(packet, payload, checksum))
        {
            Damaged++;
            return;
        }

        switch (packet.Protocol)
        {
            case IpPacket.Udp when isSip:
                int length = BinaryPrimitives.ReadUInt16BigEndian(payload[4..]);
                if (length >= UdpHeadBytes && length <= payload.Length)
                {
                    See(payload[UdpHeadBytes..length], from, to, Transport.Udp, timeTicks, ref sink);
                }

                break;
            case IpPacket.Tcp when TcpSegment.Parse(payload) is { IsValid: true } segment:
                Take(segment, new Flow(from, to), timeTicks, ref sink);
                break;
        }
    }

    private void Take<TSink>(in TcpSegment segment, Flow flow, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        if (_isManager[flow.To.Port] && exchanges.IsOwn(flow.To.Address))
        {
            Visit(segment, flow, isAnswer: false, timeTicks, ref sink);
            return;
        }

        if (_isManager[flow.From.Port] && exchanges.IsOwn(flow.From.Address))
        {
            Visit(segment, flow, isAnswer: true, timeTicks, ref sink);
            return;
        }

        // What the PBX has is what it read; what a stranger says that he has is his word.
        var isOwn = exchanges.IsOwn(flow.From.Address);
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
        var seen = _visits.See(segment, flow, isAnswer, timeTicks, Frames);
        if (seen.Kind != EventKind.None && !exchanges.IsOwn(seen.Source))
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
        if (stream.IsEndedAt(segment.Acknowledgment) && !IsToWeb(flow))
        {
            _streams.Close(stream);
        }
    }

    private TcpStream Open(Flow flow, uint first) => _streams.Open(flow, first, exchanges.IsOwn(flow.From.Address));

    // A reset or an end that is not the next thing in the stream is not the PBX's view of it (RFC 5961 section 3).
    private void Close(TcpStream? stream, uint sequence)
    {
        if (stream is not null && stream.Next == sequence)
        {
            _streams.Close(stream);
            if (IsToWeb(stream.Flow.Reversed) && _streams.Find(stream.Flow.Reversed) is { } asking)
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

    private bool IsToWeb(Flow flow) => _isWeb[flow.To.Port] && exchanges.IsOwn(flow.To.Address);

    private bool IsForkable(TcpStream stream) => !IsToWeb(stream.Flow) && !IsToWeb(stream.Flow.Reversed);

    private void Read<TSink>(TcpStream stream, uint limit, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isForkable = IsForkable(stream);
        while (stream.Release(limit, isForkable) is { IsEmpty: false } release)
        {
            if (release.IsPlain && stream.Readings == 1)
            {
                ReadOn(stream, stream.Reading, stream.Reading.With(release.Run), timeTicks, ref sink);
                continue;
            }

            Contradicted += release.Urgent.Count > 0 ? 1 : 0;
            if (!isForkable)
            {
                // What HTTP and WebSocket say hangs together over a whole connection: it is read once.
                ReadOn(stream, stream.Reading, stream.Reading.With(TcpRelease.Without(release.Run!, release.Urgent)), timeTicks, ref sink);
                continue;
            }

            var (each, isPartial) = stream.Share(release);
            _lost += isPartial ? 1 : 0;
            foreach (var (reading, bytes) in each)
            {
                ReadOn(stream, reading, reading.With(bytes), timeTicks, ref sink);
            }

            stream.Join();
        }
    }

    private void ReadOn<TSink>(TcpStream stream, TcpReading reading, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isToWeb = IsToWeb(stream.Flow);
        var isFromWeb = IsToWeb(stream.Flow.Reversed);
        if (reading.Frames is null && (isToWeb || isFromWeb) && !reading.IsWhole && WebSocketFrames.Begins(rest))
        {
            // Phones in browsers stay connected for days.
            reading.Frames = new WebSocketFrames(isAligned: true);
        }

        if (reading.Frames is not null)
        {
            ReadFrames(stream, rest, timeTicks, ref sink);
            return;
        }

        if (reading.IsOpaque || TlsPeers.IsTls(rest))
        {
            reading.IsOpaque = true;
            Tls.See(rest, _isSip[stream.Flow.To.Port] ? stream.Flow.From.Address : stream.Flow.To.Address);
            reading.Keep(default);
            return;
        }

        if (isToWeb)
        {
            reading.Requests ??= new HttpRequests();
            reading.Keep(reading.Requests.Read(rest));
            return;
        }

        if (isFromWeb)
        {
            ReadAnswers(stream, rest, timeTicks, ref sink);
            return;
        }

        var all = rest;
        var invalid = reading.Framing.Invalid;
        while (reading.Framing.Take(ref rest) is { IsEmpty: false } message)
        {
            if (!reading.IsWhole && !SipMessage.Parse(message).IsValid)
            {
                // The body of a message whose head was not seen may begin like a message (RFC 3420).
                Invalid++;
                continue;
            }

            See(message, stream.Flow.From, stream.Flow.To, Transport.Tcp, timeTicks, ref sink);
        }

        if (reading.Framing.Invalid > invalid)
        {
            Invalid += reading.Framing.Invalid - invalid;

            // The middle of a stream that was not seen from its beginning is cut, and is nobody's fault.
            if (reading.IsWhole && _isSip[stream.Flow.To.Port] && !exchanges.IsOwn(stream.Flow.From.Address))
            {
                SipExchanges.SeeMalformed(all, stream.Flow.From, Transport.Tcp, timeTicks, Frames, ref sink);
            }
        }

        _lost += reading.Keep(rest) ? 0 : 1;
    }

    private void ReadAnswers<TSink>(TcpStream stream, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        while (stream.Reading.Answers.Take(ref rest) is { Status: > 0 } answer)
        {
            var asking = _streams.Find(stream.Flow.Reversed);
            if (answer.Status == 101 && asking?.Reading.Requests is null or { Upgrade.IsAsked: true })
            {
                GoOnInFrames(stream, asking, answer, timeTicks, ref sink);
                ReadFrames(stream, rest, timeTicks, ref sink);
                return;
            }

            if (asking is not { Reading.Requests: { } requests } || exchanges.IsOwn(stream.Flow.To.Address))
            {
                continue;
            }

            requests.End(asking.Reading.Kept);
            var seen = HttpLogins.Judge(answer, requests, asking.Flow, timeTicks, Frames);
            if (seen.Kind != EventKind.None)
            {
                sink.See(seen);
            }
        }

        stream.Reading.Keep(rest);
    }

    private void GoOnInFrames<TSink>(TcpStream stream, TcpStream? asking, scoped in HttpAnswer answer, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isSip = UpgradeRequest.IsToSip(answer.Head);
        stream.Reading.Frames = new WebSocketFrames(isAligned: true) { IsSip = isSip };
        if (asking?.Reading.Requests is not { } requests)
        {
            return;
        }

        // What he sent without waiting for the answer, the PBX reads all the same.
        var (early, isAligned) = requests.Upgrade.Take(asking.Reading.Kept);
        if (requests.Upgrade.IsOdd && !exchanges.IsOwn(asking.Flow.From.Address))
        {
            SipExchanges.SeeMalformed(early, asking.Flow.From, Transport.Ws, timeTicks, Frames, ref sink);
        }

        asking.Reading.Frames = new WebSocketFrames(isAligned) { IsSip = isSip };
        asking.Reading.Requests = null;
        asking.Reading.Keep(default);
        ReadFrames(asking, early, timeTicks, ref sink);
        _streams.Account(asking);
    }

    // Several messages in one of WebSocket are read as in a stream, and the rest is not (pjproject, pjsip_tpmgr_receive_packet).
    private void ReadFrames<TSink>(TcpStream stream, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var frames = stream.Reading.Frames!;
        var lost = frames.Lost;
        while (frames.Take(ref rest, _room ??= new byte[WebSocketFrames.RoomBytes]) is { IsEmpty: false } whole)
        {
            var framing = default(SipFraming);
            var messages = whole;
            var taken = 0;
            for (; framing.Take(ref messages) is { IsEmpty: false } message; taken++)
            {
                SeeFramed(message, stream, timeTicks, ref sink);
            }

            if (taken == 0)
            {
                // RFC 7118 section 5.3: the length of its body need not be in it.
                SeeFramed(whole, stream, timeTicks, ref sink);
            }
        }

        _lost += frames.Lost - lost;
        _lost += stream.Reading.Keep(rest) ? 0 : 1;
    }

    private void SeeFramed<TSink>(ReadOnlySpan<byte> message, TcpStream stream, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        // Where the PBX did not say what is spoken there it may be the events of the ARI.
        if (stream.Reading.Frames is { IsSip: true } || SipMessage.Parse(message).IsValid)
        {
            See(message, stream.Flow.From, stream.Flow.To, Transport.Ws, timeTicks, ref sink);
        }
    }

    private void See<TSink>(ReadOnlySpan<byte> message, Endpoint from, Endpoint to, Transport transport, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        // Line ends alone keep a connection or a NAT open (RFC 5626 section 4.4.1, RFC 3261 section 7.5), as does the null byte of some phones.
        if (message.TrimStart("\r\n\0"u8).IsEmpty)
        {
            return;
        }

        if (exchanges.See(message, from, to, transport, timeTicks, Frames, ref sink, _direction == FrameDirection.In || (isMirrored && !(exchanges.IsOwn(from.Address) && _isSip[from.Port]))))
        {
            Messages++;
        }
        else
        {
            Invalid++;
        }
    }

    // Linux's "any" device says it with each frame: 4 is PACKET_OUTGOING.
    private static FrameDirection Direction(ReadOnlySpan<byte> frame, LinkType link) => link switch
    {
        LinkType.LinuxSll => frame[1] == 4 ? FrameDirection.Out : FrameDirection.In,
        LinkType.LinuxSll2 => frame[10] == 4 ? FrameDirection.Out : FrameDirection.In,
        _ => FrameDirection.Unknown,
    };

    private static bool[] Marked(IEnumerable<ushort> ports)
    {
        var marked = new bool[ushort.MaxValue + 1];
        foreach (var port in ports)
        {
            marked[port] = true;
        }

        return marked;
    }
}
