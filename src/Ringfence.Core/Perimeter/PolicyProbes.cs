using Ringfence.Core.Events;
using Ringfence.Core.Geo;

namespace Ringfence.Core.Perimeter;

/// <summary>Arrivals that tell a policy from every other that differs at an edge: both sides of each edge of its networks and ports.</summary>
internal static class PolicyProbes
{
    // Addresses that documents may name and nobody has (RFC 5737, RFC 3849): a stranger, unless the policy names them.
    public static readonly IReadOnlyList<Address> Strangers = [Address.Parse("203.0.113.201")!.Value, Address.Parse("2001:db8:ffff:1::c9")!.Value];

    // Open to a DHCP server's port, whatever the policy says.
    private static readonly (PortProtocol, ushort)[] DhcpClients = [(PortProtocol.Udp, 68), (PortProtocol.Udp, 546)];

    /// <summary>Whoever is at an edge of a zone or just beyond, and a stranger of each family.</summary>
    public static IReadOnlyList<Address> Sources(Policy policy) => [.. policy.Zones.SelectMany(static zone => zone.Networks)
        .SelectMany(static network => (Address[])[network.First, network.Last, .. Before(network), .. Behind(network)])
        .Concat(Abroad(policy)).Concat(Strangers).Distinct().Where(IsSource)];

    /// <summary>The first and the last port of each range, and those beside it.</summary>
    public static IReadOnlyList<(PortProtocol Protocol, ushort Port)> Ports(Policy policy) => [.. policy.Services.SelectMany(static service => service.Ports)
        .SelectMany(static range => ((int[])[range.First - 1, range.First, range.Last, range.Last + 1]).Where(static port => port is > 0 and <= ushort.MaxValue).Select(port => (range.Protocol, (ushort)port)))
        .Concat([(PortProtocol.Tcp, (ushort)9), (PortProtocol.Udp, (ushort)9)]).Except(DhcpClients).Distinct().Order()];

    // Of the hundred thousand networks of the countries a few, from everywhere.
    private static List<Address> Abroad(Policy policy)
    {
        var found = new List<Address>();
        foreach (var table in policy.Services.SelectMany(static service => service.Open.Concat(service.Closed)).Select(static zone => zone.Geo?.Table).OfType<GeoTable>().Distinct())
        {
            var ranges = table.Ranges;
            for (var at = 0; at < ranges.Length; at += Math.Max(1, ranges.Length / MostAbroad))
            {
                found.AddRange([ranges[at].First, ranges[at].Last]);
            }
        }

        return found;
    }

    private const int MostAbroad = 40;

    private static IEnumerable<Address> Before(Network network) => network.First.Previous is var before && before.IsIPv4 == network.IsIPv4 && network.First.Bits != 0 ? [before] : [];

    private static IEnumerable<Address> Behind(Network network) => network.Last.Next is var behind && behind.IsIPv4 == network.IsIPv4 ? [behind] : [];

    // What a kernel takes for a source at all: RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.
    private static bool IsSource(Address address) => address.IsIPv4
        ? (address.IPv4Bits >> 24) is not (0 or 127 or >= 224)
        : address.High >> 56 != 0xff && (address.High != 0 || address.Low > 1) && !(address.High == 0 && address.Low >> 32 == 0xffff);
}
