using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Gate;
using Ringfence.Tests.Fraud;
using Ringfence.Tests.Sources;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>The gate's end of a connection that anybody on the machine may open.</summary>
public sealed class GateServerTests : IDisposable
{
    private const string Nonce = "415623447";
    private const string Pin = "482913";

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<string> _log = [];
    private readonly Socket _listener = GateServer.Listen(new IPEndPoint(IPAddress.Loopback, 0));

    public void Dispose()
    {
        _listener.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task What_it_is_told_is_cut_before_it_is_logged()
    {
        var (_, serving) = Serve();

        await AskAsync(channel: $"PJSIP/{new string('a', 5_000)}-00000007", dialled: new string('x', 5_000));

        await EndAsync(serving);
        var line = Assert.Single(_log);
        Assert.InRange(line.Length, 100, 500);
    }

    [Fact]
    public async Task Ten_calls_in_a_row_without_a_verdict_are_a_problem_until_one_has_it()
    {
        var (gate, serving) = Serve();
        for (var call = 1; call <= 10; call++)
        {
            Assert.Null(gate.Problem);
            await TalkAsync("agi_network: yes\nagi_network_script: gate\n");
            Assert.True(SpinWait.SpinUntil(() => gate.Failed == call, TimeSpan.FromSeconds(30)));
        }

        Assert.StartsWith("the gate gave the last 10 calls no verdict, and the dialplan decided by itself: ", gate.Problem, StringComparison.Ordinal);
        await AskAsync("PJSIP/201-00000007", "x");
        Assert.Null(gate.Problem);
        await EndAsync(serving);
    }

    [Fact]
    public async Task A_call_that_asks_again_for_its_next_trunk_is_asked_for_its_PIN_once_and_another_one_is_asked()
    {
        var pins = OnePin();
        try
        {
            var (_, serving) = Serve(new GateSettings { Pins = GatePin.All }, pins, new Everybody());
            static string Typed(string command) => IsPrompt(command) ? $"200 result={Pin}" : "200 result=1";

            Assert.Contains(await TalkAsync(Request("PJSIP/201-00000007", "030123456"), Typed), IsPrompt);
            var again = await TalkAsync(Request("PJSIP/201-00000007", "030123456"), Typed);
            Assert.DoesNotContain(again, IsPrompt);
            Assert.Contains("SET VARIABLE RINGFENCE_VERDICT \"allow\"", again);
            Assert.Contains(await TalkAsync(Request("PJSIP/201-00000007", "030123457"), Typed), IsPrompt);
            await EndAsync(serving);
        }
        finally
        {
            File.Delete(pins);
        }
    }

    [Fact]
    public async Task Whoever_is_asked_for_a_PIN_is_denied_until_he_has_given_it()
    {
        var pins = OnePin();
        try
        {
            var (_, serving) = Serve(new GateSettings { Pins = GatePin.All }, pins);

            // The caller hangs on, and the sound that he would have heard is missing.
            var commands = await TalkAsync(Request("PJSIP/201-00000007", "030123456"), static command => IsPrompt(command) ? "200 result=-1" : "200 result=1");

            Assert.StartsWith("GET DATA", commands[^1], StringComparison.Ordinal);
            Assert.Contains("SET VARIABLE RINGFENCE_VERDICT \"deny\"", commands[..^1]);
            await EndAsync(serving);
        }
        finally
        {
            File.Delete(pins);
        }
    }

    [Fact]
    public async Task Status_counts_each_call_that_asked_once_and_each_that_may_not_leave()
    {
        var pins = OnePin();
        try
        {
            var abroad = new CallPermission("abroad", CallFilter.All with { AbroadOnly = true }, LimitHours.Always, GateVerdict.AskPin);
            var policy = CallPolicy.Default(WorkHours.Usual(TimeZoneInfo.Utc), "DE") with { Permissions = [abroad] };
            var desk = new CallDesk(
                new CallSite(policy, TestCalls.Rules, new Tariff(null, "DE"), static _ => false, ""), enforces: true, new StopFile($"{pins}-stops", TimeProvider.System, NullLogger.Instance), static (_, _) => { },
                TimeProvider.System, NullLogger.Instance, hasGate: true);
            var (gate, serving) = Serve(pins: pins, decides: desk);
            desk.Sight.Gate = gate;

            await AskAsync("PJSIP/201-00000007", "x");
            await TalkAsync(Request("PJSIP/201-00000008", "0033123456789"), static command => IsPrompt(command) ? "200 result=" : "200 result=1");
            await TalkAsync(Request("PJSIP/201-00000009", "0033123456789"), static command => IsPrompt(command) ? $"200 result={Pin}" : "200 result=1");

            Assert.True(SpinWait.SpinUntil(() => gate.Asked == 3, TimeSpan.FromSeconds(30)));
            Assert.Equal((3, 2), (desk.Status().Asked, desk.Status().Denied));
            await EndAsync(serving);
        }
        finally
        {
            File.Delete(pins);
        }
    }

    private static bool IsPrompt(string command) => command.StartsWith("GET DATA", StringComparison.Ordinal);

    private static string OnePin()
    {
        var pins = Path.Combine(Path.GetTempPath(), $"rf-pins-{Guid.NewGuid():N}");
        var book = PinBook.Parse("");
        book.Set("201", Pin, new byte[16]);
        Pins.Write(pins, book);
        return pins;
    }

    private (GateServer Gate, Task Serving) Serve(GateSettings? settings = null, string pins = "/nowhere", IGate? decides = null)
    {
        var gate = new GateServer(settings ?? new GateSettings(), decides ?? new Nobody(), TestCalls.Rules, new Tariff(null, "DE"), new Pins(pins), TimeProvider.System, new ListLogger<GateServer>(_log));
        return (gate, gate.ServeAsync(_listener, _stop.Token));
    }

    private async Task EndAsync(Task serving)
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    private async Task AskAsync(string channel, string dialled) => await TalkAsync(Request(channel, dialled));

    private static string Request(string channel, string dialled) =>
        $"agi_network: yes\nagi_network_script: gate/{Nonce}\nagi_request: agi://127.0.0.1:4573/gate/{Nonce}\n"
        + string.Concat(((string[])[GateCall.Version, "1763857144.7", channel, dialled, "", "trunk-a", "", "", "201", "", Nonce]).Select(static (argument, at) => $"agi_arg_{at + 1}: {argument}\n")) + "\n";

    // Does whatever it is told until the other side ends: the commands.
    private async Task<List<string>> TalkAsync(string request, Func<string, string>? reply = null)
    {
        using var asterisk = new TcpClient();
        await asterisk.ConnectAsync((IPEndPoint)_listener.LocalEndPoint!, _stop.Token);
        var stream = asterisk.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), _stop.Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var commands = new List<string>();
        while (await reader.ReadLineAsync(_stop.Token) is { } command)
        {
            commands.Add(command);
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"{reply?.Invoke(command) ?? "200 result=1"}\n"), _stop.Token);
        }

        return commands;
    }

    private sealed class Everybody : IGate
    {
        public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin) => GateAnswer.Fine;

        public void See(SiteEvent seen)
        {
        }

        public void Drop(string id)
        {
        }
    }

    private sealed class Nobody : IGate
    {
        public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin) => throw new InvalidOperationException("a text that is no number is nobody's question");

        public void See(SiteEvent seen)
        {
        }

        public void Drop(string id)
        {
        }
    }
}
