using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>What callers write into their numbers reaches the manager interface as it is (facts 3.2): no call is taken for ended, begun or another's by it.</summary>
public sealed class CallerTextTests : BrakeLab
{
    private const string Forged = "%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aPrivilege%3a%20call,all%0d%0aChannel%3a%20PJSIP/1002-0000";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected override string Dialplan => """
        [phones]
        exten => _9.,1,Dial(PJSIP/${EXTEN:1}@trunk-ip,30)
         same => n,Hangup()
        ; Whoever calls it is sent on to outside by the dialplan, through a channel of its own.
        exten => 201,1,Dial(Local/0023279000201@forward/n)
        ; Rings at two trunks.
        exten => _8.,1,Dial(PJSIP/${EXTEN:1}@trunk-ip&PJSIP/${EXTEN:1}@trunk-auth,30)
        [forward]
        exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk-ip,30)
        [trunks]
        exten => _49X.,1,Goto(phones,201,1)
        exten => _1X.,1,Answer()
         same => n,Wait(60)
        """;

    [Fact]
    public async Task Forged_events_in_numbers_end_no_call_and_begin_none()
    {
        using var provider = Provider();
        await using var phones = new Phones(Lab);
        using var stream = await Stream.OpenAsync(Lab, Stop);
        await using var guard = await GuardProcess.StartAsync(Lab, Settings, Stop, "notice");
        Assert.Equal(200, await phones.CallAsync("1002", "9030123456"));

        // A trunk that is known by its address alone may show any number.
        for (var i = 0; i < 5; i++)
        {
            using var trunk = Lab.Attack(AsteriskLab.TrunkByAddress, SipTransport.Udp);
            await trunk.SendAsync(new SipRequest("INVITE", "x") { Target = "100", From = $"<sip:{i}{Forged}@{AsteriskLab.TrunkByAddress}>;tag=x{i}" }, Stop);
        }

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(stream.Heard.Split("CallerIDNum: 4\r\n\r\nEvent: Hangup\r\n").Length > 1), Patience, Stop), stream.Heard);
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(guard)).Exists(static call => call.GetProperty("extension").GetString() == "1002"), Patience, Stop), stream.Heard);
        using var status = await guard.AskJsonAsync(Stop, "status");
        var calls = status.RootElement.GetProperty("calls");
        Assert.True(calls.GetProperty("odd").GetInt64() > 0, $"{calls}");
        var live = Calls(await LiveAsync(guard));
        Assert.Equal(["1002"], live.Select(static call => call.GetProperty("extension").GetString()));
    }

    [Fact]
    public async Task A_forwarding_and_two_trunks_are_one_call_each_and_whose_they_are()
    {
        using var provider = Provider();
        await using var phones = new Phones(Lab);
        await using var guard = await GuardProcess.StartAsync(Lab, Settings, Stop, "notice");

        Assert.Equal(200, await phones.CallAsync("1001", "8030123456"));
        Assert.Equal(200, await phones.CallAsync("1003", "201"));

        List<JsonElement> calls = [];
        Assert.True(await Eventually.HoldsAsync(async () => (calls = Calls(await LiveAsync(guard))).Count == 2 && calls.TrueForAll(static call => call.GetProperty("seconds").ValueKind == JsonValueKind.Number), Patience, Stop), $"{string.Join('\n', calls)}{guard.Said}");
        Assert.Equal(
            [("1001", "DE"), ("1003", "SL")],
            calls.Select(static call => (call.GetProperty("extension").GetString(), call.GetProperty("region").GetString())).OrderBy(static call => call.Item1));
    }
}
