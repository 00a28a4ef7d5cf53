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
