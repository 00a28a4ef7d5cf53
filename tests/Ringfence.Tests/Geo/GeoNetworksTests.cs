using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Xunit;

namespace Ringfence.Tests.Geo;

public sealed class GeoNetworksTests
{
    private static readonly CountryCode[] Codes = [.. new[] { "DE", "US", "FR", "CN", "RU", "BR", "ZA", "AU" }.Select(static code => CountryCode.Parse(code))];

    [Fact]
    public void The_networks_hold_exactly_the_addresses_that_the_choice_takes()
    {
        Prop.ForAll(GeoWorld.All(), Choices(), static (world, choice) =>
        {
            var table = TableOf(world);

            var networks = GeoNetworks.Of(choice, table);

            foreach (var address in world.Borders().Concat(GeoChoice.Local.SelectMany(static network => new[] { network.First, network.Last, network.First.Previous, network.Last.Next })))
            {
                Assert.True(choice.Takes(address, table) == (networks.Networks.Any(network => network.Contains(address)) != networks.IsComplement), $"{address}");
                Assert.Equal(world.KeyOf(address), table.KeyOf(address));
            }

            AssertFewest(networks.Networks);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Of_a_set_and_its_complement_the_smaller_is_given()
    {
        var table = TableOf(new GeoWorld([(Network.Parse("198.51.100.0/24")!.Value, new GeoKey(Codes[0], 0)), (Network.Parse("203.0.113.0/24")!.Value, new GeoKey(Codes[1], 0))]));

        var only = GeoNetworks.Of(new GeoChoice { Countries = new HashSet<CountryCode> { Codes[0] } }, table);
        var except = GeoNetworks.Of(new GeoChoice { Countries = new HashSet<CountryCode> { Codes[0] }, IsExcept = true }, table);

        Assert.Equal([Network.Parse("198.51.100.0/24")!.Value], only.Networks);
        Assert.False(only.IsComplement);
        Assert.Equal([Network.Parse("198.51.100.0/24")!.Value], except.Networks);
        Assert.True(except.IsComplement);
    }

    [Theory]
    [InlineData(false, false, UnknownCountry.AsListed, false, false)]
    [InlineData(false, false, UnknownCountry.Allow, true, true)]
    [InlineData(false, false, UnknownCountry.Deny, false, false)]
    [InlineData(false, true, UnknownCountry.AsListed, true, true)]
    [InlineData(false, true, UnknownCountry.Allow, true, true)]
    [InlineData(false, true, UnknownCountry.Deny, false, true)]
    [InlineData(true, false, UnknownCountry.AsListed, false, false)]
    [InlineData(true, false, UnknownCountry.Allow, false, false)]
    [InlineData(true, false, UnknownCountry.Deny, true, false)]
    [InlineData(true, true, UnknownCountry.AsListed, true, false)]
    [InlineData(true, true, UnknownCountry.Allow, false, false)]
    [InlineData(true, true, UnknownCountry.Deny, true, false)]
    public void An_unknown_address_is_taken_as_the_operator_says_and_no_list_of_all_but_some_shuts_out_the_office(bool shuts, bool isExcept, object unknown, bool takesUnknown, bool takesLocal)
    {
        var choice = new GeoChoice { Countries = new HashSet<CountryCode> { Codes[0] }, IsExcept = isExcept, Unknown = (UnknownCountry)unknown, Shuts = shuts };

        Assert.Equal(takesUnknown, choice.Takes(Address.Parse("203.0.113.9")!.Value, GeoTable.Empty));
        Assert.Equal(takesLocal, choice.Takes(Address.Parse("192.168.1.9")!.Value, GeoTable.Empty));
        Assert.Equal(takesLocal, choice.Takes(Address.Parse("fe80::1")!.Value, GeoTable.Empty));
    }

    [Fact]
    public void Who_names_operators_alone_has_not_asked_for_countries()
    {
        var table = TableOf(new GeoWorld([(Network.Parse("198.51.100.0/24")!.Value, new GeoKey(default, 64500)), (Network.Parse("203.0.113.0/24")!.Value, new GeoKey(default, 64501))]));
        var choice = new GeoChoice { Asns = new HashSet<uint> { 64500 }, Unknown = UnknownCountry.Allow };

        Assert.True(choice.Takes(Address.Parse("198.51.100.1")!.Value, table));
        Assert.False(choice.Takes(Address.Parse("203.0.113.1")!.Value, table));
    }

    [Fact]
    public void Two_tables_together_know_what_either_knows()
    {
        Prop.ForAll(GeoWorld.All(), GeoWorld.All(), static (one, other) =>
        {
            var both = TableOf(one).Or(TableOf(other));

            foreach (var address in one.Borders().Concat(other.Borders()))
            {
                Assert.Equal(one.KeyOf(address).Or(other.KeyOf(address)), both.KeyOf(address));
            }

            MmdbReaderTests.AssertSound(both);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Theory]
    [InlineData("0.0.0.0", "255.255.255.255")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1", "198.51.100.7")]
    [InlineData("255.255.255.254", "255.255.255.255")]
    [InlineData("2001:db8::1", "2001:db8:ffff::fffe")]
    [InlineData("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void A_range_is_the_fewest_networks_that_make_it_up(string first, string last)
    {
        List<Network> networks = [];

        new RangeNetworks(Address.Parse(first)!.Value, Address.Parse(last)!.Value).AddTo(networks);

        Assert.Equal(Address.Parse(first), networks[0].First);
        Assert.Equal(Address.Parse(last), networks[^1].Last);
        for (var i = 1; i < networks.Count; i++)
        {
            Assert.Equal(networks[i - 1].Last.Next, networks[i].First);
        }

        AssertFewest(networks);
    }

    [Fact]
    public void The_sizes_of_countries_are_those_of_their_networks()
    {
        var table = TableOf(new GeoWorld(
        [
            (Network.Parse("198.51.100.0/24")!.Value, new GeoKey(Codes[0], 64500)),
            (Network.Parse("198.51.101.0/24")!.Value, new GeoKey(Codes[0], 64501)),
            (Network.Parse("203.0.113.0/25")!.Value, new GeoKey(Codes[1], 0)),
            (Network.Parse("2001:db8::/48")!.Value, new GeoKey(Codes[0], 0)),
        ]));

        Assert.Equal([new CountrySize(Codes[0], 1, 512, 1, 65_536), new CountrySize(Codes[1], 1, 128, 0, 0)], GeoSummary.Of(table));
    }

    internal static GeoTable TableOf(GeoWorld world)
    {
        var builder = new GeoTableBuilder();
        foreach (var (network, key) in world.Networks)
        {
            builder.Add(network, key);
        }

        return builder.Build();
    }

    private static Arbitrary<GeoChoice> Choices() => Gen.Zip(
        Gen.Zip(Gen.SubListOf(Codes), Gen.SubListOf<uint>(64_496, 64_497, 64_511)),
        Gen.Zip(Gen.Choose(0, 3), Gen.Elements(Enum.GetValues<UnknownCountry>()))).Select(static choice => new GeoChoice
        {
            Countries = choice.Item1.Item1.ToHashSet(),
            Asns = choice.Item1.Item2.ToHashSet(),
            IsExcept = choice.Item2.Item1 % 2 == 0,
            Shuts = choice.Item2.Item1 / 2 == 0,
            Unknown = choice.Item2.Item2,
        }).ToArbitrary();

    private static void AssertFewest(IReadOnlyList<Network> networks)
    {
        for (var i = 1; i < networks.Count; i++)
        {
            var (one, other) = (networks[i - 1], networks[i]);
            Assert.True(one.Last.CompareTo(other.First) < 0, "disjoint and ascending");
            Assert.False(
                one.IsIPv4 == other.IsIPv4 && one.PrefixLength == other.PrefixLength && one.PrefixLength > 0 && new Network(one.First, one.PrefixLength - 1).Contains(other.First),
                $"{one} and {other} are one network");
        }
    }
}
