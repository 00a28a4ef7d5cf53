using Ringfence.Core.Configuration;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.SystemTests.Gate;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>With the gate in the dialplan: who sent a call on or transferred it is asked about, not whoever is sent.</summary>
public sealed class SentOnThroughGateTests : OfficeLab
{
    private protected override string Dialplan => $$"""
        [phones]
        exten => _9.,1,Set(RINGFENCE_NUMBER=${EXTEN:1})
         same => n,Gosub(ringfence-gate,s,1(trunk-ip))
         same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk-ip,60)
         same => n,Hangup(${HANGUPCAUSE})
        exten => _10XX,1,Dial(PJSIP/${EXTEN},60)
         same => n,Hangup(${HANGUPCAUSE})

        {{GateDialplan.Text(new GateSettings { Listen = GateLab.Address }, GateLab.Address.ToString(), new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []), NumberPlans.BuiltIn, freePbx: false)}}
        """;

    private IReadOnlyList<string> Guarded => [.. Braking, "[gate]", $"listen = {GateLab.Address}"];

    [Fact]
    public async Task A_302_to_a_dear_number_does_not_leave_and_its_callers_own_calls_do()
    {
        await using var office = await OpenAsync(Guarded);
        var (caller, forwarder) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        forwarder.SendsOnTo = $"9{Dear}";

        await RefusesAsync(office, "1002", () => caller.CallAsync("1002", expected: 403));
        await caller.CallAsync($"9{Cheap}");
        await ShowsAsync(office, ("1001", "+498912345678", "phone"));
    }

    [Fact]
    public async Task A_transfer_to_a_dear_number_does_not_leave_and_calls_of_who_was_transferred_do()
    {
        await using var office = await OpenAsync(Guarded);
        var (caller, called) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));

        await RefusesAsync(office, "1002", async () =>
        {
            await caller.CallAsync("1002");
            await TalkAsync(office, 2);
            await (await called.TakenAsync(Stop)).ReferAsync($"9{Dear}");
        });
        await caller.CallAsync($"9{Cheap}");
        await ShowsAsync(office, ("1001", "+498912345678", "phone"));
    }

    // The limit's money lasts for eight seconds: too little for the gate. It never comes to the provider.
    private async Task RefusesAsync(Office office, string extension, Func<Task> call)
    {
        await call();
        await StopsAsync(office, extension);
        using var status = await office.Guard.AskJsonAsync(Stop, "status");
        Assert.Equal(1, status.RootElement.GetProperty("calls").GetProperty("denied").GetInt64());
        Assert.Empty(office.Provider.Numbers);
    }
}
