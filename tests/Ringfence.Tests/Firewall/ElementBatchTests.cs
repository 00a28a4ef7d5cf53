using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.Tests.Firewall;

public sealed class ElementBatchTests
{
    // nfnetlink's header behind netlink's: family, version, and the subsystem (10) in network order at both ends of a batch.
    private const string Begin = "14000000 1000 0100 07000000 00000000 00 00 000A";
    private const string TableName = "0E00 0100 72696E6766656E6365 00 0000";

    [Fact]
    public void A_ban_of_a_host_is_one_transaction_of_one_element_with_its_timeout()
    {
        var batch = new ElementBatch();

        batch.Begin(7);
        batch.Write(Host(ElementVerb.Add, "198.51.100.7", 60_000), isLast: true);
        batch.End();

        Assert.Equal(
            Bytes(
                Begin,
                "50000000 0C0A 0506 08000000 00000000 01 00 0000",   // NEWSETELEM; request, acknowledge, create, exclusive; inet
                TableName,
                "0C00 0200 62616E6E656434 00",
                "2000 0380", "1C00 0180",
                "0C00 0180", "0800 0100 C6336407",
                "0C00 0400 000000000000EA60",
                "14000000 1100 0100 09000000 00000000 00 00 000A"),
            batch.Bytes.ToArray());
        Assert.Equal((7u, 8u), (batch.FirstSequence, batch.LastSequence));
    }

    [Fact]
    public void A_network_is_its_first_address_and_the_first_behind_it_marked_as_an_end_without_a_timeout()
    {
        var batch = new ElementBatch();
        var network = Network.Parse("203.0.113.0/24")!.Value;

        batch.Begin(7);
        batch.Write(new ElementChange(BanSet.Networks4, ElementVerb.Ensure, network.First, network.Last, 1), isLast: true);
        batch.End();

        Assert.Equal(
            Bytes(
                Begin,
                "70000000 0C0A 0504 08000000 00000000 01 00 0000",
                TableName,
                "1100 0200 62616E6E65645F6E65747334 00 000000",
                "3800 0380",
                "1C00 0180", "0C00 0180", "0800 0100 CB007100", "0C00 0400 0000000000000001",
                "1800 0180", "0800 0300 00000001", "0C00 0180", "0800 0100 CB007200",
                "14000000 1100 0100 09000000 00000000 00 00 000A"),
            batch.Bytes.ToArray());
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("255.255.255.0/24")]
    [InlineData("::/0")]
    [InlineData("ffff::/16")]
    public void A_network_that_reaches_the_last_address_has_no_end(string text)
    {
        var network = Network.Parse(text)!.Value;
        var set = network.IsIPv4 ? BanSet.Networks4 : BanSet.Networks6;

        var element = Assert.Single(Decode(set, [new ElementChange(set, ElementVerb.Add, network.First, network.Last, 0)]));

        Assert.False(element.IsEnd);
        Assert.Equal(network.First, element.Key);
        Assert.Equal(network.Last, Assert.Single(KernelElement.Intervals([element], default)).Last);
    }

    [Fact]
    public void Whatever_is_written_is_read_again_seeded()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 200; round++)
        {
            var set = BanSets.All[random.Next(4)];
            var changes = Enumerable.Range(0, random.Next(1, 60)).Select(_ => Change(random, set)).ToList();

            var elements = Decode(set, changes);

            Assert.Equal(changes.Select(change => change.First), elements.Where(element => !element.IsEnd).Select(element => element.Key));
            if (set.HoldsIntervals)
            {
                // One by one, since they may overlap.
                Assert.All(changes, change => Assert.Equal(
                    new Interval(change.First, change.Last, null), Assert.Single(KernelElement.Intervals(Decode(set, [change]), default))));
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_hosts_go_into_messages_whose_lengths_fit_their_fields()
    {
        var batch = new ElementBatch();
        batch.Begin(1);
        for (uint i = 0; i < 100_000; i++)
        {
            if (i % 2 == 0)
            {
                batch.EnsureHost(BanSet.Hosts4, Address.FromIPv4(i), 1000);
            }
            else
            {
                batch.EnsureHost(BanSet.Hosts6, new Address((UInt128)i << 64), 1000);
            }
        }

        batch.End();

        var count = 0;
        var elements = new List<KernelElement>();
        foreach (var message in new NetlinkMessages(batch.Bytes.Span))
        {
            if (message.Type == NftProtocol.NewElement && BanSets.Named(message.Attributes.Find(NftProtocol.ListSet).Text) is { } set)
            {
                elements.Clear();
                KernelElement.Read(message, set, elements);
                count += elements.Count;
            }
        }

        Assert.Equal(100_000, count);
    }

    private static ElementChange Host(ElementVerb verb, string address, ulong milliseconds) =>
        Address.Parse(address) is { } host ? new ElementChange(BanSets.For(host.Subject), verb, host, host, milliseconds) : throw new FormatException(address);

    private static ElementChange Change(Random random, BanSet set)
    {
        // IPv6 of 2000::/3, as all that is routed.
        var address = set.IsIPv4
            ? Address.FromIPv4((uint)random.NextInt64(uint.MaxValue))
            : new Address(new UInt128((ulong)random.NextInt64() | (1UL << 61), (ulong)random.NextInt64()));
        var network = set.HoldsIntervals ? new Network(address, random.Next(4, set.IsIPv4 ? 32 : 128)) : address.Subject;
        return new ElementChange(set, ElementVerb.Ensure, network.First, set.HoldsIntervals ? network.Last : network.First, (ulong)random.NextInt64(1, 1L << 40));
    }

    private static List<KernelElement> Decode(BanSet set, List<ElementChange> changes)
    {
        var batch = new ElementBatch();
        batch.Begin(1);
        for (var i = 0; i < changes.Count; i++)
        {
            batch.Write(changes[i], isLast: i == changes.Count - 1);
            Assert.True(batch.Length <= 20 + ((i + 1) * ElementBatch.MaxChangeBytes));
        }

        batch.End();
        var elements = new List<KernelElement>();
        foreach (var message in new NetlinkMessages(batch.Bytes.Span))
        {
            if (message.Type == NftProtocol.NewElement)
            {
                KernelElement.Read(message, set, elements);
            }
        }

        return elements;
    }

    private static byte[] Bytes(params string[] hex) => Convert.FromHexString(string.Concat(hex).Replace(" ", "", StringComparison.Ordinal));
}
