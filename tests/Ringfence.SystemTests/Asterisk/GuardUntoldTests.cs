using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Messages that do not fit into a datagram of HEP: what Asterisk says of them, and what becomes of their sender.</summary>
public sealed class GuardUntoldTests : IClassFixture<AsteriskLab>
{
    private static readonly string[] Hep = [.. GuardProcess.NoCanary, .. GuardProcess.Hep];
    private static readonly string[] HepAndAmi = [.. Hep, "[ami]", "user = ringfence", "secret = lab-manager-secret"];

    private readonly AsteriskLab _lab;

    public GuardUntoldTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Tcp, 31_000, true)]
    [InlineData(SipTransport.Tcp, 33_000, false)]
    [InlineData(SipTransport.Tcp, 60_000, false)]
    [InlineData(SipTransport.Tls, 33_000, false)]
    public async Task Asterisk_answers_a_Call_ID_of_any_length_and_HEP_tells_up_to_some_32_KB_of_it(SipTransport transport, int length, bool isTold)
    {
        await using var guard = await GuardProcess.StartAsync(_lab, Hep, Stop, "security_json", "notice", "messages");
        var (json, messages) = (_lab.LengthOf("security_json"), _lab.LengthOf("messages"));

        using var client = _lab.Attack(AsteriskLab.Attacker(1), transport);
        var answer = await client.LogInAsync(new SipRequest("REGISTER", "1001") { CallId = new string('c', length) }, "guess", Stop);

        Assert.Equal(401, answer?.Status);
        Assert.Contains("- Failed to authenticate", await _lab.AppendedAsync("messages", messages, "- Failed to authenticate", Stop), StringComparison.Ordinal);
        Assert.Equal(!isTold, (await _lab.AppendedAsync("messages", messages, isTold ? "authenticate" : "Message too long", Stop)).Contains("Error [90] while sending packet to HEPv3 server: Message too long", StringComparison.Ordinal));
        Assert.DoesNotContain("RemoteAddress", await _lab.AppendedAsync("security_json", json, "ChallengeResponseFailed", Stop), StringComparison.Ordinal);
        Assert.True(await Eventually.HoldsAsync(async () => await SourceAsync(guard) is var hep && (isTold ? hep.Events >= 4 && hep.Untold == 0 : hep.Events == 0 && hep.Untold == 4), TimeSpan.FromSeconds(5), Stop), guard.Said);
    }

    [Theory]
    [InlineData(19_000, true)]
    [InlineData(33_000, false)]
    public async Task Over_UDP_the_kernel_keeps_from_the_PBX_what_HEP_could_not_tell(int length, bool isAnswered)
    {
        await using var guard = await GuardProcess.StartAsync(_lab, Hep, Stop, "security_json", "notice");

        using var client = _lab.Attack(AsteriskLab.Attacker(1), SipTransport.Udp);
        var answer = await client.LogInAsync(new SipRequest("REGISTER", "1001") { CallId = new string('c', length) }, "guess", Stop);

        Assert.Equal(isAnswered ? 401 : null, answer?.Status);
        using var status = await guard.AskJsonAsync(Stop, "status");
        Assert.Equal(isAnswered, status.RootElement.GetProperty("firewall").GetProperty("limits").GetProperty("dropped_long").GetInt64() == 0);

        // A log may be quicker than HEP.
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync(guard)).Untold == 0, TimeSpan.FromSeconds(30), Stop), guard.Said);
    }

    [Theory]
    [InlineData(SipTransport.Tcp, "198.51.100.2")]
    [InlineData(SipTransport.Tls, "198.51.100.3")]
    [InlineData(SipTransport.Wss, "198.51.100.4")]
    public async Task A_brute_force_that_HEP_does_not_tell_is_banned_where_the_manager_interface_does(SipTransport transport, string source)
    {
        await using var guard = await GuardProcess.StartAsync(_lab, HepAndAmi, Stop, "security_json");
        await SeeOthersAsync(guard);

        var attempts = await Guesses.UntilBannedAsync(_lab, guard, source, transport, Stop, new string('c', 33_000));

        Assert.InRange(attempts, 4, Guesses.Most - 1);
        await Guesses.AssertBannedAsync(guard, source, "proven", "ami 127.0.0.1:5038", Stop);
        var hep = await SourceAsync(guard);
        Assert.Null(hep.Problem);
        Assert.Contains("too long for Asterisk to tell over HEP", hep.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_brute_force_that_HEP_does_not_tell_is_banned_where_the_wire_shows_it()
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. Hep, "[wire]", "interface = all"], Stop, "security_json");
        await SeeOthersAsync(guard);

        var attempts = await Guesses.UntilBannedAsync(_lab, guard, AsteriskLab.Attacker(5), SipTransport.Tcp, Stop, new string('c', 33_000));

        Assert.InRange(attempts, 4, Guesses.Most - 1);
        await Guesses.AssertBannedAsync(guard, AsteriskLab.Attacker(5), "proven", "wire all", Stop);
    }

    [Fact]
    public async Task Where_only_logs_tell_it_is_an_alarm_and_the_notices_are_no_forgery()
    {
        await using var guard = await GuardProcess.StartAsync(_lab, Hep, Stop, "security_json", "notice");
        await SeeOthersAsync(guard);
        var source = AsteriskLab.Attacker(6);

        for (var guess = 0; guess < 6; guess++)
        {
            using var attacker = _lab.Attack(source, SipTransport.Tcp);
            Assert.NotNull(await attacker.LogInAsync(new SipRequest("REGISTER", "1001") { CallId = new string('c', 33_000) + guess }, $"guess{guess}", Stop));
        }

        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync(guard)).Problem?.Contains("too long for Asterisk to tell over HEP", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(5), Stop), guard.Said);
        Assert.True(await Eventually.HoldsAsync(async () => (await DecisionsAsync(guard, source)).Count > 0, TimeSpan.FromSeconds(10), Stop), guard.Said);
        Assert.Equal(["throttle"], await DecisionsAsync(guard, source));
    }

    // HEP is believed to tell everything within a minute of a message, but for the first ten seconds.
    private async Task SeeOthersAsync(GuardProcess guard)
    {
        await Task.Delay(TimeSpan.FromSeconds(11), TimeProvider.System, Stop);
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(11), SipTransport.Udp);
        Assert.Equal(200, (await phone.RegisterAsync("1002", AsteriskLab.PasswordOf("1002"), Stop))?.Status);
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync(guard)).Events >= 4, TimeSpan.FromSeconds(5), Stop), guard.Said);
    }

    private static async Task<IReadOnlyList<string?>> DecisionsAsync(GuardProcess guard, string source)
    {
        using var why = await guard.AskJsonAsync(Stop, "why", source);
        return [.. why.RootElement.GetProperty("decisions").EnumerateArray().Select(decision => decision.GetProperty("action").GetString())];
    }

    private static async Task<(long Events, long Untold, string? Problem, string? Note)> SourceAsync(GuardProcess guard)
    {
        using var status = await guard.AskJsonAsync(Stop, "status");
        var hep = status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "hep 127.0.0.1:9060");
        return (hep.GetProperty("events").GetInt64(), hep.GetProperty("untold").GetInt64(), hep.GetProperty("problem").GetString(), hep.GetProperty("note").GetString());
    }
}
