using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class PrefixSetsTests
{
    [Fact]
    public void Few_networks_are_few_elements_however_wide_they_are()
    {
        foreach (var networks in (string[][])[["2a05::/32"], ["192.0.0.0/8"], ["2a05::/32", "2a06:1::/48", "2a07::1/128"], ["198.0.0.0/8", "203.0.113.5/32"]])
        {
            List<ListedRange> ranges = [.. networks.Select(static text => Network.Parse(text)!.Value).Order().Select(static network => new ListedRange(network.First, network.Last, 1))];
            var sets = PrefixSets.Of(ranges, "x", counts: false);
            Assert.True(sets.All.Sum(static set => set.Elements) <= 2 * PrefixSets.Free, string.Join(' ', sets.All.Select(static set => $"{set.Name}:{set.Elements}")));
        }
    }

    [Fact]
    public void A_set_that_tells_that_nothing_is_near_stands_before_several_and_never_before_one()
    {
        List<ListedRange> one = [new ListedRange(Network.Parse("2a05::/32")!.Value.First, Network.Parse("2a05::/32")!.Value.Last, 1)];
        Assert.Empty(PrefixSets.Of(one, "x", counts: false).Near);

        List<ListedRange> several = [.. Enumerable.Range(0, 50_000).Select(static at => (uint)at * 70_001).Select(static at => new ListedRange(Address.FromIPv4(at), Address.FromIPv4(at + (at % 3 == 0 ? 255 - (at & 255) : 0)), 1)).OrderBy(static range => range.First)];
        var sets = PrefixSets.Of(several, "x", counts: false);
        Assert.True(sets.Exact.Count > 1);
        Assert.InRange(Assert.Single(sets.Near).PrefixLength, 1, sets.Exact.Max(static set => set.PrefixLength));
    }
}
