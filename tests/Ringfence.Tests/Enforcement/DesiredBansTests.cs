using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.Tests.Enforcement;

public sealed class DesiredBansTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    [InlineData(36_000_000_000, 3_600_000)]
    public void The_kernel_is_never_told_to_forget_early(long ticks, ulong milliseconds) =>
        Assert.Equal(milliseconds, DesiredBans.Milliseconds(Now.AddTicks(ticks), Now));

    [Fact]
    public void A_ban_without_end_has_no_timeout_and_one_until_the_end_of_time_has_one_that_the_kernel_takes()
    {
        Assert.Equal(0u, DesiredBans.Milliseconds(null, Now));
        Assert.InRange(DesiredBans.Milliseconds(DateTimeOffset.MaxValue, Now), 1UL << 40, ulong.MaxValue / 1_000_000 / 2);
    }

    [Fact]
    public void What_has_ended_is_forgotten()
    {
        var bans = new DesiredBans();
        bans.Set(Of("198.51.100.7/32"), Now.AddSeconds(1));
        bans.Set(Of("203.0.113.0/24"), Now.AddSeconds(1));
        bans.Set(Of("192.0.2.1/32"), null);

        Assert.True(bans.Holds(Of("198.51.100.7/32"), Now));
        Assert.False(bans.Holds(Of("198.51.100.7/32"), Now.AddSeconds(1)));
        bans.Forget(Now.AddSeconds(1));

        Assert.Equal(1, bans.Count);
    }

    [Fact]
    public void Freeing_a_network_frees_what_was_adopted_inside_of_it()
    {
        var bans = new DesiredBans();
        bans.Set(Of("10.0.0.0/8"), Now.AddHours(1));
        bans.Adopt(new Interval(Of("10.1.0.0/16").First, Of("10.2.0.0/16").Last, Now.AddHours(2)));
        bans.Adopt(new Interval(Of("11.0.0.0/16").First, Of("11.0.0.0/16").Last, null));

        bans.Remove(Of("10.0.0.0/8"));

        Assert.Equal([Interval.Of(Of("11.0.0.0/16"), null)], bans.Intervals(BanSet.Networks4, Now));
    }

    [Fact]
    public void A_range_that_was_adopted_keeps_the_hosts_at_its_edges_until_they_are_freed()
    {
        var bans = new DesiredBans();
        bans.Adopt(new Interval(Of("198.51.100.7").First, Of("198.51.100.10").First, null));
        bans.Adopt(new Interval(Of("2001:db8::/63").First, Of("2001:db8:0:2::/64").Last, null));

        Assert.Equal(["198.51.100.7-198.51.100.7", "198.51.100.8-198.51.100.9", "198.51.100.10-198.51.100.10"], Ranges(bans, BanSet.Networks4));
        Assert.Equal(["2001:db8::-2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:2::-2001:db8:0:2:ffff:ffff:ffff:ffff"], Ranges(bans, BanSet.Networks6));

        Assert.True(bans.Remove(Of("198.51.100.7")));
        Assert.True(bans.Remove(Of("2001:db8:0:2::/64")));
        Assert.False(bans.Remove(Of("198.51.100.7")));

        Assert.Equal(["198.51.100.8-198.51.100.9", "198.51.100.10-198.51.100.10"], Ranges(bans, BanSet.Networks4));
        Assert.Equal(["2001:db8::-2001:db8:0:1:ffff:ffff:ffff:ffff"], Ranges(bans, BanSet.Networks6));
    }

    [Fact]
    public void The_end_of_a_ban_that_was_asked_for_leaves_what_was_adopted_in_the_same_place()
    {
        var bans = new DesiredBans();
        bans.Set(Of("198.51.100.7"), null);
        bans.Adopt(Interval.Of(Of("198.51.100.7"), null));

        bans.End(Of("198.51.100.7"));

        Assert.False(bans.Holds(Of("198.51.100.7"), Now));
        Assert.Equal(["198.51.100.7-198.51.100.7"], Ranges(bans, BanSet.Networks4));
    }

    [Fact]
    public void A_ban_that_was_asked_for_outlives_what_was_adopted_in_the_same_place()
    {
        var bans = new DesiredBans();
        bans.Set(Of("10.1.0.0/16"), Now.AddHours(2));
        bans.Adopt(Interval.Of(Of("10.1.0.0/16"), Now.AddHours(1)));

        bans.Forget(Now.AddHours(1));

        Assert.Equal([Interval.Of(Of("10.1.0.0/16"), Now.AddHours(2))], bans.Intervals(BanSet.Networks4, Now.AddHours(1)));
    }

    private static IEnumerable<string> Ranges(DesiredBans bans, BanSet set) => bans.Intervals(set, Now).Select(interval => $"{interval.First}-{interval.Last}");

    private static Network Of(string text) => Network.Parse(text)!.Value;
}
