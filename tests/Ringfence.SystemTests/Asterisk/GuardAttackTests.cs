using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The tools of attackers against a guarded Asterisk, beside phones and trunks.</summary>
public sealed class GuardAttackTests(AsteriskLab lab) : AttackedGuard(lab)
{
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

        await AttackWithAsync(tool, source);

        Assert.False(await IsAnsweredAsync(source, SipTransport.Udp), Guard.Said);
        await AssertOnlyBannedAsync(source);
    }

    [Fact]
    public async Task Why_shows_the_events_that_led_to_a_ban()
    {
        var source = AsteriskLab.Attacker(26);
        await AttackAsync(source, SipTransport.Tcp, new SipRequest("REGISTER", "1002"));

        using var why = await Guard.AskJsonAsync(Stop, "why", source);

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
        var attacks = Task.WhenAll(
            AttackWithAsync("svcrack", AsteriskLab.Attacker(31)), AttackWithAsync("svwar", AsteriskLab.Attacker(32)), AttackWithAsync("sipp", AsteriskLab.Attacker(33)),
            AttackWithAsync("svcrack", AsteriskLab.Attacker6(9)));

        await OfficeHours.AssertUndisturbedAsync(Lab, Stop);
        using var tls = Lab.PhoneAt(AsteriskLab.Phone(14), SipTransport.Tls);
        var registered = await tls.RegisterAsync("1004", AsteriskLab.PasswordOf("1004"), Stop);
        await attacks;

        Assert.Equal(200, registered?.Status);
        Assert.False(await IsAnsweredAsync(AsteriskLab.Attacker(31), SipTransport.Udp), Guard.Said);
        Assert.False(await IsAnsweredAsync(AsteriskLab.Attacker6(9), SipTransport.Udp), Guard.Said);
    }
}
