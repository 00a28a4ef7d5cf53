using System.Buffers.Binary;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;

namespace Ringfence.Core.Wire;

/// <summary>Makes events of the frames that pass: IP packets, datagrams and streams, SIP messages, exchanges.</summary>
/// <remarks>Hot path over spans; whatever has to be kept is bounded.</remarks>
/// <param name="ports">The SIP ports: a packet is looked at if it comes from one or goes to one.</param>
internal sealed class WireTap(SipExchanges exchanges, IEnumerable<ushort> ports)
{
    private const int UdpHeadBytes = 8;
    private const int TcpHeadBytes = 20;

    private readonly bool[] _isSip = Marked(ports);

    /// <summary>Frames since start, of whatever kind.</summary>
    public long Frames { get; private set; }

    /// <summary>SIP messages since start.</summary>
    public long Messages { get; private set; }

    /// <summary>What came on a SIP port and is no SIP.</summary>
    public long Invalid { get; private set; }

    /// <summary>Fragments of IP packets.</summary>
    public long Fragments { get; private set; }

    /// <summary>Streams and packets in fragments that were given up: too many at once, too long, contradictory, or late.</summary>
    public long Lost { get; private set; }

    /// <summary>TLS connections, in which nothing can be read.</summary>
    public long Opaque { get; private set; }

    /// <param name="timeTicks">When it was captured; UTC.</param>
    public void See<TSink>(ReadOnlySpan<byte> frame, LinkType link, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        Frames++;
        var packet = IpPacket.Parse(frame, link);
        if (!packet.IsValid)
        {
            return;
        }

        if (packet.IsFragment)
        {
            Fragments++;
            return;
        }

        Take(packet.Source, packet.Destination, packet.Protocol, packet.Payload, timeTicks, ref sink);
    }

    private void Take<TSink>(Address source, Address destination, byte protocol, ReadOnlySpan<byte> payload, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        if (payload.Length < UdpHeadBytes)
        {
            return;
        }

        var from = new Endpoint(source, BinaryPrimitives.ReadUInt16BigEndian(payload));
        var to = new Endpoint(destination, BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        if (!_isSip[from.Port] && !_isSip[to.Port])
        {
            return;
        }

        switch (protocol)
        {
            case IpPacket.Udp:
                int length = BinaryPrimitives.ReadUInt16BigEndian(payload[4..]);
                if (length >= UdpHeadBytes && length <= payload.Length)
                {
                    See(payload[UdpHeadBytes..length], from, to, Transport.Udp, timeTicks, ref sink);
                }

                break;
            case IpPacket.Tcp when payload.Length >= TcpHeadBytes:
                var head = (payload[12] >> 4) * 4;
                if (head >= TcpHeadBytes && head < payload.Length)
                {
                    See(payload[head..], from, to, Transport.Tcp, timeTicks, ref sink);
                }

                break;
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

        if (exchanges.See(message, from, to, transport, timeTicks, Frames, ref sink))
        {
            Messages++;
        }
        else
        {
            Invalid++;
        }
    }

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
