using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Calls;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Sources;
using Xunit;
using static Ringfence.Tests.Calls.LiveMessageTests;

namespace Ringfence.Tests.Calls;

/// <summary>Ways in which a call would cost nothing, or somebody be stopped who did nothing.</summary>
public sealed class CallAttackTests : CallDeskFixture
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly CallLimit Month = SpendDay(100) with { Name = "spend-month", Window = 30 * 86_400_000L };

    [Fact]
    public async Task Records_of_days_ago_that_are_written_anew_are_no_new_calls()
    {
        var site = Site(Policy(Month));
        var desk = Desk(site, hasManager: false);
        var follower = Follower(site, desk);
        Time.Advance(TimeSpan.FromSeconds(100));
        for (var day = 0; day < 8; day++)
        {
            Time.Advance(TimeSpan.FromDays(1));
            Record($"{day}.1", 60, 10);
            await follower.ReadAsync(Stop);
        }

        Assert.Equal((0, 8L), (desk.Status().Stops, desk.Status().Records[0].Calls));
        var text = await File.ReadAllTextAsync(Csv, Stop);
        await File.WriteAllTextAsync(Csv, "", Stop);
        Time.Advance(TimeSpan.FromSeconds(10));
        await follower.ReadAsync(Stop);
        await File.WriteAllTextAsync(Csv, text, Stop);
        Time.Advance(TimeSpan.FromSeconds(10));
        await follower.ReadAsync(Stop);

        Assert.Equal((0, 8L), (desk.Status().Stops, desk.Status().Records[0].Calls));
    }

    [Fact]
    public async Task Records_of_a_time_to_come_count_for_nothing_and_are_said()
    {
        var site = Site(Policy(Month));
        var desk = Desk(site, hasManager: false);
        var follower = Follower(site, desk);
        Record("1.1", -7_200, 200);
        await follower.ReadAsync(Stop);
        Assert.Equal((0, 0L), (desk.Status().Stops, desk.Status().Records[0].Calls));
        Assert.Contains("of a time to come, 2026-11-20 10:03 UTC", desk.Status().Records[0].Problem, StringComparison.Ordinal);

        Time.Advance(TimeSpan.FromSeconds(100));
        Record("1.2", 60, 10);
        await follower.ReadAsync(Stop);
        Assert.Equal((1L, null), (desk.Status().Records[0].Calls, desk.Status().Records[0].Problem));
    }

    [Fact]
    public async Task Records_are_read_and_count_behind_a_clock_that_was_set_back()
    {
        var site = Site(Policy(Month));
        var desk = Desk(site, hasManager: false);
        var follower = Follower(site, desk);
        await follower.ReadAsync(Stop);

        Time.SetClock(TimeSpan.FromHours(-1));
        Time.Advance(TimeSpan.FromSeconds(100));
        desk.Tick();
        Record("1.1", 60, 10);
        await follower.ReadAsync(Stop);

        Assert.Equal(1L, desk.Status().Records[0].Calls);
    }

    [Fact]
    public void Who_is_answered_after_more_than_an_hour_of_announcements_pays()
    {
        var desk = Up(100);
        const string Phone = "PJSIP/201-00000001", Leg = "PJSIP/trunk-a-00000002";
        Tell(desk, Dial(Phone, "1.1", Leg, "1.2", $"{SierraLeone}@trunk-a"));
        for (var minute = 0; minute < 61; minute++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            desk.Tick();
        }

        Tell(desk, Dial(Phone, "1.1", Leg, "1.2", null));
        Send(desk);
        Move(desk, 105_000);

        Assert.Equal(["1.1", "1.2"], Hangups(desk).Distinct());
    }

    [Fact]
    public void One_number_that_a_channel_dials_again_while_the_first_call_goes_on_elsewhere_is_two_calls()
    {
        var desk = Up(100);
        var call = Call(desk, "201", SierraLeone);
        Send(desk);
        Move(desk, 1_000);
        Tell(desk, Dial(call.Phone, call.Id, "PJSIP/trunk-a-000000aa", "1.77", $"{SierraLeone}@trunk-a") + Dial(call.Phone, call.Id, "PJSIP/trunk-a-000000aa", "1.77", null));
        Move(desk, 55_000);

        Assert.Equal([call.Id, call.Leg, "1.77"], Hangups(desk).Distinct());
    }

    [Fact]
    public void A_call_of_more_than_a_day_is_one_that_goes_on()
    {
        var desk = Up(100);
        var call = Call(desk, "201", "030123456");
        for (var hour = 0; hour < 26; hour++)
        {
            Time.Advance(TimeSpan.FromHours(1));
            desk.Tick();
            List(desk, call);
        }

        Assert.Equal((1, 1), (desk.Tracked, desk.Report().Calls.Count));
    }

    [Theory]
    [InlineData(false, 310)]
    [InlineData(true, 10_000)]
    public async Task A_session_that_is_lost_for_hours_makes_no_money_of_a_call_of_whose_end_nobody_told(bool hasRecord, int seconds)
    {
        var site = Site(Policy(SpendDay(seconds + 100)));
        var desk = Up(seconds + 100);
        var follower = Follower(site, desk);
        var call = Call(desk, "201", SierraLeone);
        Move(desk, 1_000);
        desk.Lost();
        for (var minute = 0; minute < 180; minute++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            desk.Tick();
        }

        Assert.Empty(Told);
        if (hasRecord)
        {
            Record(call.Id, 10_801, 10_000);
            await follower.ReadAsync(Stop);
            await follower.ReadAsync(Stop);
        }

        desk.Connected(static () => { });
        List(desk);
        var next = Call(desk, "201", SierraLeone);
        Move(desk, 25_000);
        Assert.Empty(Told);
        Move(desk, 80_000);
        Assert.Contains(next.Id, Hangups(desk));
    }

    [Fact]
    public void A_call_that_goes_on_when_a_session_is_back_after_hours_is_followed_again()
    {
        var desk = Up(1000);
        var call = Call(desk, "201", SierraLeone);
        desk.Lost();
        Time.Advance(TimeSpan.FromHours(2));
        desk.Tick();
        desk.Tick();
        Assert.Equal((0, 0), (desk.Tracked, desk.Report().Calls.Count));

        desk.Connected(static () => { });
        List(desk, call);

        Assert.Equal((1, call.Id), (desk.Tracked, Assert.Single(desk.Report().Calls).Id));
        End(desk, call);
        Assert.Equal(0, desk.Tracked);
    }

    private CallDesk Up(int critical)
    {
        var desk = Desk(Site(Policy(SpendDay(critical))));
        desk.Connected(static () => { });
        List(desk);
        return desk;
    }

    private CallFollower Follower(CallSite site, CallDesk desk)
    {
        File.AppendAllText(Csv, "");
        var settings = Settings(Csv);
        return new CallFollower(CallSources.Open(settings, TimeZoneInfo.Utc, Time), settings, TimeZoneInfo.Utc, new CallReading(site.Rules, site.Tariff), desk, Time, NullLogger.Instance);
    }

    private void List(CallDesk desk, params (string Phone, string Id, string Channel, string Leg)[] calls)
    {
        Send(desk);
        Tell(desk, string.Concat(calls.Select(call => Listed(call.Phone, call.Id, "Dial", $"PJSIP/{SierraLeone}@trunk-a,30", 190, LastId) + Listed(call.Channel, call.Leg, "AppDial", "(Outgoing Line)", 190, LastId, linked: call.Id)))
            + $"Event: StatusComplete\r\nActionID: {LastId}\r\nItems: {calls.Length * 2}\r\n\r\n");
    }
}
