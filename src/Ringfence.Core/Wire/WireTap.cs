using System.Buffers.Binary;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;

namespace Ringfence.Core.Wire;

/// <summary>Makes events of the frames that pass: IP packets, datagrams and streams, SIP messages, exchanges.</summary>
/// <remarks>Hot path over spans; whatever has to be kept is bounded.</remarks>
internal sealed class WireTap
{
    private const int UdpHeadBytes = 8;

    private readonly FragmentTable _fragments;
    private readonly WirePorts _ports;
    private readonly WireMessages _messages;
    private readonly TcpTap _tcp;

    /// <param name="isMirrored">For <see cref="WireMessages"/>.</param>
    public WireTap(SipExchanges exchanges, WirePorts ports, bool isMirrored = false)
    {
        _fragments = new FragmentTable(exchanges.IsOwn);
        _ports = ports;
        _messages = new WireMessages(exchanges, ports, isMirrored);
        _tcp = new TcpTap(_messages, ports);
    }

    /// <summary>Frames since start, of whatever kind.</summary>
    public long Frames => _messages.Frame;

    /// <summary>SIP messages since start.</summary>
    public long Messages => _messages.Count;

    /// <summary>What came on a SIP port and is no SIP.</summary>
    public long Invalid => _messages.Invalid;

    /// <summary>Fragments of IP packets.</summary>
    public long Fragments { get; private set; }

    /// <summary>Streams and packets in fragments that were given up: too many at once, too long, contradictory, or late.</summary>
    public long Lost => _fragments.Lost + _tcp.Lost;

    /// <summary>Datagrams of the PBX in fragments that were given up: answers that nobody saw.</summary>
    public long LostAnswers => _fragments.LostOwn;

    /// <summary>Bytes of memory that unfinished streams hold.</summary>
    public long HeldBytes => _tcp.HeldBytes;

    /// <summary>TLS connections, in which nothing can be read.</summary>
    public long Opaque => Tls.Connections;

    /// <summary>Frames that came in with an address of the PBX as their source: forged, and not looked at.</summary>
    public long Forged { get; private set; }

    /// <summary>Packets to the PBX with a wrong checksum, which it never read.</summary>
    public long Damaged { get; private set; }

    /// <summary>Segments with data that the PBX's kernel drops: of no connection, or with what its sender can't have been told.</summary>
    public long Refused => _tcp.Refused;

    /// <summary>Pieces of streams that were sent in more than one version, or with an urgent byte: each way to read them was followed.</summary>
    public long Contradicted => _tcp.Contradicted;

    /// <summary>What can be seen of TLS.</summary>
    public TlsPeers Tls => _tcp.Tls;

    /// <summary>Takes a frame of which nobody says whether it came or went.</summary>
    /// <param name="timeTicks">When it was captured; UTC.</param>
    public void See<TSink>(ReadOnlySpan<byte> frame, LinkType link, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct => See(frame, link, FrameDirection.Unknown, ChecksumState.Captured, timeTicks, ref sink);

    /// <param name="direction">As the kernel says it: what comes in from an address of the PBX is forged, for the PBX's answers are evidence.</param>
    /// <param name="timeTicks">When it was captured; UTC.</param>
    public void See<TSink>(ReadOnlySpan<byte> frame, LinkType link, FrameDirection direction, ChecksumState checksum, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        _messages.Frame++;
        var packet = IpPacket.Parse(frame, link);
        if (!packet.IsValid)
        {
            return;
        }

        direction = direction == FrameDirection.Unknown ? Direction(frame, link) : direction;
        _messages.Direction = direction;
        if (direction == FrameDirection.In && _messages.IsOwn(packet.Source))
        {
            // What the machine sends to itself goes out first, and was seen then.
            Forged += _messages.IsOwn(packet.Destination) ? 0 : 1;
            return;
        }

        // What goes out a network card completes, behind our back.
        var isChecked = direction != FrameDirection.Out && !_messages.IsOwn(packet.Source);
        if (isChecked && !InternetChecksum.IsHeaderRight(packet))
        {
            Damaged++;
            return;
        }

        checksum = isChecked ? checksum : ChecksumState.Vouched;
        if (!packet.IsFragment)
        {
            Take(packet, checksum, timeTicks, ref sink);
            return;
        }

        Fragments++;
        if (MayBe(packet) && _fragments.Take(packet, timeTicks) is { IsValid: true } whole)
        {
            Take(whole, checksum, timeTicks, ref sink);
        }
    }

    // Of IPv6 the later fragments don't say it, and behind the first one may come more headers: hop-by-hop never, routing and destination options.
    private static bool MayBe(in IpPacket fragment) => fragment.Protocol is IpPacket.Udp or IpPacket.Tcp || fragment.IsIPv6;

    private void Take<TSink>(in IpPacket packet, ChecksumState checksum, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var payload = packet.Payload;
        if (payload.Length < UdpHeadBytes)
        {
            return;
        }

        var from = new Endpoint(packet.Source, BinaryPrimitives.ReadUInt16BigEndian(payload));
        var to = new Endpoint(packet.Destination, BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        var isSip = _ports.IsSip(from.Port) || _ports.IsSip(to.Port);
        if (!_ports.IsAny(from.Port) && !_ports.IsAny(to.Port))
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
                if (UdpDatagram.Of(payload, packet.IsIPv6) is { IsEmpty: false } datagram)
                {
                    _messages.See(datagram, from, to, Transport.Udp, timeTicks, ref sink);
                }

                break;
            case IpPacket.Tcp when TcpSegment.Parse(payload) is { IsValid: true } segment:
                _tcp.See(segment, new Flow(from, to), timeTicks, ref sink);
                break;
        }
    }

    // Linux's "any" device says it with each frame: 4 is PACKET_OUTGOING.
    private static FrameDirection Direction(ReadOnlySpan<byte> frame, LinkType link) => link switch
    {
        LinkType.LinuxSll => frame[1] == 4 ? FrameDirection.Out : FrameDirection.In,
        LinkType.LinuxSll2 => frame[10] == 4 ? FrameDirection.Out : FrameDirection.In,
        _ => FrameDirection.Unknown,
    };
}
