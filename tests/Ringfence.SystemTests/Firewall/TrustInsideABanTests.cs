using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>An address is trusted while the operator's own ban of its network is in force: in the kernel it is free, and its neighbours are not.</summary>
public sealed class TrustInsideABanTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-trust-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Trusting_an_address_frees_it_and_leaves_its_network_banned()
    {
        await using var wall = new Wall();
        await using var guard = new OperatorsDesk(wall.Nftables, _directory);
        await guard.StartAsync();
        await guard.BanAsync("198.51.100.0/24", force: true);
        await guard.BanAsync("2001:db8::/32", force: true);
        Assert.False(wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.False(wall.Arrives(Wall.Phone6, Wall.Pbx6));

        var change = await guard.TrustAsync(Wall.Phone4);
        await guard.TrustAsync(Wall.Phone6);

        Assert.Equal("198.51.100.7 is trusted for ever. 198.51.100.0/24 stays banned without it.", change.Message);
        wall.AssertPhoneAloneArrives(withIPv6: true);
    }

    [Fact]
    public async Task What_is_left_of_the_ban_survives_a_restart_and_goes_when_the_network_is_freed()
    {
        await using var wall = new Wall();
        await using (var before = new OperatorsDesk(wall.Nftables, _directory))
        {
            await before.StartAsync();
            await before.BanAsync("198.51.100.0/24", force: true);
            await before.TrustAsync(Wall.Phone4);
        }

        await wall.RestartAsync();
        await using var guard = new OperatorsDesk(wall.Nftables, _directory);
        await guard.StartAsync();
        Assert.Equal(8, (await guard.BansAsync()).Count);
        wall.AssertPhoneAloneArrives();

        await guard.UnbanAsync("198.51.100.0/24");
        Assert.True(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.Empty(await guard.BansAsync());
    }

    [Fact]
    public async Task Of_two_bans_around_an_address_the_longer_one_stays_for_its_neighbours()
    {
        await using var wall = new Wall();
        await using var guard = new OperatorsDesk(wall.Nftables, _directory);
        await guard.StartAsync();
        await guard.BanAsync("198.51.100.0/26", force: true);
        await guard.BanAsync("198.51.100.0/24", force: true, TimeSpan.FromDays(7));

        await guard.TrustAsync(Wall.Phone4);

        var ends = (await guard.Desk.BansAsync(TestContext.Current.CancellationToken)).Bans.Select(ban => ban.Until - ban.Since).ToList();
        Assert.Equal(8, ends.Count);
        Assert.All(ends, left => Assert.True(left > TimeSpan.FromDays(6), $"{left} left"));
        wall.AssertPhoneAloneArrives();
    }
}
