using System.Net;

namespace Ringfence.Core.Pbx;

/// <summary>Addresses that no packet from the internet comes from or goes to.</summary>
internal static class PrivateNetworks
{
    // RFC 1918, RFC 6598 (carriers' NAT), RFC 3927, loopback; RFC 4193, RFC 4291.
    private static readonly IPNetwork[] All =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("::1/128"),
    ];

    public static bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(All, network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }

    /// <param name="text">What a bind or a match holds: "192.168.10.0:5061/24", "[::1]:8088". A name is none of them.</param>
    public static bool Contains(string text) => Address(text) is { } address && Contains(address);

    /// <summary>Whether who listens there is reached from this machine alone.</summary>
    /// <inheritdoc cref="Contains(string)" path="/param"/>
    public static bool IsLoopback(string? text) => text is not null && Address(text) is { } address && IPAddress.IsLoopback(address);

    private static IPAddress? Address(string text) => IPAddress.TryParse(SipHost.OfMatch(text).Split('/')[0], out var address) ? address : null;
}
