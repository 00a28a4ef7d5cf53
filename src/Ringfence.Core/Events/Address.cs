using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ringfence.Core.Events;

/// <summary>An IPv4 or IPv6 address as one comparable number: IPv4 is kept as its IPv4-mapped IPv6 form (::ffff:a.b.c.d).</summary>
/// <remarks>
/// A value and not <see cref="IPAddress"/>, because one is made for each line of a flooded log (bench: replay). Two halves and not a
/// <see cref="UInt128"/>: a method that touches one is not compiled ahead (its calling convention is not settled), and that
/// was most of the time from the start to the first ban.
/// </remarks>
/// <param name="High">The first 64 bits, most significant byte first.</param>
/// <param name="Low">The last 64 bits.</param>
internal readonly record struct Address(ulong High, ulong Low) : IComparable<Address>
{
    private const uint MappedPrefix = 0xffff;

    public Address(UInt128 bits)
        : this((ulong)(bits >> 64), (ulong)bits)
    {
    }

    /// <summary>ffff:...:ffff, the last IPv6 address.</summary>
    public static Address Highest => new(ulong.MaxValue, ulong.MaxValue);

    /// <summary>The address behind it; behind the last one comes the first.</summary>
    public Address Next => new(Low == ulong.MaxValue ? High + 1 : High, Low + 1);

    /// <summary>The address before it.</summary>
    public Address Previous => new(Low == 0 ? High - 1 : High, Low - 1);

    /// <summary>The whole number, for arithmetic.</summary>
    public UInt128 Bits => new(High, Low);

    public bool IsIPv4 => High == 0 && (uint)(Low >> 32) == MappedPrefix;

    /// <summary>The 32 bits of an IPv4 address, most significant byte first.</summary>
    public uint IPv4Bits => (uint)Low;

    public static Address FromIPv4(uint bits) => new(0, ((ulong)MappedPrefix << 32) | bits);

    /// <summary>The address; IPv4-mapped IPv6 (a dual-stack socket's peer) becomes IPv4, a scope id is dropped.</summary>
    public static Address From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return FromBytes(bytes[..written]);
    }

    /// <param name="networkOrder">4 or 16 bytes, most significant first.</param>
    public static Address FromBytes(ReadOnlySpan<byte> networkOrder) => networkOrder.Length == 4
        ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(networkOrder))
        : new Address(BinaryPrimitives.ReadUInt64BigEndian(networkOrder), BinaryPrimitives.ReadUInt64BigEndian(networkOrder[8..]));

    /// <summary>Reads an address as Asterisk, nft and people write it: dotted IPv4 or IPv6 text, no port, no brackets, no zone.</summary>
    /// <returns>null if the text is anything else.</returns>
    public static Address? Parse(ReadOnlySpan<byte> text)
    {
        if (ParseIPv4(text) is { } v4)
        {
            return v4;
        }

        // The longest text form is 45 characters (RFC 4291 section 2.2, with an embedded IPv4); '%' would be a zone.
        if (text.Length is < 2 or > 45 || text.IndexOf((byte)':') < 0 || text.IndexOfAnyExcept(HexColonDot) >= 0)
        {
            return null;
        }

        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? From(address) : null;
    }

    public static Address? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[64];
        return text.Length <= 45 && System.Text.Encoding.UTF8.TryGetBytes(text, bytes, out var written) ? Parse(bytes[..written]) : null;
    }

    /// <summary>One multiplication with a secret of this process, so that sources can't be chosen to collide (bench: replay).</summary>
    public override int GetHashCode()
    {
        var high = Math.BigMul(Low ^ HashKey, High ^ HashFactor, out var low);
        return (int)((high ^ low) >> 16);
    }

    public bool Equals(Address other) => Low == other.Low && High == other.High;

    // HashCode's own seed is drawn anew by each process.
    private static readonly ulong HashKey = ((ulong)(uint)HashCode.Combine(1) << 32) | (uint)HashCode.Combine(2);
    private static readonly ulong HashFactor = ((ulong)(uint)HashCode.Combine(3) << 32) | (uint)HashCode.Combine(4) | 1;

    /// <summary>What a ban of this address covers: itself, or for IPv6 its /64, since a host picks freely inside it (RFC 4291 section 2.5.4).</summary>
    /// <remarks>
    /// Where IPv4 stands in the last 64 bits, the /64 is many strangers, and the address alone is the host: NAT64 (64:ff9b::/96, RFC 6052;
    /// 64:ff9b:1::/48, RFC 8215) and Teredo (2001::/32, whose /64 is all clients of one server, RFC 4380). A /64 of 6to4 (2002::/16, RFC 3056)
    /// is one site's, as any other is.
    /// </remarks>
    public Network Subject => IsIPv4 ? new Network(this, 32) : new Network(this, HasIPv4Inside ? 128 : 64);

    /// <summary>The network that one renter of addresses has as a rule: an IPv4 /24, an IPv6 /48 (RFC 6177); null where strangers share it (see <see cref="Subject"/>).</summary>
    public Network? Neighbourhood => IsIPv4 ? new Network(this, 24) : HasIPv4Inside ? null : new Network(this, 48);

    /// <summary>What one customer of an IPv6 provider has at least as a rule, a /56 (RIPE-690 section 4.2); null for IPv4, and where strangers share it.</summary>
    public Network? Site => IsIPv4 || HasIPv4Inside ? null : new Network(this, 56);

    private bool HasIPv4Inside =>
        (High == 0x0064_ff9b_0000_0000 && Low >> 32 == 0) || High >> 16 == 0x0064_ff9b_0001 || High >> 32 == 0x2001_0000;

    /// <returns>4 or 16 bytes, most significant first.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[IsIPv4 ? 4 : 16];
        CopyTo(bytes);
        return bytes;
    }

    /// <param name="networkOrder">4 bytes of an IPv4 address, or 16: its mapped form, or IPv6.</param>
    public void CopyTo(Span<byte> networkOrder)
    {
        if (networkOrder.Length == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(networkOrder, IPv4Bits);
            return;
        }

        BinaryPrimitives.WriteUInt64BigEndian(networkOrder, High);
        BinaryPrimitives.WriteUInt64BigEndian(networkOrder[8..], Low);
    }

    public IPAddress ToIPAddress() => new(ToBytes());

    public override string ToString() => ToIPAddress().ToString();

    public int CompareTo(Address other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    private static readonly System.Buffers.SearchValues<byte> HexColonDot = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF:."u8);

    private static Address? ParseIPv4(ReadOnlySpan<byte> text)
    {
        var at = 0;
        var bits = ReadIPv4(text, ref at);
        return bits >= 0 && at == text.Length ? FromIPv4((uint)bits) : null;
    }

    /// <summary>Reads a dotted IPv4 address that starts at <paramref name="at"/>, and leaves <paramref name="at"/> behind it.</summary>
    /// <returns>Its 32 bits, or -1. Four decimal numbers without a leading zero: "010" is eight to some readers and ten to others.</returns>
    public static long ReadIPv4(ReadOnlySpan<byte> text, ref int at)
    {
        long bits = 0;
        for (var part = 0; part < 4; part++)
        {
            if (part > 0 && ((uint)at >= (uint)text.Length || text[at++] != '.'))
            {
                return -1;
            }

            var start = at;
            uint value = 0;
            while ((uint)at < (uint)text.Length && (uint)(text[at] - '0') <= 9 && at - start < 4)
            {
                value = (value * 10) + (uint)(text[at] - '0');
                at++;
            }

            if (at == start || value > 255 || (text[start] == '0' && at - start > 1))
            {
                return -1;
            }

            bits = (bits << 8) | value;
        }

        return bits;
    }
}
