using System.Buffers.Binary;
using Ringfence.Core.Events;

namespace Ringfence.Bench.Logs;

/// <summary>Ethernet frames that carry SIP over UDP and IPv4.</summary>
internal static class UdpFrames
{
    private const ushort SipPort = 5060;
    private const uint Loopback = (127u << 24) | 1;

    // Locally administered and nobody's: a stack that is not meant drops the frame at once, and whoever listens sees it all the same.
    private static readonly byte[] Nobody = [2, 0, 0, 0, 0, 1];

    /// <summary>Between the peer and loopback, as on the PBX's own machine; for nobody's stack.</summary>
    public static byte[] Of(SipDatagram datagram)
    {
        var far = Address.Parse(datagram.Peer.Text)!.Value.IPv4Bits;
        return datagram.IsRequest ? Between(far, Loopback, Nobody, datagram.Message) : Between(Loopback, far, Nobody, datagram.Message);
    }

    /// <param name="to">The Ethernet address of whoever is to take it.</param>
    public static byte[] Between(uint source, uint destination, ReadOnlySpan<byte> to, ReadOnlySpan<byte> message, ushort port = SipPort)
    {
        var frame = new byte[14 + 20 + 8 + message.Length];
        to.CopyTo(frame);
        Nobody.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);

        var ip = frame.AsSpan(14);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        ip[8] = 64;
        ip[9] = 17;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], source);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], destination);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Sum(ip[..20]));

        // A checksum of 0: the sender made none (RFC 768).
        var udp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, SipPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        message.CopyTo(udp[8..]);
        return frame;
    }

    /// <summary>Gives a frame of <see cref="Between"/> another source.</summary>
    public static void SetSource(Span<byte> frame, uint source)
    {
        var ip = frame[14..34];
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], source);
        ip[10..12].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Sum(ip));
    }

    // RFC 1071.
    private static ushort Sum(ReadOnlySpan<byte> head)
    {
        uint sum = 0;
        for (var at = 0; at < head.Length; at += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(head[at..]);
        }

        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~((sum & 0xffff) + (sum >> 16));
    }
}
