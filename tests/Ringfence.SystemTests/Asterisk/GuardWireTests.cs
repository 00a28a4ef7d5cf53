using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>With the wire alone, no log and no HEP, attacks are seen and phones are left in peace.</summary>
[Collection(SharedAsterisk.Name)]
public sealed class GuardWireTests : IAsyncLifetime
{
    private const int MostAttempts = 20;

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
    public async Task A_brute_force_is_banned_also_one_that_no_log_shows(SipTransport transport, string source, string callId)
    {
        var attempts = 0;
        for (; attempts < MostAttempts; attempts++)
        {
            using var attacker = _lab.Attack(source, transport);
            var request = new SipRequest("REGISTER", "1001") { CallId = callId + SipRequest.Fresh() };
            if (await attacker.LogInAsync(request, $"guess{attempts}", Stop) is null)
            {
                break;
            }

            // A guess a millisecond would be over before the first ban after a start, which is compiled meanwhile.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }

        Assert.True(attempts is >= 4 and <= 8, $"{attempts} attempts: {_guard.Said}");
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        var evidence = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray()).GetProperty("evidence").EnumerateArray().ToList();
        Assert.All(evidence, piece => Assert.Equal(("proven", "password_refused", "wire all"), (
            piece.GetProperty("proof").GetString(), piece.GetProperty("event").GetString(), piece.GetProperty("log").GetString())));
        Assert.Equal([Address.Parse(source)!.Value.Subject], await _guard.KernelBansAsync(Stop));
    }

    [Fact]
    public async Task Phones_register_and_call_and_a_trunk_brings_calls_and_nobody_is_banned()
    {
        Requires.Tool("sipp");

        var calls = await Task.WhenAll(
            AttackTools.CallAsync(_lab, "1001", AsteriskLab.Phone(11), "u1", Stop),
            AttackTools.CallAsync(_lab, "1002", AsteriskLab.Phone(12), "t1", Stop),
            AttackTools.CallAsync(_lab, "1003", AsteriskLab.Phone6(13), "u1", Stop),
            AttackTools.TrunkCallAsync(_lab, Stop));

        Assert.All(calls, call => Assert.True(call.ExitCode == 0, call.Said));
        Assert.Empty(await _guard.BansAsync(Stop));
        using var status = await _guard.AskJsonAsync(Stop, "status");
        var wire = status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "wire all");
        Assert.True(wire.GetProperty("alive").GetBoolean());
        Assert.InRange(wire.GetProperty("events").GetInt64(), 20, long.MaxValue);
        Assert.Equal(0, wire.GetProperty("dropped").GetInt64());
        Assert.StartsWith("of port 5061", wire.GetProperty("note").GetString(), StringComparison.Ordinal);
    }
}
