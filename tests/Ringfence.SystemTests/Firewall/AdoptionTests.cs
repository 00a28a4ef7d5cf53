using System.Diagnostics;
using System.Text.RegularExpressions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>What is in the kernel when the daemon starts, and how it becomes what the daemon wants.</summary>
public sealed class AdoptionTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_restart_keeps_bans_and_their_remaining_time_and_flushes_nothing()
    {
        await using var wall = new Wall();
        await wall.StartAsync(Wall.Active(Wall.Attacker4, Hour), Wall.Active("203.0.113.0/24", Hour));
        wall.Nft("add", "element", "inet", "ringfence", "banned4", "{ 192.0.2.77 timeout 30m }");
        var rules = wall.Nft("-s", "list", "chain", "inet", "ringfence", "arriving");

        await wall.RestartAsync(Wall.Active(Wall.Attacker4, Hour / 2), Wall.Active("203.0.113.0/24", Hour / 2));
        wall.Watch();

        // The decisions hold, not what an earlier run put in: half an hour is left.
        Assert.InRange(Remaining(wall.List("banned4"), Wall.Attacker4), TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        Assert.InRange(Remaining(wall.List("banned_nets4"), "203.0.113.0/24"), TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        Assert.InRange(Remaining(wall.List("banned4"), "192.0.2.77"), TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        Assert.Equal(rules, wall.Nft("-s", "list", "chain", "inet", "ringfence", "arriving"));
        await Wall.UntilAsync(() => wall.Nftables.Strangers == 1, "the element put in by hand is counted");
        Assert.Equal(3, wall.Nftables.Status.Elements);
        Assert.Equal(0, wall.Nftables.Status.Repairs);
    }

    [Fact]
    public async Task Nothing_of_the_table_goes_when_the_daemon_goes()
    {
        await using var wall = new Wall();
        await wall.StartAsync(Wall.Active(Wall.Attacker4, Hour));

        await wall.Nftables.DisposeAsync();

        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
    }

    [Theory]
    [InlineData(Wall.Attacker4, "banned4", Wall.Attacker4)]
    [InlineData("2001:db8:66::66", "banned6", "2001:db8:66::")]
    [InlineData("203.0.113.0/24", "banned_nets4", "203.0.113.0/24")]
    [InlineData("2001:db8::/32", "banned_nets6", "2001:db8::/32")]
    public async Task A_ban_can_be_prolonged_shortened_and_made_endless(string subject, string set, string listed)
    {
        await using var wall = new Wall();
        await wall.StartAsync();

        await wall.ApplyAsync(Wall.Ban(subject, Hour));
        Assert.InRange(Remaining(wall.List(set), listed), TimeSpan.FromMinutes(59), Hour);

        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban(subject, 3 * Hour)));
        Assert.InRange(Remaining(wall.List(set), listed), TimeSpan.FromMinutes(179), 3 * Hour);

        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban(subject, Hour / 2)));
        Assert.InRange(Remaining(wall.List(set), listed), TimeSpan.FromMinutes(29), Hour / 2);

        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban(subject)));
        Assert.DoesNotContain("timeout", wall.List(set).Split("elements")[1], StringComparison.Ordinal);
        Assert.Equal(1, wall.Nftables.Status.Elements);
    }

    [Fact]
    public async Task A_ban_replaces_what_somebody_put_in_by_hand_and_an_unban_takes_it_out()
    {
        await using var wall = new Wall();
        await wall.StartAsync();
        wall.Nft("add", "element", "inet", "ringfence", "banned4", "{ 192.0.2.1 timeout 1m, 192.0.2.2 }");
        wall.Nft("add", "element", "inet", "ringfence", "banned_nets4", "{ 203.0.113.0/24 }");

        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban("192.0.2.1", Hour)));
        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Unban("192.0.2.2")));
        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Unban("203.0.113.0/24")));
        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Unban("192.0.2.3")));

        Assert.InRange(Remaining(wall.List("banned4"), "192.0.2.1"), TimeSpan.FromMinutes(59), Hour);
        Assert.DoesNotContain("192.0.2.2", wall.List("banned4"), StringComparison.Ordinal);
        Assert.DoesNotContain("elements", wall.List("banned_nets4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_batch_bans_unbans_and_tells_what_is_over()
    {
        await using var wall = new Wall();
        await wall.StartAsync();
        await wall.ApplyAsync(Wall.Ban("192.0.2.9", Hour));

        var outcomes = await wall.Nftables.ApplyAsync(
            [
                Wall.Ban("192.0.2.1", Hour, 11), Wall.Ban("192.0.2.2", -Hour, 12), Wall.Unban("192.0.2.9"),
                Wall.Ban("192.0.2.1", 2 * Hour, 13), Wall.Ban("2001:db8:66::66", Hour, 14), Wall.Ban("203.0.113.0/24", null, 15),
                new Alert(16, default, Wall.Subject("192.0.2.5"), "RF2001", "x"),
                new Spare(17, default, Wall.Subject("192.0.2.6"), "RF2001", "x", "trunk"),
            ],
            TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                OutcomeKind.Enforced, OutcomeKind.Expired, OutcomeKind.Enforced, OutcomeKind.Enforced, OutcomeKind.Enforced, OutcomeKind.Enforced,
                OutcomeKind.Observed, OutcomeKind.Observed,
            ],
            outcomes.Select(outcome => outcome.Kind));
        Assert.Equal([11, 12, 2, 13, 14, 15, 16, 17], outcomes.Select(outcome => outcome.DecisionId));
        Assert.InRange(Remaining(wall.List("banned4"), "192.0.2.1"), TimeSpan.FromMinutes(119), 2 * Hour);
        Assert.DoesNotContain("192.0.2.9", wall.List("banned4"), StringComparison.Ordinal);
        Assert.Equal(3, wall.Nftables.Status.Elements);
    }

    [Fact]
    public async Task Networks_in_networks_are_banned_until_the_last_of_them_ends()
    {
        await using var wall = new Wall();
        await wall.StartAsync();

        foreach (var (subject, hours) in ((string, int)[])[("10.1.2.0/24", 5), ("10.1.0.0/16", 2), ("10.1.3.0/24", 1), ("10.0.0.0/8", 1), ("10.1.2.128/25", 9)])
        {
            Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban(subject, hours * Hour)));
        }

        var list = wall.List("banned_nets4");
        Assert.InRange(Remaining(list, "10.1.2.128/25"), 8.9 * Hour, 9 * Hour);
        Assert.InRange(Remaining(list, "10.1.2.0/25"), 4.9 * Hour, 5 * Hour);
        Assert.InRange(Remaining(list, "10.1.0.0/23"), 1.9 * Hour, 2 * Hour);

        foreach (var subject in (string[])["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.128/25", "10.1.3.0/24"])
        {
            Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Unban(subject)));
        }

        Assert.DoesNotContain("elements", wall.List("banned_nets4"), StringComparison.Ordinal);
        Assert.Equal(0, wall.Nftables.Status.Elements);
    }

    [Fact]
    public async Task Intervals_put_in_by_hand_give_way_and_stay_banned()
    {
        await using var wall = new Wall();
        await wall.StartAsync();
        wall.Nft("add", "element", "inet", "ringfence", "banned_nets4", "{ 10.1.0.100-10.1.1.200 timeout 5h, 10.2.0.0/15, 192.0.2.0/24 }");

        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban("10.1.0.0/24", Hour)));
        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban("10.2.7.0/24", Hour)));

        var list = wall.List("banned_nets4");
        Assert.Matches(@"10\.1\.0\.0\S+ timeout \S+ expires (1h|59m)", list);
        Assert.Matches(@"10\.1\.1\.\S+ timeout \S+ expires (5h|4h)", list);
        Assert.Contains("10.2.0.0/15", list, StringComparison.Ordinal);
        Assert.Contains("192.0.2.0/24", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Random_bans_and_unbans_of_networks_agree_with_the_kernel()
    {
        await using var wall = new Wall();
        await wall.StartAsync();
        var random = new Random(7);
        var bans = new Dictionary<Network, TimeSpan>();
        for (var step = 0; step < 300; step++)
        {
            // Few addresses and long prefixes, so that most lie in, around or beside another.
            var isIPv4 = random.Next(2) == 0;
            var length = isIPv4 ? random.Next(20, 32) : random.Next(100, 129);
            var network = isIPv4
                ? new Network(Address.FromIPv4(0x0a010000 + (uint)random.Next(4096)), length)
                : new Network(new Address((UInt128)0x20010db8 << 96 | (uint)random.Next(1 << 28)), length);
            if (network.IsHost)
            {
                continue;
            }

            var hours = TimeSpan.FromHours(random.Next(1, 9));
            var subject = network.IsIPv4 || network.PrefixLength < 128 ? network.ToString() : $"{network}/128";
            var isBan = random.Next(3) > 0;
            if (isBan)
            {
                bans[network] = hours;
            }
            else if (bans.Count > 0)
            {
                network = bans.Keys.ElementAt(random.Next(bans.Count));
                subject = network.IsIPv4 || network.PrefixLength < 128 ? network.ToString() : $"{network}/128";
                bans.Remove(network);
            }

            Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(isBan ? Wall.Ban(subject, hours) : Wall.Unban(subject)));
        }

        using var kernel = new KernelTable(wall.Pbx.Run(NetlinkSocket.Open));
        foreach (var set in (Core.Firewall.BanSet[])[Core.Firewall.BanSet.Networks4, Core.Firewall.BanSet.Networks6])
        {
            var now = TimeProvider.System.GetUtcNow();
            var actual = Core.Firewall.KernelElement.Intervals(kernel.Elements(set), now);
            var wanted = Core.Firewall.NetworkCover.Flatten(bans.Where(ban => Core.Firewall.BanSets.For(ban.Key) == set)
                .Select(ban => KeyValuePair.Create(ban.Key, (DateTimeOffset?)(now + ban.Value))));
            Assert.NotEmpty(wanted);
            foreach (var (network, _) in bans.Where(ban => Core.Firewall.BanSets.For(ban.Key) == set))
            {
                foreach (var address in (Address[])[network.First, network.Last])
                {
                    var end = bans.Where(ban => ban.Key.Contains(address)).Max(ban => ban.Value);
                    var held = Assert.Single(actual, interval => interval.First.Bits <= address.Bits && address.Bits <= interval.Last.Bits);
                    Assert.InRange(held.Until!.Value - now, end - TimeSpan.FromMinutes(2), end + TimeSpan.FromSeconds(1));
                }
            }

            Assert.Equal(Addresses(wanted), Addresses(actual));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hundred_thousand_bans_are_restored(bool areThere)
    {
        const int Count = 100_000;
        await using var wall = new Wall();
        var until = TimeProvider.System.GetUtcNow() + Hour;
        var bans = Enumerable.Range(0, Count).Select(i => new ActiveBan(
            i % 10 == 0 ? new Network(new Address(((UInt128)0x20010db8 << 96) | ((UInt128)(uint)i << 64)), 64) : new Network(Address.FromIPv4(0x0b000000 + ((uint)i * 17)), 32),
            until)).ToArray();
        if (areThere)
        {
            await wall.StartAsync(bans);
            await wall.Nftables.DisposeAsync();
        }

        await using var restored = new Nftables(
            new FirewallSettings(), new NftCommand([.. wall.Pbx.Prefix, "nft"]), () => wall.Pbx.Run(NetlinkSocket.Open), TimeProvider.System, wall.Log);
        var clock = Stopwatch.StartNew();
        await restored.StartAsync(bans, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Count} bans {(areThere ? "adopted" : "restored")} in {clock.ElapsedMilliseconds} ms");

        using var kernel = new KernelTable(wall.Pbx.Run(NetlinkSocket.Open));
        Assert.Equal(Count / 10 * 9, kernel.Elements(Core.Firewall.BanSet.Hosts4).Count);
        Assert.Equal(Count / 10, kernel.Elements(Core.Firewall.BanSet.Hosts6).Count);
        Assert.Equal(Count, restored.Status.Elements);
    }

    [Fact]
    public async Task A_flush_of_a_hundred_thousand_bans_is_undone()
    {
        const int Count = 100_000;
        await using var wall = new Wall();
        await wall.StartAsync([.. Enumerable.Range(0, Count).Select(i => Wall.Active(Address.FromIPv4(0x0b000000 + (uint)i).ToString(), Hour))]);
        wall.Watch();
        await wall.ApplyAsync(Wall.Ban(Wall.Attacker4, Hour));

        wall.Nft("flush", "set", "inet", "ringfence", "banned4");

        using var kernel = new KernelTable(wall.Pbx.Run(NetlinkSocket.Open));
        await Wall.UntilAsync(() => wall.Nftables.Status.Repairs == 1, "a repair after nft had ended");
        Assert.Equal(Count + 1, kernel.Elements(Core.Firewall.BanSet.Hosts4).Count);
    }

    [Fact]
    public async Task An_older_versions_chains_and_a_switch_to_reject_are_replaced_without_losing_a_ban()
    {
        await using var wall = new Wall(reject: true);
        wall.Pbx.ExecuteWithInput(
            """
            table inet ringfence {
                set banned4 { type ipv4_addr; flags timeout; elements = { 192.0.2.5 timeout 2h }; }
                set banned6 { type ipv4_addr; }
                chain old { ip saddr @banned4 drop; }
                chain arriving { type filter hook input priority 7; policy accept; jump old; }
            }
            """,
            "nft", "-f", "-");

        await wall.StartAsync(Wall.Active(Wall.Attacker4, Hour));

        var table = wall.Nft("list", "table", "inet", "ringfence");
        Assert.Contains("hook prerouting priority filter - 10", table, StringComparison.Ordinal);
        Assert.Contains("reject", table, StringComparison.Ordinal);
        Assert.DoesNotContain("chain old", table, StringComparison.Ordinal);
        Assert.InRange(Remaining(table, "192.0.2.5"), 1.9 * Hour, 2 * Hour);
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
    }

    [Fact]
    public async Task Without_nft_the_message_says_what_to_install()
    {
        await using var wall = new Wall();
        await using var firewall = new Nftables(
            new FirewallSettings(), new NftCommand(["/nonexistent/nft"]), () => wall.Pbx.Run(NetlinkSocket.Open), TimeProvider.System, wall.Log);

        var failure = await Assert.ThrowsAsync<FirewallException>(async () => await firewall.StartAsync([], TestContext.Current.CancellationToken));

        Assert.Contains("install nftables", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_can_not_be_put_back_fails_the_ban_and_is_tried_again()
    {
        await using var wall = new Wall();
        var folder = Directory.CreateTempSubdirectory("rf-nft-");
        try
        {
            // A stand-in for an nft that an upgrade takes away for a moment.
            var link = Path.Combine(folder.FullName, "nft");
            File.CreateSymbolicLink(link, "/usr/sbin/nft");
            await using var firewall = new Nftables(
                new FirewallSettings(), new NftCommand([.. wall.Pbx.Prefix, link]), () => wall.Pbx.Run(NetlinkSocket.Open), TimeProvider.System, wall.Log);
            await firewall.StartAsync([], TestContext.Current.CancellationToken);
            using var stop = new CancellationTokenSource();
            var watch = firewall.WatchAsync(stop.Token);
            File.Delete(link);
            wall.Nft("flush", "ruleset");

            var outcome = Assert.Single(await firewall.ApplyAsync([Wall.Ban(Wall.Attacker4, Hour)], TestContext.Current.CancellationToken));
            Assert.Equal(OutcomeKind.Failed, outcome.Kind);
            Assert.NotEmpty(outcome.Detail);
            Assert.NotNull(firewall.Status.Problem);

            File.CreateSymbolicLink(link, "/usr/sbin/nft");
            var clock = Stopwatch.StartNew();
            while (firewall.Status.Problem is not null && clock.Elapsed < TimeSpan.FromSeconds(30))
            {
                Assert.False(watch.IsCompleted, watch.Exception?.ToString());
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            Assert.Null(firewall.Status.Problem);
            Assert.Equal((1L, OutcomeKind.Enforced), firewall.TakeMended().Select(mended => (mended.DecisionId, mended.Kind)).Single());
            Assert.Empty(firewall.TakeMended());
            Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
            await stop.CancelAsync();
            await watch;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The time that nft lists as left for an element: "1h59m3s496ms".
    private static TimeSpan Remaining(string listing, string element)
    {
        var match = Regex.Match(
            listing, Regex.Escape(element) + @" timeout \S+ expires (?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?", RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.True(match.Success, $"{element} is not in: {listing}");
        int Number(int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value) : 0;
        return new TimeSpan(Number(1), Number(2), Number(3), Number(4));
    }

    private static UInt128 Addresses(IEnumerable<Core.Firewall.Interval> intervals) =>
        intervals.Aggregate(UInt128.Zero, (sum, interval) => sum + (interval.Last.Bits - interval.First.Bits) + 1);
}
