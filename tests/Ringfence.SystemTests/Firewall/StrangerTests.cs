using Ringfence.Api;
using Ringfence.Core.Decisions;
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
    public async Task Who_is_unbanned_in_a_network_that_only_the_kernel_bans_is_not_called_free_before_he_is()
    {
        await using var wall = new Wall();
        await using var guard = await WithLostJournalAsync(wall, "198.51.100.0/24");
        await guard.BanAsync(Wall.Phone4, force: true);

        var host = await guard.UnbanAsync(Wall.Phone4);
        Assert.Equal(Wall.Subject("198.51.100.0/24"), host.StillBannedWith);
        Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));

        await guard.TrustAsync(Wall.Phone4);
        wall.AssertPhoneAloneArrives();
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
        wall.AssertPhoneAloneArrives(withIPv6: true);
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

        wall.AssertPhoneAloneArrives();
        Assert.DoesNotContain("198.51.100.130", wall.List("banned_nets4"), StringComparison.Ordinal);
        Assert.Equal("198.51.100.64/26 is free.", (await guard.UnbanAsync("198.51.100.64/26")).Message.Replace(" was banned in the kernel only; it", "", StringComparison.Ordinal));
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        await guard.UnbanAsync("198.51.100.0/24");
        Assert.Empty(await guard.BansAsync());
        Assert.DoesNotContain("198.51.100", wall.List("banned_nets4"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Wall.Attacker4, Wall.Phone4)]
    [InlineData(Wall.Phone4, Wall.Attacker4)]
    public async Task A_host_at_the_edge_of_a_range_is_freed_and_the_one_at_its_other_edge_stays_banned(string first, string other)
    {
        await using var wall = new Wall();
        await using var guard = await WithRangeAsync(wall, "banned_nets4", $"{Wall.Phone4}-{Wall.Attacker4}");

        var unbanned = await guard.UnbanAsync(first);
        Assert.Equal($"{first} was banned in the kernel only; it is free.", unbanned.Message);
        Assert.True(wall.Arrives(first, Wall.Pbx4));
        Assert.False(wall.Arrives(other, Wall.Pbx4));

        await guard.TrustAsync(other);
        Assert.True(wall.Arrives(other, Wall.Pbx4));
        Assert.Equal(
            ["198.51.100.16/28 kernel_only", "198.51.100.32/27 kernel_only", "198.51.100.64/31 kernel_only", "198.51.100.8/29 kernel_only"],
            await guard.BansAsync());

        await guard.UnbanAsync("198.51.100.0/24");
        Assert.Empty(await guard.BansAsync());
        Assert.DoesNotContain("elements", wall.List("banned_nets4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trusting_an_address_in_the_middle_of_a_range_leaves_the_hosts_at_both_edges_banned()
    {
        await using var wall = new Wall();
        await using var guard = await WithRangeAsync(wall, "banned_nets4", $"{Wall.Phone4}-{Wall.Attacker4}");

        await guard.TrustAsync("198.51.100.40");

        Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        using var kernel = new KernelTable(wall.Pbx.Run(NetlinkSocket.Open));
        Assert.DoesNotContain(StandingBans.Read(kernel, TimeProvider.System.GetUtcNow()), ban => ban.Subject.Contains(Wall.Subject("198.51.100.40")));
    }

    [Fact]
    public async Task A_64_at_the_edge_of_an_IPv6_range_is_freed_and_the_rest_of_it_stays_banned()
    {
        await using var wall = new Wall();
        await using var guard = await WithRangeAsync(wall, "banned_nets6", "2001:db8:7::-2001:db8:66:0:ffff:ffff:ffff:ffff");
        Assert.False(wall.Arrives(Wall.Attacker6, Wall.Pbx6));

        await guard.UnbanAsync(Wall.Attacker6);
        Assert.True(wall.Arrives(Wall.Attacker6, Wall.Pbx6));
        Assert.False(wall.Arrives(Wall.Phone6, Wall.Pbx6));

        await guard.TrustAsync(Wall.Phone6);
        Assert.True(wall.Arrives(Wall.Phone6, Wall.Pbx6));
        Assert.Contains("2001:db8:8::/45 kernel_only", await guard.BansAsync());
    }

    [Theory]
    [InlineData("banned_nets4", Wall.Attacker4, Wall.Attacker4, Wall.Pbx4)]
    [InlineData("banned_nets6", "2001:db8:66::/64", Wall.Attacker6, Wall.Pbx6)]
    [InlineData("banned_nets6", Wall.Attacker6, Wall.Attacker6, Wall.Pbx6)]
    [InlineData("banned_nets6", "2001:db8:66::5-2001:db8:66::99", Wall.Attacker6, Wall.Pbx6)]
    public async Task A_host_that_stands_among_the_networks_is_freed(string set, string element, string host, string pbx)
    {
        await using var wall = new Wall();
        await using var guard = await WithRangeAsync(wall, set, element);
        Assert.False(wall.Arrives(host, pbx));

        Assert.Equal("unbanned", (await guard.UnbanAsync(host)).Change);

        Assert.True(wall.Arrives(host, pbx));
        Assert.DoesNotContain("elements", wall.List(set), StringComparison.Ordinal);
        Assert.Equal("none", (await guard.UnbanAsync(host)).Change);
    }

    [Fact]
    public async Task A_network_that_a_range_reaches_into_is_freed_and_the_rest_of_the_range_stays_banned()
    {
        await using var wall = new Wall();
        await using var guard = await WithRangeAsync(wall, "banned_nets4", "198.51.100.60-198.51.100.200");

        await guard.UnbanAsync("198.51.100.0/25");

        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.Equal(["198.51.100.128/26 kernel_only", "198.51.100.192/29 kernel_only", "198.51.100.200 kernel_only"], await guard.BansAsync());
    }

    [Fact]
    public async Task A_host_of_a_range_is_freed_although_another_ban_of_the_same_batch_meets_somebodys_interval()
    {
        await using var wall = new Wall();
        await wall.StartAsync();
        wall.Nft("add", "element", "inet", "ringfence", "banned_nets4", $"{{ {Wall.Phone4}-{Wall.Attacker4} timeout 1h, 10.1.0.100-10.1.1.200 timeout 5h }}");

        var outcomes = await wall.Nftables.ApplyAsync([Wall.Unban(Wall.Attacker4), Wall.Ban("10.1.0.0/24", TimeSpan.FromHours(1))], TestContext.Current.CancellationToken);

        Assert.All(outcomes, outcome => Assert.Equal(OutcomeKind.Enforced, outcome.Kind));
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));
    }

    [Theory]
    [InlineData("unban", Wall.Phone4)]
    [InlineData("unban", "198.51.100.32/27")]
    [InlineData("trust", Wall.Attacker4)]
    [InlineData("trust", "198.51.100.40")]
    public async Task While_observing_a_range_is_lifted_as_a_whole_when_a_piece_of_it_is_freed(string verb, string subject)
    {
        await using var wall = new Wall();
        await using (await WithRangeAsync(wall, "banned_nets4", $"{Wall.Phone4}-{Wall.Attacker4}"))
        {
            Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        }

        await using var observing = new Observing(TimeProvider.System, () => wall.Pbx.Run(NetlinkSocket.Open));
        await using var guard = new OperatorsDesk(observing, _directory);
        await guard.StartAsync();
        Assert.Equal(6, (await guard.StatusAsync()).Firewall!.Elements);

        await (verb == "trust" ? guard.TrustAsync(subject) : guard.UnbanAsync(subject));

        Assert.True(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.DoesNotContain("elements", wall.List("banned_nets4"), StringComparison.Ordinal);
        Assert.Equal(0, (await guard.StatusAsync()).Firewall!.Elements);
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

    private async Task<OperatorsDesk> WithRangeAsync(Wall wall, string set, string element)
    {
        var guard = new OperatorsDesk(wall.Nftables, _directory);
        await guard.StartAsync();
        wall.Nft("add", "element", "inet", "ringfence", set, $"{{ {element} timeout 1h }}");
        return guard;
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
