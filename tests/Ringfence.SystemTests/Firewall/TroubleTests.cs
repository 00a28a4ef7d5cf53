using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Enforcement;
using Ringfence.Tests;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

[Collection(nameof(Timed))]
public sealed class TroubleTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Notifications_that_came_faster_than_they_were_read_are_known_to_be_lost()
    {
        await using var wall = new Wall();
        using var listening = wall.Pbx.Run(NetlinkSocket.Open);
        listening.Subscribe(bufferBytes: 4096);
        wall.Nft("add table ip busy; add set ip busy s { type ipv4_addr; }");

        wall.Pbx.ExecuteWithInput(
            string.Concat(Enumerable.Range(0, 5000).Select(i => $"add element ip busy s {{ 10.{i >> 8}.{i & 255}.1 }}\n")), "nft", "-f", "-");

        var buffer = new byte[64 * 1024];
        var length = 0;
        for (var i = 0; i < 5000 && length >= 0; i++)
        {
            length = await listening.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        }

        Assert.Equal(-1, length);
    }

    [Fact]
    public async Task Bans_applied_while_the_watch_begins_are_no_repairs()
    {
        await using var wall = new Wall();
        await wall.StartAsync([.. Enumerable.Range(0, 20_000).Select(i => new ActiveBan(Host(i), null))]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watch = Task.CompletedTask;
        for (var i = 0; i < 2000; i++)
        {
            if (i == 100)
            {
                // On a thread of its own, as the daemon runs it: it reads the sets while bans are applied.
                watch = Task.Factory.StartNew(
                    () => wall.Nftables.WatchAsync(stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
            }

            var outcomes = await wall.Nftables.ApplyAsync(
                [new Ban(1, default, Host(20_000 + i), "RF2001", "test", null, 1), new Unban(2, default, Host(i), "operator", "test")],
                TestContext.Current.CancellationToken);
            Assert.All(outcomes, outcome => Assert.Equal(OutcomeKind.Enforced, outcome.Kind));
        }

        // A false repair would have come before one that follows a real loss.
        wall.Nft("delete", "element", "inet", "ringfence", "banned4", $"{{ {Host(20_000)} }}");
        await Wall.UntilAsync(() => wall.Nftables.Status.Repairs > 0, "a repair");
        Assert.Equal(1, wall.Nftables.Status.Repairs);
        Assert.Equal(20_000, Elements(wall, BanSet.Hosts4).Count);
        await stop.CancelAsync();
        await watch;
    }

    [Fact]
    public async Task Unbanning_a_network_after_a_restart_frees_the_pieces_that_an_earlier_run_left()
    {
        await using var wall = new Wall();
        await wall.StartAsync(Wall.Active("10.0.0.0/8", Hour), Wall.Active("10.1.0.0/16", 2 * Hour));
        Assert.Equal(3, KernelElement.Intervals(Elements(wall, BanSet.Networks4), default).Count);

        // The inner one was unbanned while nobody ran: what it cut up is found, not known.
        await wall.RestartAsync(Wall.Active("10.0.0.0/8", Hour));
        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Unban("10.0.0.0/8")));

        Assert.Empty(Elements(wall, BanSet.Networks4));
    }

    [Fact]
    public async Task What_somebody_bans_by_hand_stays_until_it_is_unbanned_here()
    {
        await using var wall = new Wall();
        await wall.StartAsync(Wall.Active("203.0.113.9", Hour));
        wall.Watch();

        wall.Nft("add", "element", "inet", "ringfence", "banned4", $"{{ {Wall.Attacker4} timeout 1h }}");
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Unban(Wall.Attacker4)));

        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.Equal(0, wall.Nftables.Status.Repairs);
    }

    [Fact]
    public async Task An_end_beyond_what_the_kernel_counts_is_a_ban_all_the_same()
    {
        await using var wall = new Wall();
        await wall.StartAsync();

        var outcome = Assert.Single(await wall.Nftables.ApplyAsync(
            [new Ban(1, default, Wall.Subject(Wall.Attacker4), "operator", "test", DateTimeOffset.MaxValue, 1)], TestContext.Current.CancellationToken));

        Assert.Equal(OutcomeKind.Enforced, outcome.Kind);
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
    }

    [Fact]
    public async Task Five_thousand_bans_in_one_call_and_their_unbans_are_all_done()
    {
        await using var wall = new Wall();
        await wall.StartAsync(new ActiveBan(Host(7), null));

        var bans = await wall.Nftables.ApplyAsync(
            [.. Enumerable.Range(0, 5000).Select(i => new Ban(i, default, Host(i), "RF2001", "test", null, 1))], TestContext.Current.CancellationToken);
        Assert.Equal(5000, Elements(wall, BanSet.Hosts4).Count);
        var unbans = await wall.Nftables.ApplyAsync(
            [.. Enumerable.Range(0, 5000).Select(i => new Unban(i, default, Host(i), "operator", "test"))], TestContext.Current.CancellationToken);

        Assert.All(bans.Concat(unbans), outcome => Assert.Equal(OutcomeKind.Enforced, outcome.Kind));
        Assert.Empty(Elements(wall, BanSet.Hosts4));
    }

    [Fact]
    public async Task An_nft_that_hangs_is_killed_with_its_children_and_not_tried_again_at_once()
    {
        await using var wall = new Wall();
        var wrapper = Path.Combine(Path.GetTempPath(), $"rf-nft-{Environment.ProcessId}");
        var mark = $"{wrapper}.hang";

        // A sleep that is this run's alone.
        var seconds = $"300.{Environment.ProcessId}";
        Script.Write(wrapper, $"#!/bin/sh\nif [ -e {mark} ]; then sleep {seconds}; exit 0; fi\nexec nft \"$@\"\n");
        try
        {
            await wall.RestartWithAsync(wrapper);
            await File.WriteAllTextAsync(mark, "", TestContext.Current.CancellationToken);
            wall.Nft("delete", "table", "inet", "ringfence");
            var clock = System.Diagnostics.Stopwatch.StartNew();

            Assert.Equal(OutcomeKind.Failed, await wall.ApplyAsync(Wall.Ban(Wall.Attacker4, Hour)));
            Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(20));
            clock.Restart();
            Assert.Equal(OutcomeKind.Failed, await wall.ApplyAsync(Wall.Ban(Wall.Phone4, Hour)));
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));

            Assert.Contains("did not end within 8 s", wall.Nftables.Status.Problem, StringComparison.Ordinal);
            Assert.DoesNotContain(
                System.Diagnostics.Process.GetProcessesByName("sleep"),
                process => CommandLine(process.Id).Contains(seconds, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(wrapper);
            File.Delete(mark);
        }
    }

    // Of somebody's who has just ended: empty.
    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static Network Host(int number) => Address.FromIPv4(0x0a000000 + (uint)number).Subject;

    private static List<KernelElement> Elements(Wall wall, BanSet set)
    {
        using var kernel = new KernelTable(wall.Pbx.Run(NetlinkSocket.Open));
        return kernel.Elements(set);
    }
}
