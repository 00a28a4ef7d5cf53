using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Calls;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Rules;
using Ringfence.Tests.Daemon;
using Ringfence.Tests.Detection;
using Xunit;
using static Ringfence.Tests.Calls.LiveMessageTests;

namespace Ringfence.Tests.Calls;

/// <summary>What the brake does about calls, and what it does not.</summary>
public sealed class CallDeskTests : CallDeskFixture
{
    [Fact]
    public void Money_alone_reaches_the_limit_and_every_call_that_it_is_about_is_hung_up_once()
    {
        var desk = Connected();
        var calls = Enumerable.Range(1, 3).Select(_ => Call(desk, "1009", "0023279000001")).ToList();
        var other = Call(desk, "1001", "0023279000001");
        Move(desk, 3_000);
        Assert.Empty(Hangups(desk));

        Move(desk, 2_000);

        Assert.Equal(calls.SelectMany(static call => (string[])[call.Id, call.Leg]).Order(), Hangups(desk).Order());
        Assert.DoesNotContain(other.Id, Hangups(desk));
        var stop = Assert.Single(desk.Report().Stops);
        Assert.Equal(("1009", "SL", "enforced", 3, 3), (stop.Extension, stop.Region, stop.State, stop.Hung, stop.Evidence.Count));
        Assert.Equal([Severity.Medium, Severity.Critical], Told.Select(static notice => notice.Severity));
        Assert.True(Told[^1].IsUrgent);
    }

    [Fact]
    public void One_extensions_dear_call_stops_that_extension_and_nobody_elses_calls()
    {
        var desk = Connected(policy: Settings().Policy(TimeZoneInfo.Utc, NumberList.Empty, "DE"));
        Call(desk, "201", SierraLeone);
        for (var second = 0; second < 120 && Hangups(desk).Count == 0; second++)
        {
            Move(desk, 1_000);
        }

        Assert.NotEmpty(desk.Report().Stops);
        Assert.All(desk.Report().Stops, static stop => Assert.Equal("201", stop.Extension));
        Assert.Equal(GateVerdict.Allow, desk.Ask("1795219999.1", Attempt("202", SierraLeone), hasPin: false).Verdict);
    }

    [Fact]
    public void What_a_stop_holds_is_hung_up_when_it_is_dialled_and_nothing_else_is()
    {
        var desk = Stopped();

        var held = Call(desk, "1009", "0023279000009");
        Call(desk, "1009", "030123456");
        Call(desk, "1001", "0023279000009");
        Call(desk, "1009", "112");

        Assert.Equal([held.Id, held.Leg], Hangups(desk));
        Assert.Equal(GateVerdict.Deny, desk.Ask("9.9", Attempt("1009", "0023279000009"), hasPin: false).Verdict);
        Assert.Equal(GateVerdict.Allow, desk.Ask("9.8", Attempt("1003", "0023279000009"), hasPin: false).Verdict);
    }

