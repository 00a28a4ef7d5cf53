using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Events;

public sealed class NetworkTests
{
    [Theory]
    [InlineData("198.51.100.0/24", "198.51.100.66", "198.51.100.128/25 198.51.100.0/26 198.51.100.96/27 198.51.100.80/28 198.51.100.72/29 198.51.100.68/30 198.51.100.64/31 198.51.100.67")]
    [InlineData("198.51.100.0/24", "198.51.100.128/25", "198.51.100.0/25")]
    [InlineData("2001:db8::/62", "2001:db8:0:1::/64", "2001:db8:0:2::/63 2001:db8::/64")]
    [InlineData("64:ff9b::/126", "64:ff9b::1", "64:ff9b::2/127 64:ff9b::")]
    [InlineData("198.51.100.66", "198.51.100.66", "")]
    public void A_network_without_a_part_is_the_rest_of_it_and_nothing_twice(string whole, string part, string rest) =>
        Assert.Equal(rest, string.Join(' ', Net(whole).Without(Net(part))));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3")]
    [InlineData("2001:db8::/16", "2001:db8:1:2::/64")]
    public void The_pieces_and_the_part_cover_the_network(string whole, string part)
    {
        var network = Network.Parse(whole) ?? new Network(Address.Parse(whole[..whole.IndexOf('/', StringComparison.Ordinal)])!.Value, 16);

        List<Network> all = [.. network.Without(Net(part)), Net(part)];

        // In order, each begins behind the last one's end.
        all.Sort();
        Assert.Equal(network.First, all[0].First);
        Assert.Equal(network.Last, all[^1].Last);
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.Equal(pair.First.Last.Next, pair.Second.First));
    }

    private static Network Net(string text) => Network.Parse(text)!.Value;
}
