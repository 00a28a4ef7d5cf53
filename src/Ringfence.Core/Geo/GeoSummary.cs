using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>What a database knows of one country.</summary>
/// <param name="Country">Not known: addresses with an operator and no country.</param>
/// <param name="IPv6Sites">Networks of 64 bits: addresses of IPv6 are no measure.</param>
internal sealed record CountrySize(CountryCode Country, int IPv4Networks, long IPv4Addresses, int IPv6Networks, ulong IPv6Sites);

internal static class GeoSummary
{
    /// <summary>Every country that has an address, in the order of their letters.</summary>
    public static IReadOnlyList<CountrySize> Of(GeoTable table)
    {
        var sizes = new SortedDictionary<string, (CountryCode Country, int Four, long Addresses, int Six, ulong Sites)>(StringComparer.Ordinal);
        List<Network> networks = [];
        var ranges = table.Ranges;
        for (var i = 0; i < ranges.Length;)
        {
            // Operators may change within a country.
            var (country, first, last) = (ranges[i].Key.Country, ranges[i].First, ranges[i].Last);
            for (i++; i < ranges.Length && ranges[i].Key.Country == country && last.Next == ranges[i].First && ranges[i].First.IsIPv4 == first.IsIPv4; i++)
            {
                last = ranges[i].Last;
            }

            networks.Clear();
            new RangeNetworks(first, last).AddTo(networks);
            var size = sizes.GetValueOrDefault(country.ToString()) with { Country = country };
            sizes[country.ToString()] = first.IsIPv4
                ? size with { Four = size.Four + networks.Count, Addresses = size.Addresses + last.IPv4Bits - first.IPv4Bits + 1 }
                : size with { Six = size.Six + networks.Count, Sites = size.Sites + (last.High - first.High) + 1 };
        }

        return [.. sizes.Values.Select(static size => new CountrySize(size.Country, size.Four, size.Addresses, size.Six, size.Sites))];
    }
}
