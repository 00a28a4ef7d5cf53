using System.Buffers.Binary;
using System.Net;

namespace Ringfence.SystemTests.Wire;

/// <summary>TCP over IPv4 as somebody writes it who is no kernel: RFC 9293 section 3.1.</summary>
internal static class TcpPacket
{
    /// <param name="flags">1 FIN, 2 SYN, 4 RST, 16 ACK.</param>
    /// <param name="urgent">The urgent pointer; 0: none.</param>
    /// <param name="isDamaged">Its checksum is wrong.</param>
    public static byte[] Of(
        IPEndPoint from, IPEndPoint to, uint sequence, uint acknowledgment, byte flags, byte[] options, byte[] payload, ushort urgent = 0, byte service = 0, bool isDamaged = false)
    {
        byte[] segment =
        [
            .. Two(from.Port), .. Two(to.Port), .. Four(sequence), .. Four(acknowledgment), (byte)((20 + options.Length) << 2), (byte)(flags | (urgent > 0 ? 32 : 0)), 0xff, 0xff, 0, 0, .. Two(urgent),
            .. options, .. payload,
        ];
        byte[] addresses = [.. from.Address.GetAddressBytes(), .. to.Address.GetAddressBytes()];
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), (ushort)(Sum([.. addresses, 0, 6, .. Two(segment.Length), .. segment]) + (isDamaged ? 1 : 0)));
        byte[] ip = [0x45, service, .. Two(20 + segment.Length), 0, 0, 0, 0, 64, 6, 0, 0, .. addresses];
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(10), Sum(ip));
        return [.. ip, .. segment];
    }

    /// <summary>The option of RFC 7323 section 3.2.</summary>
    public static byte[] Timestamps(uint value, uint echo) => [1, 1, 8, 10, .. Four(value), .. Four(echo)];

    // RFC 1071.
    private static ushort Sum(byte[] bytes)
    {
        long sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += (bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0);
        }

        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~((sum & 0xffff) + (sum >> 16));
    }

    private static byte[] Two(int number) => [(byte)(number >> 8), (byte)number];

    private static byte[] Four(uint number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
}
