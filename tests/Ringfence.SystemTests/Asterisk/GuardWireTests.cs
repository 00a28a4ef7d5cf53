using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>With the wire alone, no log and no HEP, attacks are seen and phones are left in peace.</summary>
public sealed class GuardWireTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardWireTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // A log that is not there: else the guard would look for those that logger.conf names.
    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, ["[wire]", "interface = all"], Stop, "no-log");

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData(SipTransport.Udp, "198.51.100.45", "")]
    [InlineData(SipTransport.Udp, "198.51.100.46", "a)\xff")]
    [InlineData(SipTransport.Tcp, "198.51.100.47", "a)\xff")]
    [InlineData(SipTransport.Udp, "2001:db8:bad:2::7", "")]
    [InlineData(SipTransport.Tcp, "2001:db8:bad:3::7", "")]
    [InlineData(SipTransport.Ws, "198.51.100.54", "")]
    [InlineData(SipTransport.Ws, "198.51.100.55", "a)\xff")]
    public async Task A_brute_force_is_banned_also_one_that_no_log_shows(SipTransport transport, string source, string callId)
    {
        var attempts = await Guesses.UntilBannedAsync(_lab, _guard, source, transport, Stop, callId);

        Assert.True(attempts is >= 4 and < Guesses.Most, $"{attempts} attempts: {_guard.Said}");
        await Guesses.AssertBannedAsync(_guard, source, "proven", "wire all", Stop);
    }

    [Fact]
    public async Task Of_WSS_it_sees_only_who_connects_and_so_bans_nobody_there_neither_a_guesser_nor_a_phone()
    {
        using var before = await _guard.AskJsonAsync(Stop, "status");
        for (var attempt = 0; attempt < 8; attempt++)
        {
            using var attacker = _lab.Attack(AsteriskLab.Attacker(57), SipTransport.Wss);
            Assert.Equal(401, (await attacker.LogInAsync(new SipRequest("REGISTER", "1001"), $"guess{attempt}", Stop))?.Status);
            using var browser = _lab.Attack(AsteriskLab.Attacker(58), SipTransport.Wss);
            Assert.Equal(200, (await browser.RegisterAsync("1004", AsteriskLab.PasswordOf("1004"), Stop))?.Status);
        }

        // What is said in clear comes later on the same link: once it was seen, all of the above was.
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(21), SipTransport.Udp);
        Assert.Equal(200, (await phone.RegisterAsync("1005", AsteriskLab.PasswordOf("1005"), Stop))?.Status);
        Assert.True(await Eventually.HoldsAsync(async () => Events(await _guard.AskJsonAsync(Stop, "status")) >= Events(before) + 2, TimeSpan.FromSeconds(30), Stop), _guard.Said);
        Assert.Empty(await _guard.BansAsync(Stop));
        Assert.Empty(await _guard.KernelBansAsync(Stop));

        static long Events(System.Text.Json.JsonDocument status) => status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "wire all").GetProperty("events").GetInt64();
    }

    [Fact]
    public async Task A_phone_that_was_seen_to_register_is_trusted_where_Asterisk_cannot_be_asked()
    {
        var source = AsteriskLab.Attacker(56);
        var asterisk = Path.Combine(_lab.Directory, "bin", "asterisk");
        File.Move(asterisk, asterisk + ".away");
        try
        {
            using var phone = _lab.Attack(source, SipTransport.Udp);
            Assert.Equal(200, (await phone.RegisterAsync("1001", AsteriskLab.PasswordOf("1001"), Stop))?.Status);
            var trusted = "";
            await Eventually.HoldsAsync(
                async () =>
                {
                    using var trust = await _guard.AskJsonAsync(Stop, "trust");
                    trusted = trust.RootElement.GetRawText();
                    return trusted.Contains($"\"{source}\"", StringComparison.Ordinal);
                },
                TimeSpan.FromSeconds(40), Stop);

            Assert.Contains($"\"{source}\"", trusted, StringComparison.Ordinal);
            Assert.Contains("registered contact of 1001, as it was seen to log in", trusted, StringComparison.Ordinal);
        }
        finally
        {
            File.Move(asterisk + ".away", asterisk);
        }
    }

    [Fact]
    public async Task Phones_register_and_call_and_a_trunk_brings_calls_and_nobody_is_banned()
    {
        Requires.Tool("sipp");

        await OfficeHours.AssertUndisturbedAsync(_lab, Stop);

        Assert.Empty(await _guard.BansAsync(Stop));
        using var status = await _guard.AskJsonAsync(Stop, "status");
        var wire = status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "wire all");
        Assert.True(wire.GetProperty("alive").GetBoolean());
        Assert.InRange(wire.GetProperty("events").GetInt64(), 20, long.MaxValue);
        Assert.Equal(0, wire.GetProperty("dropped").GetInt64());
        Assert.StartsWith("of port 5061, 8089 (TLS) it sees only who connects; HEP shows what is said there", wire.GetProperty("note").GetString(), StringComparison.Ordinal);
    }
}
