using System.Buffers.Binary;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Tests.Wire;

/// <summary>Frames as a network carries them.</summary>
internal static class Frames
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static byte[] Ethernet(byte[] ip, params ushort[] tags) =>
        [.. new byte[12], .. tags.SelectMany(tag => Two(tag).Concat(Two(7))), .. Two((ushort)(ip[0] >> 4 == 4 ? 0x0800 : 0x86dd)), .. ip];

    public static byte[] Sll(byte[] ip, ushort kind = 0) => [.. Two(kind), .. new byte[12], .. Two((ushort)(ip[0] >> 4 == 4 ? 0x0800 : 0x86dd)), .. ip];

    public static byte[] Sll2(byte[] ip, byte kind = 0) => [.. Two((ushort)(ip[0] >> 4 == 4 ? 0x0800 : 0x86dd)), .. new byte[8], kind, .. new byte[9], .. ip];

    public static byte[] Udp(ushort from, ushort to, byte[] payload) => [.. Two(from), .. Two(to), .. Two((ushort)(payload.Length + 8)), 0, 0, .. payload];

    /// <param name="flags">1 FIN, 2 SYN, 4 RST, 16 ACK.</param>
    public static byte[] Tcp(ushort from, ushort to, uint sequence, byte[] payload, uint? acknowledgment = null, byte flags = 0) =>
        [.. Two(from), .. Two(to), .. Four(sequence), .. Four(acknowledgment ?? 0), 0x60, (byte)(flags | (acknowledgment is null ? 0 : 16)), 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, .. payload];

    public static byte[] IPv4(string from, string to, byte protocol, byte[] payload, int fragment = 0, ushort id = 1, int options = 0) =>
    [
        (byte)(0x45 + options), 0, .. Two((ushort)(20 + (options * 4) + payload.Length)), .. Two(id), .. Two((ushort)fragment), 64, protocol, 0, 0,
        .. Address.Parse(from)!.Value.ToBytes(), .. Address.Parse(to)!.Value.ToBytes(), .. new byte[options * 4], .. payload,
    ];

    /// <param name="extensions">Each its number and its bytes, whose first is set to what follows.</param>
    public static byte[] IPv6(string from, string to, byte protocol, byte[] payload, params (byte Number, byte[] Bytes)[] extensions)
    {
        List<byte> headers = [];
        for (var i = 0; i < extensions.Length; i++)
        {
            headers.AddRange([i + 1 < extensions.Length ? extensions[i + 1].Number : protocol, .. extensions[i].Bytes[1..]]);
        }

        return
        [
            0x60, 0, 0, 0, .. Two((ushort)(headers.Count + payload.Length)), extensions.Length > 0 ? extensions[0].Number : protocol, 64,
            .. Address.Parse(from)!.Value.ToBytes(), .. Address.Parse(to)!.Value.ToBytes(), .. headers, .. payload,
        ];
    }

    public static byte[] Two(ushort number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
        return bytes;
    }

    public static byte[] Four(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
