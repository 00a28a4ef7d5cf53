using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;

namespace Ringfence.Tests.Geo;

/// <summary>Networks and what is known of them, and the plainest way to ask them: what the readers are held against.</summary>
internal sealed record GeoWorld(IReadOnlyList<(Network Network, GeoKey Key)> Networks)
{
    private static readonly string[] Codes = ["DE", "US", "FR", "CN", "RU", "BR", "ZA", "AU"];

    /// <summary>The one that counts is the last that holds the address.</summary>
    public GeoKey KeyOf(Address address) => Networks.LastOrDefault(pair => pair.Network.Contains(address)).Key;

    /// <summary>Nothing changes but at a network's ends.</summary>
    public IEnumerable<Address> Borders() => Networks.SelectMany(static pair => new[] { pair.Network.First, pair.Network.Last, pair.Network.First.Previous, pair.Network.Last.Next })
        .Append(Address.Highest).Append(Address.FromIPv4(0)).Append(Address.FromIPv4(uint.MaxValue));

    /// <summary>Networks inside of each other too; what fails is told of the fewest of them.</summary>
    public static Arbitrary<GeoWorld> All(bool hasIPv6 = true)
    {
        var key = Gen.Zip(Gen.Elements(Codes), Gen.Elements<uint>(0, 0, 64_496, 64_497, 64_511)).Select(static pair => new GeoKey(CountryCode.Parse(pair.Item1), pair.Item2));
        var ipv4 = Gen.Zip(Gen.Zip(Gen.Choose(0, 3), Gen.Choose(20, 30)), Gen.Zip(Gen.Choose(0, 255), Gen.Choose(1, 32)))
            .Select(static place => new Network(Address.FromIPv4(((uint)place.Item1.Item1 << place.Item1.Item2) | (uint)place.Item2.Item1), place.Item2.Item2));

        // Outside of ::/8 and the ways to IPv4.
        var ipv6 = Gen.Zip(Gen.Zip(Gen.Choose(0, 3), Gen.Choose(40, 63)), Gen.Zip(Gen.Choose(0, int.MaxValue), Gen.Choose(9, 128)))
            .Select(static place => new Network(new Address(0x2400_0000_0000_0000 | ((ulong)place.Item1.Item1 << place.Item1.Item2 >> 4), (ulong)place.Item2.Item1 << 32), place.Item2.Item2));
        return Arb.From(
            Gen.Zip(hasIPv6 ? Gen.OneOf(ipv4, ipv6) : ipv4, key).NonEmptyListOf().Select(Sorted),
            static world => world.Networks.Count < 2 ? [] : world.Networks.Select(one => new GeoWorld([.. world.Networks.Where(other => other != one)])).Where(static smaller => smaller.Networks.Count > 0));
    }

    /// <summary>Of a seed, for fuzzing.</summary>
    public static GeoWorld Any(Random random, bool hasIPv6)
    {
        List<(Network, GeoKey)> networks = [];
        for (var left = random.Next(1, 30); left > 0; left--)
        {
            var key = new GeoKey(CountryCode.Parse(Codes[random.Next(Codes.Length)]), random.Next(3) == 0 ? (uint)random.Next(64_496, 64_512) : 0);
            if (hasIPv6 && random.Next(2) == 0)
            {
                // Outside of ::/8 and the ways to IPv4.
                var near = (ulong)random.Next(4) << random.Next(40, 64);
                networks.Add((new Network(new Address(0x2400_0000_0000_0000 | (near >> 4), (ulong)random.NextInt64()), random.Next(9, 129)), key));
            }
            else
            {
                networks.Add((new Network(Address.FromIPv4((uint)random.Next(4) << random.Next(20, 31) | (uint)random.Next(256)), random.Next(1, 33)), key));
            }
        }

        return Sorted(networks);
    }

    // The wider first: a tree can't hold them otherwise.
    private static GeoWorld Sorted(IEnumerable<(Network Network, GeoKey Key)> networks) => new([.. networks.OrderBy(static pair => pair.Network.PrefixLength + (pair.Network.IsIPv4 ? 96 : 0))]);

    /// <summary>As the makers of databases write it; each key's record once.</summary>
    public byte[] Write(int recordBits, int ipVersion, bool hasPointers = true)
    {
        var writer = new MmdbWriter(recordBits, ipVersion) { HasPointers = hasPointers };
        Dictionary<GeoKey, object> records = [];
        foreach (var (network, key) in Networks)
        {
            if (!records.TryGetValue(key, out var record))
            {
                records[key] = record = new Dictionary<string, object>
                {
                    ["continent"] = new Dictionary<string, object> { ["code"] = "EU", ["geoname_id"] = 6255148u },
                    ["country"] = new Dictionary<string, object> { ["iso_code"] = key.Country.ToString(), ["names"] = new Dictionary<string, object> { ["de"] = "Land", ["en"] = "Country" } },
                    ["location"] = new Dictionary<string, object> { ["latitude"] = 51.5, ["accuracy_radius"] = (ushort)100, ["is_known"] = true },
                    ["autonomous_system_number"] = key.Asn,
                };
            }

            writer.Add(network, record);
        }

        return writer.Write();
    }
}
