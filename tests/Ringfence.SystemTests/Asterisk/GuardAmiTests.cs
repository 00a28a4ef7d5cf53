using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The manager interface as the only source: attackers are banned by it, and nothing that they write into it changes anything.</summary>
[Collection(SharedAsterisk.Name)]
public sealed class GuardAmiTests : IAsyncLifetime
{
    private const int MostAttempts = 20;

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
        _guard = await GuardProcess.StartAsync(_lab, ["[ami]", "user = ringfence", "secret = lab-manager-secret"], Stop, "of-nobody");
        Assert.True(await Eventually.HoldsAsync(async () => (await SourceAsync()).Alive, TimeSpan.FromSeconds(10), Stop), _guard.Said);
    }

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData(SipTransport.Udp, "198.51.100.51", "unproven")]
    [InlineData(SipTransport.Tcp, "198.51.100.52", "proven")]
    [InlineData(SipTransport.Tls, "198.51.100.53", "proven")]
    [InlineData(SipTransport.Udp, "2001:db8:bad:9::7", "unproven")]
    public async Task A_brute_force_is_banned(SipTransport transport, string source, string proof)
    {
        var attempts = 0;
        for (; attempts < MostAttempts; attempts++)
        {
            using var attacker = _lab.Attack(source, transport);
            if (await attacker.LogInAsync(new SipRequest("REGISTER", "1001"), $"guess{attempts}", Stop) is null)
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }

        Assert.InRange(attempts, 4, 8);
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        var evidence = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray()).GetProperty("evidence").EnumerateArray().ToList();
        Assert.All(evidence, piece => Assert.Equal((proof, "password_refused", "ami 127.0.0.1:5038"), (
            piece.GetProperty("proof").GetString(), piece.GetProperty("event").GetString(), piece.GetProperty("log").GetString())));
        Assert.Equal([Address.Parse(source)!.Value.Subject], await _guard.KernelBansAsync(Stop));
    }

    private async Task<(bool Alive, string? Problem, string? Note, long Events)> SourceAsync()
    {
        using var status = await _guard.AskJsonAsync(Stop, "status");
        var source = status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "ami 127.0.0.1:5038");
        return (source.GetProperty("alive").GetBoolean(), source.GetProperty("problem").GetString(), source.GetProperty("note").GetString(), source.GetProperty("events").GetInt64());
    }
}
