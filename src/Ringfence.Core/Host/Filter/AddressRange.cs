using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ringfence.Core.Host.Filter;

/// <summary>Addresses from one to another, of one family.</summary>
internal readonly record struct AddressRange(bool IsIPv6, UInt128 First, UInt128 Last)
{
    private UInt128 Everything => IsIPv6 ? UInt128.MaxValue : uint.MaxValue;

    /// <summary>All addresses of the family, or half of them: nobody is named by it.</summary>
    public bool IsWide => Last - First >= (Everything >> 3);

    public bool Contains(IPAddress address) => address.AddressFamily == (IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork) && Number(address) is var number && number >= First && number <= Last;

    public bool Overlaps(AddressRange other) => IsIPv6 == other.IsIPv6 && First <= other.Last && other.First <= Last;

    /// <param name="text">"192.0.2.1", "192.0.2.0/24", "192.0.2.0/255.255.255.0", "192.0.2.1-192.0.2.9".</param>
    public static AddressRange? Parse(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0)
        {
            return Between(text[..dash], text[(dash + 1)..]);
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            return null;
        }

        if (slash < 0)
        {
            return Prefix(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }

        var mask = text[(slash + 1)..];
        if (int.TryParse(mask, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return Prefix(address, length);
        }

        if (!IPAddress.TryParse(mask, out var dotted) || dotted.AddressFamily != AddressFamily.InterNetwork || address.AddressFamily != AddressFamily.InterNetwork)
        {
            return null;
        }

        var ones = ~(uint)Number(dotted);
        return (ones & (ones + 1)) == 0 ? Prefix(address, 32 - System.Numerics.BitOperations.PopCount(ones)) : null;
    }

    public static AddressRange? Between(string from, string to) =>
        IPAddress.TryParse(from, out var first) && IPAddress.TryParse(to, out var last) && first.AddressFamily == last.AddressFamily && Number(first) <= Number(last)
            ? new AddressRange(first.AddressFamily == AddressFamily.InterNetworkV6, Number(first), Number(last))
            : null;

    public static AddressRange? Prefix(IPAddress address, int length)
    {
        var isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var bits = isIPv6 ? 128 : 32;
        if (length < 0 || length > bits)
        {
            return null;
        }

        var everything = isIPv6 ? UInt128.MaxValue : uint.MaxValue;
        var host = length == 0 ? everything : length == bits ? UInt128.Zero : (UInt128.One << (bits - length)) - 1;
        var first = Number(address) & ~host;
        return new AddressRange(isIPv6, first, first | host);
    }

    private static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var length) && length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
