using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Xunit;

namespace Ringfence.Tests.Geo;

public sealed class MmdbReaderTests
{
    [Theory]
    [InlineData(24, 4)]
    [InlineData(28, 4)]
    [InlineData(32, 4)]
    [InlineData(24, 6)]
    [InlineData(28, 6)]
    [InlineData(32, 6)]
    public void Each_address_is_where_the_networks_say_by_lookup_and_by_enumeration(int recordBits, int ipVersion)
    {
        Prop.ForAll(GeoWorld.All(ipVersion == 6), Gen.Elements(false, true).ToArbitrary(), (world, hasPointers) =>
        {
            var reader = MmdbReader.Open(world.Write(recordBits, ipVersion, hasPointers));
            var table = reader.ReadAll();

            foreach (var address in world.Borders())
            {
                var expected = world.KeyOf(address);
                Assert.Equal(expected, reader.KeyOf(address));
                Assert.Equal(expected, table.KeyOf(address));
                var answer = reader.Find(address);
                Assert.Equal(expected, answer.Record?.Key ?? default);
                Assert.True(answer.Network.Contains(address));
                Assert.Equal(expected, world.KeyOf(answer.Network.First));
                Assert.Equal(expected, world.KeyOf(answer.Network.Last));
            }

            AssertSound(table);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void IPv4_is_found_by_its_other_ways_through_IPv6_and_enumerated_once()
    {
        var writer = new MmdbWriter();
        writer.Add(Network.Parse("198.51.100.0/24")!.Value, Country("DE"));
        writer.Add(Network.Parse("2001:db8::/32")!.Value, Country("FR"));

        var reader = MmdbReader.Open(writer.Write());

        Assert.Equal("DE", reader.KeyOf(Address.Parse("198.51.100.7")!.Value).Country.ToString());
        Assert.Equal("DE", reader.KeyOf(Address.Parse("2002:c633:6407::1")!.Value).Country.ToString());
        Assert.Equal("DE", reader.KeyOf(Address.Parse("2001:0:c633:6407::1")!.Value).Country.ToString());
        Assert.Equal(["198.51.100.0-198.51.100.255 DE", "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff FR"], Lines(reader.ReadAll()));
    }

    [Fact]
    public void A_record_above_all_of_IPv4_holds_all_of_IPv4()
    {
        var writer = new MmdbWriter(hasAliases: false);
        writer.Add(Network.Parse("::/8")!.Value, Country("DE"));

        var reader = MmdbReader.Open(writer.Write());

        Assert.Equal(new GeoAnswer(Network.Parse("0.0.0.0/0")!.Value, new GeoRecord { Country = CountryCode.Parse("DE") }), reader.Find(Address.Parse("192.0.2.1")!.Value));
        Assert.Equal(["::-::fffe:ffff:ffff DE", "0.0.0.0-255.255.255.255 DE", "::1:0:0:0-ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff DE"], Lines(reader.ReadAll()));
    }

    [Fact]
    public void What_each_maker_writes_of_an_address_is_read()
    {
        // Field names by the makers' descriptions; the values are made up.
        Assert.Equal(
            new GeoRecord { Country = CountryCode.Parse("DE"), CountryName = "Germany", Continent = "EU", City = "Cologne" },
            RecordOf(new Dictionary<string, object>
            {
                ["city"] = new Dictionary<string, object> { ["geoname_id"] = 1u, ["names"] = new Dictionary<string, object> { ["de"] = "Köln", ["en"] = "Cologne" } },
                ["continent"] = new Dictionary<string, object> { ["code"] = "EU", ["names"] = new Dictionary<string, object> { ["en"] = "Europe" } },
                ["country"] = new Dictionary<string, object> { ["iso_code"] = "DE", ["is_in_european_union"] = true, ["names"] = new Dictionary<string, object> { ["en"] = "Germany" } },
                ["registered_country"] = new Dictionary<string, object> { ["iso_code"] = "US" },
                ["subdivisions"] = new List<object> { new Dictionary<string, object> { ["iso_code"] = "NW", ["names"] = new Dictionary<string, object> { ["en"] = "X" } } },
            }));
        Assert.Equal(
            new GeoRecord { Asn = 64500, Organisation = "Example Net" },
            RecordOf(new Dictionary<string, object> { ["autonomous_system_number"] = 64500u, ["autonomous_system_organization"] = "Example Net" }));
        Assert.Equal(
            new GeoRecord { Asn = 64500, Organisation = "Example Net", Country = CountryCode.Parse("US") },
            RecordOf(new Dictionary<string, object>
            {
                ["country"] = new Dictionary<string, object> { ["iso_code"] = "US" },
                ["traits"] = new Dictionary<string, object> { ["autonomous_system_number"] = 64500u, ["autonomous_system_organization"] = "Example Net", ["is_anycast"] = true },
            }));
        Assert.Equal(
            new GeoRecord { Asn = 64500, Organisation = "Example Net", Country = CountryCode.Parse("DE"), CountryName = "Germany", Continent = "EU" },
            RecordOf(new Dictionary<string, object>
            {
                ["as_domain"] = "example.net",
                ["as_name"] = "Example Net",
                ["asn"] = "AS64500",
                ["continent"] = "Europe",
                ["continent_code"] = "EU",
                ["country"] = "Germany",
                ["country_code"] = "DE",
            }));
        Assert.Equal(
            new GeoRecord { Country = CountryCode.Parse("DE"), CountryName = "Germany", Continent = "EU" },
            RecordOf(new Dictionary<string, object> { ["country"] = "DE", ["country_name"] = "Germany", ["continent"] = "EU", ["continent_name"] = "Europe" }));
        Assert.Equal(
            new GeoRecord { Country = CountryCode.Parse("DE"), City = "Cologne" },
            RecordOf(new Dictionary<string, object> { ["city"] = "Cologne", ["country_code"] = "DE", ["latitude"] = "50.9", ["timezone"] = "Europe/Berlin" }));
        Assert.Equal(GeoRecord.Empty, RecordOf(new Dictionary<string, object> { ["registered_country"] = new Dictionary<string, object> { ["iso_code"] = "US" } }));
    }

    [Theory]
    [InlineData("EU")]
    [InlineData("AP")]
    [InlineData("A1")]
    [InlineData("A2")]
    [InlineData("XX")]
    [InlineData("ZZ")]
    [InlineData("-")]
    [InlineData("")]
    public void A_code_that_is_no_country_is_an_unknown_one(string code) =>
        Assert.Equal(default, RecordOf(new Dictionary<string, object> { ["country"] = new Dictionary<string, object> { ["iso_code"] = code } }).Country);

    [Fact]
    public void A_lookup_of_country_and_operator_allocates_nothing()
    {
        var reader = MmdbReader.Open(GeoWorld.Any(new Random(7), hasIPv6: true).Write(28, 6));
        var addresses = Enumerable.Range(0, 1000).Select(i => Address.FromIPv4((uint)i * 4_294_967)).ToArray();
        var known = addresses.Count(address => !reader.KeyOf(address).IsEmpty);
        var again = 0;

        Assert.Equal(0, Allocations.Of(() =>
        {
            again = 0;
            foreach (var address in addresses)
            {
                again += reader.KeyOf(address).IsEmpty ? 0 : 1;
            }
        }));
        Assert.Equal(known, again);
    }

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_refused_or_read_without_a_crash()
    {
        var file = GeoWorld.Any(new Random(3), hasIPv6: true).Write(24, 6);

        for (var length = 0; length < file.Length; length++)
        {
            ReadHostile(file[..length]);
        }
    }

    [Fact]
    public void A_damaged_file_ends_in_a_message_or_an_answer_seeded()
    {
        var random = new Random(20261122);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var file = GeoWorld.Any(random, hasIPv6: true).Write(24 + (4 * random.Next(3)), 6, random.Next(2) == 0);
            for (var wounds = random.Next(1, 6); wounds > 0; wounds--)
            {
                file[random.Next(file.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(2) * 255);
            }

            refused += ReadHostile(file) ? 0 : 1;
        }

        Assert.InRange(refused, 1000, 19_000);
    }

    [Fact]
    public void A_tree_that_is_a_web_is_refused_and_not_walked_for_ever()
    {
        // Each node leads to the next by both sides: 2^127 ways, all of them within a file of 3 KiB.
        var file = new MmdbWriter(24, 6, hasAliases: false);
        file.Add(Network.Of(Address.Highest), Country("DE"));
        var bytes = file.Write();
        for (var node = 0; node < 127; node++)
        {
            bytes.AsSpan((node * 6) + 3, 3).CopyTo(bytes.AsSpan(node * 6, 3));
        }

        var refusal = Assert.Throws<GeoFormatException>(() => MmdbReader.Open(bytes).ReadAll());

        Assert.Contains("never ends", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_that_comes_back_to_itself_is_refused()
    {
        var writer = new MmdbWriter(24, 4);
        writer.Add(Network.Parse("192.0.2.0/24")!.Value, Country("DE"));
        var bytes = writer.Write();
        bytes.AsSpan(0, 6).Clear();

        Assert.Throws<GeoFormatException>(() => MmdbReader.Open(bytes).KeyOf(Address.FromIPv4(0)));
        Assert.Throws<GeoFormatException>(() => MmdbReader.Open(bytes).ReadAll());
    }

    [Fact]
    public void A_record_of_a_million_fields_costs_no_more_than_a_few_thousand()
    {
        var writer = new MmdbWriter(24, 4);
        writer.Add(Network.Parse("192.0.2.0/24")!.Value, new Dictionary<string, object> { ["fields"] = new List<object>(Enumerable.Repeat<object>("x", 1_000_000)) });

        var refusal = Assert.Throws<GeoFormatException>(() => MmdbReader.Open(writer.Write()).KeyOf(Address.Parse("192.0.2.1")!.Value));

        Assert.Contains("more than 2000 fields", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_of_maps_in_maps_is_read_to_a_depth()
    {
        object inner = "x";
        for (var depth = 0; depth < 100; depth++)
        {
            inner = new Dictionary<string, object> { ["m"] = inner };
        }

        var writer = new MmdbWriter(24, 4);
        writer.Add(Network.Parse("192.0.2.0/24")!.Value, inner);

        Assert.Throws<GeoFormatException>(() => MmdbReader.Open(writer.Write()).KeyOf(Address.Parse("192.0.2.1")!.Value));
    }

    [Theory]
    [InlineData("<html><body>Sign in to download</body></html>", "is no MMDB database")]
    [InlineData("", "is no MMDB database")]
    [InlineData("\u001f\u008b\u0008", "is compressed")]
    public void What_is_no_database_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<GeoFormatException>(() => MmdbReader.Open(Encoding.Latin1.GetBytes(text))).Message, StringComparison.Ordinal);

    internal static Dictionary<string, object> Country(string code) => new() { ["country"] = new Dictionary<string, object> { ["iso_code"] = code } };

    internal static List<string> Lines(GeoTable table)
    {
        List<string> lines = [];
        foreach (var range in table.Ranges)
        {
            lines.Add($"{range.First}-{range.Last} {range.Key.Country}{(range.Key.Asn == 0 ? "" : $" AS{range.Key.Asn}")}");
        }

        return lines;
    }

    internal static void AssertSound(GeoTable table)
    {
        var ranges = table.Ranges;
        for (var i = 0; i < ranges.Length; i++)
        {
            Assert.True(ranges[i].First.CompareTo(ranges[i].Last) <= 0 && ranges[i].First.IsIPv4 == ranges[i].Last.IsIPv4 && !ranges[i].Key.IsEmpty);
            Assert.True(i == 0 || ranges[i - 1].Last.CompareTo(ranges[i].First) < 0, "disjoint and ascending");
        }
    }

    private static GeoRecord RecordOf(Dictionary<string, object> record)
    {
        var writer = new MmdbWriter();
        writer.Add(Network.Parse("192.0.2.0/24")!.Value, record);
        return MmdbReader.Open(writer.Write()).Find(Address.Parse("192.0.2.1")!.Value).Record!;
    }

    private static bool ReadHostile(byte[] file)
    {
        try
        {
            var reader = MmdbReader.Open(file);
            for (var i = 0; i < 32; i++)
            {
                _ = reader.Find(Address.FromIPv4(0x0841_0007u * (uint)i));
                _ = reader.KeyOf(new Address(0x2400_0000_0000_0000 | ((ulong)i << 50), 1));
            }

            AssertSound(reader.ReadAll());
            return true;
        }
        catch (GeoFormatException)
        {
            return false;
        }
    }
}
