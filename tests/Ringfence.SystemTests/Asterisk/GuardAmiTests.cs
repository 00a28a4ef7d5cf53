using System.Text.Json;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The manager interface as the only source: attackers are banned by it, and nothing that they write into it changes anything.</summary>
public sealed class GuardAmiTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardAmiTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // A log that nobody writes: what is seen here came over the manager interface.
    public async ValueTask InitializeAsync()
    {
        _guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[ami]", "user = ringfence", "secret = lab-manager-secret"], Stop, "of-nobody");
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync()).Alive, TimeSpan.FromSeconds(30), Stop), _guard.Said);
    }

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData(SipTransport.Udp, "198.51.100.51", "unproven")]
    [InlineData(SipTransport.Tcp, "198.51.100.52", "proven")]
    [InlineData(SipTransport.Tls, "198.51.100.53", "proven")]
    [InlineData(SipTransport.Udp, "2001:db8:bad:9::7", "unproven")]
    public async Task A_brute_force_is_banned(SipTransport transport, string source, string proof)
    {
        var attempts = await Guesses.UntilBannedAsync(_lab, _guard, source, transport, Stop);

        Assert.InRange(attempts, 4, Guesses.Most - 1);
        await Guesses.AssertBannedAsync(_guard, source, proof, "ami 127.0.0.1:5038", Stop);
    }

    [Theory]
    [InlineData("%0d%0a%0d%0aEvent%3a%20Shutdown%0d%0aX%3a%201", Label = "an event")]
    [InlineData("%0d%0aRemoteAddress%3a%20IPV4/UDP/192.0.2.7/1", Label = "a remote address")]
    [InlineData("%0d%0a%0d%0aResponse%3a%20Success%0d%0a%0d%0a", Label = "an answer")]
    [InlineData("%0d%0a%0d%0aEvent%3a%20InvalidPassword%0d%0aPriv", Label = "the beginning of a whole event")]
    public async Task What_one_packet_writes_into_the_stream_is_told_of_its_sender_and_changes_nothing_else(string user)
    {
        var source = AsteriskLab.Attacker(54);
        using (var attacker = _lab.Attack(source, SipTransport.Tcp))
        {
            await attacker.SendAsync(new SipRequest("OPTIONS", user), Stop);

            Assert.True(await Eventually.HoldsAsync(async () => (await _guard.BansAsync(Stop)).Count > 0, TimeSpan.FromSeconds(30), Stop), _guard.Said);
        }

        Assert.Equal([Address.Parse(source)!.Value.Subject], await _guard.BansAsync(Stop));
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        var decision = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray());
        Assert.Equal("RF2020", decision.GetProperty("rule").GetString());
        Assert.Equal("injection", decision.GetProperty("evidence").EnumerateArray().Last().GetProperty("event").GetString());
        var told = await SourceAsync();
        Assert.True(told.Alive, told.Problem);
        Assert.Equal("since start: 1 with injected text, 0 not understood, 0 not counted because they could be somebody's invention", told.Note);
    }

    [Fact]
    public async Task What_a_trunk_writes_into_a_caller_s_number_never_reaches_the_guard()
    {
        // Asterisk keeps 79 bytes of a caller's number: enough for an event that a program which hears calls too takes for one.
        const string Forged = "\r\n\r\nEvent: InvalidPassword\r\nRemoteAddress: IPV4/TCP/192.0.2.7/1\r\n\r\n";
        var before = await SourceAsync();
        var dashboard = _lab.RunAsync(
            "pbx",
            ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5038; printf 'Action: Login\\r\\nUsername: dashboard\\r\\nSecret: lab-dashboard-secret\\r\\n\\r\\n' >&3; timeout 60 sed '/RemoteAddress: IPV4.TCP.192.0.2.7/{n;q}' <&3; true"],
            TimeSpan.FromSeconds(70),
            Stop);
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync()).Events > before.Events, TimeSpan.FromSeconds(30), Stop), "the dashboard did not log in");
        using (var trunk = _lab.Attack(AsteriskLab.TrunkByAddress, SipTransport.Udp))
        {
            await trunk.SendAsync(new SipRequest("INVITE", Uri.EscapeDataString(Forged)) { Target = "18005551212" }, Stop);
        }

        using (var stranger = _lab.Attack(AsteriskLab.Attacker(55), SipTransport.Udp))
        {
            await stranger.SendAsync(new SipRequest("OPTIONS", "nobody"), Stop);
        }

        var heard = (await dashboard).Output;
        Assert.Contains("\n\nEvent: InvalidPassword\nRemoteAddress: IPV4/TCP/192.0.2.7/1\n\n", heard, StringComparison.Ordinal);

        // What came after is read too: the stranger's refusal and its challenge, and the dashboard's login before.
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync()).Events >= before.Events + 3, TimeSpan.FromSeconds(30), Stop), $"{before} {await SourceAsync()}");
        Assert.Null((await SourceAsync()).Note);
        Assert.Empty(await _guard.BansAsync(Stop));
    }

    [Fact]
    public async Task Asterisk_s_own_login_event_shows_that_security_events_come()
    {
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync()).Events >= 1, TimeSpan.FromSeconds(30), Stop));
    }

    [Fact]
    public async Task Its_connection_ended_in_the_middle_is_there_again_and_counts_on()
    {
        var source = AsteriskLab.Attacker(56);
        var before = await SourceAsync();
        await GuessAsync(source, 3);

        // Each guess is told twice, as the challenge and as the refusal; the cut must not take away what was not read yet.
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync()).Events >= before.Events + 6, TimeSpan.FromSeconds(30), Stop), _guard.Said);

        // As a restart of Asterisk does; the kernel sends a reset, whatever stood in the stream.
        var killed = await _lab.RunAsync("pbx", ["ss", "-K", "dst", "127.0.0.1", "dport", "=", "5038"], TimeSpan.FromSeconds(30), Stop);
        Assert.True(killed.ExitCode == 0, killed.Said);

        // It is back after a second: that it was gone is in the count of failures, whenever one asks.
        Assert.True(await Eventually.HoldsAsync(async () => await FailuresAsync(_guard) > 0, TimeSpan.FromSeconds(30), Stop), "the guard did not see it");
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync()).Alive, TimeSpan.FromSeconds(30), Stop), _guard.Said);

        await GuessAsync(source, 2);
        Assert.True(await Eventually.HoldsAsync(async () => (await _guard.BansAsync(Stop)).Count == 1, TimeSpan.FromSeconds(30), Stop), _guard.Said);
    }

    [Fact]
    public async Task An_attempt_that_a_log_tells_too_counts_once()
    {
        await using var both = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[ami]", "user = ringfence", "secret = lab-manager-secret"], Stop, "security_json");
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync(both)).Events > 0, TimeSpan.FromSeconds(30), Stop), both.Said);
        var source = AsteriskLab.Attacker(57);

        // Two attempts too few, each told twice.
        await GuessAsync(source, 3);
        Assert.True(await Eventually.HoldsAsync(async () => await both.HasReadAllAsync(Stop) && (await SourceAsync(both)).Events >= 7, TimeSpan.FromSeconds(30), Stop), both.Said);
        Assert.Empty(await both.BansAsync(Stop));

        await GuessAsync(source, 2);
        Assert.True(await Eventually.HoldsAsync(async () => (await both.BansAsync(Stop)).Count == 1, TimeSpan.FromSeconds(30), Stop), both.Said);
        using var why = await both.AskJsonAsync(Stop, "why", source);
        Assert.StartsWith("5 wrong passwords in ", Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray()).GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_is_a_problem_that_says_what_to_do_and_the_log_is_read_all_the_same()
    {
        await using var wrong = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[ami]", "user = ringfence", "secret = another-secret"], Stop, "security_json");
        Assert.True(await Eventually.HoldsAsync(async () => (await ProblemAsync(wrong))?.Contains("login refused for user", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(30), Stop), wrong.Said);

        Assert.False((await SourceAsync(wrong)).Alive);
        Assert.DoesNotContain("another-secret", wrong.Said, StringComparison.Ordinal);
        await GuessAsync(AsteriskLab.Attacker(58), 5);
        Assert.True(await Eventually.HoldsAsync(async () => (await wrong.BansAsync(Stop)).Count == 1, TimeSpan.FromSeconds(30), Stop), wrong.Said);
    }

    [Fact]
    public async Task A_user_that_may_not_hear_security_events_is_a_problem()
    {
        await using var deaf = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[ami]", "user = deaf", "secret = lab-deaf-secret"], Stop, "security_json");

        Assert.True(
            await Eventually.HoldsAsync(async () => (await SourceAsync(deaf)).Problem?.Contains("needs read = security", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(20), Stop), deaf.Said);
    }

    private async Task GuessAsync(string source, int times)
    {
        for (var attempt = 0; attempt < times; attempt++)
        {
            using var attacker = _lab.Attack(source, SipTransport.Tcp);
            Assert.NotNull(await attacker.LogInAsync(new SipRequest("REGISTER", "1001"), $"guess{attempt}", Stop));
        }
    }

    private static async Task<string?> ProblemAsync(GuardProcess guard)
    {
        using var status = await guard.AskJsonAsync(Stop, "status");
        return Part(status).GetProperty("problem").GetString();
    }

    private static async Task<int> FailuresAsync(GuardProcess guard)
    {
        using var status = await guard.AskJsonAsync(Stop, "status");
        return Part(status).GetProperty("failures").GetInt32();
    }

    private static JsonElement Part(JsonDocument status) =>
        status.RootElement.GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("name").GetString() == "ami");

    private Task<(bool Alive, string? Problem, string? Note, long Events)> SourceAsync() => SourceAsync(_guard);

    private static async Task<(bool Alive, string? Problem, string? Note, long Events)> SourceAsync(GuardProcess guard)
    {
        using var status = await guard.AskJsonAsync(Stop, "status");
        var source = status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "ami 127.0.0.1:5038");
        return (source.GetProperty("alive").GetBoolean(), source.GetProperty("problem").GetString(), source.GetProperty("note").GetString(), source.GetProperty("events").GetInt64());
    }
}
