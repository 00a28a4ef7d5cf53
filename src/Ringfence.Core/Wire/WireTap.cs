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
internal sealed class WireTap(SipExchanges exchanges, IEnumerable<ushort> ports, IEnumerable<ushort>? webPorts = null, IEnumerable<ushort>? managerPorts = null)
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
        if (segment is { HasAcknowledgment: true, IsReset: false })
        {
            stream?.Answer(segment.Acknowledgment);
        }

        if (stream is { IsOpaque: true } && stream.Next != segment.Sequence && !segment.Payload.IsEmpty && !TlsPeers.IsTls(segment.Payload))
        {
            // The middle of a record, whose beginning the kernel's filter does not pass.
            return;
        }

        if (segment.IsReset)
        {
            Close(stream, segment.Sequence);
            return;
        }

        if (!segment.Payload.IsEmpty)
        {
            var sequence = segment.IsFirst ? segment.Sequence + 1 : segment.Sequence;
            stream ??= Open(flow, sequence, isOwn);
            Read(stream, stream.Accept(sequence, segment.Payload), timeTicks, ref sink);
            ReadHeld(stream, timeTicks, ref sink);
            _streams.Account(stream);
        }

        if (segment.IsLast && stream is { IsProven: false })
        {
            // What waits for the PBX's word waits on.
            stream.IsEnded |= stream.Next == segment.Sequence + (uint)segment.Payload.Length;
            return;
        }

        // Who has asked all of the web server still waits for its answer.
        if (segment.IsLast && !IsToWeb(flow))
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
            var told = segment.Sequence + 1;
            if (stream?.IsBegun(told, segment.Acknowledgment) != true)
            {
                Close(stream, stream?.Next ?? 0);
                Open(flow, segment.Acknowledgment, exchanges.IsOwn(flow.From.Address)).Begin(told);
            }

            return;
        }

        if (stream is null || segment.IsReset)
        {
            return;
        }

        var wasProven = stream.IsProven;
        while (!stream.Acknowledge(segment.Acknowledgment))
        {
            // Of TLS the kernel's filter passes the beginnings alone.
            _lost += stream.IsOpaque ? 0 : 1;
            ReadHeld(stream, timeTicks, ref sink);
            _streams.Account(stream);
        }

        if (stream.IsProven && !wasProven)
        {
            ReadOn(stream, stream.Kept, timeTicks, ref sink);
            ReadHeld(stream, timeTicks, ref sink);
            _streams.Account(stream);
            Close(stream.IsEnded && !IsToWeb(flow) ? stream : null, stream.Next);
        }
    }

    private TcpStream Open(Flow flow, uint first, bool isProven)
    {
        var stream = _streams.Open(flow, first);
        stream.IsProven = isProven;
        return stream;
    }

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

    private bool IsToWeb(Flow flow) => _isWeb[flow.To.Port] && exchanges.IsOwn(flow.To.Address);

    private void ReadHeld<TSink>(TcpStream stream, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        while (stream.AcceptHeld() is { IsEmpty: false } fresh)
        {
            Read(stream, fresh, timeTicks, ref sink);
        }
    }

    private void Read<TSink>(TcpStream stream, ReadOnlySpan<byte> fresh, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        if (fresh.IsEmpty)
        {
            return;
        }

        var rest = stream.With(fresh);
        if (stream.IsProven)
        {
            ReadOn(stream, rest, timeTicks, ref sink);
            return;
        }

        // Nobody knows yet whose words these are: they wait for the PBX to take them.
        _lost += stream.Keep(rest) ? 0 : 1;
    }

    private void ReadOn<TSink>(TcpStream stream, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isToWeb = IsToWeb(stream.Flow);
        var isFromWeb = IsToWeb(stream.Flow.Reversed);
        if (stream.Frames is null && (isToWeb || isFromWeb) && !stream.IsWhole && WebSocketFrames.Begins(rest))
        {
            // Phones in browsers stay connected for days.
            stream.Frames = new WebSocketFrames(isAligned: true);
        }

        if (stream.Frames is not null)
        {
            ReadFrames(stream, rest, timeTicks, ref sink);
            return;
        }

        if (stream.IsOpaque || TlsPeers.IsTls(rest))
        {
            stream.IsOpaque = true;
            Tls.See(rest, _isSip[stream.Flow.To.Port] ? stream.Flow.From.Address : stream.Flow.To.Address);
            stream.Keep(default);
            return;
        }

        if (isToWeb)
        {
            stream.Requests ??= new HttpRequests();
            stream.Keep(stream.Requests.Read(rest));
            return;
        }

        if (isFromWeb)
        {
            ReadAnswers(stream, rest, timeTicks, ref sink);
            return;
        }

        var all = rest;
        var invalid = stream.Framing.Invalid;
        while (stream.Framing.Take(ref rest) is { IsEmpty: false } message)
        {
            if (!stream.IsWhole && !SipMessage.Parse(message).IsValid)
            {
                // The body of a message whose head was not seen may begin like a message (RFC 3420).
                Invalid++;
                continue;
            }

            See(message, stream.Flow.From, stream.Flow.To, Transport.Tcp, timeTicks, ref sink);
        }

        if (stream.Framing.Invalid > invalid)
        {
            Invalid += stream.Framing.Invalid - invalid;

            // The middle of a stream that was not seen from its beginning is cut, and is nobody's fault.
            if (stream.IsWhole && _isSip[stream.Flow.To.Port] && !exchanges.IsOwn(stream.Flow.From.Address))
            {
                SipExchanges.SeeMalformed(all, stream.Flow.From, Transport.Tcp, timeTicks, Frames, ref sink);
            }
        }

        _lost += stream.Keep(rest) ? 0 : 1;
    }

    private void ReadAnswers<TSink>(TcpStream stream, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        while (stream.Answers.Take(ref rest) is { Status: > 0 } answer)
        {
            var asking = _streams.Find(stream.Flow.Reversed);
            if (answer.Status == 101 && asking?.Requests is null or { Upgrade.IsAsked: true })
            {
                GoOnInFrames(stream, asking, answer, timeTicks, ref sink);
                ReadFrames(stream, rest, timeTicks, ref sink);
                return;
            }

            if (asking is not { Requests: { } requests } || exchanges.IsOwn(stream.Flow.To.Address))
            {
                continue;
            }

            requests.End(asking.Kept);
            var seen = HttpLogins.Judge(answer, requests, asking.Flow, timeTicks, Frames);
            if (seen.Kind != EventKind.None)
            {
                sink.See(seen);
            }
        }

        stream.Keep(rest);
    }

    private void GoOnInFrames<TSink>(TcpStream stream, TcpStream? asking, scoped in HttpAnswer answer, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isSip = UpgradeRequest.IsToSip(answer.Head);
        stream.Frames = new WebSocketFrames(isAligned: true) { IsSip = isSip };
        if (asking?.Requests is not { } requests)
        {
            return;
        }

        // What he sent without waiting for the answer, the PBX reads all the same.
        var (early, isAligned) = requests.Upgrade.Take(asking.Kept);
        if (requests.Upgrade.IsOdd && !exchanges.IsOwn(asking.Flow.From.Address))
        {
            SipExchanges.SeeMalformed(early, asking.Flow.From, Transport.Ws, timeTicks, Frames, ref sink);
        }

        asking.Frames = new WebSocketFrames(isAligned) { IsSip = isSip };
        asking.Requests = null;
        asking.Keep(default);
        ReadFrames(asking, early, timeTicks, ref sink);
        _streams.Account(asking);
    }

    // Several messages in one of WebSocket are read as in a stream, and the rest is not (pjproject, pjsip_tpmgr_receive_packet).
    private void ReadFrames<TSink>(TcpStream stream, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var frames = stream.Frames!;
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
        _lost += stream.Keep(rest) ? 0 : 1;
    }

    private void SeeFramed<TSink>(ReadOnlySpan<byte> message, TcpStream stream, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        // Where the PBX did not say what is spoken there it may be the events of the ARI.
        if (stream.Frames is { IsSip: true } || SipMessage.Parse(message).IsValid)
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

        if (exchanges.See(message, from, to, transport, timeTicks, Frames, ref sink, _direction == FrameDirection.In))
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
