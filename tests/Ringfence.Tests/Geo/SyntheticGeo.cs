using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;

namespace Ringfence.Tests.Geo;

/// <summary>A database of countries of the size that makers publish: the same numbers give the same bytes.</summary>
/// <remarks>
/// Two thirds of the networks are IPv4, from 1.0.0.0 on, side by side with gaps that nobody knows; the rest are IPv6 in the regions' blocks (2400::/12, 2600::/12,
/// 2800::/12, 2a00::/12, 2c00::/12). Large countries have many networks, small ones few (each a share of 1/rank). Neighbours are often of one country.
/// </remarks>
internal sealed class SyntheticGeo(int networks = 600_000, ulong seed = 42)
{
    private readonly ulong _seed = seed;
    private ulong _state;

    /// <summary>By rank, the largest first: the order of the letters, turned by the seed.</summary>
    public IReadOnlyList<CountryCode> Countries { get; } = [.. CountryCode.All.Select((country, at) => (country, at)).OrderBy(pair => (((ulong)pair.at + seed) * 0x9e37_79b9_7f4a_7c15) >> 40).Select(static pair => pair.country)];

    public IEnumerable<(Network Network, CountryCode Country)> Networks()
    {
        _state = _seed;
        var country = Countries[0];
        // 97 in 100 of them are known.
        var four = (int)(networks * 2 / 3 / 0.9698);
        ulong at = 0x0100_0000;

        // 222 of IPv4's 256 /8: a network of 2^k addresses for each of so many steps.
        var step = 222.0 * (1 << 24) / four;
        for (var i = 0; i < four; i++)
        {
            var most = Math.Min(20, System.Numerics.BitOperations.TrailingZeroCount(at));
            var target = Math.Max(8, (int)Math.Log2(step * 0.9 * Math.Exp((2 * Share()) - 1)));
            var bits = Math.Min(most, target);
            country = Share() < 0.3 ? country : Any();
            if (Share() < 0.97)
            {
                yield return (new Network(Address.FromIPv4((uint)at), 32 - bits), country);
            }

            at += 1UL << bits;
            while (at > 0x0100_0000 + ((i + 1) * step) && i + 1 < four)
            {
                i++;
            }
        }

        ulong[] regions = [0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00];
        var six = networks / 3 / regions.Length;
        foreach (var region in regions)
        {
            var high = region << 48;
            for (var i = 0; i < six; i++)
            {
                // A /48 now and then, a /32 as a rule, a /29 for the large.
                var kind = Share();
                var length = kind < 0.5 ? 48 : kind < 0.9 ? 32 : 29;
                var size = 1UL << (64 - length);
                high = (high + size - 1) & ~(size - 1);
                country = Share() < 0.3 ? country : Any();
                yield return (new Network(new Address(high, 0), length), country);
                high += size;
                if (high >> 48 >= region + 0x10)
                {
                    break;
                }
            }
        }
    }

    public byte[] Write(int recordBits = 24)
    {
        var writer = new MmdbWriter(recordBits) { DatabaseType = "Synthetic-Country" };
        var records = Countries.ToDictionary(static country => country, Record);
        foreach (var (network, country) in Networks())
        {
            writer.Add(network, records[country]);
        }

        return writer.Write();
    }

    public byte[] WriteCsv()
    {
        var text = new StringBuilder();
        foreach (var (network, country) in Networks())
        {
            text.Append(network.First).Append(',').Append(network.Last).Append(',').Append(country).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    // As large as MaxMind's: names in eight languages.
    private static Dictionary<string, object> Record(CountryCode country) => new()
    {
        ["continent"] = new Dictionary<string, object> { ["code"] = "EU", ["geoname_id"] = 6255148u, ["names"] = Names("Continent") },
        ["country"] = new Dictionary<string, object> { ["geoname_id"] = 2921044u, ["iso_code"] = country.ToString(), ["names"] = Names($"Country {country}") },
        ["registered_country"] = new Dictionary<string, object> { ["geoname_id"] = 2921044u, ["iso_code"] = country.ToString(), ["names"] = Names($"Country {country}") },
    };

    private static Dictionary<string, object> Names(string name) =>
        new[] { "de", "en", "es", "fr", "ja", "pt-BR", "ru", "zh-CN" }.ToDictionary(static language => language, language => (object)(language == "en" ? name : $"{name} ({language})"));

    private CountryCode Any() => Countries[(int)Math.Min(Countries.Count - 1, Math.Exp(Share() * Math.Log(Countries.Count + 1)) - 1)];

    // SplitMix64 (Steele, Lea, Flood 2014).
    private double Share()
    {
        _state += 0x9e3779b97f4a7c15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
