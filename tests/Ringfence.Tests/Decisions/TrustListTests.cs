using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Decisions;

public sealed class TrustListTests
{
    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("::1", "loopback")]
    [InlineData("192.0.2.7", "phone")]
    [InlineData("192.0.2.8", "office")]
    [InlineData("192.0.3.1", null)]
    [InlineData("2001:db8:1::5", "six")]
    [InlineData("2001:db8:1::6", null)]
    [InlineData("::192.0.2.7", null)]
    public void An_address_is_trusted_for_the_smallest_network_that_holds_it(string address, string? reason) =>
        Assert.Equal(reason, Sample.Find(Address.Parse(address)!.Value));

    [Theory]
    [InlineData("192.0.2.0/25", "office")]
    [InlineData("192.0.0.0/16", "office")]
    [InlineData("192.0.3.0/24", null)]
    [InlineData("0.0.0.0/0", "loopback")]
    [InlineData("2001:db8:1::/64", "six")]
    [InlineData("2001:db8:2::/64", null)]
    [InlineData("::/0", "loopback")]
    [InlineData("::ffff:0:0:0/96", null)]
    public void A_network_in_which_somebody_trusted_lives_is_trusted(string network, string? reason) =>
        Assert.Equal(reason, Sample.Find(Network.Parse(network)!.Value));

    [Fact]
    public void Of_two_reasons_for_one_network_the_stronger_is_told()
    {
        var network = Network.Parse("192.0.2.7")!.Value;

        var list = new TrustList([new(network, "contact", TrustSource.Contact), new(network, "configured", TrustSource.Configured), new(network, "ssh", TrustSource.SshPeer)]);

        Assert.Equal("configured", list.Find(network));
    }

    [Fact]
    public void Every_lookup_agrees_with_asking_each_entry()
    {
        var random = new Random(42);
        for (var round = 0; round < 400; round++)
        {
            var entries = Enumerable.Range(0, random.Next(0, 30)).Select(i => new TrustEntry(RandomNetwork(random), $"r{i}", TrustSource.Configured)).ToList();
            var list = new TrustList(entries);
            for (var ask = 0; ask < 100; ask++)
            {
                var network = RandomNetwork(random);
                var all = list.Entries.Select(entry => entry.Network).ToList();
                var holders = all.Where(entry => entry.IsIPv4 == network.IsIPv4 && entry.Contains(network)).ToList();
                var isInside = all.Any(entry => entry.IsIPv4 == network.IsIPv4 && network.Contains(entry));

                var found = list.FindEntry(network);

                Assert.Equal(holders.Count > 0 || isInside, found is not null);
                if (holders.Count > 0)
                {
                    Assert.Equal(holders.MaxBy(holder => holder.PrefixLength), found!.Network);
                }
                else if (found is not null)
                {
                    Assert.True(network.Contains(found.Network));
                }

                Assert.Equal(all.Exists(entry => entry.Contains(network.First)), list.Find(network.First) is not null);
            }
        }
    }

    // Few distinct bits, so that networks meet; and IPv6 ones around ::ffff:0:0/96, where IPv4 is kept.
    private static Network RandomNetwork(Random random)
    {
        var bits = (uint)(random.Next(4) << 30) | (uint)(random.Next(4) << 8) | (uint)random.Next(4);
        return random.Next(3) switch
        {
            0 => new Network(Address.FromIPv4(bits), random.Next(33)),
            1 => new Network(Address.FromIPv4(bits), 32),
            _ when random.Next(2) == 0 => new Network(new Address((UInt128)bits << random.Next(97)), random.Next(129)),
            _ => new Network(new Address(((UInt128)1 << 64) | bits), random.Next(129)),
        };
    }

    private static TrustList Sample => new(
    [
        new(Network.Parse("192.0.2.0/24")!.Value, "office", TrustSource.Configured),
        new(Network.Parse("192.0.2.7")!.Value, "phone", TrustSource.Contact),
        new(Network.Parse("2001:db8:1::5")!.Value, "six", TrustSource.Configured),
    ]);
}
