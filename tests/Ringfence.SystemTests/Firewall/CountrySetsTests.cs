using System.Net;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Enforcement;
using Ringfence.Tests.Geo;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>Countries in the kernel: what they let through is what the choice says, by packets.</summary>
public sealed class CountrySetsTests : IAsyncDisposable
{
    private const string Chain = "from_abroad";

    private static readonly CountryCode Germany = CountryCode.Parse("DE");
    private static readonly CountryCode Brazil = CountryCode.Parse("BR");

    private readonly Wall _wall = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_full_size_database_all_countries_but_three_come_through_and_just_those_do_not()
    {
        var world = new SyntheticGeo();
        var table = MmdbReader.Open(world.Write()).ReadAll();
        var three = new HashSet<CountryCode> { world.Countries[1], world.Countries[4], world.Countries[9] };
        var probes = Probes(world, three);
        MakeTable();
        ReachableFrom(probes);
        var sets = New();
        foreach (var unknown in new[] { UnknownCountry.AsListed, UnknownCountry.Deny })
        {
            var choice = new GeoChoice { Countries = three, IsExcept = true, Unknown = unknown };

            await sets.LoadAsync(Chain, GeoNetworks.Of(choice, table), "accept", Stop);

            AssertTaken(choice, table, probes);
        }

        // And those three alone.
        var only = new GeoChoice { Countries = three };
        await sets.LoadAsync(Chain, GeoNetworks.Of(only, table), "accept", Stop);
        AssertTaken(only, table, probes);

        // Of three loads one is left.
        Assert.Equal([Chain], _wall.Nft("list", "sets", "inet").Split('\n').Where(static line => line.Contains("set ", StringComparison.Ordinal)).Select(static line => line.Trim().Split(' ')[1].Split("_g")[0]).Distinct());
    }

    [Fact]
    public async Task A_newer_database_takes_the_place_of_the_old_one_and_a_load_that_fails_leaves_it()
    {
        MakeTable();
        var (phone, attacker) = (Network.Parse(Wall.Phone4)!.Value, Network.Parse(Wall.Attacker4)!.Value);
        var germany = new GeoChoice { Countries = new HashSet<CountryCode> { Germany } };
        await New().LoadAsync(Chain, GeoNetworks.Of(germany, Table((phone, Germany), (attacker, Brazil))), "accept", Stop);
        _wall.AssertPhoneAloneArrives();

        await Assert.ThrowsAsync<FirewallException>(() => New().LoadAsync(Chain, GeoNetworks.Of(germany, Table((attacker, Germany))), "goto nowhere", Stop));
        _wall.AssertPhoneAloneArrives();

        await New().LoadAsync(Chain, GeoNetworks.Of(germany, Table((phone, Brazil), (attacker, Germany))), "accept", Stop);
        Assert.False(_wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.True(_wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.DoesNotContain("_g1_", _wall.Nft("list", "ruleset"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_chains_whose_names_begin_alike_are_each_left_alone_by_the_other()
    {
        MakeTable();
        var phone = Network.Parse(Wall.Phone4)!.Value;
        var germany = new GeoChoice { Countries = new HashSet<CountryCode> { Germany } };
        await New().LoadAsync(Chain, GeoNetworks.Of(germany, Table((phone, Germany))), "accept", Stop);

        await New().LoadAsync("from", GeoNetworks.Of(germany, Table((phone, Brazil))), "accept", Stop);

        _wall.AssertPhoneAloneArrives();
    }

    public ValueTask DisposeAsync() => _wall.DisposeAsync();

    private CountrySets New() => new("ringfence_policy", new NftCommand([.. _wall.Pbx.Prefix, "nft"]), () => _wall.Pbx.Run(NetlinkSocket.Open));

    private static GeoTable Table(params (Network Network, CountryCode Country)[] networks)
    {
        var table = new GeoTableBuilder();
        foreach (var (network, country) in networks)
        {
            table.Add(network, new GeoKey(country, 0));
        }

        return table.Build();
    }

    // As a policy does: ICMP passes, who is taken is accepted in the chain, and the rest is dropped.
    private void MakeTable()
    {
        _wall.Pbx.ExecuteWithInput(
            $$"""
            add table inet ringfence_policy
            add chain inet ringfence_policy {{Chain}}
            add chain inet ringfence_policy input { type filter hook input priority -5; policy drop; }
            add rule inet ringfence_policy input meta l4proto { icmp, ipv6-icmp } accept
            add rule inet ringfence_policy input jump {{Chain}}
            """,
            "nft",
            "-f",
            "-");
    }

    /// <summary>At the ends of networks of the three countries and of others, and in what nobody knows: 200 of each family.</summary>
    private static List<Address> Probes(SyntheticGeo world, HashSet<CountryCode> three)
    {
        var random = new Random(20261122);
        var networks = world.Networks().ToList();
        HashSet<Address> probes = [Address.Parse("192.168.77.1")!.Value, Address.Parse("fd00::77")!.Value];
        foreach (var isIPv4 in new[] { true, false })
        {
            var ofFamily = networks.Where(pair => pair.Network.IsIPv4 == isIPv4).ToList();
            var ofThree = ofFamily.Where(pair => three.Contains(pair.Country)).ToList();
            for (var i = 0; i < 50; i++)
            {
                var (inside, other) = (ofThree[random.Next(ofThree.Count)].Network, ofFamily[random.Next(ofFamily.Count)].Network);
                probes.UnionWith([inside.First, inside.Last, other.First, other.Last.Next]);
            }
        }

        // Not the machine's own network, loopback, or what no host can have.
        return [.. probes.Where(address => !address.IsIPv4 || ((address.IPv4Bits >> 24) is > 0 and < 224 and not 127 && address.IPv4Bits >> 8 != 0xc6_3364)).Order()];
    }

    private void ReachableFrom(IEnumerable<Address> probes)
    {
        _wall.Outside.ExecuteWithInput(
            string.Concat(probes.Select(address => address.IsIPv4 ? $"address add {address}/32 dev lo\n" : $"address add {address}/128 dev lo nodad\n")), "ip", "-batch", "-");
        _wall.Pbx.Ip("route", "add", "default", "via", Wall.Attacker4);
        _wall.Pbx.Ip("-6", "route", "add", "default", "via", Wall.Attacker6);
    }

    private void AssertTaken(GeoChoice choice, GeoTable table, List<Address> probes)
    {
        foreach (var isIPv4 in new[] { true, false })
        {
            // Loopback is asked for nothing; who is sent last says that all are through.
            var family = probes.Where(address => address.IsIPv4 == isIPv4).ToList();
            var last = family.Last(address => choice.Takes(address, table));
            using var receiving = Wall.Udp(_wall.Pbx, isIPv4 ? Wall.Pbx4 : Wall.Pbx6, 0);
            receiving.ReceiveTimeout = 5000;
            foreach (var address in family.Where(address => address != last).Append(last))
            {
                using var sending = Wall.Udp(_wall.Outside, address.ToString(), 0);
                sending.SendTo("x"u8, receiving.LocalEndPoint!);
            }

            HashSet<Address> arrived = [];
            while (!arrived.Contains(last))
            {
                EndPoint from = new IPEndPoint(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
                receiving.ReceiveFrom(new byte[16], ref from);
                arrived.Add(Address.From(((IPEndPoint)from).Address));
            }

            Assert.Equal(family.Where(address => choice.Takes(address, table)).Order(), arrived.Order());
            Assert.NotEqual(family.Count, arrived.Count);
        }
    }
}
