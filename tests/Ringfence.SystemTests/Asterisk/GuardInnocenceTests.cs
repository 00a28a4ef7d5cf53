using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What phones do in good faith, and what somebody does in their name, bans nobody.</summary>
public sealed class GuardInnocenceTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private const int Often = 12;

    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardInnocenceTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, Stop);

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Fact]
    public async Task A_phone_that_registers_again_and_again_is_not_banned()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(21), SipTransport.Udp);

        for (var i = 0; i < Often; i++)
        {
            Assert.Equal(200, (await phone.RegisterAsync("1005", AsteriskLab.PasswordOf("1005"), Stop))?.Status);
        }

        await AssertNobodyIsBannedAsync();
    }

    [Fact]
    public async Task A_phone_that_asks_without_a_password_is_not_banned()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(22), SipTransport.Udp);

        for (var i = 0; i < Often; i++)
        {
            Assert.Equal(401, (await phone.AskAsync(new SipRequest("REGISTER", "1005"), Stop))?.Status);
        }

        await AssertNobodyIsBannedAsync();
    }

    [Fact]
    public async Task The_right_password_with_a_stale_nonce_is_not_banned()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(23), SipTransport.Udp);

        for (var i = 0; i < Often; i++)
        {
            // Asterisk treats a nonce that is older than 32 s and one that it never gave alike: right answer, ask again.
            var answer = await phone.LogInAsync(
                new SipRequest("REGISTER", "1005"), AsteriskLab.PasswordOf("1005"), Stop, nonce: "1700000000/0123456789abcdef0123456789abcdef");
            Assert.Equal(401, answer?.Status);
            Assert.Equal("true", answer!.Parameter("WWW-Authenticate", "stale"));
        }

        await AssertNobodyIsBannedAsync();
    }

    [Fact]
    public async Task A_phone_beyond_the_contacts_that_its_account_may_have_is_not_banned()
    {
        using var first = _lab.PhoneAt(AsteriskLab.Phone(24), SipTransport.Udp);
        await first.RegisterAsync("1008", AsteriskLab.PasswordOf("1008"), Stop);
        using var second = _lab.PhoneAt(AsteriskLab.Phone(25), SipTransport.Udp);

        for (var i = 0; i < Often; i++)
        {
            Assert.Equal(403, (await second.RegisterAsync("1008", AsteriskLab.PasswordOf("1008"), Stop))?.Status);
        }

        await AssertNobodyIsBannedAsync();
    }

    [Fact]
    public async Task Misdialled_numbers_are_not_an_attack()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(26), SipTransport.Udp);

        for (var i = 0; i < Often; i++)
        {
            var call = new SipRequest("INVITE", "1005") { Target = $"47{i:00}" };
            Assert.Equal(404, (await phone.LogInAsync(call, AsteriskLab.PasswordOf("1005"), Stop))?.Status);
        }

        await AssertNobodyIsBannedAsync();
    }

    [Theory]
    [InlineData(AsteriskLab.TrunkByAddress)]
    [InlineData(AsteriskLab.TrunkByPassword)]
    public async Task A_trunk_in_whose_name_somebody_sends_wrong_passwords_is_not_banned(string trunk)
    {
        using var forger = _lab.Attack(trunk, SipTransport.Udp);

        for (var i = 0; i < Often; i++)
        {
            await forger.LogInAsync(new SipRequest("REGISTER", "trunk-auth"), "wrong", Stop);
        }

        await AssertNobodyIsBannedAsync();
    }

    [Fact]
    public async Task A_registered_phone_in_whose_name_somebody_sends_wrong_passwords_is_not_banned()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(27), SipTransport.Udp);
        Assert.Equal(200, (await phone.RegisterAsync("1005", AsteriskLab.PasswordOf("1005"), Stop))?.Status);

        // The guard asks Asterisk for its phones every half a minute.
        Assert.True(await Eventually.HoldsAsync(() => IsTrustedAsync(AsteriskLab.Phone(27)), TimeSpan.FromSeconds(40), Stop), _guard.Said);
        using var forger = _lab.PhoneAt(AsteriskLab.Phone(27), SipTransport.Udp);
        for (var i = 0; i < Often; i++)
        {
            await forger.RegisterAsync("1002", "wrong", Stop);
        }

        await AssertNobodyIsBannedAsync();
    }

    private async Task<bool> IsTrustedAsync(string address)
    {
        using var trust = await _guard.AskJsonAsync(Stop, "trust");
        return trust.RootElement.GetProperty("trust").EnumerateArray().Any(entry => entry.GetProperty("subject").GetString() == address);
    }

    private async Task AssertNobodyIsBannedAsync()
    {
        Assert.True(await _guard.HasReadAllAsync(Stop), "the guard did not read its logs to the end");
        Assert.Empty(await _guard.BansAsync(Stop));
        Assert.Empty(await _guard.KernelBansAsync(Stop));

        // That it bans nobody means something only if it would ban somebody.
        var source = AsteriskLab.Attacker(38);
        Assert.True(await AttackTools.UntilBannedAsync(_lab, _guard, "sipp", source, Stop), _guard.Said);
        Assert.Equal([Address.Parse(source)!.Value.Subject], await _guard.KernelBansAsync(Stop));
    }
}
