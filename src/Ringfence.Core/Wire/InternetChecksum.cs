using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ringfence.Core.Wire;

/// <summary>Whether the PBX's kernel takes a packet: the checksums of IP, UDP and TCP (RFC 1071, RFC 768, RFC 9293 section 3.1, RFC 8200 section 8.1).</summary>
/// <remarks>
/// What it throws away must not be read here: a segment with a wrong checksum that stands next in a stream would take the place of the true one.
/// Hot path over spans.
/// </remarks>
internal static class InternetChecksum
{
    private const ushort Right = 0xffff;

    /// <summary>Of the header; IPv6 has none.</summary>
    public static bool IsHeaderRight(in IpPacket packet) => packet.Header.IsEmpty || Fold(Sum(packet.Header)) == Right;

    /// <param name="packet">Where it comes from and goes to.</param>
    /// <param name="segment">UDP or TCP, whole.</param>
    public static bool IsRight(in IpPacket packet, ReadOnlySpan<byte> segment, ChecksumState state)
    {
        if (state == ChecksumState.Vouched || Place(packet.Protocol) is not { } place || segment.Length < place + 2)
        {
            return true;
        }

        if (packet.Protocol == IpPacket.Udp)
        {
            // What stands behind the datagram's own length is not its. 0: the sender made none, which IPv6 does not allow.
            int length = BinaryPrimitives.ReadUInt16BigEndian(segment[4..]);
            segment = length >= place + 2 && length < segment.Length ? segment[..length] : segment;
            if (segment[place] == 0 && segment[place + 1] == 0)
            {
                return !packet.Header.IsEmpty;
            }
        }

        var pseudo = Sum(packet.Addresses) + Native(packet.Protocol) + Native((uint)segment.Length);
        return Fold(pseudo + Sum(segment)) == Right
            // Between machines on one host, and of segments that the kernel joined, a capture has the sum of the pseudo header alone: the rest was left to a card.
            || (state == ChecksumState.Captured && Fold(pseudo) == MemoryMarshal.Read<ushort>(segment[place..]));
    }

    private static int? Place(byte protocol) => protocol switch
    {
        IpPacket.Udp => 6,
        IpPacket.Tcp => 16,
        _ => null,
    };

    // In the machine's own order of bytes: the sum is the same one, with its bytes in that order (RFC 1071 section 2 B).
    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        foreach (var word in MemoryMarshal.Cast<byte, uint>(bytes))
        {
            sum += word;
        }

        var rest = bytes[(bytes.Length & ~3)..];
        if (rest.Length >= 2)
        {
            sum += MemoryMarshal.Read<ushort>(rest);
            rest = rest[2..];
        }

        return rest.IsEmpty ? sum : sum + (BitConverter.IsLittleEndian ? rest[0] : (ulong)rest[0] << 8);
    }

    private static ulong Native(uint number) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReverseEndianness((ushort)number) + (ulong)BinaryPrimitives.ReverseEndianness((ushort)(number >> 16))
        : (number & 0xffff) + (number >> 16);

    private static ushort Fold(ulong sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
