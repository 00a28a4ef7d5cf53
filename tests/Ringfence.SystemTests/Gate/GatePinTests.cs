using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Gate;

/// <summary>PINs, typed at a phone in a real call.</summary>
public sealed class GatePinTests : GateLab
{
    private const string Pin = "482913";

    private const string Abroad = "011442071838750";

    private protected override GateSettings Settings { get; } = new() { Listen = Address, PinPrompt = "/lab/etc/pin", Pins = GatePin.Abroad };

    [Fact]
    public async Task The_right_PIN_lets_a_call_leave_and_stands_neither_in_the_log_nor_in_the_CDR()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        engine.Answers["+442071838750"] = GateAnswer.Fine;
        await using var gate = await ServeAsync(engine);

        using var call = await PinCall.BeginAsync(Lab, "1001", Abroad, Stop);
        await call.TypeAsync(Pin + "#", Stop);

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(provider.Numbers.Count == 1), TimeSpan.FromSeconds(20), Stop));
        Assert.True(Assert.Single(engine.Asked).HasPin);
        await call.EndAsync(Stop);
        var cdr = Path.Combine("cdr-csv", "Master.csv");
        Assert.Contains(Abroad, await Lab.AppendedAsync(cdr, 0, Abroad, Stop), StringComparison.Ordinal);
        foreach (var log in Directory.EnumerateFiles(Path.Combine(Lab.Directory, "log"), "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Pin, await File.ReadAllTextAsync(log, Stop), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_wrong_PIN_keeps_the_call_in_and_after_five_the_right_one_does_too()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        await using var gate = await ServeAsync(engine);

        using (var call = await PinCall.BeginAsync(Lab, "1001", Abroad, Stop))
        {
            foreach (var tries in Enumerable.Range(1, 3))
            {
                await call.TypeAsync("111222#", Stop);
                Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(engine.Seen.Count == tries), TimeSpan.FromSeconds(20), Stop));
            }
        }

        using (var call = await PinCall.BeginAsync(Lab, "1001", Abroad, Stop))
        {
            foreach (var tries in Enumerable.Range(4, 2))
            {
                await call.TypeAsync("333444#", Stop);
                Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(engine.Seen.Count == tries), TimeSpan.FromSeconds(20), Stop));
            }
        }

        var denied = gate.Server.Denied;
        using (var call = await PinCall.BeginAsync(Lab, "1001", Abroad, Stop))
        {
            await call.TypeAsync(Pin + "#", Stop);
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(gate.Server.Denied > denied), TimeSpan.FromSeconds(20), Stop));
        }

        Assert.All(engine.Seen, static seen => Assert.Equal((SiteEventKind.PinRefused, "1001"), (seen.Kind, seen.Extension)));
        Assert.Equal(5, engine.Seen.Count);
        Assert.Empty(engine.Asked);
        Assert.Empty(provider.Numbers);
    }

    [Fact]
    public async Task Who_has_no_PIN_can_not_call_abroad_and_calls_home_without_one()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        await using var gate = await ServeAsync(Engine());

        Assert.Equal(403, (await CallAsync("1002", Abroad))?.Status);
        Assert.Equal(200, (await CallAsync("1002", "4155550101"))?.Status);
        Assert.Equal(["4155550101"], provider.Numbers);
    }

    private async Task<RunningGate> ServeAsync(EngineGate engine)
    {
        // A tenth of a second of silence.
        await File.WriteAllBytesAsync(Path.Combine(Lab.Directory, "etc", "pin.ulaw"), [.. Enumerable.Repeat((byte)0xff, 800)], Stop);
        var gate = Serve(engine);
        gate.SetPin("1001", Pin);
        return gate;
    }

    /// <summary>A call that is answered for its PIN, whose keys are sent as SIP INFO.</summary>
    private sealed class PinCall : IDisposable
    {
        // A call that was ended answers no more.
        private static readonly TimeSpan Answers = TimeSpan.FromSeconds(2);

        private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(150);

        private readonly SipClient _phone;
        private SipRequest _request;

        private PinCall(SipClient phone, SipRequest request) => (_phone, _request) = (phone, request);

        public static async Task<PinCall> BeginAsync(AsteriskLab lab, string account, string number, CancellationToken stop)
        {
            var phone = lab.PhoneAt(AsteriskLab.Phone(11), SipTransport.Udp);
            var invite = new SipRequest("INVITE", account) { Target = number, CallId = SipRequest.Fresh() };
            var answer = await phone.LogInAsync(invite, AsteriskLab.PasswordOf(account), stop);
            Assert.True(answer is { Status: 200 } or { Status: 403 }, answer?.Text);
            return new PinCall(phone, invite with { Sequence = 3, ToTag = answer!.Parameter("To", "tag") });
        }

        public async Task TypeAsync(string keys, CancellationToken stop)
        {
            foreach (var key in keys)
            {
                // Asterisk keeps a key that comes too soon behind another one until it hears something again, and this phone is silent.
                await Task.Delay(Gap, TimeProvider.System, stop);
                await AskAsync(_request with { Method = "INFO", ContentType = "application/dtmf-relay", Body = $"Signal={key}\r\nDuration=60\r\n" }, stop);
            }
        }

        public Task EndAsync(CancellationToken stop) => AskAsync(_request with { Method = "BYE", Body = "" }, stop);

        public void Dispose() => _phone.Dispose();

        private async Task AskAsync(SipRequest request, CancellationToken stop)
        {
            _request = _request with { Sequence = _request.Sequence + 1 };
            await _phone.AskAsync(request with { Sequence = _request.Sequence, Branch = "z9hG4bK" + SipRequest.Fresh() }, stop, Answers);
        }
    }
}
