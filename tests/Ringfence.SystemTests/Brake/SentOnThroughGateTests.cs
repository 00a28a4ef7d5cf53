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
    public async Task A_302_that_was_stopped_does_not_leave_again_and_its_callers_own_calls_do()
    {
        await using var office = await OpenAsync(Guarded);
        var (caller, forwarder) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        forwarder.SendsOnTo = $"9{Dear}";
        await caller.CallAsync("1002");
        await ShowsAsync(office, ("1002", "+23279000001", "forwarded"));
        await StopsAsync(office, "1002");

        await RefusesAsync(office, () => caller.CallAsync("1002", expected: 403));
        await caller.CallAsync($"9{Cheap}");
        await ShowsAsync(office, ("1001", "+498912345678", "phone"));
    }

    [Fact]
    public async Task A_transfer_that_was_stopped_does_not_leave_again_and_calls_of_who_was_transferred_do()
    {
        await using var office = await OpenAsync(Guarded);
        var (caller, called) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        await TransferAsync();
        await ShowsAsync(office, ("1002", "+23279000001", "phone"));
        await StopsAsync(office, "1002");
        await HasTrunkChannelsAsync(office, 0);

        await RefusesAsync(office, TransferAsync);
        await caller.CallAsync($"9{Cheap}");
        await ShowsAsync(office, ("1001", "+498912345678", "phone"));

        async Task TransferAsync()
        {
            await caller.CallAsync("1002");
            await TalkAsync(office, 2);
            var taken = await called.TakenAsync(Stop);
            await taken.ReferAsync($"9{Dear}");
            await taken.EndAsync();
        }
    }

    // It never comes to the provider.
    private static async Task RefusesAsync(Office office, Func<Task> call)
    {
        var before = office.Provider.Numbers.Count;
        await call();
        Assert.True(await Asterisk.Eventually.HoldsAsync(
            async () =>
            {
                using var status = await office.Guard.AskJsonAsync(Stop, "status");
                return status.RootElement.GetProperty("calls").GetProperty("denied").GetInt64() == 1;
            },
            Patience,
            Stop), $"{office}");
        Assert.Equal(before, office.Provider.Numbers.Count);
    }
}
