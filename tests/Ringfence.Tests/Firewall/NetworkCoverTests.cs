using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.Tests.Firewall;

public sealed class NetworkCoverTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void A_longer_ban_inside_a_shorter_one_is_cut_out_of_it()
    {
        var cover = NetworkCover.Flatten([Ban("10.0.0.0/8", 1), Ban("10.1.0.0/16", 2)]);

        Assert.Equal(
            [Between("10.0.0.0", "10.0.255.255", 1), Between("10.1.0.0", "10.1.255.255", 2), Between("10.2.0.0", "10.255.255.255", 1)], cover);
    }

    [Fact]
    public void A_shorter_ban_inside_a_longer_one_needs_nothing_of_its_own()
    {
        var cover = NetworkCover.Flatten([Ban("10.1.0.0/16", 1), Ban("10.0.0.0/8", null)]);

        Assert.Equal([Between("10.0.0.0", "10.255.255.255", null)], cover);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_address_is_banned_until_the_latest_end_of_all_networks_around_it_seeded(bool isIPv4)
    {
        var random = new Random(20261121);
        for (var round = 0; round < 400; round++)
        {
            var bans = Enumerable.Range(0, random.Next(1, 14)).Select(_ => AnyBan(random, isIPv4)).ToList();

            var cover = NetworkCover.Flatten(bans);

            for (var i = 1; i < cover.Count; i++)
            {
                Assert.True(cover[i - 1].Last.Bits < cover[i].First.Bits, "disjoint and ascending");
            }

            // Ends change at borders only: those and their neighbours stand for all addresses.
            foreach (var address in bans.SelectMany(ban => Around(ban.Key)).Where(address => address.IsIPv4 == isIPv4))
            {
                Assert.Equal(EndByBans(bans, address), EndByCover(cover, address));
            }
        }
    }

    [Fact]
    public void The_difference_makes_of_any_actual_the_wanted_and_touches_nothing_that_is_right_seeded()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 400; round++)
        {
            var wanted = NetworkCover.Flatten(Enumerable.Range(0, random.Next(10)).Select(_ => AnyBan(random, true)).ToList());
            var actual = NetworkCover.Flatten(Enumerable.Range(0, random.Next(10)).Select(_ => AnyBan(random, true)).ToList());
            var half = wanted.Where(_ => random.Next(2) == 0).Where(interval => !actual.Exists(interval.Overlaps)).ToList();
            actual = [.. actual.Concat(half).OrderBy(interval => interval.First)];

            var (remove, add) = NetworkCover.Difference(wanted, actual, TimeSpan.Zero);

            Assert.Equal(wanted, actual.Except(remove).Concat(add).OrderBy(interval => interval.First));
            Assert.Empty(remove.Intersect(half));
        }
    }

    [Fact]
    public void Ends_that_differ_by_less_than_the_tolerance_are_the_same_end()
    {
        var (remove, add) = NetworkCover.Difference(
            [Between("10.0.0.0", "10.0.0.255", 100)], [Between("10.0.0.0", "10.0.0.255", 101)], TimeSpan.FromSeconds(2));

        Assert.Empty(remove);
        Assert.Empty(add);
    }

    [Fact]
    public void What_touches_and_what_conflicts_is_what_a_plain_search_finds_seeded()
    {
        var random = new Random(20261123);
        for (var round = 0; round < 400; round++)
        {
            var wanted = NetworkCover.Flatten(Enumerable.Range(0, random.Next(10)).Select(_ => AnyBan(random, true)).ToList());
            var others = NetworkCover.Flatten(Enumerable.Range(0, random.Next(10)).Select(_ => AnyBan(random, true)).ToList());

            Assert.Equal(others.Where(other => wanted.Exists(other.Overlaps)).ToHashSet(), NetworkCover.Touching(wanted, others));
            Assert.Equal(
                others.Where(other => wanted.Exists(own => own.Overlaps(other) && (own.First, own.Last) != (other.First, other.Last))),
                NetworkCover.Conflicts(wanted, others));
        }
    }

    [Fact]
    public void The_networks_of_an_interval_are_just_its_addresses_seeded()
    {
        var random = new Random(20261124);
        for (var round = 0; round < 400; round++)
        {
            var bits = new[] { (uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32) }.Order().ToArray();
            var interval = new Interval(Address.FromIPv4(bits[0]), Address.FromIPv4(bits[1]), null);

            var networks = interval.Networks().ToList();

            Assert.Equal(interval.First, networks[0].First);
            Assert.Equal(interval.Last, networks[^1].Last);
            Assert.True(networks.Count <= 62);
            Assert.All(networks.Zip(networks.Skip(1)), pair => Assert.Equal(pair.First.Last.Bits + 1, pair.Second.First.Bits));
        }
    }

    [Fact]
    public void Intervals_survive_the_way_through_the_kernels_elements_seeded()
    {
        var random = new Random(20261125);
        for (var round = 0; round < 200; round++)
        {
            var intervals = NetworkCover.Flatten(Enumerable.Range(0, random.Next(1, 12)).Select(_ => AnyBan(random, true)).ToList());
            var elements = intervals.SelectMany(interval => Elements(interval)).OrderBy(_ => random.Next()).ToList();

            // nft itself puts an end without a start at the first address of a set.
            elements.Add(new KernelElement(BanSet.Networks4, Address.FromIPv4(0), IsEnd: true, null));

            Assert.Equal(intervals, KernelElement.Intervals(elements, Start));
        }
    }

    private static IEnumerable<KernelElement> Elements(Interval interval)
    {
        yield return new KernelElement(BanSet.Networks4, interval.First, IsEnd: false, interval.Until - Start);
        if (interval.Last != Address.FromIPv4(uint.MaxValue))
        {
            yield return new KernelElement(BanSet.Networks4, new Address(interval.Last.Bits + 1), IsEnd: true, null);
        }
    }

    // Few distinct bits, so that networks often lie in each other and beside each other.
    private static KeyValuePair<Network, DateTimeOffset?> AnyBan(Random random, bool isIPv4)
    {
        var top = (uint)random.Next(4) << 30;
        var bits = top | ((uint)random.Next(4) << 26);
        var address = isIPv4 ? Address.FromIPv4(bits) : new Address((UInt128)bits << 96);
        return new(new Network(address, random.Next(isIPv4 ? 0 : 1, 9)), random.Next(5) == 0 ? null : Start.AddSeconds(random.Next(1, 5)));
    }

    private static IEnumerable<Address> Around(Network network) =>
        [network.First, network.Last, new(unchecked(network.First.Bits - 1)), new(unchecked(network.Last.Bits + 1))];

    // null: not banned.
    private static DateTimeOffset? EndByBans(List<KeyValuePair<Network, DateTimeOffset?>> bans, Address address) =>
        bans.Where(ban => ban.Key.Contains(address)).Select(ban => ban.Value ?? DateTimeOffset.MaxValue).Cast<DateTimeOffset?>().Max();

    private static DateTimeOffset? EndByCover(List<Interval> cover, Address address)
    {
        var around = cover.Where(interval => interval.First.Bits <= address.Bits && address.Bits <= interval.Last.Bits).ToList();
        return around.Count == 0 ? null : around[0].Until ?? DateTimeOffset.MaxValue;
    }

    private static KeyValuePair<Network, DateTimeOffset?> Ban(string network, int? seconds) =>
        new(Network.Parse(network)!.Value, seconds is { } s ? Start.AddSeconds(s) : null);

    private static Interval Between(string first, string last, int? seconds) =>
        new(Address.Parse(first)!.Value, Address.Parse(last)!.Value, seconds is { } s ? Start.AddSeconds(s) : null);
}
