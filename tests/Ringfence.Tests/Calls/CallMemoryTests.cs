using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Calls;
using Ringfence.Core.Fraud;
using Xunit;

namespace Ringfence.Tests.Calls;

/// <summary>A guard that starts knows what the site's records tell, and what happened while it read them.</summary>
public sealed class CallMemoryTests : CallDeskFixture
{
    private const int Day = 86_400;

    [Fact]
    public async Task Ninety_two_days_are_learnt_and_nobody_is_told_or_stopped_for_them()
    {
        foreach (var days in (double[])[100, 91.5, 50, 49.9, 1])
        {
            Record($"1.{days}", days * Day, 3600);
        }

        var (desk, site) = Connected(120);
        Assert.Null(desk.Status().Learnt);

        await LearnAsync(desk, site);

        Assert.Equal((4, Time.Now.AddDays(-91.5)), (desk.Status().Learnt!.Calls, desk.Status().Learnt!.From));
        Assert.Equal((null, 0, 0), (desk.Status().Note, desk.Status().Stops, Told.Count));
    }

    [Theory]
    [InlineData(2, false, true)]
    [InlineData(11, false, false)]
    [InlineData(2, true, false)]
    public async Task Where_many_call_abroad_outside_of_hours_that_nobody_set_it_is_said(int hour, bool isSet, bool isSaid)
    {
        var midnight = Time.Now - Time.Now.TimeOfDay;
        for (var at = 0; at < 100; at++)
        {
            Record($"1.{at}", (Time.Now - midnight.AddDays((at / 2) - 60).AddHours(hour).AddMinutes(at)).TotalSeconds, 60);
        }

        var (desk, site) = Connected(20_000);
        await LearnAsync(desk, site, hours: isSet ? (0b0111110, 420, 1140) : null);

        Assert.Equal(isSaid ? "100 of 100 calls abroad were outside of Mon-Fri 07:00-19:00, where limits are strict: if people work then, tell `hours` of [calls]; round the clock is hours = Mon-Sun 00:00-24:00" : null, desk.Status().Note);
    }

    [Fact]
    public async Task What_is_usual_is_known_at_once()
    {
        foreach (var days in (double[])[80, 60, 50, 30])
        {
            Record($"1.{days}", days * Day, 60);
        }

        var (desk, site) = Connected(20, CallFilter.Risky with { NewTo = Standing.NewToSite });
        await LearnAsync(desk, site);

        // Usual for 201, and so for the site; to the Gambia nobody calls.
        Call(desk, "201", SierraLeone);
        Move(desk, 60_000);
        Assert.Equal(0, desk.Status().Stops);
        Call(desk, "201", "002203901234");
        Move(desk, 60_000);
        Assert.Equal("GM", Assert.Single(desk.Report().Stops).Region);
    }

    [Fact]
    public async Task Money_of_records_of_calls_that_ended_meanwhile_and_of_one_that_goes_on_is_counted_once_each()
    {
        // A unit a second: 60 of yesterday, 30 before and 10 while the records are read, and what goes on.
        Record("1.1", Day / 2, 60);
        var (desk, site) = Connected(120);
        var before = Call(desk, "201", SierraLeone);
        Move(desk, 30_000);
        End(desk, before);
        Record(before.Id, 30, 30);
        var going = Call(desk, "201", SierraLeone);
        Move(desk, 10_000);
        Assert.Equal(0, desk.Status().Stops);

        await LearnAsync(desk, site);

        Assert.Equal(1, desk.Status().Learnt!.Calls);
        Move(desk, 18_000);
        Assert.Equal(0, desk.Status().Stops);
        Move(desk, 3_000);
        Assert.InRange(Assert.Single(desk.Report().Stops).Lost, 120, 120.01m);
        Assert.Equal([going.Leg, going.Id], Hangups(desk).OrderDescending());
    }

    [Fact]
    public async Task What_a_call_that_goes_on_comes_to_together_with_the_records_is_stopped_when_they_are_known()
    {
        Record("1.1", Day / 2, 110);
        var (desk, site) = Connected(120);
        Call(desk, "201", SierraLeone);
        Move(desk, 20_000);
        Assert.Equal(0, desk.Status().Stops);

        await LearnAsync(desk, site);

        Assert.Equal("SL", Assert.Single(desk.Report().Stops).Region);
    }

    [Fact]
    public async Task Of_more_records_than_can_be_read_the_last_ones_are_and_it_is_said()
    {
        foreach (var days in (double[])[80, 70, 60, 30, 20])
        {
            Record($"1.{days}", days * Day, 60);
        }

        var (desk, site) = Connected(1000);

        await LearnAsync(desk, site, most: 2);

        Assert.Equal(2, desk.Status().Learnt!.Calls);
        Assert.Equal("there are more than 2 records of the last 92 days: those of the last 31 are read in their place", desk.Status().Note);
    }

    [Fact]
    public async Task Without_records_it_is_said_and_work_goes_on()
    {
        var (desk, site) = Connected(20);

        await LearnAsync(desk, site);

        Assert.Equal((0, null), (desk.Status().Learnt!.Calls, desk.Status().Learnt!.From));
        Assert.EndsWith("there is no such file", desk.Sight.MemoryProblem, StringComparison.Ordinal);
        Call(desk, "201", SierraLeone);
        Move(desk, 21_000);
        Assert.Equal(1, desk.Status().Stops);
    }

    [Fact]
    public async Task A_part_that_fails_and_is_started_again_forgets_nothing_that_was_learnt()
    {
        Record("1.1", Day / 2, 110);
        var (desk, site) = Connected(120);
        var memory = new CallMemory(Settings(Csv), site, TimeZoneInfo.Utc, desk, Time, NullLogger.Instance);
        await RunAsync(memory, () => desk.Status().Learnt is not null);

        // As the supervisor does it.
        desk.Sight.Records = [];
        await RunAsync(memory, () => desk.Status().Records.Count > 0);

        Call(desk, "201", SierraLeone);
        Move(desk, 20_000);
        Assert.Equal("SL", Assert.Single(desk.Report().Stops).Region);
    }

    private (CallDesk Desk, CallSite Site) Connected(int critical, CallFilter? calls = null)
    {
        var site = Site(Policy(SpendDay(critical) with { Calls = calls ?? CallFilter.Risky }));
        var desk = Desk(site);
        desk.Connected(static () => { });
        return (desk, site);
    }

    private async Task LearnAsync(CallDesk desk, CallSite site, long most = CallMemory.MostRecords, (int, int, int)? hours = null)
    {
        var memory = new CallMemory(Settings(Csv) with { Hours = hours }, site, TimeZoneInfo.Utc, desk, Time, NullLogger.Instance, most);
        await RunAsync(memory, () => desk.Status().Learnt is not null && (most == CallMemory.MostRecords || desk.Status().Note is not null));
    }

    private static async Task RunAsync(CallMemory memory, Func<bool> until)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = memory.RunAsync(stop.Token);
        while (!until())
        {
            Assert.False(running.IsCompleted, running.Exception?.ToString());
            await Task.Delay(1, stop.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