    [Fact]
    public void What_the_gate_refuses_before_the_money_is_spent_is_told_with_what_was_spent()
    {
        var desk = Connected(policy: Policy(SpendDay(30)));
        Call(desk, "1009", SierraLeone);
        Move(desk, 5_000);

        // Two calls would come to the rest of it within half a minute.
        Assert.Equal(GateVerdict.Deny, desk.Ask("9.9", Attempt("1009", SierraLeone), hasPin: false).Verdict);

        Assert.Contains("would be reached within 30 s, 5.00 EUR of 30.00 EUR, 2 calls on, 5.00 EUR so far", Told[^1].Reason, StringComparison.Ordinal);
        Assert.Contains("spend-day, 5.00 EUR so far, stopped", Told[^1].Headline, StringComparison.Ordinal);
        var stop = Assert.Single(desk.Report().Stops);
        Assert.Equal((stop.Number, 5m), (Told[^1].Stop, stop.Lost));
        Assert.EndsWith("over trunk-a: asked to leave, 0.00 EUR", stop.Evidence[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_says_how_often_somebody_still_tried_and_when_last()
    {
        var desk = Stopped();
        Assert.Null(Assert.Single(desk.Report().Stops).RefusedAt);

        desk.Ask("9.1", Attempt("1009", SierraLeone), hasPin: false);
        Move(desk, 1_000);
        desk.Ask("9.2", Attempt("1009", SierraLeone), hasPin: false);
        desk.Ask("9.3", Attempt("1001", SierraLeone), hasPin: false);

        var stop = Assert.Single(desk.Report().Stops);
        Assert.Equal((2, Time.Now), (stop.Refused, stop.RefusedAt!.Value));
    }

    [Fact]
    public void A_guard_that_observes_tells_and_touches_nothing()
    {
        var desk = Stopped(enforces: false);

        Call(desk, "1009", "0023279000009");

        Assert.Empty(Hangups(desk));
        Assert.Equal("observed", Assert.Single(desk.Report().Stops).State);
        Assert.Equal(GateVerdict.Allow, desk.Ask("9.9", Attempt("1009", "0023279000009"), hasPin: false).Verdict);
        Assert.Equal((1, 1), (desk.Status().Asked, desk.Status().Denied));
        Assert.Contains("would stop", Told[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Stops_hold_in_a_new_guard_until_they_end_or_are_lifted()
    {
        Stopped();

        var next = Connected();
        var held = Call(next, "1009", "0023279000009");
        Assert.Equal([held.Id, held.Leg], Hangups(next));
        Assert.Equal([1], next.Lift(1).Lifted.Select(static stop => stop.Number));
        Assert.Throws<RefusedException>(() => next.Lift(1));

        var last = Connected();
        Call(last, "1009", "0023279000009");
        Assert.Empty(Hangups(last));
        Assert.Equal("lifted", Assert.Single(last.Report().Stops).State);
    }

    [Fact]
    public void Stops_hold_in_a_new_guard_that_finds_a_call_of_hours()
    {
        Stopped();

        var next = Connected();
        Move(next, 100);
        Send(next);
        var list = LastId;
        Tell(next, Listed("PJSIP/1002-000000aa", "5.1", "Dial", "PJSIP/030123456@trunk-a,30", 10_800, list) + Listed("PJSIP/trunk-a-000000ab", "5.2", "AppDial", "(Outgoing Line)", 10_790, list, linked: "5.1")
            + $"Event: StatusComplete\r\nActionID: {list}\r\nItems: 2\r\n\r\n");
        Assert.Equal(10_790, Assert.Single(next.Report().Calls).Seconds);

        var held = Call(next, "1009", "0023279000009");
        Assert.Equal([held.Id, held.Leg], Hangups(next));
    }

    [Fact]
    public void The_number_that_rides_on_a_cheap_one_is_hung_up_for_what_it_costs_and_its_dialler_with_it()
    {
        var desk = Connected();
        const string phone = "PJSIP/1009-00000001", cheap = "PJSIP/trunk-a-00000002", dear = "PJSIP/trunk-a-00000003";
        Tell(desk, Dial(phone, "7.1", cheap, "7.2", "030123456@trunk-a") + Dial(phone, "7.1", dear, "7.3", "0023279000001@trunk-a") + Dial(phone, "7.1", dear, "7.3", null) + Hangup(cheap, "7.2", "7.1", state: 5));

        Move(desk, 13_000);

        Assert.Equal(["7.1", "7.3"], Hangups(desk));
    }

    [Fact]
    public void A_stop_ends_by_itself_and_so_says_a_guard_that_starts_later()
    {
        Stopped();
        Time.Advance(TimeSpan.FromHours(2));

        var next = Connected();
        Call(next, "1009", "0023279000009");

        Assert.Empty(Hangups(next));
        Assert.Equal(("over", 0), (Assert.Single(next.Report().Stops).State, next.Status().Stops));
    }

    [Fact]
    public void A_lift_is_not_forgotten_by_a_restart_and_the_same_amount_again_stops_again()
    {
        Assert.Single(Stopped().Lift(null).Lifted);

        var next = Connected();
        next.Remember(Past());
        Call(next, "1009", "0023279000009");
        Move(next, 1_000);
        Assert.Empty(Hangups(next));

        Move(next, 20_000);
        Assert.NotEmpty(Hangups(next));
        Assert.Equal([2, 1], next.Report().Stops.Select(static stop => stop.Number));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whom_an_operator_lets_call_again_no_other_limit_stops_for_what_he_had_called_before(bool isRestarted)
    {
        var policy = Policy(Spend, Spend with { Name = "spend-hour", Window = 3_600_000, Critical = 20 * Unit });
        var desk = Connected(policy: policy);
        desk.Remember(new CallEngine(policy));
        Assert.Empty(Stop(desk).Lift(null).Left);
        if (isRestarted)
        {
            desk = Connected(policy: policy);
            desk.Remember(Past(policy));
        }

        // 15 before the lift, and 8 behind it.
        Call(desk, "1009", "0023279000009");
        Move(desk, 8_000);
        Assert.Empty(Hangups(desk));

        Move(desk, 10_000);
        Assert.NotEmpty(Hangups(desk));
    }

    [Fact]
    public void Who_lifts_one_stop_is_told_of_another_that_holds_the_same_calls_and_of_no_other()
    {
        var desk = Connected(policy: Policy(Spend, Spend with { Name = "site", Scope = LimitScope.Site, Critical = 14 * Unit, Action = BrakeAction.AllRisky }));
        Stop(desk);
        Assert.Equal(["1009", ""], desk.Report().Stops.Reverse().Select(static stop => stop.Extension));

        Assert.Equal([2], desk.Lift(1).Left.Select(static stop => stop.Number));
        Assert.Empty(desk.Lift(2).Left);
    }

    [Fact]
    public void A_stop_of_before_a_restart_is_lifted_with_what_made_it()
    {
        Stopped();
        var next = Connected();
        next.Remember(Past());

        Assert.Single(next.Lift(1).Lifted);

        Assert.Equal(GateVerdict.Allow, next.Ask("9.9", Attempt("1009", "0023279000009"), hasPin: false).Verdict);
        Assert.DoesNotContain(next.Report().Stops, StopFile.Holds);
    }

    [Fact]
    public void A_lift_before_the_records_were_read_excuses_what_they_tell_then()
    {
        Stopped();
        var next = Connected();
        Assert.Single(next.Lift(1).Lifted);

        next.Remember(Past());

        Call(next, "1009", "0023279000009");
        Move(next, 1_000);
        Assert.Empty(Hangups(next));
    }

    [Fact]
    public void Numbers_of_stops_go_on_behind_those_of_the_guard_before()
    {
        Stopped().Lift(1);
        var next = Connected();
        Enumerable.Range(1, 3).ToList().ForEach(_ => Call(next, "1008", "0023279000001"));
        Move(next, 5_000);

        Assert.Equal([("1008", 2), ("1009", 1)], next.Report().Stops.Select(static stop => (stop.Extension, stop.Number)));
    }

    // What the records tell of the calls of Stopped.
    private CallEngine Past(CallPolicy? policy = null)
    {
        var engine = new CallEngine(policy ?? Policy(Spend)) { IsLearning = true };
        var now = Time.Now.ToUnixTimeMilliseconds();
        for (var call = 0; call < 3; call++)
        {
            engine.Begin($"past.{call}", Attempt("1009", "0023279000001") with { At = now - 5_000, Price = Dear });
            engine.Answer($"past.{call}", now - 5_000);
        }

        for (var call = 0; call < 3; call++)
        {
            engine.End($"past.{call}", now);
        }

        return engine;
    }

    // 3 calls for a unit a second each: 6 after 2 s, 12 after 4 s.
    private static CallLimit Spend =>
        new() { Name = "spend-5m", Rule = "RF3001", Scope = LimitScope.Extension, Window = 300_000, Warning = 6 * Unit, Critical = 12 * Unit, Action = BrakeAction.Country, Calls = CallFilter.Risky };

    [Fact]
    public void A_call_that_goes_on_is_hung_up_again_five_times_and_then_it_is_a_problem()
    {
        var desk = Stopped();
        var held = Call(desk, "1009", "0023279000009");
        for (var tries = 1; tries <= 5; tries++)
        {
            Assert.Equal([held.Id, held.Leg], Hangups(desk));
            Move(desk, 2_100);
        }

        Assert.Empty(Hangups(desk));
        Assert.Contains("go on after 5 tries", desk.Report().Problem, StringComparison.Ordinal);
        Tell(desk, Hangup(held.Channel, held.Leg, held.Id));
        Assert.DoesNotContain("tries", $"{desk.Report().Problem}", StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_hung_up_while_the_connection_was_lost_is_when_it_is_back()
    {
        var desk = Connected();
        var calls = Enumerable.Range(1, 3).Select(_ => Call(desk, "1009", "0023279000001")).ToList();
        desk.Lost();
        Move(desk, 6_000);
        Assert.Equal("not logged in at the manager interface: calls are not known, and nothing can be hung up; the part \"ami calls\" says why", desk.Report().Problem);

        desk.Connected(static () => { });
        Move(desk, 200);

        Assert.Equal(6, Hangups(desk).Count);
    }

    [Fact]
    public void An_Asterisk_that_refuses_says_what_its_configuration_needs()
    {
        var desk = Stopped();
        Call(desk, "1009", "0023279000009");
        var ids = Send(desk).Where(static sent => sent.Order.Action == "Hangup").Select(static sent => sent.Id).ToList();

        Tell(desk, $"Response: Error\r\nActionID: {ids[0]}\r\nMessage: Permission denied\r\n\r\n");

        Assert.Contains("needs write = call", desk.Report().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Injected_text_is_counted_and_the_list_is_asked_for_at_once_and_no_call_is_hung_up()
    {
        var desk = Connected();
        Send(desk);
        Tell(desk, $"Event: StatusComplete\r\nActionID: {LastId}\r\nItems: 0\r\n\r\n");
        var call = Call(desk, "1001", "0023279000001");

        Tell(desk, "Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/1001-00000001\r\n\r\nConnectedLineNum: <unknown>\r\nUniqueid: 1.1\r\n\r\n" + Channel("Newstate", call.Phone, call.Id));
        Move(desk, 1_500);

        Assert.Equal((2, 1), (desk.Status().Odd, desk.Status().Calls));
        Assert.Equal(["Status"], Send(desk).Select(static sent => sent.Order.Action));
        Assert.DoesNotContain(call.Id, Hangups(desk));
    }

    [Fact]
    public void Who_was_let_through_and_hung_up_before_he_called_counts_no_more()
    {
        var desk = Connected();
        Assert.Equal(GateVerdict.Allow, desk.Ask("7.1", Attempt("1009", "0023279000001"), hasPin: false).Verdict);
        Assert.Equal(1, desk.Tracked);

        Tell(desk, Channel("Newchannel", "PJSIP/1009-0000000a", "7.1") + Hangup("PJSIP/1009-0000000a", "7.1", state: 4));

        Assert.Equal(0, desk.Tracked);
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(1)]
    public void What_a_log_tells_of_with_a_time_of_its_own_turns_no_clock(int hours)
    {
        var desk = Stopped();
        var on = Call(desk, "1001", "0023279000001");
        Move(desk, 1_000);

        desk.See(new SiteEvent(SiteEventKind.NewPlace, Time.Now.AddHours(hours).ToUnixTimeMilliseconds(), "1001", "203.0.113.9"));
        Move(desk, 200);

        Assert.Equal("enforced", Assert.Single(desk.Report().Stops).State);
        Assert.Equal(GateVerdict.Deny, desk.Ask("9.9", Attempt("1009", "0023279000009"), hasPin: false).Verdict);
        Assert.DoesNotContain(on.Id, Hangups(desk));
    }

    [Fact]
    public void What_was_seen_in_a_log_of_an_hour_ago_is_heard_as_it_is_read()
    {
        var limit = new CallLimit { Name = "new-place", Rule = "RF3016", Scope = LimitScope.Extension, Window = 7_200_000, Critical = 1, Calls = CallFilter.Risky, Action = BrakeAction.Risky };
        var desk = Connected(policy: Policy(limit));
        Move(desk, 100);
        desk.See(new SiteEvent(SiteEventKind.NewPlace, Time.Now.AddHours(-1).ToUnixTimeMilliseconds(), "1001", "203.0.113.9"));

        Assert.Equal(GateVerdict.Deny, desk.Ask("9.9", Attempt("1001", "0023279000009"), hasPin: false).Verdict);
        Assert.Equal(GateVerdict.Allow, desk.Ask("9.8", Attempt("1002", "0023279000009"), hasPin: false).Verdict);
    }

    [Fact]
    public void A_call_that_ended_before_it_could_be_hung_up_leaves_nothing_to_do_and_the_next_of_its_channel_is_hung_up_at_once()
    {
        var desk = Stopped();
        const string phone = "PJSIP/1009-000000aa", leg = "PJSIP/trunk-a-000000ab", next = "PJSIP/trunk-a-000000ac";
        Tell(desk, Dial(phone, "8.1", leg, "8.2", "0023279000009@trunk-a") + Hangup(leg, "8.2", "8.1"));
        for (var tries = 0; tries < 6; tries++)
        {
            Assert.Empty(Hangups(desk));
            Move(desk, 2_100);
        }

        Assert.DoesNotContain("tries", $"{desk.Report().Problem}", StringComparison.Ordinal);
        Tell(desk, Dial(phone, "8.1", next, "8.3", "0023279000009@trunk-a"));
        Assert.Equal(["8.1", "8.3"], Hangups(desk));
    }

    [Fact]
    public void A_channel_that_goes_on_to_a_good_number_is_not_hung_up_for_the_one_of_before()
    {
        var desk = Stopped();
        const string phone = "PJSIP/1009-000000aa", leg = "PJSIP/trunk-a-000000ab", next = "PJSIP/trunk-a-000000ac";

        Tell(desk, Dial(phone, "8.1", leg, "8.2", "0023279000009@trunk-a") + Hangup(leg, "8.2", "8.1") + Dial(phone, "8.1", next, "8.3", "030123456@trunk-a"));

        Assert.Empty(Hangups(desk));
        Assert.Equal(["+4930123456"], desk.Report().Calls.Select(static call => call.Number));
    }

    [Fact]
    public void A_clock_that_is_put_back_delays_neither_the_next_try_nor_the_next_list()
    {
        var desk = Stopped();
        Tell(desk, $"Event: StatusComplete\r\nActionID: list-1\r\nItems: 0\r\n\r\n");
        var held = Call(desk, "1009", "0023279000009");
        Assert.Equal([held.Id, held.Leg], Hangups(desk));

        Time.SetClock(TimeSpan.FromHours(-1));
        Move(desk, 2_100);
        Assert.Equal([held.Id, held.Leg], Hangups(desk));

        Move(desk, 60_000);
        Assert.Contains("Status", Send(desk).Select(static sent => sent.Order.Action));
    }

    [Fact]
    public void A_new_connection_is_not_refused_what_the_one_before_was_and_is_tried_as_often()
    {
        var desk = Stopped();
        var held = Call(desk, "1009", "0023279000009");
        for (var tries = 1; tries <= 5; tries++)
        {
            var ids = Send(desk).Where(static sent => sent.Order.Action == "Hangup").Select(static sent => sent.Id).ToList();
            Tell(desk, $"Response: Error\r\nActionID: {ids[0]}\r\nMessage: Permission denied\r\n\r\n");
            Move(desk, 2_100);
        }

        Assert.Contains("needs write = call", desk.Report().Problem, StringComparison.Ordinal);
        desk.Lost();
        desk.Connected(static () => { });
        Move(desk, 200);

        Assert.Null(desk.Report().Problem);
        Assert.Equal([held.Id, held.Leg], Hangups(desk));
    }

    [Fact]
    public void What_was_observed_alone_stops_nobody_in_a_guard_that_enforces_and_is_said_to_be_over()
    {
        Stopped(enforces: false);

        var next = Connected();
        Call(next, "1009", "0023279000009");

        Assert.Empty(Hangups(next));
        Assert.Equal("over", Assert.Single(next.Report().Stops).State);
        Assert.Equal("over", Assert.Single(Connected(enforces: false).Report().Stops).State);
    }

    [Fact]
    public void What_was_enforced_is_observed_in_a_guard_that_observes_and_is_said_to_be()
    {
        Stopped();

        var next = Connected(enforces: false);
        Call(next, "1009", "0023279000009");

        Assert.Empty(Hangups(next));
        Assert.Equal(("observed", 4), (Assert.Single(next.Report().Stops).State, next.Report().Stops[0].Hung));
    }

    [Fact]
    public void A_damaged_file_of_stops_is_kept_and_said()
    {
        File.WriteAllText(Path.Combine(Root, "stops.json"), "[{");

        var desk = Connected();

        Assert.Contains("what was stopped before is not known", desk.Report().Problem, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Root, "stops.json.damaged-*"));
    }

    [Fact]
    public async Task A_stop_is_in_the_file_soon_though_the_guard_is_killed()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var desk = Connected();
        var running = Stops!.RunAsync(stop.Token);
        Stop(desk);

        // Nobody ends it: the file alone is what a next guard would find.
        Assert.True(SpinWait.SpinUntil(() => new StopFile(Stops.Path, Time, NullLogger.Instance).All is [{ Hung: 3 }], TimeSpan.FromSeconds(30)));

        Assert.Single(desk.Report().Stops);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.EndAsync());
    }

    [Fact]
    public async Task A_disk_that_stands_still_keeps_no_call_waiting_and_what_came_last_is_in_the_file_when_it_goes_on()
    {
        using var disk = new StandingDisk();
        var desk = Stop(Connected(log: disk));
        Directory.Delete(Root, recursive: true);
        var writing = Task.Run(Stops!.Write, TestContext.Current.CancellationToken);
        Assert.True(disk.Stands.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        // All of it in this thread, while the other one waits for the disk.
        Assert.Equal(GateVerdict.Deny, desk.Ask("9.9", Attempt("1009", "0023279000009"), hasPin: false).Verdict);
        Stop(desk, "1008");
        Assert.Equal(2, desk.Report().Stops.Count);
        Directory.CreateDirectory(Root);
        disk.GoesOn.Set();
        Assert.False(await writing);

        Assert.True(Stops.Write());
        Assert.Equal(2, new StopFile(Stops.Path, Time, NullLogger.Instance).All.Count);
        Assert.DoesNotContain("what is stopped is not known", $"{desk.Report().Problem}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_after_a_restart_is_as_long_as_it_would_have_been_without_one_and_older_files_are_read()
    {
        Stopped();
        Stopped();
        Stops!.Write();
        Assert.Contains("\"times\":1", File.ReadAllText(Stops.Path), StringComparison.Ordinal);
        Time.Advance(TimeSpan.FromHours(2));

        Stop(Connected());
        Assert.Equal(2, Stops.All[^1].Times);
        Assert.Equal(TimeSpan.FromHours(2), Stops.All[^1].Until - Stops.All[^1].From);

        // As it was written before it had that.
        Stops.Write();
        File.WriteAllText(Stops.Path, File.ReadAllText(Stops.Path).Replace("\"times\":2,", "", StringComparison.Ordinal).Replace("\"times\":1,", "", StringComparison.Ordinal));
        Assert.Equal([1, 1], new StopFile(Stops.Path, Time, NullLogger.Instance).All.Select(static one => one.Times));
    }

    [Fact]
    public async Task A_login_with_a_stolen_password_stops_the_calls_to_where_its_owner_never_called()
    {
        using var rig = new PipelineRig();
        Time.SetClock(Attempts.Time(200_060) - Time.Now);
        var desk = Connected(policy: CallPolicy.Default(WorkHours.Usual(TimeZoneInfo.Utc), "DE") with { Learning = 0 });
        rig.Pipeline.LoggedInElsewhere = desk.LoggedInElsewhere;
        const string owners = "192.0.2.7";

        await rig.ReadAsync(Attempts.Login(0, owners, "1009") + Attempts.Login(0, owners, "1008") + Attempts.Many(3, static i => Attempts.WrongPassword(200_000 + i, account: "1009"))
            + Attempts.Login(200_010, account: "1009") + Attempts.Login(200_011, owners, "1008"));

        Assert.Contains(rig.Recorded.Decisions, static decision => decision.Rule == "RF2014");
        var answer = desk.Ask("9.9", Attempt("1009", "0023279000009"), hasPin: false);
        Assert.Equal((GateVerdict.Deny, "new-place"), (answer.Verdict, answer.Limit));
        Assert.Equal(GateVerdict.Allow, desk.Ask("9.8", Attempt("1008", "0023279000009"), hasPin: false).Verdict);
        Assert.Equal(GateVerdict.Allow, desk.Ask("9.7", Attempt("1009", "030123456"), hasPin: false).Verdict);
    }

    [Theory]
    [InlineData("trunk-b", "Forwarded", "Deny")]
    [InlineData("trunk-b", "DialledOn", "Deny")]
    [InlineData("i1", "DialledOn", "Deny")]
    [InlineData("1009", "Forwarded", "Allow")]
    [InlineData("1009", "Phone", "Deny")]
    public void What_is_stopped_of_a_trunks_calls_the_gate_holds_however_they_came_about_and_of_a_phones_alone_what_it_dials(string endpoint, string origin, string verdict)
    {
        var desk = Connected();
        desk.Lost();
        var at = Time.Now.ToUnixTimeMilliseconds();
        desk.Tell([.. Enumerable.Range(0, 3).Select(call => new PastEvent(
            at, new PastCall($"past.{call}", Attempt(endpoint, "0023279000001") with { At = at - 10_000, Price = Dear, Origin = Enum.Parse<CallOrigin>(origin) }, 0, 10_000), null))]);
        Assert.Equal(endpoint, Assert.Single(desk.Report().Stops).Extension);

        Assert.Equal(verdict, desk.Ask("9.9", Attempt(endpoint, "0023279000009"), hasPin: false).Verdict.ToString());
        Assert.Equal(GateVerdict.Allow, desk.Ask("9.8", Attempt(endpoint, "030123456"), hasPin: false).Verdict);
    }

    [Fact]
    public void What_is_stopped_of_calls_that_no_phone_began_the_gate_holds()
    {
        const string local = "Local/0023279000001@phones-0000000";
        var desk = Connected();
        Tell(desk, Channel("Newchannel", $"{local}1;1", "7.1") + Channel("Newchannel", $"{local}1;2", "7.2", linked: "7.1"));
        Tell(desk, Dial($"{local}1;2", "7.2", "PJSIP/trunk-a-00000009", "7.3", $"{SierraLeone}@trunk-a", linked: "7.1") + Dial($"{local}1;2", "7.2", "PJSIP/trunk-a-00000009", "7.3", null, linked: "7.1"));
        Move(desk, 60_000);
        Assert.Equal("originated", Assert.Single(desk.Report().Stops).Extension);

        Tell(desk, Channel("Newchannel", $"{local}2;1", "8.1") + Channel("Newchannel", $"{local}2;2", "8.2", linked: "8.1"));
        Assert.Equal(GateVerdict.Deny, desk.Ask("8.2", Attempt("", SierraLeone), hasPin: false).Verdict);
        Assert.Equal(GateVerdict.Allow, desk.Ask("8.2", Attempt("201", SierraLeone), hasPin: false).Verdict);
    }

    [Fact]
    public void A_call_whose_record_says_that_it_is_over_while_the_connection_is_down_is_no_longer_listed()
    {
        var desk = Connected();
        var (over, on) = (Call(desk, "1009", "030123456"), Call(desk, "1008", "030123456"));
        desk.Lost();
        Move(desk, 5_000);
        var at = Time.Now.ToUnixTimeMilliseconds();
        desk.Tell([new PastEvent(at, new PastCall(over.Id, Attempt("1009", "030123456") with { At = at - 5_000 }, 0, 5_000), null)]);

        Assert.Equal([on.Id], desk.Report().Calls.Select(static call => call.Id));
        Assert.Equal(1, desk.Tracked);
    }

    [Fact]
    public void A_lift_that_is_not_on_disk_is_no_success()
    {
        var desk = Stopped();
        Directory.Delete(Root, recursive: true);
        Assert.Contains("a restart would stop them anew", Assert.Throws<IOException>(() => desk.Lift(1)).Message, StringComparison.Ordinal);
        Assert.Equal(GateVerdict.Allow, desk.Ask("9.9", Attempt("1009", "0023279000009"), hasPin: false).Verdict);
        Directory.CreateDirectory(Root);
    }

    private CallDesk Connected(bool enforces = true, CallPolicy? policy = null, ILogger? log = null)
    {
        var desk = Desk(Site(policy ?? Policy(Spend)), enforces, log: log);
        desk.Connected(static () => { });
        return desk;
    }

    private CallDesk Stopped(bool enforces = true)
    {
        var desk = Stop(Connected(enforces));
        Assert.Single(desk.Report().Stops);
        return desk;
    }

    private CallDesk Stop(CallDesk desk, string extension = "1009")
    {
        var calls = Enumerable.Range(1, 3).Select(_ => Call(desk, extension, "0023279000001")).ToList();
        Move(desk, 5_000);
        Hangups(desk);
        calls.ForEach(call => End(desk, call));
        return desk;
    }

    /// <summary>Whoever writes and can't says so, and comes no further: as long as a write that does not return.</summary>
    private sealed class StandingDisk : ILogger, IDisposable
    {
        public ManualResetEventSlim Stands { get; } = new();

        public ManualResetEventSlim GoesOn { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Stands.Set();
            GoesOn.Wait(TimeSpan.FromSeconds(60));
        }

        public void Dispose()
        {
            Stands.Dispose();
            GoesOn.Dispose();
        }
    }
}
