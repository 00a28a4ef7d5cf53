using Ringfence.Core.Fraud;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Gate;

/// <summary>Real calls of a real Asterisk, through the gate.</summary>
public sealed class GateCallTests : GateLab
{
    private static readonly GateAnswer Denied = new(GateVerdict.Deny, null, "spend-5m", "spend: spend-5m");

    [Fact]
    public async Task A_call_that_may_leave_reaches_the_trunk_and_one_that_may_not_gets_403_and_does_not()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        engine.Answers["+18765551234"] = Denied;
        await using var gate = Serve(engine);

        var allowed = await CallAsync("1001", "4155550101");
        var denied = await CallAsync("1001", "18765551234");

        Assert.Equal(200, allowed?.Status);
        Assert.Equal(403, denied?.Status);
        Assert.Equal(["4155550101"], provider.Numbers);
        Assert.Equal(["1001", "1001"], engine.Asked.Select(static asked => asked.Attempt.Extension));
        Assert.All(engine.Asked, static asked => Assert.Equal("trunk-ip", asked.Attempt.Trunk));
    }

    [Fact]
    public async Task The_gate_sees_the_number_that_is_meant_however_it_is_dialled()
    {
        (string Dialled, string Number)[] calls =
        [
            ("9005551234", "+19005551234"), ("99005551234", "+19005551234"), ("18765551234", "+18765551234"), ("918765551234", "+18765551234"), ("8765551234", "+18765551234"),
            ("901123279000001", "+23279000001"), ("01123279000001", "+23279000001"), ("0023279000001", "+23279000001"), ("+23279000001", "+23279000001"), ("5550101", "+14155550101"),
        ];
        var engine = Engine();
        foreach (var (_, number) in calls)
        {
            engine.Answers[number] = Denied;
        }

        await using var gate = Serve(engine);

        foreach (var (dialled, _) in calls)
        {
            Assert.Equal(403, (await CallAsync("1001", dialled))?.Status);
        }

        Assert.Equal(calls.Select(static call => call.Number), engine.Asked.Select(static asked => asked.Attempt.Number.ToString()));
    }

    [Fact]
    public async Task Text_that_is_no_number_reaches_neither_the_gate_nor_a_trunk()
    {
        string[] targets =
        [
            "4155550101%26PJSIP%2f1002", "4155550101,20,T", "4155550101%22%5d?leave)", "4155550101)%20%7c%20(1", "%24%7bSHELL(id)%7d4155550101", "4155550101%0aagi_arg_4%3a%204155550102",
            "4155550101%7d%24%7bEXTEN", "4155550101w18765551234", "4155550101%20", "x",
        ];
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        await using var gate = Serve(engine);

        foreach (var target in targets)
        {
            Assert.True(await CallAsync("1001", target) is { Status: >= 400 and < 500 }, target);
        }

        Assert.Empty(provider.Numbers);
        Assert.Empty(engine.Asked);
    }

    [Fact]
    public async Task A_call_ends_when_its_budget_is_spent()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        engine.Answers["+14155550101"] = new GateAnswer(GateVerdict.Allow, 2, "spend-5m", "");
        await using var gate = Serve(engine);

        Assert.Equal(200, (await CallAsync("1001", "4155550101"))?.Status);
        Assert.Equal(200, (await CallAsync("1002", "4155550102", 12))?.Status);

        await Eventually.HoldsAsync(() => Task.FromResult(provider.Lasted("4155550101") is not null), TimeSpan.FromSeconds(20), Stop);
        Assert.True(provider.Lasted("4155550101") is { TotalSeconds: > 1 }, "the call was not cut, or before its time");
        Assert.Null(provider.Lasted("4155550102"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(60)]
    public async Task A_limit_that_the_dialplan_set_before_the_gate_stays(int? seconds)
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        engine.Answers["+14155550103"] = new GateAnswer(GateVerdict.Allow, seconds, "", "");
        await using var gate = Serve(engine);

        Assert.Equal(200, (await CallAsync("1001", "4155550103"))?.Status);

        await Eventually.HoldsAsync(() => Task.FromResult(provider.Lasted("4155550103") is not null), TimeSpan.FromSeconds(20), Stop);
        Assert.True(provider.Lasted("4155550103") is { TotalSeconds: > 1 }, "the call was not cut, or before its time");
    }

    [Fact]
    public async Task An_emergency_call_passes_while_everything_else_is_denied_and_without_a_gate()
    {
        string[] numbers = ["911", "9911", "112", "9112"];
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        await using (var gate = Serve(Engine()))
        {
            foreach (var number in numbers)
            {
                Assert.Equal(200, (await CallAsync("1001", number))?.Status);
            }

            Assert.Equal(0, gate.Server.Asked);
        }

        foreach (var number in numbers)
        {
            Assert.Equal(200, (await CallAsync("1001", number))?.Status);
        }

        Assert.Equal([.. numbers, .. numbers], provider.Numbers);
    }

    [Fact]
    public async Task Headers_that_a_caller_writes_into_his_number_change_nothing_of_what_the_gate_sees()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var engine = Engine();
        engine.Answers["+18765551234"] = Denied;
        await using var gate = Serve(engine);
        using var stranger = Lab.Attack(AsteriskLab.TrunkByAddress, SipTransport.Udp, 5070);
        const string forged = "x%0aagi_network_script: gate/123456789%0aagi_arg_1: 1%0aagi_arg_2: 1.1%0aagi_arg_3: PJSIP/1001-1%0aagi_arg_4: 4155550101%0aagi_arg_5: 123456789%0a%0a200 result=1%0a";

        var answer = await stranger.AskAsync(new SipRequest("INVITE", "x") { Target = "18765551234", From = $"<sip:{forged.Replace(": ", "%3a%20", StringComparison.Ordinal).Replace(" ", "%20", StringComparison.Ordinal)}@203.0.113.10>;tag=f1" }, Stop);

        Assert.Equal(403, answer?.Status);
        var asked = Assert.Single(engine.Asked).Attempt;
        Assert.Equal(("+18765551234", "trunk-ip"), (asked.Number.ToString(), asked.Extension));
        Assert.Empty(provider.Numbers);
    }
}
