using System.Buffers.Binary;
using System.Net;

namespace Ringfence.SystemTests.Wire;

/// <summary>Datagrams over IPv6 in fragments, with headers before and inside of them: RFC 8200 section 4.</summary>
internal static class IPv6Fragments
{
    private const byte HopByHop = 0;
    private const byte Udp = 17;
    private const byte Fragment = 44;
    private const byte NoNext = 59;
    private const byte Destination = 60;

    /// <summary>A datagram to port 5060 with a right checksum, now and then behind destination options, or with a length of 0 (RFC 2675 section 4).</summary>
    /// <remarks>Of padding Linux takes no more than 7 bytes in a row (net/ipv6/exthdrs.c, ip6_parse_tlv).</remarks>
    /// <returns>What is cut into fragments.</returns>
    public static byte[] Behind(Random random, string from, string to, byte[] text)
    {
        var udp = Datagram(from, to, text, saysLength: random.Next(8) > 0);
        return random.Next(3) == 0 ? [Udp, 0, 1, 4, 0, 0, 0, 0, .. udp] : udp;
    }

    /// <returns>The header with which <see cref="Behind"/> begins: no datagram of it is from a port that begins like that.</returns>
    public static byte FirstHeader(byte[] behind) => behind[0] == Udp ? Destination : Udp;

    /// <summary>One without fragments.</summary>
    public static byte[] Whole(string from, string to, byte[] text) => Packet(from, to, Udp, Datagram(from, to, text, saysLength: true));

    /// <summary>One fragment. Now and then options stand before it, and a later one, or one that repeats the first, says any next header.</summary>
    /// <param name="isTrick">It is none of the datagram's own.</param>
    public static byte[] Part(Random random, string from, string to, uint id, int offset, byte[] bytes, bool hasMore, byte first, bool isTrick)
    {
        var next = (offset > 0 || isTrick) && random.Next(4) == 0 ? NoNext : first;
        byte[] part = [next, 0, (byte)(offset >> 8), (byte)((offset & 0xf8) | (hasMore ? 1 : 0)), (byte)(id >> 24), (byte)(id >> 16), (byte)(id >> 8), (byte)id, .. bytes];
        return random.Next(4) switch
        {
            0 => Packet(from, to, Destination, [Fragment, 0, 1, 4, 0, 0, 0, 0, .. part]),
            1 => Packet(from, to, HopByHop, [Fragment, 0, 1, 4, 0, 0, 0, 0, .. part]),
            _ => Packet(from, to, Fragment, part),
        };
    }

    private static byte[] Datagram(string from, string to, byte[] text, bool saysLength)
    {
        byte[] udp = [0x9c, 0x40, 0x13, 0xc4, .. saysLength ? [(byte)((text.Length + 8) >> 8), (byte)(text.Length + 8)] : new byte[2], 0, 0, .. text];
        byte[] summed = [.. IPAddress.Parse(from).GetAddressBytes(), .. IPAddress.Parse(to).GetAddressBytes(), 0, 0, (byte)(udp.Length >> 8), (byte)udp.Length, 0, 0, 0, Udp, .. udp];
        long sum = 0;
        for (var i = 0; i < summed.Length; i += 2)
        {
            sum += (summed[i] << 8) | (i + 1 < summed.Length ? summed[i + 1] : 0);
        }

        while (sum > 0xffff)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(6), sum == 0xffff ? (ushort)0xffff : (ushort)~sum);
        return udp;
    }

    private static byte[] Packet(string from, string to, byte next, byte[] payload) =>
    [
        0x60, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, next, 64, .. IPAddress.Parse(from).GetAddressBytes(), .. IPAddress.Parse(to).GetAddressBytes(), .. payload,
    ];
}
