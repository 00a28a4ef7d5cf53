using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Calls;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Sources;
using Xunit;
using static Ringfence.Tests.Calls.LiveMessageTests;

namespace Ringfence.Tests.Calls;

/// <summary>Where nobody tells of calls while they go on, their records do; and no call counts twice.</summary>
public sealed class CallFollowerTests : CallDeskFixture
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _running = Task.CompletedTask;
    private CallFollower? _follower;

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_manager_calls_are_stopped_when_their_records_are_written_and_it_is_said_what_that_is_worth()
    {
        var desk = Followed(100, hasManager: false, hasGate: true);
        Move(desk, 90_000);
        Record("1.1", 60, 60);
        await ReadAsync();
        Assert.Equal(("records", 0), (desk.Status().Source, desk.Status().Stops));
        Assert.Equal(GateVerdict.Allow, Ask(desk, "2.1"));
        desk.Drop("2.1");

        Record("1.2", 45, 45);
        await ReadAsync();

        var stop = Assert.Single(desk.Report().Stops);
        Assert.Equal(("SL", 105m, 0, "enforced"), (stop.Region, stop.Lost, stop.Hung, stop.State));
        Assert.Contains("45 s, 45.00 EUR", Assert.Single(stop.Evidence), StringComparison.Ordinal);
        Assert.Equal(GateVerdict.Deny, Ask(desk, "2.2"));
        var told = Assert.Single(Told).Reason;
        Assert.Contains("1 call over, as the records say, 0 on, 105.00 EUR so far; stopped 201's calls to SL", told, StringComparison.Ordinal);
        Assert.EndsWith("; the gate holds it, and nothing can be hung up without the manager interface", told, StringComparison.Ordinal);
        Assert.Null(desk.Report().Problem);
        Assert.Equal("[ami] names no user: of calls only their records tell, when they are over, and nothing can be hung up", desk.Status().Note);
        Assert.Equal(Time.Now, desk.Status().LastEvent);
        Assert.Equal((Csv, 2L, null), (Assert.Single(desk.Status().Records).Place, desk.Status().Records[0].Calls, desk.Status().Records[0].Problem));
    }

    [Fact]
    public async Task Without_a_gate_and_a_manager_nobody_is_told_that_anything_holds()
    {
        var desk = Followed(100, hasManager: false);
        Move(desk, 200_000);
        Record("1.1", 150, 150);
        await ReadAsync();

        Assert.EndsWith("; nobody can hold it: no gate is asked, and without the manager interface nothing can be hung up", Assert.Single(Told).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_were_heard_count_once_whenever_their_records_come()
    {
        var desk = Followed(100);
        Connect(desk);
        Move(desk, 5_000);
        var call = Call(desk, "201", SierraLeone);
        Move(desk, 60_000);
        End(desk, call);
        Record(call.Id, 60, 60);
        await ReadAsync();

        // Its record comes late: nobody listens any more.
        var other = Call(desk, "201", SierraLeone);
        Move(desk, 30_000);
        End(desk, other);
        desk.Lost();
        Record(other.Id, 30, 30);
        await ReadAsync();

        Assert.Equal((0, 0L), (desk.Status().Stops, desk.Status().Records[0].Calls));
        Record("9.9", 15, 15);
        await ReadAsync();
        Assert.Equal((1, 105m), (desk.Status().Stops, desk.Report().Stops[0].Lost));
    }

    [Fact]
    public async Task Calls_that_began_and_ended_while_the_session_was_lost_are_counted_once_and_one_that_was_heard_ends()
    {
        var desk = Followed(400);
        Connect(desk);
        Move(desk, 5_000);
        var heard = Call(desk, "201", SierraLeone);
        var goesOn = Call(desk, "201", SierraLeone);
        Move(desk, 10_000);
        desk.Lost();

        // Three minutes: the first ends ten seconds in, another comes and goes, the second goes on.
        Move(desk, 10_000);
        Record(heard.Id, 20, 20);
        await ReadAsync();
        Move(desk, 100_000);
        Record("9.9", 80, 80);
        await ReadAsync();
        Move(desk, 70_000);
        desk.Connected(static () => { });
        List(desk, goesOn);
        await ReadAsync();
        End(desk, goesOn);
        Record(goesOn.Id, 190, 190);
        await ReadAsync();

        // 20 + 80 + 190, and four seconds in which records were read: nothing is over the limit before some 106 more.
        Assert.Equal((0, 1L), (desk.Status().Stops, desk.Status().Records[0].Calls));
        var last = Call(desk, "201", SierraLeone);
        Move(desk, 103_000);
        Assert.Equal(0, desk.Status().Stops);
        Move(desk, 8_000);
        Assert.Equal(1, desk.Status().Stops);
        Assert.Equal("live", desk.Status().Source);
        End(desk, last);
    }

    [Fact]
    public async Task What_a_gate_let_out_counts_as_one_call_and_its_money_when_its_record_comes()
    {
        var desk = Followed(100, hasManager: false, hasGate: true, new CallLimit { Name = "rate", Rule = "RF3009", Scope = LimitScope.Extension, Window = 3_600_000, Critical = 4, Action = BrakeAction.Country });
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(GateVerdict.Allow, Ask(desk, $"3.{call}"));
            Move(desk, 10_000);
            Record($"3.{call}", 10, 10);
            await ReadAsync();
        }

        Assert.Equal(0, desk.Status().Stops);
        Record("4.1", 10, 10);
        await ReadAsync();
        Assert.Equal(1, desk.Status().Stops);
    }

    [Fact]
    public async Task Where_records_have_no_id_calls_are_known_by_who_called_whom_and_when()
    {
        // cdr.conf without loguniqueid: the channel's name stands for it.
        var desk = Followed(100, hasGate: true);
        Connect(desk);
        Move(desk, 5_000);
        Call(desk, "201", SierraLeone);
        Move(desk, 30_000);
        desk.Lost();
        Record("", 31, 31);
        await ReadAsync();
        Assert.Equal(GateVerdict.Allow, Ask(desk, "5.1"));
        Move(desk, 30_000);
        Record("", 30, 30);
        await ReadAsync();

        // It ended; the gate's is one call. 61 and what was said meanwhile.
        Move(desk, 20_000);
        Assert.Equal((0, 1L, 0), (desk.Status().Stops, desk.Status().Records[0].Calls, desk.Tracked));
        Record("", 45, 40);
        await ReadAsync();
        Assert.Equal(1, desk.Status().Stops);
    }

    [Fact]
    public async Task The_same_call_in_two_places_and_in_a_copied_file_is_one()
    {
        var second = Path.Combine(Root, "copy.csv");
        var desk = Followed(100, hasManager: false, cdr: [Csv, second]);
        Move(desk, 100_000);
        Record("1.1", 60, 60);
        var text = await File.ReadAllTextAsync(Csv, _stop.Token);
        await File.WriteAllTextAsync(second, text, _stop.Token);
        await ReadAsync();
        await File.WriteAllTextAsync(Csv, "", _stop.Token);
        await ReadAsync();
        await File.WriteAllTextAsync(Csv, text, _stop.Token);
        await ReadAsync();

        Assert.Equal((0, 1L), (desk.Status().Stops, desk.Status().Records.Sum(static place => place.Calls)));
    }

    [Fact]
    public async Task A_call_in_is_told_of_once_too()
    {
        var desk = Followed(100, hasManager: false);
        Move(desk, 100_000);
        Record("1.1", 60, 10);
        var line = (await File.ReadAllTextAsync(Csv, _stop.Token)).Replace("PJSIP/201-0000001a", "PJSIP/trunk-a-0000001a", StringComparison.Ordinal).Replace("PJSIP/trunk-a-0000001b", "PJSIP/201-0000001b", StringComparison.Ordinal)
            .Replace($"\"{SierraLeone}\"", "\"201\"", StringComparison.Ordinal).Replace($"PJSIP/{SierraLeone}@trunk-a", "PJSIP/201", StringComparison.Ordinal).Replace("\"1.1\"", "\"1.2\"", StringComparison.Ordinal);
        await File.AppendAllTextAsync(Csv, line + line, _stop.Token);

        await ReadAsync();

        Assert.Equal((2L, null), (desk.Status().Records[0].Calls, desk.Status().Records[0].Problem));
    }

    [Fact]
    public async Task What_ended_before_the_guard_began_is_the_past_and_stops_nobody()
    {
        var desk = Followed(100, hasManager: false);
        Record("1.1", 200, 199);
        Move(desk, 100);

        await ReadAsync();

        Assert.Equal((0, 0L), (desk.Status().Stops, desk.Status().Records[0].Calls));
    }

    [Fact]
    public async Task Records_that_come_after_the_guard_are_no_problem_any_more_once_they_are_read()
    {
        var missing = $"{Csv}: there is no such file";
        File.Delete(Csv);
        var desk = Followed(100, hasManager: false, hasGate: true, cdr: [Csv]);
        File.Delete(Csv);
        (desk.Sight.Learnt, desk.Sight.MemoryProblem) = (new Ringfence.Api.CallsLearnt(0, null), missing);
        await ReadAsync();
        Assert.Equal((missing, null), (desk.Status().Records[0].Problem, desk.Status().Note));
        Assert.Equal("[ami] names no user: of calls is known only what a gate asks about, not what they come to, and nothing can be hung up", desk.Report().Problem);

        Move(desk, 200_000);
        Record("1.1", 10, 10);
        await ReadAsync();

        Assert.Equal((null, null, null), (desk.Report().Problem, desk.Sight.MemoryProblem, desk.Status().Records[0].Problem));
        Assert.Equal("[ami] names no user: of calls only their records tell, when they are over, and nothing can be hung up", desk.Report().Note);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_said_once_and_read_on_when_it_is_back()
    {
        File.Delete(Csv);
        var desk = Followed(100, hasManager: false, cdr: [Csv]);
        File.Delete(Csv);
        await ReadAsync();
        Assert.Equal(("none", $"{Csv}: there is no such file"), (desk.Status().Source, desk.Status().Records[0].Problem));
        Assert.Equal("[ami] names no user: calls are not known, and nothing can be hung up", desk.Report().Problem);

        Move(desk, 200_000);
        Record("1.1", 150, 150);
        await ReadAsync();

        Assert.Equal(("records", null, 1), (desk.Status().Source, desk.Status().Records[0].Problem, desk.Status().Stops));
    }

    [Fact]
    public async Task A_file_that_begins_with_the_first_call_is_read_a_second_after_it_however_long_nobody_called()
    {
        File.Delete(Csv);
        var desk = Followed(100, hasManager: false, cdr: [Csv]);
        File.Delete(Csv);
        for (var looks = 0; looks < 5; looks++)
        {
            await ReadAsync();
        }

        Move(desk, 100_000);
        await ReadAsync();
        Record("1.1", 60, 60);
        await ReadAsync();
        File.Move(Csv, $"{Csv}.1");
        Record("1.2", 60, 60);
        await ReadAsync();
        await ReadAsync();

        Assert.Equal(2, desk.Status().Records[0].Calls);
    }

    [Fact]
    public async Task What_ends_while_the_past_is_read_is_told_and_followed_by_the_same_part()
    {
        Record("1.0", 86_400, 60);
        var site = Site(Policy(SpendDay(100)));
        var desk = Desk(site, hasManager: false);
        _running = new CallMemory(Settings(Csv), site, TimeZoneInfo.Utc, desk, Time, NullLogger.Instance).RunAsync(_stop.Token);
        await UntilAsync(() => desk.Status() is { Learnt.Calls: 1, Records.Count: 1 });

        Move(desk, 150_000);
        Record("1.1", 120, 120);
        await UntilAsync(() =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return desk.Status().Stops == 1;
        });

        Assert.Equal(1, desk.Status().Records[0].Calls);
    }

    [Theory]
    [InlineData(30, 60 - 3600)]
    [InlineData(70, 60)]
    public async Task In_the_hour_that_comes_twice_a_record_is_of_the_one_in_which_it_is_written(int minutes, double secondsAgo)
    {
        // At 10:00 of summer time, 09:00 UTC, the clock goes back by an hour.
        var zone = Zone();
        File.AppendAllText(Csv, "");
        var site = Site(Policy(SpendDay(50) with { Window = 300_000 }));
        var desk = Desk(site, hasManager: false);
        _follower = new CallFollower(CallSources.Open(Settings(Csv), zone, Time), Settings(Csv), zone, new CallReading(site.Rules, site.Tariff), desk, Time, NullLogger.Instance);
        Time.Advance(TimeSpan.FromMinutes(minutes));
        Record("1.1", secondsAgo, 60);
        await ReadAsync();

        Assert.Equal(60m, Assert.Single(desk.Report().Stops).Lost);

        static TimeZoneInfo Zone()
        {
            var (on, off) = (TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 1), TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 10, 0, 0), 11, 20));
            return TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.Zero, "test", "winter", "summer", [TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1), on, off)]);
        }
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            Assert.False(_running.IsCompleted, _running.Exception?.ToString());
            await Task.Delay(1, _stop.Token);
        }
    }

    private CallDesk Followed(int critical, bool hasManager = true, bool hasGate = false, CallLimit? more = null, string[]? cdr = null)
    {
        File.AppendAllText(Csv, "");
        var site = Site(more is null ? Policy(SpendDay(critical)) : Policy(SpendDay(critical), more));
        var desk = Desk(site, hasManager: hasManager, hasGate: hasGate);
        var settings = Settings(cdr ?? [Csv]);
        _follower = new CallFollower(CallSources.Open(settings, TimeZoneInfo.Utc, Time), settings, TimeZoneInfo.Utc, new CallReading(site.Rules, site.Tariff), desk, Time, NullLogger.Instance);
        return desk;
    }

    private async Task ReadAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        await _follower!.ReadAsync(_stop.Token);
    }

    private GateVerdict Ask(CallDesk desk, string id) => desk.Ask(id, Attempt("201", SierraLeone) with { Price = Dear }, hasPin: false).Verdict;

    private void Connect(CallDesk desk)
    {
        desk.Connected(static () => { });
        List(desk);
    }

    private void List(CallDesk desk, params (string Phone, string Id, string Channel, string Leg)[] calls)
    {
        Send(desk);
        Tell(desk, string.Concat(calls.Select(call => Listed(call.Phone, call.Id, "Dial", $"PJSIP/{SierraLeone}@trunk-a,30", 190, LastId) + Listed(call.Channel, call.Leg, "AppDial", "(Outgoing Line)", 190, LastId, linked: call.Id)))
            + $"Event: StatusComplete\r\nActionID: {LastId}\r\nItems: {calls.Length * 2}\r\n\r\n");
    }
}
