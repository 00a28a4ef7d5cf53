namespace Ringfence.Core.Events;

/// <summary>Addresses that share their first <see cref="PrefixLength"/> bits: one host, an IPv6 /64, or any CIDR network.</summary>
/// <value><see cref="PrefixLength"/> counts in the address's own family: 0 to 32 for IPv4, 0 to 128 for IPv6. Host bits are always zero.</value>
internal readonly record struct Network : IComparable<Network>
{
    /// <summary>127.0.0.0/8 and ::1.</summary>
    public static readonly IReadOnlyList<Network> Loopback = [new(Address.FromIPv4(0x7f00_0000), 8), Of(new Address(0, 1))];

    public Network(Address address, int prefixLength)
    {
        var width = WidthOf(address.IsIPv4);
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, width);
        var mask = MaskOf(width - prefixLength);
        First = new Address(address.High & ~mask.High, address.Low & ~mask.Low);
        PrefixLength = prefixLength;
        IsIPv4 = address.IsIPv4;
    }

    /// <summary>One address alone. What a ban of it covers is <see cref="Address.Subject"/>.</summary>
    public static Network Of(Address address) => new(address, WidthOf(address.IsIPv4));

    public Address First { get; }

    public int PrefixLength { get; }

    public bool IsIPv4 { get; }

    public Address Last
    {
        get
        {
            var mask = HostMask;
            return new Address(First.High | mask.High, First.Low | mask.Low);
        }
    }

    /// <summary>An IPv4 /32 or an IPv6 /64: what the kernel keeps in its hash sets; everything else, a single IPv6 address too, is in the interval sets.</summary>
    public bool IsHost => PrefixLength == (IsIPv4 ? 32 : 64);

    public bool Contains(Address address)
    {
        var mask = HostMask;
        return address.IsIPv4 == IsIPv4 && (address.High & ~mask.High) == First.High && (address.Low & ~mask.Low) == First.Low;
    }

    public bool Contains(Network other) => other.PrefixLength >= PrefixLength && Contains(other.First);

    /// <returns>What is left of this network when one inside it is cut out: the fewest networks, the widest first; one for each bit between the two prefixes.</returns>
    public IEnumerable<Network> Without(Network inside)
    {
        for (var length = PrefixLength + 1; length <= inside.PrefixLength; length++)
        {
            // The half that does not hold it, of each half that does.
            var bit = WidthOf(IsIPv4) - length;
            var (high, low) = (inside.First.High, inside.First.Low);
            yield return new Network(bit < 64 ? new Address(high, low ^ (1UL << bit)) : new Address(high ^ (1UL << (bit - 64)), low), length);
        }
    }

    /// <summary>Reads "192.0.2.7", "192.0.2.0/24", "2001:db8::/32"; a bare IPv4 address is its /32, a bare IPv6 address its /128.</summary>
    /// <returns>null if the text is neither, or has bits set behind the prefix ("192.0.2.7/24": a typing error more often than not).</returns>
    public static Network? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if ((slash < 0 ? Address.Parse(text) : Address.Parse(text[..slash])) is not { } address)
        {
            return null;
        }

        var width = WidthOf(address.IsIPv4);
        if (slash < 0)
        {
            return Of(address);
        }

        if (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var length) || length > width)
        {
            return null;
        }

        var network = new Network(address, length);
        return network.First == address ? network : null;
    }

    public override string ToString() => PrefixLength == WidthOf(IsIPv4) ? First.ToString() : $"{First}/{PrefixLength}";

    public int CompareTo(Network other) => First != other.First ? First.CompareTo(other.First) : PrefixLength.CompareTo(other.PrefixLength);

    private Address HostMask => MaskOf(WidthOf(IsIPv4) - PrefixLength);

    private static int WidthOf(bool isIPv4) => isIPv4 ? 32 : 128;

    /// <summary>The last <paramref name="hostBits"/> bits set.</summary>
    private static Address MaskOf(int hostBits) => hostBits switch
    {
        <= 0 => default,
        < 64 => new Address(0, (1UL << hostBits) - 1),
        64 => new Address(0, ulong.MaxValue),
        < 128 => new Address((1UL << (hostBits - 64)) - 1, ulong.MaxValue),
        _ => new Address(ulong.MaxValue, ulong.MaxValue),
    };
}
