using Ringfence.Api;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>Bans that stand in the kernel and that this guard did not put there.</summary>
public sealed class StrangerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-stranger-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Unbanning_while_observing_lifts_what_an_enforcing_guard_left_in_the_kernel()
    {
        await using var wall = new Wall();
        await using (var enforcing = new OperatorsDesk(wall.Nftables, _directory))
        {
            await enforcing.StartAsync();
            await enforcing.BanAsync(Wall.Attacker4);
            await enforcing.BanAsync("198.51.100.128/25");
        }

        await using var observing = new Observing(TimeProvider.System, () => wall.Pbx.Run(NetlinkSocket.Open));
        await using var guard = new OperatorsDesk(observing, _directory);
        await guard.StartAsync();
        Assert.Equal(2, (await guard.StatusAsync()).Firewall!.Elements);
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.NotEqual(0, (await guard.StatusAsync()).Firewall!.DroppedPackets);

        var host = await guard.UnbanAsync(Wall.Attacker4);
        var network = await guard.UnbanAsync("198.51.100.128/25");

        Assert.Equal(["198.51.100.66 is free.", "198.51.100.128/25 is free."], [host.Message, network.Message]);
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.DoesNotContain("198.51.100", wall.List("banned_nets4"), StringComparison.Ordinal);
        Assert.Equal(0, (await guard.StatusAsync()).Firewall!.Elements);
    }

    [Fact]
    public async Task Bans_of_a_lost_journal_are_listed_and_unbanned()
    {
        await using var wall = new Wall();
        await using var guard = await WithLostJournalAsync(wall, Wall.Attacker4, Wall.Attacker6, "203.0.113.0/24");

        Assert.Equal(["198.51.100.66 kernel_only", "2001:db8:66::/64 kernel_only", "203.0.113.0/24 kernel_only"], await guard.BansAsync());
        var host = await guard.UnbanAsync(Wall.Attacker4);
        await guard.UnbanAsync(Wall.Attacker6);
        var inside = await Assert.ThrowsAsync<RefusedException>(() => guard.UnbanAsync("203.0.113.9"));
        await guard.UnbanAsync("203.0.113.0/24");

        Assert.Equal("198.51.100.66 was banned in the kernel only; it is free.", host.Message);
        Assert.Contains("203.0.113.0/24", inside.Message, StringComparison.Ordinal);
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.True(wall.Arrives(Wall.Attacker6, Wall.Pbx6));
        Assert.Empty(await guard.BansAsync());
        Assert.Equal("198.51.100.66 is not banned.", (await guard.UnbanAsync(Wall.Attacker4)).Message);
    }

    [Fact]
    public async Task Trusting_frees_what_only_the_kernel_knows()
    {
        await using var wall = new Wall();
        await using var guard = await WithLostJournalAsync(wall, Wall.Attacker4, Wall.Phone4, "203.0.113.0/24");

        await guard.TrustAsync(Wall.Attacker4);
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));

        await guard.TrustAsync("198.51.100.0/24");
        Assert.True(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.Equal(["203.0.113.0/24 kernel_only"], await guard.BansAsync());
    }

    [Fact]
    public async Task Trusting_an_address_in_a_network_that_only_the_kernel_knows_frees_it_and_leaves_its_network_banned()
    {
        await using var wall = new Wall();
        await using var guard = await WithLostJournalAsync(wall, "198.51.100.0/24", "2001:db8::/32");
        Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));

        var change = await guard.TrustAsync(Wall.Phone4);
        await guard.TrustAsync(Wall.Phone6);

        Assert.Equal("198.51.100.7 is trusted for ever. 198.51.100.0/24 stays banned without it.", change.Message);
        Assert.True(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.True(wall.Arrives(Wall.Phone6, Wall.Pbx6));
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.False(wall.Arrives(Wall.Attacker6, Wall.Pbx6));
    }

    [Fact]
    public async Task Addresses_in_a_range_that_somebody_banned_with_nft_are_freed_by_trust_and_the_rest_of_it_stays()
    {
        await using var wall = new Wall();
        await using var guard = new OperatorsDesk(wall.Nftables, _directory);
        await guard.StartAsync();
        wall.Nft("add", "element", "inet", "ringfence", "banned_nets4", "{ 198.51.100.3-198.51.100.200 timeout 1h }");
        Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));

        await guard.TrustAsync(Wall.Phone4);
        await guard.TrustAsync("198.51.100.130");

        Assert.True(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.DoesNotContain("198.51.100.130", wall.List("banned_nets4"), StringComparison.Ordinal);
        Assert.Equal("198.51.100.64/26 is free.", (await guard.UnbanAsync("198.51.100.64/26")).Message.Replace(" was banned in the kernel only; it", "", StringComparison.Ordinal));
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        await guard.UnbanAsync("198.51.100.0/24");
        Assert.Empty(await guard.BansAsync());
        Assert.DoesNotContain("198.51.100", wall.List("banned_nets4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_that_only_the_kernel_knows_are_counted_and_those_of_the_guard_are_not()
    {
        await using var wall = new Wall();
        await using var guard = await WithLostJournalAsync(wall, "198.51.100.0/25", "2001:db8::/32", "203.0.113.9");
        await guard.BanAsync("203.0.113.0/24", force: true);
        await guard.BanAsync("203.0.113.128/25", force: true, TimeSpan.FromDays(1));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var watching = wall.Nftables.WatchAsync(end.Token);
        for (var patience = 0; wall.Nftables.Status.Strangers == 0 && patience < 200; patience++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(3, wall.Nftables.Status.Strangers);
        await end.CancelAsync();
        await watching;
    }

    [Fact]
    public async Task Unbanning_a_network_frees_every_host_in_it_and_nobody_beside_it()
    {
        await using var wall = new Wall();
        await using var guard = await WithLostJournalAsync(wall, Wall.Attacker4, "203.0.113.9");
        await guard.BanAsync(Wall.Phone4);
        await guard.BanAsync("198.51.100.0/25");

        var change = await guard.UnbanAsync("198.51.100.0/25");

        Assert.Equal("198.51.100.0/25 is free, with 2 bans inside it.", change.Message);
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.True(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.Equal(["203.0.113.9 kernel_only"], await guard.BansAsync());
    }

    private async Task<OperatorsDesk> WithLostJournalAsync(Wall wall, params string[] bans)
    {
        await using (var before = new OperatorsDesk(wall.Nftables, _directory))
        {
            await before.StartAsync();
            foreach (var ban in bans)
            {
                await before.BanAsync(ban);
            }
        }

        foreach (var file in Directory.GetFiles(_directory, "ringfence.db*"))
        {
            File.Delete(file);
        }

        await wall.RestartAsync();
        var guard = new OperatorsDesk(wall.Nftables, _directory);
        await guard.StartAsync();
        return guard;
    }
}
