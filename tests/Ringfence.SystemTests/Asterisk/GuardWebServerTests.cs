using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The PBX's HTTP server on a port of its own and on IPv6, as http.conf says: who guesses there is seen on the wire, of the ARI and of SIP in WebSockets.</summary>
public sealed class GuardWebServerTests : IAsyncLifetime
{
    private const int Port = 8098;

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-web-").FullName;
    private AsteriskLab _lab = null!;
    private GuardProcess _guard = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var path in Directory.GetFiles(Repository.File("lab", "conf"), "*.conf"))
        {
            File.Copy(path, Path.Combine(_directory, Path.GetFileName(path)));
        }

        await File.WriteAllTextAsync(Path.Combine(_directory, "http.conf"), $"[general]\nenabled = yes\nbindaddr = ::\nbindport = {Port}\n", Stop);
        _lab = new AsteriskLab(_directory);
        await _lab.InitializeAsync();
        _lab.Require();
        Requires.Tool("nft");
        Requires.Tool("curl");
        _guard = await GuardProcess.StartAsync(_lab, ["[wire]", "interface = all"], Stop, "no-log");
    }

    public async ValueTask DisposeAsync()
    {
        if (_guard is not null)
        {
            await _guard.DisposeAsync();
        }

        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Guessers_at_the_ARI_are_banned_over_IPv6_and_IPv4()
    {
        foreach (var (source, host) in new[] { ("2001:db8:bad:1::7", $"[{AsteriskLab.World6}]"), ("198.51.100.31", AsteriskLab.World) })
        {
            var answers = new List<string>();
            var attempts = await Guesses.UntilBannedAsync(
                async _ =>
                {
                    var run = await _lab.RunAsync(
                        "att", ["curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "--interface", source, "-u", "app:guessed-secret", $"http://{host}:{Port}/ari/asterisk/info"], TimeSpan.FromSeconds(30), Stop);
                    if (run.ExitCode == 0)
                    {
                        answers.Add(run.Output.Trim());
                    }

                    return run.ExitCode == 0;
                },
                () => _guard.HasBannedAsync(source, Stop), pause: null, Stop);

            Assert.True(attempts is >= 4 and < Guesses.Most, $"{source}: {attempts} attempts, {string.Join(' ', answers)}: {_guard.Said}");
            Assert.All(answers, static answer => Assert.Equal("401", answer));
            await AssertBannedAsync(source);
        }
    }

    [Fact]
    public async Task Guessers_in_WebSockets_are_banned_over_IPv6_and_IPv4()
    {
        foreach (var (source, host) in new[] { ("2001:db8:bad:2::7", AsteriskLab.World6), ("198.51.100.32", AsteriskLab.World) })
        {
            var attempts = await Guesses.UntilBannedAsync(
                async number =>
                {
                    using var attacker = SipClient.Open(_lab.Namespace("att"), source, host, SipTransport.Ws, pbxPort: Port);
                    return await attacker.LogInAsync(new SipRequest("REGISTER", "1001") { CallId = "a)\xff" + SipRequest.Fresh() }, $"guess{number}", Stop, limit: SipClient.Silence) is not null;
                },
                () => _guard.HasBannedAsync(source, Stop), pause: null, Stop);

            Assert.True(attempts is >= 4 and < Guesses.Most, $"{source}: {attempts} attempts: {_guard.Said}");
            await AssertBannedAsync(source);
        }
    }

    [Fact]
    public async Task Phones_in_WebSockets_register_and_nobody_is_banned()
    {
        foreach (var (source, host) in new[] { (AsteriskLab.Phone6(12), AsteriskLab.Office6), (AsteriskLab.Phone(13), AsteriskLab.Office) })
        {
            using var phone = SipClient.Open(_lab.Namespace("cli"), source, host, SipTransport.Ws, pbxPort: Port);
            for (var time = 0; time < 8; time++)
            {
                var answer = await phone.RegisterAsync("1002", AsteriskLab.PasswordOf("1002"), Stop);
                Assert.Equal(200, answer?.Status);
            }
        }

        Assert.Empty(await _guard.BansAsync(Stop));
        using var status = await _guard.AskJsonAsync(Stop, "status");
        var wire = status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "wire all");
        Assert.InRange(wire.GetProperty("events").GetInt64(), 16, long.MaxValue);
        Assert.Equal(0, wire.GetProperty("unmatched").GetInt64());
    }

    private async Task AssertBannedAsync(string source)
    {
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        var evidence = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray()).GetProperty("evidence").EnumerateArray().ToList();
        Assert.Equal(Guesses.Enough, evidence.Count);
        Assert.All(evidence, static piece => Assert.Equal(("proven", "password_refused", "wire all"), (
            piece.GetProperty("proof").GetString(), piece.GetProperty("event").GetString(), piece.GetProperty("log").GetString())));
        Assert.Contains(Core.Events.Address.Parse(source)!.Value.Subject, await _guard.KernelBansAsync(Stop));
    }
}
