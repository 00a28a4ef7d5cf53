using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Tests.Geo;

namespace Ringfence.Bench.Fuzzing;

/// <summary>Databases of countries, as somebody's server sent them.</summary>
internal static class GeoTargets
{
    private static readonly byte[][] Lists =
    [
        .. new[]
        {
            "198.51.100.0,198.51.100.255,DE\n2001:db8::,2001:db8::ffff,US\n",
            "\"3325256704\",\"3325256959\",\"DE\",\"Germany\"\n",
            "network,country,country_code,continent,continent_code,asn,as_name\n198.51.100.0/24,Germany,DE,Europe,EU,AS64500,\"Example, Inc\"\n",
            "198.51.100.0\t198.51.100.255\t64500\tDE\tEXAMPLE\n",
        }.Select(System.Text.Encoding.ASCII.GetBytes),
    ];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("mmdb", _ => [new SyntheticGeo(30, 1).Write(24), new SyntheticGeo(30, 2).Write(28), new SyntheticGeo(30, 3).Write(32)], input => Read(input, static file => MmdbReader.Open(file))),
        new("geo-csv", _ => Lists, input => Read(input, static file => GeoCsv.Read(file))),
    ];

    private static void Read(ReadOnlySpan<byte> input, Func<byte[], GeoDatabase> open)
    {
        try
        {
            var database = open(input.ToArray());
            FuzzTargets.Ignore(database.Find(Address.FromIPv4(0x0100_0001)).Record is null && database.KeyOf(new Address(0x2400_0000_0000_0000, 1)).IsEmpty);
            var networks = GeoNetworks.Of(new GeoChoice { Countries = new HashSet<CountryCode> { CountryCode.Parse("DE") }, IsExcept = true }, database.ReadAll());
            FuzzTargets.Ignore(networks.Networks.Count == 0);
        }
        catch (GeoFormatException)
        {
            // Said.
        }
    }
}
