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
}
