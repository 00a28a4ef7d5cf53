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

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, ["[firewall]", "burst = 100"], Stop);

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
    public async Task Killed_after_a_burst_of_guesses_one_of_which_was_right_it_does_not_free_the_guesser_for_his_registration()
    {
        await GuessAtOnceAsync(46, count: 60, right: 12);
        Assert.True(await Eventually.HoldsAsync(() => _guard.HasBannedAsync(AsteriskLab.Attacker(46), Stop), Patience, Stop), _guard.Said);
        Assert.True(await Eventually.HoldsAsync(() => IsToldAsync(46, "RF2014"), Patience, Stop), _guard.Said);

        await _guard.KillAsync(Stop);
        Assert.Contains($"sip:lab@{AsteriskLab.Attacker(46)}:", await _lab.CliAsync("database show registrar/contact", Stop), StringComparison.Ordinal);
        await _guard.StartAgainAsync(Stop);

        // It has read its logs again and asked Asterisk for the contacts since.
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(13), SipTransport.Udp);
        Assert.Equal(200, (await phone.RegisterAsync("1003", AsteriskLab.PasswordOf("1003"), Stop))?.Status);
        Assert.True(await Eventually.HoldsAsync(() => IsTrustedAsync(AsteriskLab.Phone(13)), TimeSpan.FromSeconds(90), Stop), _guard.Said);
        Assert.False(await IsTrustedAsync(AsteriskLab.Attacker(46)));
        Assert.Equal([Subject(46)], await _guard.BansAsync(Stop));
        Assert.Equal([Subject(46)], await _guard.KernelBansAsync(Stop));
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

    private static Network Subject(string subject) => Network.Parse(subject)!.Value;

    private static Network Subject(int attacker) => Address.Parse(AsteriskLab.Attacker(attacker))!.Value.Subject;

    // Over UDP, all with one nonce: the PBX answers them before any kernel has the ban.
    private async Task GuessAtOnceAsync(int attacker, int count, int right)
    {
        using var guesser = _lab.Attack(AsteriskLab.Attacker(attacker), SipTransport.Udp);
        var challenge = await guesser.AskAsync(new SipRequest("REGISTER", "1002"), Stop);
        Assert.Equal(401, challenge?.Status);
        for (var number = 0; number < count; number++)
        {
            var request = new SipRequest("REGISTER", "1002");
            var password = number == right ? AsteriskLab.PasswordOf("1002") : $"guess{number}";
            await guesser.SendAsync(request with { Authorization = Digest.Answer(challenge!, "REGISTER", request.RequestUri(guesser.Host), "1002", password) }, Stop);
        }
    }

    private async Task<bool> IsToldAsync(int attacker, string rule)
    {
        using var why = await _guard.AskJsonAsync(Stop, "why", AsteriskLab.Attacker(attacker));
        return why.RootElement.GetProperty("decisions").EnumerateArray().Any(decision => decision.GetProperty("action").GetString() == "alert" && decision.GetProperty("rule").GetString() == rule);
    }

    private async Task<bool> IsTrustedAsync(string address)
    {
        using var trust = await _guard.AskJsonAsync(Stop, "trust");
        return trust.RootElement.GetProperty("trust").EnumerateArray().Any(entry => Subject(entry.GetProperty("subject").GetString()!) == Address.Parse(address)!.Value.Subject);
    }

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
