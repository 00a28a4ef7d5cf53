using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ringfence.Core.Events;

/// <summary>An IPv4 or IPv6 address as one comparable number: IPv4 is kept as its IPv4-mapped IPv6 form (::ffff:a.b.c.d).</summary>
/// <remarks>A value and not <see cref="IPAddress"/>, because one is made for each line of a flooded log (bench: replay).</remarks>
internal readonly record struct Address(UInt128 Bits) : IComparable<Address>
{
    private const uint MappedPrefix = 0xffff;

    public bool IsIPv4 => (ulong)(Bits >> 64) == 0 && (uint)((ulong)Bits >> 32) == MappedPrefix;

    /// <summary>The 32 bits of an IPv4 address, most significant byte first.</summary>
    public uint IPv4Bits => (uint)(ulong)Bits;

    public static Address FromIPv4(uint bits) => new(new UInt128(0, ((ulong)MappedPrefix << 32) | bits));

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
        : new Address(BinaryPrimitives.ReadUInt128BigEndian(networkOrder));

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
        var high = Math.BigMul((ulong)Bits ^ HashKey, (ulong)(Bits >> 64) ^ HashFactor, out var low);
        return (int)((high ^ low) >> 16);
    }

    public bool Equals(Address other) => (ulong)Bits == (ulong)other.Bits && (ulong)(Bits >> 64) == (ulong)(other.Bits >> 64);

    // HashCode's own seed is drawn anew by each process.
    private static readonly ulong HashKey = ((ulong)(uint)HashCode.Combine(1) << 32) | (uint)HashCode.Combine(2);
    private static readonly ulong HashFactor = ((ulong)(uint)HashCode.Combine(3) << 32) | (uint)HashCode.Combine(4) | 1;

    /// <summary>What a ban of this address covers: itself, or for IPv6 its /64, since a host picks freely inside it (RFC 4291 section 2.5.4).</summary>
    public Network Subject => IsIPv4 ? new Network(this, 32) : new Network(this, 64);

    /// <returns>4 or 16 bytes, most significant first.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[IsIPv4 ? 4 : 16];
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, IPv4Bits);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        }

        return bytes;
    }

    public IPAddress ToIPAddress() => new(ToBytes());

    public override string ToString() => ToIPAddress().ToString();

    public int CompareTo(Address other) => Bits.CompareTo(other.Bits);

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
