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

    /// <param name="flags">1 FIN, 2 SYN, 4 RST, 16 ACK, 32 URG.</param>
    public static byte[] Tcp(ushort from, ushort to, uint sequence, byte[] payload, uint? acknowledgment = null, byte flags = 0, ushort urgent = 0) =>
        [.. Two(from), .. Two(to), .. Four(sequence), .. Four(acknowledgment ?? 0), 0x60, (byte)(flags | (acknowledgment is null ? 0 : 16)), 0xff, 0xff, 0, 0, .. Two(urgent), 1, 1, 1, 1, .. payload];

    public static byte[] IPv4(string from, string to, byte protocol, byte[] payload, int fragment = 0, ushort id = 1, int options = 0) => WithHeaderSum(
    [
        (byte)(0x45 + options), 0, .. Two((ushort)(20 + (options * 4) + payload.Length)), .. Two(id), .. Two((ushort)fragment), 64, protocol, 0, 0,
        .. Address.Parse(from)!.Value.ToBytes(), .. Address.Parse(to)!.Value.ToBytes(), .. new byte[options * 4],
        .. fragment == 0 && protocol == 6 ? WithSum(from, to, protocol, payload) : payload,
    ]);

    /// <param name="extensions">Each its number and its bytes, whose first is set to what follows.</param>
    public static byte[] IPv6(string from, string to, byte protocol, byte[] payload, params (byte Number, byte[] Bytes)[] extensions)
    {
        payload = protocol is 6 or 17 && !extensions.Any(extension => extension is { Number: 44, Bytes: [_, _, not 0, ..] or [_, _, _, not 0, ..] }) ? WithSum(from, to, protocol, payload) : payload;
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

    /// <summary>The same UDP or TCP with its checksum, as the sender makes it.</summary>
    public static byte[] WithSum(string from, string to, byte protocol, byte[] segment)
    {
        var at = protocol == 6 ? 16 : 6;
        byte[] summed = [.. segment];
        summed[at] = summed[at + 1] = 0;
        byte[] pseudo = [.. Address.Parse(from)!.Value.ToBytes(), .. Address.Parse(to)!.Value.ToBytes(), .. Four((uint)segment.Length), 0, 0, 0, protocol, .. summed];
        Two((ushort)~Sum(pseudo)).CopyTo(summed, at);
        return summed;
    }

    /// <summary>What a sender leaves to his network card: the sum of the pseudo header alone.</summary>
    public static byte[] WithHalfSum(string from, string to, byte protocol, byte[] segment)
    {
        byte[] half = [.. segment];
        Two(Sum([.. Address.Parse(from)!.Value.ToBytes(), .. Address.Parse(to)!.Value.ToBytes(), .. Four((uint)segment.Length), 0, 0, 0, protocol])).CopyTo(half, protocol == 6 ? 16 : 6);
        return half;
    }

    // RFC 1071, word by word.
    private static ushort Sum(byte[] bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)((bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)sum;
    }

    private static byte[] WithHeaderSum(byte[] ip)
    {
        Two((ushort)~Sum(ip[..((ip[0] & 15) * 4)])).CopyTo(ip, 10);
        return ip;
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
