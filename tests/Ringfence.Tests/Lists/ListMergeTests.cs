using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class ListMergeTests
{
    [Fact]
    public void What_lies_inside_another_entry_costs_nothing_of_its_own_and_neighbours_become_one()
    {
        var merge = new ListMerge(new ProtectedNetworks([]));
        foreach (var entry in (string[])["192.0.2.0/25", "192.0.2.7", "192.0.2.128/25", "192.0.2.0/25"])
        {
            merge.Add(Network.Parse(entry)!.Value, 0);
        }

        Assert.Equal("192.0.2.0-192.0.2.255:1", Shown(merge.Merge()));
    }

    [Fact]
    public void Each_range_knows_all_lists_that_hold_it()
    {
        var merge = new ListMerge(new ProtectedNetworks([]));
        merge.Add(Network.Parse("192.0.2.0/24")!.Value, 0);
        merge.Add(Network.Parse("192.0.2.64/26")!.Value, 1);

        Assert.Equal("192.0.2.0-192.0.2.63:1 192.0.2.64-192.0.2.127:3 192.0.2.128-192.0.2.255:1", Shown(merge.Merge()));
    }

    [Fact]
    public void Own_and_private_networks_are_cut_out_and_told_with_the_reason()
    {
        var merge = new ListMerge(new ProtectedNetworks([.. ProtectedNetworks.Special, (Network.Parse("192.0.2.8")!.Value, "own address")]));
        merge.Add(Network.Parse("192.0.2.8/29")!.Value, 2);
        merge.Add(Network.Parse("10.1.2.3")!.Value, 2);
        merge.Add(Network.Parse("fd00::/16")!.Value, 2);
        merge.Add(Network.Parse("198.51.100.1")!.Value, 2);

        Assert.Equal("192.0.2.9-192.0.2.15:4 198.51.100.1-198.51.100.1:4", Shown(merge.Merge()));
        var told = merge.LeftOut[2];
        Assert.Equal(3, told.Count);
        Assert.Equal(["192.0.2.8/29 own address", "10.1.2.3 private or special network", "fd00::/16 no public IPv6 address"], told.First.Select(entry => $"{entry.Entry} {entry.Reason}"));
    }

    [Fact]
    public void A_trusted_phone_inside_a_wide_entry_is_found_though_wider_protected_networks_stand_before_it()
    {
        var known = new ProtectedNetworks([(Network.Parse("192.0.2.0/28")!.Value, "a"), (Network.Parse("192.0.2.200")!.Value, "b"), (Network.Parse("192.0.2.4")!.Value, "c")]);

        Assert.Equal("b", known.Touching(Network.Parse("192.0.2.128/25")!.Value)?.Reason);
        Assert.Equal("a", known.Touching(Network.Parse("192.0.2.4")!.Value)?.Reason);
        Assert.Equal("a", known.Touching(Network.Parse("192.0.2.0/24")!.Value)?.Reason);
        Assert.Null(known.Touching(Network.Parse("192.0.2.16/28")!.Value));
    }

    [Fact]
    public void Every_address_is_in_the_ranges_of_just_the_lists_that_hold_it_and_in_none_that_is_protected() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Cases(), static test =>
        {
            var known = new ProtectedNetworks(test.Protected.Select(network => (network, "test")));
            var merge = new ListMerge(known);
            foreach (var (network, list) in test.Entries)
            {
                merge.Add(network, list);
            }

            var ranges = merge.Merge();
            for (var i = 1; i < ranges.Count; i++)
            {
                Assert.True(ranges[i - 1].Last.CompareTo(ranges[i].First) < 0, "disjoint and ascending");
                Assert.False(ranges[i - 1].Lists == ranges[i].Lists && ranges[i - 1].Last.Next == ranges[i].First && ranges[i - 1].First.IsIPv4 == ranges[i].First.IsIPv4, "neighbours of the same lists are one");
            }

            foreach (var address in test.Borders())
            {
                var lists = test.Protected.Any(network => network.Contains(address)) ? 0UL
                    : test.Entries.Where(entry => entry.Network.Contains(address)).Aggregate(0UL, static (all, entry) => all | (1UL << entry.List));
                var found = ranges.Where(range => range.First.CompareTo(address) <= 0 && address.CompareTo(range.Last) <= 0 && range.First.IsIPv4 == address.IsIPv4).ToList();
                Assert.Equal(lists, found.Count == 0 ? 0 : Assert.Single(found).Lists);
            }

            // Told is just who is touched.
            Assert.Equal(
                test.Entries.Count(entry => test.Protected.Any(network => network.Contains(entry.Network) || entry.Network.Contains(network))),
                merge.LeftOut.Values.Sum(static told => told.Count));
        }));

    [Fact]
    public void Sets_hold_just_the_addresses_of_the_ranges_and_nobody_in_them_is_far() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Cases(), static test =>
        {
            var merge = new ListMerge(new ProtectedNetworks(test.Protected.Select(network => (network, "test"))));
            foreach (var (network, list) in test.Entries)
            {
                merge.Add(network, list);
            }

            var ranges = merge.Merge();
            var sets = PrefixSets.Of(ranges, "g", counts: true);
            var all = sets.All.ToList();
            var elements = all.Select(static _ => new Dictionary<Address, ulong>()).ToList();
            sets.Each((set, key, lists) =>
            {
                Assert.Equal(new Network(key, all[set].PrefixLength).First, key);
                Assert.True(elements[set].TryAdd(key, lists), "no element twice");
            });
            Assert.Equal(all.Select(static set => set.Elements), elements.Select(static set => set.Count));

            foreach (var address in test.Borders())
            {
                var lists = ranges.FirstOrDefault(range => range.First.CompareTo(address) <= 0 && address.CompareTo(range.Last) <= 0 && range.First.IsIPv4 == address.IsIPv4).Lists;
                var hits = Enumerable.Range(0, all.Count).Where(set => all[set].IsIPv4 == address.IsIPv4 && elements[set].ContainsKey(new Network(address, all[set].PrefixLength).First)).ToList();
                var exact = hits.Where(hit => hit < sets.Exact.Count).ToList();
                Assert.Equal(lists, exact.Count == 0 ? 0 : elements[Assert.Single(exact)][new Network(address, all[exact[0]].PrefixLength).First]);
                Assert.True(lists == 0 || hits.Count == exact.Count + sets.Near.Count(near => near.IsIPv4 == address.IsIPv4), "whoever is listed is near");
            }
        }));

    private sealed record Case(IReadOnlyList<(Network Network, int List)> Entries, IReadOnlyList<Network> Protected)
    {
        // What holds changes at borders only: they and their neighbours stand for all addresses.
        public IEnumerable<Address> Borders() => Entries.Select(static entry => entry.Network).Concat(Protected)
            .SelectMany(static network => (Address[])[network.First, network.Last, network.First.Previous, network.Last.Next]).Distinct();
    }

    // Few bits, so that networks lie inside each other and beside each other.
    private static Arbitrary<Case> Cases()
    {
        var network =
            from bits in Gen.Choose(0, 63)
            from narrow in Gen.Choose(0, 9)
            from isIPv4 in Gen.Elements(true, false)
            select isIPv4
                ? new Network(Address.FromIPv4(0xc0000200u | (uint)bits), 32 - narrow)
                : new Network(new Address(0x2001_0db8_0000_0000 | ((ulong)bits >> 3), (ulong)bits << 61), 67 - narrow);
        var entry = Gen.Zip(network, Gen.Choose(0, 3));
        return Gen.Zip(entry.ListOf(), network.ListOf(2)).Select(static lists => new Case([.. lists.Item1], [.. lists.Item2])).ToArbitrary();
    }

    private static string Shown(IEnumerable<ListedRange> ranges) => string.Join(' ', ranges.Select(static range => $"{range.First}-{range.Last}:{range.Lists}"));
}
