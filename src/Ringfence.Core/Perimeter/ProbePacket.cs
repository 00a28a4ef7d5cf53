using System.Buffers.Binary;
using Ringfence.Core.Events;

namespace Ringfence.Core.Perimeter;

/// <summary>The first packet of a connection as bytes: an IP packet with a TCP SYN, or a datagram.</summary>
internal static class ProbePacket
{
    private const int Syn = 2;
    private const int TtlOrHops = 64;

    /// <param name="destination">Of the source's family.</param>
    public static byte[] Of(Arrival arrival, Address destination, ushort sourcePort)
    {
        var (source, to) = (arrival.Source.ToBytes(), destination.ToBytes());
        var body = arrival.Protocol == PortProtocol.Tcp ? Segment(sourcePort, arrival.Port) : Datagram(sourcePort, arrival.Port);

        // Pseudo header: RFC 9293 section 3.1, RFC 8200 section 8.1.
        byte[] pseudo = [.. source, .. to, 0, 0, 0, (byte)body.Length, 0, 0, 0, (byte)arrival.Protocol];
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(arrival.Protocol == PortProtocol.Tcp ? 16 : 6), Sum([.. pseudo, .. body]));
        if (!arrival.Source.IsIPv4)
        {
            return [0x60, 0, 0, 0, 0, (byte)body.Length, (byte)arrival.Protocol, TtlOrHops, .. source, .. to, .. body];
        }

        byte[] header = [0x45, 0, 0, (byte)(20 + body.Length), 0, 0, 0, 0, TtlOrHops, (byte)arrival.Protocol, 0, 0, .. source, .. to];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Sum(header));
        return [.. header, .. body];
    }

    private static byte[] Segment(ushort from, ushort to)
    {
        var tcp = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, from);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(2), to);
        tcp[7] = 1;
        tcp[12] = 5 << 4;
        tcp[13] = Syn;
        tcp[14] = 4;
        return tcp;
    }

    private static byte[] Datagram(ushort from, ushort to)
    {
        var udp = new byte[11];
        BinaryPrimitives.WriteUInt16BigEndian(udp, from);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), to);
        udp[5] = (byte)udp.Length;
        return udp;
    }

    // RFC 1071.
    private static ushort Sum(byte[] bytes)
    {
        var sum = 0;
        for (var at = 0; at < bytes.Length; at += 2)
        {
            sum += (bytes[at] << 8) + (at + 1 < bytes.Length ? bytes[at + 1] : 0);
        }

        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~((sum & 0xffff) + (sum >> 16));
    }
}
