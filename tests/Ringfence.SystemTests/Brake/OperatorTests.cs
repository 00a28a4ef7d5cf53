using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>What an operator does while calls go on.</summary>
public sealed class OperatorTests : OfficeLab
{
    [Fact]
    public async Task Whom_he_lets_call_again_the_next_limit_does_not_stop_for_what_he_had_called_before()
    {
        await using var office = await OpenAsync([.. Settings, "[limit spend-5m]", "warning = 1", "critical = 6", "[limit spend-hour]", "warning = 1", "critical = 9"]);
        var phone = await office.PhoneAsync("1001");
        await phone.CallAsync($"9{Dear}");
        await StopsAsync(office, "1001");

        var lift = await office.Guard.AskAsync(Stop, "calls", "lift", "1");
        Assert.Equal("stop 1 lifted: 1001's calls to SL; what they came to until now counts no more", lift.Output.TrimEnd());

        // 6 before and 4 behind it are more than the hour's limit.
        await phone.CallAsync($"9{Dear}");
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(office.Guard)) is [var one] && one.GetProperty("cost").GetDecimal() >= 4, Patience, Stop), $"{office}");
        Assert.Empty(Stops(await LiveAsync(office.Guard)));
        Assert.Single(office.Provider.Up);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task His_report_of_the_records_has_all_that_a_call_cost_which_was_transferred(bool isConference)
    {
        await using var office = await OpenAsync();
        var (caller, other) = (await office.PhoneAsync("1001"), await office.PhoneAsync("1002"));
        var call = await caller.CallAsync($"9{Dear}");
        await TalkAsync(office, 2);
        if (isConference)
        {
            await other.CallAsync("600");
            await TalkAsync(office, 3);
            await call.ReferAsync("600");
        }
        else
        {
            var asked = await caller.CallAsync("1002");
            await TalkAsync(office, 4);
            await call.ReferAsync("1002", asked);
        }

        await call.EndAsync();
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(office.Guard)) is [var one] && one.GetProperty("seconds").GetInt64() >= 6, Patience, Stop), $"{office}");
        await Lab.CliAsync("channel request hangup all", Stop);
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(office.Provider.Lasted(Dear) is not null), Patience, Stop), $"{office}");

        var lasted = office.Provider.Lasted(Dear)!.Value.TotalSeconds;
        var seconds = 0L;
        var report = "";
        Assert.True(
            await Eventually.HoldsAsync(
                async () =>
                {
                    using var read = await office.Guard.AskJsonAsync(Stop, "calls", "report", Lab.Log(Path.Combine("cdr-csv", "Master.csv")));
                    var outside = read.RootElement.GetProperty("outside");
                    (seconds, report) = (outside.GetProperty("seconds").GetInt64(), $"{outside}");
                    return outside.GetProperty("calls").GetInt32() == 1 && Math.Abs(seconds - lasted) <= 2;
                },
                Patience,
                Stop),
            $"{lasted} s at the provider, in the report {report}\n{await File.ReadAllTextAsync(Lab.Log(Path.Combine("cdr-csv", "Master.csv")), Stop)}");
    }

    [Fact]
    public async Task A_signal_to_reload_ends_no_guard_and_says_what_reads_the_configuration()
    {
        await using var office = await OpenAsync();
        await (await office.PhoneAsync("1001")).CallAsync($"9{Cheap}");

        await office.Guard.SignalAsync("HUP", Stop);

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(office.Guard.Said.Contains("A changed configuration it reads when it starts: ", StringComparison.Ordinal)), Patience, Stop), office.Guard.Said);
        await ShowsAsync(office, ("1001", "+498912345678", "phone"));
        Assert.Equal(0, await office.Guard.StopAsync(Stop));
    }
}
