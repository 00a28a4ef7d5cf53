using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Asterisk logs nothing of wrong passwords of its REST interface (ARI); on the wire they are seen.</summary>
public sealed class GuardHttpTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardHttpTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        Requires.Tool("curl");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, ["[wire]", "interface = all"], Stop, "security_json");

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData("198.51.100.51", "http://10.80.0.1:8088/ari/asterisk/info", "app:guessed-secret")]
    [InlineData("198.51.100.52", "http://10.80.0.1:8088/ari/events?app=x&api%5Fkey=app:guessed-secret", null)]
    public async Task Wrong_passwords_of_the_ARI_are_banned_and_never_shown(string source, string url, string? credentials)
    {
        var from = _lab.LengthOf("security_json");
        var answers = new List<string>();
        var attempts = await Guesses.UntilBannedAsync(
            async _ =>
            {
                string[] user = credentials is null ? [] : ["-u", credentials];
                var run = await _lab.RunAsync("att", ["curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "--interface", source, .. user, url], TimeSpan.FromSeconds(30), Stop);
                if (run.ExitCode == 0)
                {
                    answers.Add(run.Output.Trim());
                }

                return run.ExitCode == 0;
            },
            () => _guard.HasBannedAsync(source, Stop), pause: null, Stop);

        Assert.True(attempts is >= 4 and < Guesses.Most, $"{attempts} attempts, {string.Join(' ', answers)}: {_guard.Said}");
        Assert.All(answers, static answer => Assert.Equal("401", answer));
        Assert.DoesNotContain(source, await _lab.AppendedAsync("security_json", from, "", Stop), StringComparison.Ordinal);
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        var decision = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray());
        Assert.Equal(Guesses.Enough, decision.GetProperty("evidence").GetArrayLength());
        Assert.All(decision.GetProperty("evidence").EnumerateArray(), static piece => Assert.Equal(("proven", "password_refused", "wire all", "app"), (
            piece.GetProperty("proof").GetString(), piece.GetProperty("event").GetString(), piece.GetProperty("log").GetString(), piece.GetProperty("account").GetString())));
        Assert.DoesNotContain("guessed-secret", why.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Equal([Address.Parse(source)!.Value.Subject], await _guard.BansAsync(Stop));
        Assert.Contains(Address.Parse(source)!.Value.Subject, await _guard.KernelBansAsync(Stop));
    }

    // Each is a program's text that makes one guess from an address, and prints what the PBX answered to it.
    [Theory]
    [InlineData("198.51.100.31", "say(FORM + 'Transfer-Encoding: chunked\\r\\n\\r\\n4\\r\\napi_\\r\\n16\\r\\nkey=app:guessed-secret\\r\\n0\\r\\n\\r\\n')")]
    [InlineData("198.51.100.32", "body = 'x=' + 'A' * 9000 + '&api_key=app:guessed-secret'; say(FORM + 'Content-Length: %d\\r\\n\\r\\n' % len(body) + body)")]
    [InlineData("198.51.100.33", "say('GET /nothing HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' + GUESS); hear(); say('\\r\\n')")]
    [InlineData("198.51.100.34", "say('GET /rawman?action=ping HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' + GUESS); hear(); say('\\r\\n')")]
    [InlineData("198.51.100.35", "say('GET /static/x HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' + GUESS); hear(); say('\\r\\n')")]
    public async Task No_way_to_write_a_request_hides_a_wrong_password_of_the_ARI(string source, string guess)
    {
        var answers = new List<string>();
        var attempts = await Guesses.UntilBannedAsync(
            async _ =>
            {
                var answer = await AskAsync(source, guess);
                answers.Add(answer);
                return answer.Length > 0;
            },
            () => _guard.HasBannedAsync(source, Stop), pause: null, Stop);

        Assert.True(attempts is >= Guesses.Enough - 1 and < Guesses.Most, $"{attempts} attempts, {string.Join(' ', answers)}: {_guard.Said}");
        Assert.All(answers[..attempts], static answer => Assert.Equal("401", answer));
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        var decision = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray());
        Assert.All(decision.GetProperty("evidence").EnumerateArray(), static piece => Assert.Equal(("password_refused", "wire all", "app"), (
            piece.GetProperty("event").GetString(), piece.GetProperty("log").GetString(), piece.GetProperty("account").GetString())));
        Assert.DoesNotContain("guessed-secret", why.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_gets_no_visitor_banned_and_is_told()
    {
        const string Source = "198.51.100.36";
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal("401", await AskAsync(Source, "say('GET /ari/x?api_key=app:guessed-secret HTTP/1.1\\r\\nHost: 10.80.0.1:8088\\r\\nSec-Fetch-Site: cross-site\\r\\n\\r\\n')"));
        }

        using var why = await _guard.AskJsonAsync(Stop, "why", Source);
        var decision = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray());
        Assert.Equal(("alert", "RF2024"), (decision.GetProperty("action").GetString(), decision.GetProperty("rule").GetString()));
        Assert.False(await _guard.HasBannedAsync(Source, Stop));
    }

    [Fact]
    public async Task A_program_that_gives_its_password_only_when_asked_is_left_alone()
    {
        const string Source = "198.51.100.37";
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal("403", await AskAsync(Source, "say(JSON + BODY); hear(); say(JSON + 'Authorization: Basic YXBwOmxhYi1hcmktc2VjcmV0\\r\\n' + BODY)"));
        }

        using var why = await _guard.AskJsonAsync(Stop, "why", Source);
        Assert.Empty(why.RootElement.GetProperty("decisions").EnumerateArray());
    }

    // The status of the last answer; empty: there was none.
    private async Task<string> AskAsync(string source, string talk)
    {
        var program = $"""
            import socket, sys
            s = socket.socket(); s.settimeout(3); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            FORM = 'POST /ari/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
            JSON = 'POST /ari/channels/x/ring HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n'
            BODY = '\r\n4\r\n\n\n[]\r\n0\r\n\r\n'
            GUESS = 'GET /ari/x?api_key=app:guessed-secret HTTP/1.1\r\nHost: x\r\n'
            def say(text): s.sendall(text.encode())
            def hear(): return s.recv(8192)[9:12].decode()
            try:
                s.bind(('{source}', 0)); s.connect(('10.80.0.1', 8088))
                {talk}
                print(hear())
            except OSError: pass
            """;
        return (await _lab.RunAsync("att", ["python3", "-c", program], TimeSpan.FromSeconds(30), Stop)).Output.Trim();
    }

    [Fact]
    public async Task Who_knows_the_password_or_gives_none_is_left_alone()
    {
        var source = AsteriskLab.Attacker(53);
        foreach (var user in Enumerable.Repeat<string[]>(["-u", "app:lab-ari-secret"], 8).Concat(Enumerable.Repeat<string[]>([], 8)))
        {
            var run = await _lab.RunAsync("att", ["curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "--interface", source, .. user, "http://10.80.0.1:8088/ari/asterisk/info"], TimeSpan.FromSeconds(30), Stop);
            Assert.Equal(user.Length > 0 ? "200" : "401", run.Output.Trim());
        }

        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        Assert.Empty(why.RootElement.GetProperty("decisions").EnumerateArray());
    }
}
