using Ringfence.Core.Events;

namespace Ringfence.Core.Configuration;

/// <summary>An address, a network or a DNS name, as people write whom they trust: in ringfence.conf and in Asterisk's own files.</summary>
/// <param name="Network">null unless it is an address or a network.</param>
/// <param name="Name">null unless it is a DNS name, in lower case.</param>
/// <param name="Expected">null unless it is none of them: what was expected in its place.</param>
internal sealed record TrustedAddressText(Network? Network, string? Name, string? Expected)
{
    /// <summary>Whoever trusts more than this trusts the attackers too: half of all scanners come from a handful of /8.</summary>
    public const int WidestIPv4 = 8;
    public const int WidestIPv6 = 16;

    private const string AnExample = "an address such as 192.0.2.7, a network such as 192.0.2.0/24, or a DNS name";

    /// <param name="text">"192.0.2.7", "192.0.2.0/24", "192.0.2.0/255.255.255.0", "2001:db8::/32", "sip.example.com".</param>
    /// <param name="allowHostBits">Asterisk ignores bits behind the prefix (10.0.0.5/8 is 10.0.0.0/8 to it); our own file asks instead.</param>
    public static TrustedAddressText Parse(string text, bool allowHostBits)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return Address.Parse(text) is { } single ? Of(Events.Network.Of(single))
                : IsDnsName(text) ? new TrustedAddressText(null, text.ToLowerInvariant(), null)
                : Not(AnExample);
        }

        if (Address.Parse(text[..slash]) is not { } address)
        {
            return Not(AnExample);
        }

        var width = address.IsIPv4 ? 32 : 128;
        if (PrefixLength(text[(slash + 1)..], address.IsIPv4) is not { } length || length > width)
        {
            return Not(address.IsIPv4 ? "a prefix from /8 to /32, or a netmask such as 255.255.255.0" : "a prefix from /16 to /128");
        }

        var network = new Network(address, length);
        return network.First == address || allowHostBits
            ? Of(network)
            : Not($"{network}, or the one address {address}: {text} has bits set behind its prefix");
    }

    private static TrustedAddressText Of(Network network) =>
        network.PrefixLength < (network.IsIPv4 ? WidestIPv4 : WidestIPv6)
            ? Not($"a network of /{WidestIPv4} (IPv6: /{WidestIPv6}) or smaller: {network} would trust the attackers too")
            : new TrustedAddressText(network, null, null);

    private static TrustedAddressText Not(string expected) => new(null, null, expected);

    private static int? PrefixLength(string text, bool isIPv4)
    {
        if (text.Length <= 3 && int.TryParse(text, System.Globalization.NumberStyles.None, null, out var length))
        {
            return length;
        }

        if (!isIPv4 || Address.Parse(text) is not { IsIPv4: true } mask)
        {
            return null;
        }

        var ones = System.Numerics.BitOperations.LeadingZeroCount(~mask.IPv4Bits);
        return mask.IPv4Bits == (ones == 0 ? 0 : uint.MaxValue << (32 - ones)) ? ones : null;
    }

    /// <summary>RFC 1123 section 2.1; underscores too, since providers use them. A last label of digits alone is a mistyped address.</summary>
    private static bool IsDnsName(string text)
    {
        var labels = text.EndsWith('.') ? text[..^1].Split('.') : text.Split('.');
        return text.Length is > 0 and <= 253
            && labels.All(label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            && labels[^1].Any(char.IsAsciiLetter);
    }
}
