using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>One entry of a blocklist: an address, a network, or a range "192.0.2.1-192.0.2.9".</summary>
internal static class EntryText
{
    /// <summary>The widest networks that count. Registries give out nothing wider to one holder; 0.0.0.0/0 in a list is somebody's mistake.</summary>
    public const int WidestIPv4 = 8;

    /// <inheritdoc cref="WidestIPv4"/>
    public const int WidestIPv6 = 16;

    public const string NoAddress = "no address, network or range";
    public const string HostBits = "has bits behind the prefix, so either its address or its length is wrong";
    public const string TooWide = "wider than any list has reason for";

    /// <returns>null, or why it is no entry.</returns>
    public static string? Read(ReadOnlySpan<byte> text, List<Network> into)
    {
        var at = 0;
        if (Address.ReadIPv4(text, ref at) is >= 0 and var bits)
        {
            // The common case, without looking at it twice.
            if (at == text.Length)
            {
                into.Add(new Network(Address.FromIPv4((uint)bits), 32));
                return null;
            }

            if (text[at] == '/')
            {
                return Add(Address.FromIPv4((uint)bits), text[(at + 1)..], into);
            }
        }

        if (text.IndexOf((byte)'-') is > 0 and var dash)
        {
            return Address.Parse(text[..dash].TrimEnd((byte)' ')) is { } first && Address.Parse(text[(dash + 1)..].TrimStart((byte)' ')) is { } last
                ? AddRange(first, last, into) : NoAddress;
        }

        var slash = text.IndexOf((byte)'/');
        if (Address.Parse(slash < 0 ? text : text[..slash]) is not { } address)
        {
            return NoAddress;
        }

        if (slash >= 0)
        {
            return Add(address, text[(slash + 1)..], into);
        }

        into.Add(Network.Of(address));
        return null;
    }

    private static string? Add(Address address, ReadOnlySpan<byte> prefix, List<Network> into)
    {
        var length = 0;
        foreach (var digit in prefix)
        {
            length = digit is >= (byte)'0' and <= (byte)'9' ? (length * 10) + digit - '0' : 1000;
            if (length > 128)
            {
                return NoAddress;
            }
        }

        if (prefix.IsEmpty || length > (address.IsIPv4 ? 32 : 128))
        {
            return NoAddress;
        }

        if (length < (address.IsIPv4 ? WidestIPv4 : WidestIPv6))
        {
            return TooWide;
        }

        var network = new Network(address, length);
        if (network.First != address)
        {
            return HostBits;
        }

        into.Add(network);
        return null;
    }

    private static string? AddRange(Address first, Address last, List<Network> into)
    {
        if (first.IsIPv4 != last.IsIPv4 || first.CompareTo(last) > 0)
        {
            return NoAddress;
        }

        if (last.Bits - first.Bits >= UInt128.One << (first.IsIPv4 ? 32 - WidestIPv4 : 128 - WidestIPv6))
        {
            return TooWide;
        }

        new RangeNetworks(first, last).AddTo(into);
        return null;
    }
}
