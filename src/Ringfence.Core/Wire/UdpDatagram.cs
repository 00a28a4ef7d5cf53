using System.Buffers.Binary;

namespace Ringfence.Core.Wire;

/// <summary>What a socket gets of a UDP packet.</summary>
internal static class UdpDatagram
{
    private const int HeadBytes = 8;

    /// <param name="payload">The packet's, header and all.</param>
    /// <returns>Without the header; empty also where Linux throws it away.</returns>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> payload, bool isIPv6)
    {
        if (payload.Length < HeadBytes)
        {
            return default;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(payload[4..]);

        // Over IPv6 Linux takes 0 for all that there is (RFC 2675 section 4; __udp6_lib_rcv), also where that is little.
        length = length == 0 && isIPv6 ? payload.Length : length;
        return length >= HeadBytes && length <= payload.Length ? payload[HeadBytes..length] : default;
    }
}
