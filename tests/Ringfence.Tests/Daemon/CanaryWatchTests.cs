using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Sip;
using Ringfence.Daemon;
using Ringfence.Sources;
using Ringfence.Tests.Wire;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>The guard's own request: what it is, and what is said when nobody answers or a log does not tell of it.</summary>
public sealed class CanaryWatchTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-canary-").FullName;
    private readonly RingfenceConfig _config;
    private readonly PipelineRig _rig;

    public CanaryWatchTests()
    {
        File.WriteAllLines(Path.Combine(_directory, "pjsip.conf"), ["[udp]", "type = transport", "protocol = udp", "bind = 0.0.0.0:5060"]);
        File.WriteAllLines(Path.Combine(_directory, "logger.conf"), ["[logfiles]", "security => security"]);
        _config = RingfenceConfig.Default with { AsteriskDirectory = _directory };
        _rig = new PipelineRig(_config);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_PBX_that_does_not_answer_is_said_to_and_no_source_is_blamed()
    {
        var watch = Watch((_, _, _) => Task.FromResult<int?>(null));

        Assert.False(await watch.SendAsync(Stop));

        Assert.StartsWith("Asterisk does not answer on 127.0.0.1:5060", watch.Report!.Problem, StringComparison.Ordinal);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_rig.Pipeline.Canaries.MissedBy(_rig.Pipeline.NumberOf(PipelineRig.Log), _rig.Time.GetUtcNow().AddHours(-1), _rig.Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_PBX_that_never_answers_is_asked_each_interval_for_ever()
    {
        var asked = 0;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var watch = Watch((_, _, _) =>
        {
            asked++;
            return Task.FromResult<int?>(null);
        });
        var running = watch.RunAsync(end.Token);

        for (var round = 0; round < 50 && !running.IsCompleted; round++)
        {
            _rig.Time.Advance(await _rig.Time.NextTimerAsync());
        }

        Assert.False(running.IsFaulted, $"{running.Exception}");
        Assert.InRange(asked, 49, 50);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.EndAsync());
    }

    [Fact]
    public async Task When_the_next_one_is_due_is_known_when_the_last_one_is_judged()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var watch = Watch((_, _, _) => Task.FromResult<int?>(null));
        var running = watch.RunAsync(end.Token);

        _rig.Time.Advance(await _rig.Time.NextTimerAsync());
        var pause = await _rig.Time.NextTimerAsync();

        Assert.Equal(_rig.Time.GetUtcNow() + pause, watch.Report!.Next);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.EndAsync());
    }

    [Fact]
    public async Task A_log_that_tells_of_it_is_well_and_its_line_is_no_attack()
    {
        var watch = Watch(async (_, callId, _) =>
        {
            await _rig.ReadAsync($"[{_rig.Time.GetUtcNow():yyyy-MM-dd HH:mm:ss}] SECURITY[1] res_security_log.c: SecurityEvent=\"InvalidAccountID\",EventTV=\"{_rig.Time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fff}+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"ringfence-canary\",SessionID=\"{callId}\",LocalAddress=\"IPV4/UDP/127.0.0.1/5060\",RemoteAddress=\"IPV4/UDP/127.0.0.1/40000\"\n");
            return 401;
        });

        var sending = watch.SendAsync(Stop);
        await SkipAsync(TimeSpan.FromSeconds(31));

        Assert.True(await sending);
        Assert.NotNull(_rig.Pipeline.Canaries.LastOf(_rig.Pipeline.NumberOf(PipelineRig.Log)));
        Assert.Equal(0, _rig.Pipeline.Watched);
        Assert.Null(_rig.Pipeline.LastLogged);
    }

    [Fact]
    public async Task A_log_that_does_not_tell_of_it_is_blind()
    {
        var watch = Watch((_, _, _) => Task.FromResult<int?>(401));

        var sending = watch.SendAsync(Stop);
        await SkipAsync(TimeSpan.FromSeconds(31));

        Assert.False(await sending);
        Assert.NotNull(_rig.Pipeline.Canaries.MissedBy(_rig.Pipeline.NumberOf(PipelineRig.Log), _rig.Time.GetUtcNow().AddHours(-1), _rig.Time.GetUtcNow()));
    }

    [Theory]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("127.0.0.1", true, false)]
    [InlineData("192.0.2.1", false, false)]
    public async Task HEP_that_nobody_told_anything_is_silent_at_once_and_then_blind(string listen, bool hasHeard, bool isBlamed)
    {
        var config = _config with { Hep = new HepSettings { Listen = new IPEndPoint(IPAddress.Parse(listen), 9060) } };
        using var rig = new PipelineRig(config);
        if (hasHeard)
        {
            await rig.WriteHepAsync(WireRig.Guess("a"));
            await rig.ReadAsync("");
        }

        var watch = new CanaryWatch(config, "x7f", rig.Pipeline, () => [], rig.Time) { Ask = (_, _, _) => Task.FromResult<int?>(401) };
        var sending = watch.SendAsync(Stop);
        while (await rig.Time.NextTimerAsync() != TimeSpan.FromSeconds(31))
        {
        }

        string[] expected = isBlamed ? [rig.Pipeline.Hep!.Name] : [];
        Assert.Equal(expected, rig.Pipeline.Canaries.Silent.Select(rig.Pipeline.NameOf));
        rig.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(!isBlamed, await sending);
        Assert.Equal(isBlamed, rig.Pipeline.Canaries.MissedBy(rig.Pipeline.NumberOf(rig.Pipeline.Hep!.Name), rig.Time.GetUtcNow().AddHours(-1), rig.Time.GetUtcNow()) is not null);
    }

    [Fact]
    public async Task Without_a_transport_over_udp_none_is_sent_and_that_is_no_problem()
    {
        File.Delete(Path.Combine(_directory, "pjsip.conf"));
        var watch = Watch((_, _, _) => throw new InvalidOperationException("nobody is asked"));

        Assert.True(await watch.SendAsync(Stop));

        Assert.Null(watch.Report!.Problem);
        Assert.Contains("no transport over UDP", watch.Report.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_request_is_whole_and_its_answer_is_found_among_others()
    {
        using var pbx = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var asking = CanaryCall.AskAsync((IPEndPoint)pbx.Client.LocalEndPoint!, "ringfence-canary-7", "nobody", TimeProvider.System, Stop);

        var request = await pbx.ReceiveAsync(Stop);
        foreach (var answer in (string[])["hello", Answer(100, "ringfence-canary-7"), Answer(200, "other"), Answer(401, "ringfence-canary-7")])
        {
            await pbx.SendAsync(Encoding.ASCII.GetBytes(answer), request.RemoteEndPoint, Stop);
        }

        Assert.Equal(401, await asking);
        Assert.Equal(("REGISTER", "ringfence-canary-7", 1, true), Read(request.Buffer));
    }

    [Fact]
    public async Task Where_nobody_listens_there_is_no_answer()
    {
        int port;
        using (var gone = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)))
        {
            port = ((IPEndPoint)gone.Client.LocalEndPoint!).Port;
        }

        Assert.Null(await CanaryCall.AskAsync(new IPEndPoint(IPAddress.Loopback, port), "ringfence-canary-7", "nobody", TimeProvider.System, Stop));
    }

    private static string Answer(int status, string callId) =>
        $"SIP/2.0 {status} x\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nCall-ID: {callId}\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n";

    private static (string Method, string CallId, long Sequence, bool IsQuery) Read(byte[] request)
    {
        var sip = SipMessage.Parse(request);
        return (Encoding.ASCII.GetString(sip.Method), Encoding.ASCII.GetString(sip.CallId), sip.CSeq, sip.Contact.IsEmpty);
    }

    private CanaryWatch Watch(Func<IPEndPoint, string, CancellationToken, Task<int?>> ask) =>
        new(_config, "x7f", _rig.Pipeline, () => [PipelineRig.Log], _rig.Time) { Ask = ask };

    // Past the timer that is set for it, whatever others are.
    private async Task SkipAsync(TimeSpan wait)
    {
        while (await _rig.Time.NextTimerAsync() != wait)
        {
        }

        _rig.Time.Advance(wait);
    }
}
