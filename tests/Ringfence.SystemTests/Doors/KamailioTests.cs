using System.Text;
using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Doors;

/// <summary>A real Kamailio: the floods that it logs, and every message that it tells of over HEP.</summary>
public sealed class KamailioTests : IAsyncLifetime
{
    private Machine _machine = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _machine = new Machine("kamailio");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _machine.DisposeAsync();
        }
    }

    [Fact]
    public async Task Floods_that_the_configuration_of_Debian_stops_are_banned_and_who_sends_little_is_not()
    {
        var log = await RealKamailio.StartAsync(_machine, null, Stop);
        _machine.Configure("[door proxy]", "kind = kamailio", $"log = {log}", "refusals = 1");
        await _machine.StartGuardAsync(Stop);
        var flooder = Machine.Attacker(7);

        // More than 16 in 2 s, again and again: the density is looked at by time.
        await _machine.UntilAsync(
            async () =>
            {
                await _machine.AttackAsync(["python3", "-c", Flood, flooder], Stop);
                return (await File.ReadAllTextAsync(log, Stop)).Contains($"PIKE - BLOCKing ip {flooder}, node=0x", StringComparison.Ordinal);
            },
            Stop);

        await _machine.BannedAsync(flooder, Stop);
        Assert.Single(_machine.Banned());
        var decision = Assert.Single((await _machine.JsonAsync(Stop, "why", flooder)).GetProperty("decisions").EnumerateArray());
        Assert.Equal("RF2030", decision.GetProperty("rule").GetString());
    }

    [Theory]
    [InlineData(SipTransport.Udp, 8)]
    [InlineData(SipTransport.Tcp, 9)]
    [InlineData(SipTransport.Tls, 10)]
    public async Task Wrong_passwords_that_it_does_not_log_come_over_HEP_with_the_senders_address(SipTransport transport, int last)
    {
        await RealKamailio.StartAsync(_machine, RealKamailio.Asking(_machine, "127.0.0.1:9060", "test-capture"), Stop);
        _machine.Configure("[hep]", "listen = 127.0.0.1:9060", "password = test-capture");
        await _machine.StartGuardAsync(Stop);
        var attempts = await Guesses.UntilBannedAsync(
            async number =>
            {
                using var attacker = SipClient.Open(_machine.WorldName, Machine.Attacker(last), Machine.Own, transport, 0);
                return await attacker.LogInAsync(new SipRequest("REGISTER", "1001"), $"guess{number}", Stop, limit: SipClient.Silence) is not null;
            },
            () => _machine.IsBannedAsync(Machine.Attacker(last)), TimeSpan.FromMilliseconds(100), Stop);

        Assert.InRange(attempts, 4, Guesses.Most - 1);
        await _machine.BannedAsync(Machine.Attacker(last), Stop);
        Assert.Single(_machine.Banned());

        // On a machine in load the refusals may be read before the challenges that prove the address: then a throttle comes before the ban.
        var evidence = Assert.Single((await _machine.JsonAsync(Stop, "why", Machine.Attacker(last))).GetProperty("decisions").EnumerateArray(), static decision => decision.GetProperty("action").GetString() == "ban")
            .GetProperty("evidence").EnumerateArray().ToList();
        Assert.Equal(Guesses.Enough, evidence.Count);
        Assert.All(evidence, static piece => Assert.Equal(("proven", "password_refused", "hep 127.0.0.1:9060"), (
            piece.GetProperty("proof").GetString(), piece.GetProperty("event").GetString(), piece.GetProperty("log").GetString())));
        var hep = (await _machine.JsonAsync(Stop, "status")).GetProperty("sources").EnumerateArray().Single(static source => source.GetProperty("name").GetString() == "hep 127.0.0.1:9060");
        Assert.Equal((true, JsonValueKind.Null), (hep.GetProperty("alive").GetBoolean(), hep.TryGetProperty("problem", out var problem) ? problem.ValueKind : JsonValueKind.Null));
    }

    [Fact]
    public async Task A_scanner_over_TLS_who_is_asked_for_no_password_has_proven_his_address_and_is_banned()
    {
        await RealKamailio.StartAsync(_machine, RealKamailio.Asking(_machine, "127.0.0.1:9060", "test-capture"), Stop);
        _machine.Configure("[hep]", "listen = 127.0.0.1:9060", "password = test-capture");
        await _machine.StartGuardAsync(Stop);
        var scanner = Machine.Attacker(11);

        // It asks no password for these, so that no nonce proves him either: that he came over TLS is all there is.
        await Guesses.UntilBannedAsync(
            async _ =>
            {
                using var attacker = SipClient.Open(_machine.WorldName, scanner, Machine.Own, SipTransport.Tls, 0);
                var request = Encoding.Latin1.GetString(new SipRequest("OPTIONS", "100").ToBytes(attacker.Host, attacker.Local, SipTransport.Tls));
                return await attacker.AskAsync(Encoding.Latin1.GetBytes(request.Replace("ringfence-lab", "friendly-scanner", StringComparison.Ordinal)), Stop, SipClient.Silence) is not null;
            },
            () => _machine.IsBannedAsync(scanner), TimeSpan.Zero, Stop);

        await _machine.BannedAsync(scanner, Stop);
        var decision = Assert.Single((await _machine.JsonAsync(Stop, "why", scanner)).GetProperty("decisions").EnumerateArray());
        Assert.All(decision.GetProperty("evidence").EnumerateArray(), static piece => Assert.Equal("proven", piece.GetProperty("proof").GetString()));
    }

    private const string Flood = """
        import socket, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], 0)); p = s.getsockname()[1]
        for i in range(60):
            s.sendto(b"OPTIONS sip:x@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\nFrom: <sip:x@198.51.100.1>;tag=%d\r\nTo: <sip:x@198.51.100.1>\r\nCall-ID: %d-%d\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n" % (sys.argv[1].encode(), p, i, i, i, p), ("198.51.100.1", 5060))
        """;
}
