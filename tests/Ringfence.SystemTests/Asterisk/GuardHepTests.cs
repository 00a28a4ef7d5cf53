using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What Asterisk tells over HEP is seen where its logs are blind, and proves addresses where they can't.</summary>
public sealed class GuardHepTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardHepTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // The security log alone beside it: the notices would see the brute force that is invisible elsewhere.
    public async ValueTask InitializeAsync() =>
        _guard = await GuardProcess.StartAsync(_lab, GuardProcess.Hep, Stop, "security_json");

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData(SipTransport.Udp, "198.51.100.41")]
    [InlineData(SipTransport.Tcp, "198.51.100.42")]
    [InlineData(SipTransport.Tls, "198.51.100.43")]
    [InlineData(SipTransport.Ws, "198.51.100.47")]
    [InlineData(SipTransport.Wss, "198.51.100.48")]
    [InlineData(SipTransport.Udp, "2001:db8:bad:1::7")]
    [InlineData(SipTransport.Wss, "2001:db8:bad:2::7")]
    public async Task A_brute_force_that_no_security_record_shows_is_banned(SipTransport transport, string source)
    {
        var from = _lab.LengthOf("security_json");

        var attempts = await Guesses.UntilBannedAsync(_lab, _guard, source, transport, Stop, "a)\xff");

        Assert.InRange(attempts, 4, Guesses.Most - 1);
        Assert.DoesNotContain(source, await _lab.AppendedAsync("security_json", from, "", Stop), StringComparison.Ordinal);
        await Guesses.AssertBannedAsync(_guard, source, "proven", "hep 127.0.0.1:9060", Stop);
    }

    [Fact]
    public async Task Phones_register_and_call_and_a_trunk_brings_calls_and_nobody_is_banned()
    {
        Requires.Tool("sipp");

        await OfficeHours.AssertUndisturbedAsync(_lab, Stop);

        Assert.Empty(await _guard.BansAsync(Stop));
        using var status = await _guard.AskJsonAsync(Stop, "status");
        var hep = status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "hep 127.0.0.1:9060");
        Assert.True(hep.GetProperty("alive").GetBoolean());
        Assert.InRange(hep.GetProperty("events").GetInt64(), 20, long.MaxValue);
    }

    [Fact]
    public async Task A_browser_that_registers_over_WSS_again_and_again_and_mistypes_once_is_left_in_peace()
    {
        var source = AsteriskLab.Attacker(49);
        for (var time = 0; time < 8; time++)
        {
            // Each time in a connection of its own, as a page that is loaded anew.
            using var browser = _lab.Attack(source, SipTransport.Wss);
            if (time == 3)
            {
                Assert.Equal(401, (await browser.RegisterAsync("1004", "mistyped", Stop))?.Status);
            }

            Assert.Equal(200, (await browser.RegisterAsync("1004", AsteriskLab.PasswordOf("1004"), Stop))?.Status);
        }

        Assert.Empty(await _guard.BansAsync(Stop));
        Assert.Empty(await _guard.KernelBansAsync(Stop));
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        Assert.Empty(why.RootElement.GetProperty("decisions").EnumerateArray());
    }

    [Fact]
    public async Task A_stranger_whose_source_is_forged_is_banned_shortly_at_most_and_an_echoed_nonce_makes_it_count()
    {
        var source = AsteriskLab.Attacker(44);
        using (var forged = _lab.Attack(source, SipTransport.Udp))
        {
            // As a forger must: without having seen a challenge.
            for (var packet = 0; packet < 6; packet++)
            {
                await forged.SendAsync(
                    new SipRequest("REGISTER", "1001") { Authorization = "Digest username=\"1001\",realm=\"asterisk\",nonce=\"1/a\",uri=\"sip:10.80.0.1\",response=\"0\",algorithm=MD5" }, Stop);
            }
        }

        Assert.True(await Eventually.HoldsAsync(async () => (await _guard.BansAsync(Stop)).Count == 1, TimeSpan.FromSeconds(30), Stop), _guard.Said);
        using var bans = await _guard.AskJsonAsync(Stop, "bans");

        Assert.Equal(0, Assert.Single(bans.RootElement.GetProperty("bans").EnumerateArray()).GetProperty("ordinal").GetInt32());
    }
}
