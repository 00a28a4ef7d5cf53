using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Real attackers against a guarded Asterisk, beside phones and trunks.</summary>
[Collection(SharedAsterisk.Name)]
public sealed class GuardAttackTests : IAsyncLifetime
{
    // The preset office calls 5 refusals an attack; some of these requests are refused twice, some tools send one per run.
    private const int MostAttempts = 20;

    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardAttackTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, Stop);

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData("svwar", "198.51.100.11")]
    [InlineData("svcrack", "198.51.100.12")]
    [InlineData("svmap", "198.51.100.13")]
    [InlineData("sipsak", "198.51.100.14")]
    [InlineData("sipp", "198.51.100.15")]
    [InlineData("svcrack", "2001:db8:bad:2::7")]
    [InlineData("svmap", "2001:db8:bad:3::7")]
    [InlineData("sipp", "2001:db8:bad:4::7")]
    public async Task A_tool_is_banned_and_only_its_address(string tool, string source)
    {
        Requires.Tool(tool);

        for (var run = 0; run < MostAttempts && await IsAnsweredAsync(source, SipTransport.Udp); run++)
        {
            await AttackTools.RunAsync(_lab, tool, source, Stop);
        }

        Assert.False(await IsAnsweredAsync(source, SipTransport.Udp), _guard.Said);
        await AssertOnlyBannedAsync(source);
    }

    [Theory]
    [InlineData("REGISTER", SipTransport.Udp, "198.51.100.16")]
    [InlineData("REGISTER", SipTransport.Tcp, "198.51.100.17")]
    [InlineData("REGISTER", SipTransport.Tls, "198.51.100.18")]
    [InlineData("INVITE", SipTransport.Udp, "198.51.100.19")]
    [InlineData("INVITE", SipTransport.Tcp, "198.51.100.20")]
    [InlineData("INVITE", SipTransport.Tls, "198.51.100.21")]
    [InlineData("OPTIONS", SipTransport.Udp, "198.51.100.22")]
    [InlineData("REGISTER", SipTransport.Udp, "2001:db8:bad:5::7")]
    [InlineData("REGISTER", SipTransport.Tcp, "2001:db8:bad:6::7")]
    [InlineData("INVITE", SipTransport.Udp, "2001:db8:bad:7::7")]
    public async Task A_password_guesser_is_banned_but_not_for_one_wrong_password(string method, SipTransport transport, string source)
    {
        var attempts = await AttackAsync(source, transport, new SipRequest(method, "1001") { Target = method == "INVITE" ? "00972599000000" : null });

        Assert.False(await IsAnsweredAsync(source, transport), _guard.Said);
        Assert.InRange(attempts, 3, MostAttempts);
        await AssertOnlyBannedAsync(source);
    }

    [Theory]
    [InlineData("REGISTER", SipTransport.Udp, "198.51.100.23")]
    [InlineData("REGISTER", SipTransport.Tls, "198.51.100.24")]
    [InlineData("INVITE", SipTransport.Tcp, "198.51.100.25")]
    [InlineData("INVITE", SipTransport.Udp, "2001:db8:bad:8::7")]
    public async Task A_sender_to_accounts_that_nobody_has_is_banned(string method, SipTransport transport, string source)
    {
        await AttackAsync(source, transport, new SipRequest(method, "nobody") { Target = method == "INVITE" ? "00972599000000" : null });

        Assert.False(await IsAnsweredAsync(source, transport), _guard.Said);
        await AssertOnlyBannedAsync(source);
    }

    [Fact]
    public async Task Why_shows_the_events_that_led_to_a_ban()
    {
        var source = AsteriskLab.Attacker(26);
        await AttackAsync(source, SipTransport.Tcp, new SipRequest("REGISTER", "1002"));

        using var why = await _guard.AskJsonAsync(Stop, "why", source);

        var ban = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray());
        Assert.Equal("ban", ban.GetProperty("action").GetString());
        Assert.StartsWith("RF2", ban.GetProperty("rule").GetString(), StringComparison.Ordinal);
        var evidence = ban.GetProperty("evidence").EnumerateArray().ToList();
        Assert.NotEmpty(evidence);
        Assert.All(evidence, event_ => Assert.Contains(source, event_.GetProperty("text").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Phones_register_and_call_and_a_trunk_brings_calls_while_attackers_are_banned()
    {
        Requires.Tool("sipp");
        var tools = new[] { ("svcrack", 31), ("svwar", 32), ("sipp", 33) }
            .Select(attack => AttackTools.RunAsync(_lab, attack.Item1, AsteriskLab.Attacker(attack.Item2), Stop)).ToList();
        tools.Add(AttackTools.RunAsync(_lab, "svcrack", AsteriskLab.Attacker6(9), Stop));

        var calls = await Task.WhenAll(
            AttackTools.CallAsync(_lab, "1001", AsteriskLab.Phone(11), "u1", Stop),
            AttackTools.CallAsync(_lab, "1002", AsteriskLab.Phone(12), "t1", Stop),
            AttackTools.CallAsync(_lab, "1003", AsteriskLab.Phone6(13), "u1", Stop),
            AttackTools.TrunkCallAsync(_lab, Stop));
        using var tls = _lab.PhoneAt(AsteriskLab.Phone(14), SipTransport.Tls);
        var registered = await tls.RegisterAsync("1004", AsteriskLab.PasswordOf("1004"), Stop);
        await Task.WhenAll(tools);

        Assert.All(calls, call => Assert.True(call.ExitCode == 0, call.Said));
        Assert.Equal(200, registered?.Status);
        Assert.False(await IsAnsweredAsync(AsteriskLab.Attacker(31), SipTransport.Udp), _guard.Said);
        Assert.False(await IsAnsweredAsync(AsteriskLab.Attacker6(9), SipTransport.Udp), _guard.Said);
    }

    private async Task<int> AttackAsync(string source, SipTransport transport, SipRequest request)
    {
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            using var attacker = _lab.Attack(source, transport);
            if (await attacker.LogInAsync(request with { Tag = SipRequest.Fresh() }, $"guess{attempt}", Stop) is null)
            {
                return attempt;
            }
        }

        // The last guess may be in the log and not yet in the kernel.
        await Eventually.HoldsAsync(async () => !await IsAnsweredAsync(source, transport), TimeSpan.FromSeconds(2), Stop);
        return MostAttempts;
    }

    private async Task<bool> IsAnsweredAsync(string source, SipTransport transport)
    {
        using var sender = _lab.Attack(source, transport);
        return await sender.IsAnsweredAsync(Stop);
    }

    private async Task AssertOnlyBannedAsync(string source)
    {
        var expected = new HashSet<Network> { Address.Parse(source)!.Value.Subject };
        Assert.Equal(expected, await _guard.BansAsync(Stop));
        Assert.Equal(expected, await _guard.KernelBansAsync(Stop));
    }
}
