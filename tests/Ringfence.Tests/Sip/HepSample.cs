using System.Buffers.Binary;
using System.Text;

namespace Ringfence.Tests.Sip;

/// <summary>A datagram of HEPv3 as Asterisk's res_hep makes it.</summary>
internal static class HepSample
{
    public const string Pbx = "192.0.2.1";

    public static byte[] Packet(string message, bool isAnswer = false)
    {
        byte[] from = [198, 51, 100, 7];
        byte[] to = [192, 0, 2, 1];
        byte[] chunks =
        [
            .. Chunk(1, [2]), .. Chunk(2, [17]), .. Chunk(3, isAnswer ? to : from), .. Chunk(4, isAnswer ? from : to), .. Chunk(7, Two(isAnswer ? 5060 : 40_000)), .. Chunk(8, Two(isAnswer ? 40_000 : 5060)),
            .. Chunk(9, [0x6b, 1, 2, 3]), .. Chunk(10, [0, 1, 2, 3]), .. Chunk(11, [1]), .. Chunk(12, [0, 0, 0, 1]), .. Chunk(14, "secret"u8.ToArray()), .. Chunk(15, Encoding.Latin1.GetBytes(message)), .. Chunk(17, "a"u8.ToArray()),
        ];
        return [.. "HEP3"u8, .. Two(chunks.Length + 6), .. chunks];
    }

    private static byte[] Chunk(int type, byte[] value) => [0, 0, .. Two(type), .. Two(value.Length + 6), .. value];

    private static byte[] Two(int number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        return bytes;
    }
}
