using System.Buffers.Binary;

namespace Ringfence.Core.Sip;

/// <summary>What comes to a SIP port, is no SIP, and is nobody's attack.</summary>
internal static class StrayPacket
{
    // Keep-alives of phones and NATs: CRLF twice (RFC 5626), nulls, "jaK", "keepalive"; no fuzzer's packet is so short and does anything.
    private const int ShortBytes = 16;

    /// <summary>Whether it is a keep-alive, STUN or TURN (RFC 8489, RFC 8656), audio or its reports (RFC 3550), or DTLS (RFC 9147).</summary>
    public static bool Is(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length <= ShortBytes || datagram.IndexOfAnyExcept("\r\n\0 "u8) < 0)
        {
            return true;
        }

        // As RFC 7983 tells them apart by the first byte.
        return datagram[0] switch
        {
            < 4 => datagram.Length >= 20 && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) + 20 == datagram.Length,
            >= 20 and < 64 => datagram[1] == 0xfe && datagram[2] is 0xff or 0xfd or 0xfc,
            >= 128 and < 192 => true,
            _ => false,
        };
    }
}
