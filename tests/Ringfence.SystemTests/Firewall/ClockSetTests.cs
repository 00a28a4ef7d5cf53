using System.Text.RegularExpressions;
using Ringfence.Core.Configuration;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>The machine's clock is set while bans are in the kernel, which does not care.</summary>
public sealed partial class ClockSetTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(-365)]
    [InlineData(365)]
    public async Task What_a_flush_took_out_is_put_back_for_what_was_left_of_it_whatever_the_clock_was_set_to(int days)
    {
        await using var wall = new Wall();
        var clock = new SettableClock();
        await using var firewall = new Nftables(
            new FirewallSettings(), new NftCommand([.. wall.Pbx.Prefix, "nft"]), () => wall.Pbx.Run(NetlinkSocket.Open), clock, wall.Log);
        await firewall.StartAsync([Wall.Active("203.0.113.0/24", Hour)], TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var watch = firewall.WatchAsync(stop.Token);
        await firewall.ApplyAsync([Wall.Ban(Wall.Attacker4, Hour)], TestContext.Current.CancellationToken);

        clock.Set = TimeSpan.FromDays(days);
        wall.Nft("flush", "table", "inet", "ringfence");
        wall.Nft("flush", "set", "inet", "ringfence", "banned4");
        wall.Nft("flush", "set", "inet", "ringfence", "banned_nets4");

        await Wall.UntilAsync(() => Expires(wall.List("banned4")) && Expires(wall.List("banned_nets4")), "both are back for an hour");

        // The ends of a ban after the clock was set are by the new clock.
        await firewall.ApplyAsync([Wall.Ban(Wall.Phone4, Hour) with { Until = clock.GetUtcNow() + Hour }], TestContext.Current.CancellationToken);
        Assert.Matches($@"{Wall.Phone4} timeout (1h|59m\d+s)", wall.List("banned4"));
        await stop.CancelAsync();
        await watch;
    }

    private static bool Expires(string listing) => AlmostAnHour().IsMatch(listing);

    [GeneratedRegex(@"expires 59m(5\d|4\d)s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AlmostAnHour();

    private sealed class SettableClock : TimeProvider
    {
        public TimeSpan Set { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Set;
    }
}
