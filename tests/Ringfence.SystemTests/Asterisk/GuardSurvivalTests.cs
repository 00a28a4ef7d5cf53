using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The guard is killed, stopped, or its table is taken away, in the middle of an attack.</summary>
public sealed class GuardSurvivalTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    // More than the preset office calls an attack.
    private const int Enough = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardSurvivalTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        Requires.Tool("sipp");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, Stop);

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Fact]
    public async Task A_ban_is_back_after_somebody_flushed_the_ruleset()
    {
        await BanAsync(40);

        await _guard.FlushFirewallAsync(Stop);

        // How soon is a figure of RepairTests, beside which nothing else runs.
        Assert.True(await Eventually.HoldsAsync(() => _guard.HasBannedAsync(AsteriskLab.Attacker(40), Stop), Patience, Stop), _guard.Said);
        Assert.False(await IsAnsweredAsync(40));
    }

    [Fact]
    public async Task An_attacker_goes_on_being_found_after_somebody_flushed_the_ruleset()
    {
        await _guard.FlushFirewallAsync(Stop);

        await BanAsync(41);

        Assert.False(await IsAnsweredAsync(41));
    }

    [Fact]
    public async Task Bans_stand_while_the_guard_is_dead_and_what_was_logged_meanwhile_is_not_missed()
    {
        await BanAsync(42);

        await _guard.KillAsync(Stop);

        Assert.False(await IsAnsweredAsync(42));
        Assert.True(await AttackTools.UntilAsync(_lab, "sipp", AsteriskLab.Attacker(43), () => HasAttackedAsync(43), Stop));
        Assert.True(await IsAnsweredAsync(43, SipClient.Patience));

        await _guard.StartAgainAsync(Stop);

        var expected = new HashSet<Network> { Subject(42), Subject(43) };
        Assert.True(
            await Eventually.HoldsAsync(async () => expected.SetEquals(await _guard.KernelBansAsync(Stop)), Patience, Stop),
            _guard.Said);
        Assert.Equal(expected, await _guard.BansAsync(Stop));
        using var why = await _guard.AskJsonAsync(Stop, "why", AsteriskLab.Attacker(42));
        Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray());
    }

    [Fact]
    public async Task Killed_in_the_middle_of_an_attack_it_bans_the_attacker_after_the_restart()
    {
        var attack = AttackTools.UntilAsync(_lab, "svcrack", AsteriskLab.Attacker(44), () => HasAttackedAsync(44), Stop);
        await _lab.AppendedAsync("notice", 0, AsteriskLab.Attacker(44), Stop);

        await _guard.KillAsync(Stop);
        Assert.True(await attack);
        await _guard.StartAgainAsync(Stop);

        var expected = new HashSet<Network> { Subject(44) };
        Assert.True(
            await Eventually.HoldsAsync(async () => expected.SetEquals(await _guard.KernelBansAsync(Stop)), Patience, Stop),
            _guard.Said);
    }

    [Fact]
    public async Task Stopped_in_order_it_ends_with_0_and_leaves_its_bans_in_the_kernel()
    {
        await BanAsync(45);

        var code = await _guard.StopAsync(Stop);

        Assert.Equal(0, code);
        Assert.Contains(Subject(45), await _guard.KernelBansAsync(Stop));
        Assert.False(await IsAnsweredAsync(45));
    }

    private static Network Subject(int attacker) => Address.Parse(AsteriskLab.Attacker(attacker))!.Value.Subject;

    private async Task BanAsync(int attacker)
    {
        Assert.True(await AttackTools.UntilBannedAsync(_lab, _guard, "sipp", AsteriskLab.Attacker(attacker), Stop), _guard.Said);
    }

    // Or was shut out before: svcrack may be banned before the guard is killed.
    private async Task<bool> HasAttackedAsync(int attacker) =>
        await _lab.CountAsync("notice", 0, $"failed for '{AsteriskLab.Attacker(attacker)}:", Stop) >= Enough || await _guard.HasBannedAsync(AsteriskLab.Attacker(attacker), Stop);

    private async Task<bool> IsAnsweredAsync(int attacker, TimeSpan? limit = null)
    {
        using var sender = _lab.Attack(AsteriskLab.Attacker(attacker), SipTransport.Udp);
        return await sender.IsAnsweredAsync(Stop, limit);
    }
}
