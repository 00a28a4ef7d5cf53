using Ringfence.Core.Fraud;
using Xunit;
using static Ringfence.Tests.Fraud.TestCalls;

namespace Ringfence.Tests.Fraud;

public sealed class CallEngineTests
{
    private static readonly CallLimit TwoAtOnce = new() { Name = "two", Rule = "RF3002", Scope = LimitScope.Extension, Warning = 2, Critical = 3, Action = BrakeAction.Country };
    private static readonly CallLimit Ten = new() { Name = "ten", Rule = "RF3001", Scope = LimitScope.Extension, Window = Hour, Warning = 5_000_000, Critical = 10_000_000, Action = BrakeAction.Country };

    [Fact]
    public void The_call_that_reaches_a_limit_does_not_leave_and_what_goes_on_to_that_country_is_cut()
    {
        var engine = new CallEngine(Policy(TwoAtOnce));
        Let(engine, "a", SierraLeone, Noon);
        Let(engine, "b", France, Noon);

        var answer = engine.Ask("c", To(SierraLeone, Noon));

        Assert.Equal((GateVerdict.Deny, "two"), (answer.Verdict, answer.Limit));
        Assert.Equal(["a"], engine.TakeCuts().Select(static call => call.Id));
        Assert.Equal(("201", "SL"), (engine.Stops[0].Extension, engine.Stops[0].Region));
        Assert.Equal([AlarmLevel.Warning, AlarmLevel.Critical], engine.TakeAlarms().Select(static alarm => alarm.Level));
    }

    [Fact]
    public void What_nobody_read_does_not_leave_and_no_answer_is_none_that_lets_out()
    {
        Assert.Equal(GateVerdict.Deny, new CallEngine(Default).Ask("a", To(SierraLeone, Noon) with { Dialled = default }).Verdict);
        Assert.NotEqual(GateVerdict.Allow, default(GateAnswer).Verdict);
    }

    [Fact]
    public void A_stop_holds_what_it_says_and_nothing_else_for_as_long_as_it_says()
    {
        var engine = Stopped(out var stop);

        Assert.Equal(GateVerdict.Deny, engine.Ask("1", To(SierraLeone, stop.Until - 1)).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("2", To(France, stop.Until - 1)).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("3", To(SierraLeone, stop.Until - 1, "202")).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("4", To(SierraLeone, stop.Until)).Verdict);
    }

    [Fact]
    public void Who_waits_for_a_stop_to_end_is_stopped_for_twice_as_long_to_a_day()
    {
        var engine = new CallEngine(Policy(TwoAtOnce));
        List<long> lengths = [];
        var at = Noon;
        for (var time = 0; time < 7; time++)
        {
            Let(engine, $"{time} a", SierraLeone, at);
            Let(engine, $"{time} b", SierraLeone, at);
            Assert.Equal(GateVerdict.Deny, engine.Ask($"{time} c", To(SierraLeone, at)).Verdict);
            engine.End($"{time} a", at);
            engine.End($"{time} b", at);
            lengths.Add((engine.Stops[^1].Until - at) / Hour);
            at = engine.Stops[^1].Until;
        }

        Assert.Equal([1, 2, 4, 8, 16, 24, 24], lengths);
    }

    [Fact]
    public void What_was_lifted_is_excused_and_the_same_again_is_not()
    {
        var engine = new CallEngine(Policy(Ten));
        Let(engine, "a", SierraLeone, Noon);
        engine.Answer("a", Noon);
        engine.Advance(Noon + (9 * Minute));
        Assert.Single(engine.Stops);

        engine.Lift(engine.Stops[0].Number);

        Assert.Empty(engine.Stops);
        engine.TakeAlarms();
        Assert.Equal(GateVerdict.Allow, engine.Ask("b", To(SierraLeone, Noon + (9 * Minute))).Verdict);
        engine.End("b", Noon + (9 * Minute));
        engine.Advance(Noon + (16 * Minute));
        Assert.DoesNotContain(engine.TakeAlarms(), static alarm => alarm.Level == AlarmLevel.Critical);
        engine.Advance(Noon + (18 * Minute));
        Assert.Contains(engine.TakeAlarms(), static alarm => alarm.Level == AlarmLevel.Critical);
    }

    [Fact]
    public void Where_nobody_asks_a_call_that_comes_after_a_stop_has_ended_is_cut_while_its_limit_is_reached()
    {
        var month = Ten with { Window = 30 * Day };
        var engine = new CallEngine(Policy(month));
        Talk(engine, "a", SierraLeone, Noon, 20 * Minute);
        engine.TakeCuts();

        engine.Begin("b", To(SierraLeone, Noon + (3 * Hour)));

        Assert.Equal(["b"], engine.TakeCuts().Select(static call => call.Id));
        Assert.Equal(2 * Hour, engine.Stops[^1].Until - engine.Stops[^1].From);
    }

    [Fact]
    public void The_gate_gives_a_call_as_long_as_its_limit_lasts_and_no_end_where_a_window_never_fills()
    {
        var hourly = new CallEngine(Policy(Ten));
        var shortly = new CallEngine(Policy(Ten with { Window = 5 * Minute }));

        // 1.20 a minute: 500 s come to ten; five minutes never hold more than six.
        Assert.Equal(500, hourly.Ask("a", To(SierraLeone, Noon)).Seconds);
        Assert.Null(shortly.Ask("a", To(SierraLeone, Noon)).Seconds);
        Assert.Equal(250, hourly.Ask("b", To(SierraLeone, Noon)).Seconds);
    }

    [Fact]
    public void Emergency_calls_leave_whatever_is_stopped_forbidden_or_wrong_and_nothing_cuts_them()
    {
        var deny = new CallPermission("nobody", CallFilter.All, LimitHours.Always, GateVerdict.Deny);
        var engine = new CallEngine(Policy(TwoAtOnce with { Action = BrakeAction.Outside, Critical = 1 }) with { Permissions = [deny] });
        engine.Begin("help", To("112", Noon));
        engine.Begin("a", To(SierraLeone, Noon));
        engine.TakeCuts();
        engine.Begin("help again", To("0112", Noon + 1));

        Assert.Equal(GateVerdict.Allow, engine.Ask("b", To("110", Noon + 2)).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("c", To("0116117", Noon + 2)).Verdict);
        Assert.Equal(GateVerdict.Deny, engine.Ask("d", To(Berlin, Noon + 2)).Verdict);
        Assert.Empty(engine.TakeCuts());
    }

    [Fact]
    public void The_first_permission_that_holds_a_call_decides_and_a_right_PIN_answers_the_one_that_asks()
    {
        var engine = new CallEngine(Policy() with
        {
            Permissions =
            [
                new("boss", CallFilter.All with { Extensions = ["20*"], Regions = ["SL"] }, LimitHours.Always, GateVerdict.Allow),
                new("risky", CallFilter.Risky, LimitHours.Always, GateVerdict.Deny),
                new("abroad", CallFilter.All with { NotRegions = ["DE"] }, LimitHours.Work, GateVerdict.AskPin),
            ],
        });

        Assert.Equal(GateVerdict.Allow, engine.Ask("a", To(SierraLeone, Noon)).Verdict);
        Assert.Equal((GateVerdict.Deny, "risky"), (engine.Ask("b", To(SierraLeone, Noon, "301")).Verdict, engine.Ask("b", To(SierraLeone, Noon, "301")).Limit));
        Assert.Equal(GateVerdict.AskPin, engine.Ask("c", To(France, Noon)).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("c", To(France, Noon), hasPin: true).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("d", To(Berlin, Noon)).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("e", To(France, Noon + (12 * Hour))).Verdict);
    }

    [Fact]
    public void A_habit_of_weeks_is_earned_and_one_night_earns_nothing()
    {
        var limit = TwoAtOnce with { Critical = 1, Warning = null, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension } };
        var engine = new CallEngine(Policy(limit));
        Teach(engine, SierraLeone);
        Teach(engine, France, "202");

        Assert.Equal(GateVerdict.Allow, engine.Ask("a", To(SierraLeone, Noon)).Verdict);
        Assert.Equal(GateVerdict.Deny, engine.Ask("b", To(SierraLeone, Noon, "202")).Verdict);
        for (var time = 0; time < 50; time++)
        {
            engine.IsLearning = true;
            Talk(engine, $"night {time}", "005378301234", Noon + (time * Minute), Minute / 2, "202");
            engine.IsLearning = false;
        }

        Assert.Equal(GateVerdict.Deny, engine.Ask("c", To("005378301234", Noon + Hour, "202")).Verdict);
    }

    [Theory]
    [InlineData(13, false)]
    [InlineData(14, true)]
    public void Three_days_of_calls_make_a_habit_when_two_weeks_lie_between_them(int span, bool isKnown)
    {
        var engine = new CallEngine(Policy(TwoAtOnce with { Critical = 1, Warning = null, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension } }));
        Teach(engine, France);
        engine.IsLearning = true;
        foreach (var day in (int[])[span + 1, 5, 1])
        {
            Talk(engine, $"{day}", SierraLeone, Noon - (day * Day), Minute);
        }

        engine.IsLearning = false;

        Assert.Equal(isKnown, engine.Ask("now", To(SierraLeone, Noon)).Verdict == GateVerdict.Allow);
    }

    [Fact]
    public void A_habit_outlasts_a_clock_that_was_set_months_ahead_and_back()
    {
        var engine = Taught();
        engine.Advance(Noon);
        engine.SetClock(100 * Day);
        Talk(engine, "ahead", SierraLeone, engine.Now + Minute, Minute);

        engine.SetClock(-100 * Day);

        Assert.Equal(GateVerdict.Allow, engine.Ask("now", To(SierraLeone, engine.Now + Minute)).Verdict);
    }

    [Fact]
    public void A_habit_is_earned_again_behind_records_of_a_clock_that_was_months_ahead()
    {
        var engine = Taught();
        engine.IsLearning = true;
        Talk(engine, "ahead", SierraLeone, Noon + (100 * Day), Minute);
        foreach (var day in (int[])[1, 8, 16])
        {
            Talk(engine, $"{day}", SierraLeone, Noon + (day * Day), Minute);
        }

        engine.IsLearning = false;

        Assert.Equal(GateVerdict.Allow, engine.Ask("now", To(SierraLeone, Noon + (17 * Day))).Verdict);
    }

    private static CallEngine Taught()
    {
        var engine = new CallEngine(Policy(TwoAtOnce with { Critical = 1, Warning = null, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension } }));
        Teach(engine, SierraLeone);
        return engine;
    }

    [Fact]
    public void An_extension_that_nobody_knows_yet_is_judged_by_what_the_site_calls()
    {
        var limit = TwoAtOnce with { Critical = 1, Warning = null, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension } };
        var engine = new CallEngine(Policy(limit));
        Assert.Equal(GateVerdict.Allow, engine.Ask("first", To(SierraLeone, Noon - (50 * Day))).Verdict);
        Teach(engine, SierraLeone);

        Assert.Equal(GateVerdict.Allow, engine.Ask("a", To(SierraLeone, Noon, "299")).Verdict);
        Assert.Equal(GateVerdict.Deny, engine.Ask("b", To("005378301234", Noon, "299")).Verdict);
    }

    [Fact]
    public void What_is_usual_on_most_days_of_weeks_raises_a_limit_and_a_day_that_was_stopped_does_not()
    {
        var limit = Ten with { Earns = 300 };
        var engine = new CallEngine(Policy(limit));
        engine.IsLearning = true;
        for (var day = 30; day > 0; day--)
        {
            Talk(engine, $"{day}", SierraLeone, Noon - (day * Day), 20 * Minute);
        }

        engine.IsLearning = false;
        engine.Begin("now", To(SierraLeone, Noon));
        engine.Answer("now", Noon);
        engine.Advance(Noon + (15 * Minute));
        Assert.Empty(engine.Stops);

        // 24 a day is usual, so 72 would be, but no more than twice the level of 10 ever is.
        engine.Advance(Noon + (17 * Minute));
        Assert.NotEmpty(engine.Stops);
    }

    [Fact]
    public void A_call_whose_end_was_lost_is_forgotten()
    {
        var engine = new CallEngine(Policy(TwoAtOnce));
        engine.Ask("asked", To(France, Noon));
        engine.Begin("rang", To(France, Noon, "202"));
        engine.Begin("talks", To(France, Noon, "203"));
        engine.Answer("talks", Noon);

        engine.Advance(Noon + (6 * Minute));
        Assert.Equal(["rang", "talks"], engine.Live.Select(static call => call.Id).Order());
        engine.Advance(Noon + (66 * Minute));
        Assert.Equal(["talks"], engine.Live.Select(static call => call.Id));
        for (var hour = 2; hour <= 25; hour++)
        {
            engine.Advance(Noon + (hour * Hour));
        }

        Assert.Empty(engine.Live);
    }

    [Fact]
    public void A_clock_that_jumps_makes_no_money_and_stops_nothing()
    {
        var engine = new CallEngine(Default);
        engine.Begin("a", To(SierraLeone, 0));
        engine.Answer("a", 10 * Second);

        engine.Advance(Noon);
        engine.Begin("b", To(SierraLeone, Noon));
        engine.Answer("b", Noon + Second);
        engine.Begin("c", To(France, Noon + (20 * 365 * Day)));
        engine.Begin("d", To(France, Noon + Minute));
        engine.Answer("d", Noon + Minute);
        engine.End("d", Noon + (2 * Minute));
        engine.End("b", Noon + Minute);

        Assert.Empty(engine.TakeCuts());
        Assert.Empty(engine.Stops);
        Assert.Equal(Noon + (2 * Minute), engine.Now);
    }

    [Fact]
    public void A_call_of_the_afternoon_that_is_put_through_in_the_evening_is_none_of_the_night()
    {
        var engine = new CallEngine(Policy(Ten with { Hours = LimitHours.Off }));
        var evening = Noon + (8 * Hour);
        engine.Begin("a", To(SierraLeone, evening - (20 * Minute)));
        engine.Answer("a", evening - (20 * Minute));

        engine.Begin("a", To(SierraLeone, evening + Minute, "202"));

        Assert.Empty(engine.TakeCuts());
        Assert.Empty(engine.Stops);
        engine.Begin("b", To(SierraLeone, evening + Minute, "202"));
        engine.Answer("b", evening + Minute);
        engine.Advance(evening + (10 * Minute));
        Assert.Equal(["b"], engine.TakeCuts().Select(static call => call.Id));
    }

    [Fact]
    public void A_clock_that_was_a_year_ahead_is_no_reason_to_learn_for_a_year_and_what_goes_on_still_reaches_its_limit()
    {
        var engine = new CallEngine(Default);
        var ahead = Noon + (365 * Day);
        engine.Begin("first", To(Berlin, ahead - (20 * Day)));
        engine.End("first", ahead - (20 * Day));
        engine.Begin("a", To(France, ahead));
        engine.Answer("a", ahead);
        engine.Advance(Noon);
        Assert.InRange(engine.NextCheck ?? 0, Noon + 1, Noon + Hour);

        engine.See(new SiteEvent(SiteEventKind.NewPlace, Noon, "201", ""));

        Assert.Equal((GateVerdict.Deny, "new-place"), (engine.Ask("b", To(SierraLeone, Noon)).Verdict, engine.Stops[0].Limit));
    }

    [Fact]
    public void A_stop_that_was_made_while_the_clock_was_ahead_holds_after_a_restart_for_as_long_as_it_was_made()
    {
        var engine = new CallEngine(Policy(Ten));
        engine.Restore(new CallStop(1, Noon + (365 * Day), Noon + (365 * Day) + Hour, "ten", "RF3001", "201", "SL", "", false, ""), Noon);

        Assert.Equal(Noon + Hour, Assert.Single(engine.Stops).Until);
    }

    [Fact]
    public void Words_that_come_twice_too_late_or_alone_change_nothing()
    {
        var engine = new CallEngine(Policy(TwoAtOnce));
        engine.End("nobody", Noon);
        engine.Answer("nobody", Noon);
        engine.Begin("a", To(France, Noon));
        engine.Begin("a", To(France, Noon + 1));
        engine.Answer("a", Noon + 2);
        engine.Answer("a", Noon + 3);
        engine.Begin("b", To(France, Noon - Second));
        engine.End("a", Noon + 4);
        engine.End("a", Noon + 5);
        engine.End("b", Noon + 5);

        Assert.Empty(engine.Live);
        Assert.Equal(GateVerdict.Allow, engine.Ask("c", To(France, Noon + 6)).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("c", To(France, Noon + 7)).Verdict);
        Assert.Single(engine.Live);
    }

    [Fact]
    public void Who_calls_back_what_rang_once_is_cut_and_who_calls_something_else_is_not()
    {
        var engine = new CallEngine(Policy(Core.Fraud.Rules.Wangiri.Rule.Limits[0] with { Calls = CallFilter.Risky }));
        engine.See(new SiteEvent(SiteEventKind.CallIn, Noon, "", "+23279000001", 2));
        engine.Begin("back", To(SierraLeone, Noon + Minute));
        engine.Begin("again", To(SierraLeone, Noon + (2 * Minute), "202"));
        engine.Begin("else", To("005378301234", Noon + (3 * Minute), "203"));

        Assert.Equal(["back", "again"], engine.TakeCuts().Select(static call => call.Id));
        Assert.Equal(GateVerdict.Deny, engine.Ask("asked", To(SierraLeone, Noon + (4 * Minute))).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("other", To("005378301234", Noon + (4 * Minute))).Verdict);
    }

    [Theory]
    [InlineData(nameof(CallOrigin.DialledOn))]
    [InlineData(nameof(CallOrigin.Forwarded))]
    public void Whoever_dials_on_through_an_extension_is_stopped_and_its_owner_calls_on(string way)
    {
        var origin = Enum.Parse<CallOrigin>(way);
        var engine = new CallEngine(Default);
        Teach(engine, France);
        for (var call = 0; call < 5; call++)
        {
            Let(engine, $"thief {call}", France, Noon, origin);
        }

        Assert.Equal(GateVerdict.Deny, engine.Ask("thief", To(France, Noon, origin: origin)).Verdict);

        Assert.Equal(5, engine.TakeCuts().Count);
        Assert.Equal(("concurrent-abroad", "201", origin), (engine.Stops.Single().Limit, engine.Stops[0].Extension, engine.Stops[0].Origin!.Value));
        Assert.Equal(GateVerdict.Deny, engine.Ask("thief again", To(France, Noon + Minute, origin: origin)).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("owner", To(France, Noon + Minute)).Verdict);
        engine.Begin("owner", To(France, Noon + Minute));
        Assert.Empty(engine.TakeCuts());
    }

    [Fact]
    public void What_an_extension_dials_itself_still_reaches_its_limits_and_then_nothing_of_it_leaves()
    {
        var engine = new CallEngine(Default);
        Teach(engine, France);
        for (var call = 0; call < 5; call++)
        {
            Let(engine, $"forwarded {call}", France, Noon, CallOrigin.Forwarded);
            Let(engine, $"{call}", France, Noon);
        }

        Assert.Equal(GateVerdict.Deny, engine.Ask("own", To(France, Noon)).Verdict);

        Assert.Null(engine.Stops.Single().Origin);
        Assert.Equal(10, engine.TakeCuts().Count);
        Assert.Equal(GateVerdict.Deny, engine.Ask("forwarded", To(France, Noon, origin: CallOrigin.Forwarded)).Verdict);
    }

    [Fact]
    public void Money_that_is_forwarded_away_at_every_extension_stops_nobody_who_dials()
    {
        var engine = new CallEngine(Default);
        Teach(engine, SierraLeone);
        for (var call = 0; call < 30 && engine.Stops.Count == 0; call++)
        {
            engine.Begin($"{call}", To("005378301234", Noon + (call * Second), $"3{call:00}", origin: CallOrigin.Forwarded));
            engine.Answer($"{call}", Noon + (call * Second));
            engine.Advance(Noon + (call * 20 * Second));
        }

        Assert.Contains(engine.Stops, static stop => stop is { Extension: "", Origin: CallOrigin.Forwarded });
        Assert.Equal(GateVerdict.Allow, engine.Ask("dialled", To("005378301234", engine.Now, "400")).Verdict);
    }

    [Fact]
    public void Wrong_PINs_of_a_voicemails_caller_stop_what_he_dials_on_alone()
    {
        var engine = new CallEngine(Default);
        Teach(engine, SierraLeone);
        for (var wrong = 0; wrong < 5; wrong++)
        {
            engine.See(new SiteEvent(SiteEventKind.PinRefused, Noon + wrong, "201", "", Origin: CallOrigin.DialledOn));
        }

        engine.Begin("on", To(SierraLeone, Noon + Minute, origin: CallOrigin.DialledOn));
        Assert.Equal(["on"], engine.TakeCuts().Select(static call => call.Id));
        Assert.Equal(GateVerdict.Allow, engine.Ask("own", To(SierraLeone, Noon + Minute)).Verdict);
    }

    [Fact]
    public void What_a_voicemails_caller_is_stopped_for_holds_him_when_his_wrong_PINs_are_long_past()
    {
        var engine = new CallEngine(Default);
        Teach(engine, SierraLeone);
        for (var wrong = 0; wrong < 5; wrong++)
        {
            engine.See(new SiteEvent(SiteEventKind.PinRefused, Noon + wrong, "201", "", Origin: CallOrigin.DialledOn));
        }

        engine.Begin("on", To(SierraLeone, Noon + (20 * Minute), origin: CallOrigin.DialledOn));

        Assert.Equal(["on"], engine.TakeCuts().Select(static call => call.Id));
        Assert.Equal(("201", CallOrigin.DialledOn), (engine.Stops.Single().Extension, engine.Stops[0].Origin!.Value));
    }

    [Fact]
    public void What_many_extensions_forward_from_one_number_of_the_site_is_cut_together_and_that_number_alone_is_stopped()
    {
        var engine = new CallEngine(Policy(Core.Fraud.Rules.Forwarded.Rule.Limits.Single(static limit => limit.Scope == LimitScope.Did)));
        for (var extension = 201; extension <= 205; extension++)
        {
            engine.Begin($"{extension}", Forwarded($"{extension}", "4930123456"));
            engine.Answer($"{extension}", Noon);
        }

        engine.Begin("other", Forwarded("201", "4930654321"));
        engine.Advance(Noon + (20 * Minute));

        Assert.Equal(["201", "202", "203", "204", "205"], engine.TakeCuts().Select(static call => call.Id).Order());
        Assert.Equal("everybody's calls to risky destinations that came in at 4930123456, forwarded ones alone", engine.Stops.Single().Subject);

        // Hours later nothing is counted any more: the stop alone holds.
        var late = engine.Now + (2 * Hour);
        Assert.Equal(GateVerdict.Deny, engine.Ask("new", Forwarded("299", "4930123456") with { At = late }).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("201", Forwarded("201", "4930654321") with { At = late }).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("own", To(SierraLeone, late)).Verdict);

        static CallAttempt Forwarded(string extension, string did) => To(SierraLeone, Noon, extension, origin: CallOrigin.Forwarded) with { Did = did };
    }

    [Fact]
    public void A_stop_gets_no_longer_than_people_were_told()
    {
        var engine = new CallEngine(Policy(TwoAtOnce));
        CallStop? told = null;
        for (var minute = 0; minute < 60; minute++)
        {
            foreach (var id in (string[])["a", "b", "c"])
            {
                engine.Begin(id, To(SierraLeone, Noon + (minute * Minute)));
            }

            foreach (var id in (string[])["a", "b", "c"])
            {
                engine.End(id, Noon + (minute * Minute) + Second);
            }

            told = engine.TakeAlarms().LastOrDefault(static alarm => alarm.Stop is not null)?.Stop ?? told;
            Assert.Equal(told, engine.Stops.Single());
        }

        // Lengthened, and no more often than people are told.
        Assert.Equal(Noon + (105 * Minute), told!.Until);
    }

    [Fact]
    public void Warnings_of_a_figure_that_swings_are_told_once_in_a_quarter_of_an_hour()
    {
        var engine = new CallEngine(Policy(TwoAtOnce));
        engine.Begin("a", To(SierraLeone, Noon));
        List<long> told = [];
        for (var time = 0; time < 120; time++)
        {
            engine.Begin("b", To(SierraLeone, Noon + (time * Minute / 4)));
            engine.End("b", Noon + (time * Minute / 4) + Second);
            told.AddRange(engine.TakeAlarms().Select(static alarm => (alarm.At - Noon) / Minute));
        }

        Assert.Equal([0, 15], told);
    }

    [Theory]
    [InlineData(1, 1, 500)]
    [InlineData(60, 60, 480)]
    [InlineData(30, 6, 498)]
    public void The_gates_seconds_end_before_an_interval_that_the_limit_does_not_pay(int first, int every, int seconds)
    {
        // 10 at 1.20 a minute.
        var attempt = To(SierraLeone, Noon);
        attempt = attempt with { Price = attempt.Price with { Rate = attempt.Price.Rate with { First = first, Every = every } } };

        Assert.Equal(seconds, new CallEngine(Policy(Ten)).Ask("a", attempt).Seconds);
    }

    [Fact]
    public void A_call_that_was_answered_first_is_the_longest_whenever_it_turned_out_whose_it_is()
    {
        var engine = new CallEngine(Policy(new CallLimit { Name = "long", Rule = "RF3011", Scope = LimitScope.Extension, Critical = 2 * Hour, Action = BrakeAction.Call }));
        engine.Begin("first", To(SierraLeone, Noon, "202"));
        engine.Answer("first", Noon);
        engine.Begin("second", To(SierraLeone, Noon + (30 * Minute)));
        engine.Answer("second", Noon + (30 * Minute));
        engine.Begin("first", To(SierraLeone, Noon + Hour));

        engine.Advance(Noon + (2 * Hour));
        Assert.Equal(["first"], engine.TakeCuts().Select(static call => call.Id));
        engine.Advance(Noon + (150 * Minute));
        Assert.Equal(["second"], engine.TakeCuts().Select(static call => call.Id));
    }

    [Fact]
    public void A_name_is_found_again_that_ends_with_no_country()
    {
        var table = new KeyTable(1, new LimitMasks(Policy(TwoAtOnce)));
        var key = table.Country(table.Extension("201", Noon), "", Noon).For(CallOrigin.Forwarded);

        Assert.Same(key, table.Find(LimitScope.ExtensionCountry, key.Name));
    }

    [Fact]
    public void What_was_excused_of_forwarded_calls_is_found_again_by_its_name()
    {
        var engine = new CallEngine(Policy(Ten));
        engine.Begin("a", To(SierraLeone, Noon, origin: CallOrigin.Forwarded));
        engine.Answer("a", Noon);
        engine.Advance(Noon + (9 * Minute));
        var alarm = engine.TakeAlarms()[^1];

        Assert.Equal("201 forwarded", alarm.Key.Name);
        Assert.NotNull(engine.Excuse("ten", alarm.Key.Name, most: null));
        Assert.Null(engine.Excuse("ten", "201", most: null));
        Assert.Null(engine.Excuse("ten", "201 dialled-on", most: null));
    }

    [Fact]
    public void A_trunk_that_is_known_only_when_the_call_leaves_counts()
    {
        var engine = new CallEngine(Policy(TwoAtOnce with { Scope = LimitScope.Trunk, Critical = 2, Warning = null, Action = BrakeAction.Trunk }));
        engine.Ask("a", To(France, Noon));
        engine.Ask("b", To(France, Noon, "202"));
        engine.Begin("a", To(France, Noon, trunk: "trunk-a"));
        Assert.Empty(engine.TakeCuts());

        engine.Begin("b", To(France, Noon, "202", "trunk-a"));

        Assert.Equal(["a", "b"], engine.TakeCuts().Select(static call => call.Id).Order());
        engine.End("a", Noon);
        engine.End("b", Noon);
        Assert.Empty(engine.Live);
    }

    [Fact]
    public void Names_that_an_attacker_makes_up_fill_a_bounded_table_and_push_out_nobody_with_a_history()
    {
        var engine = new CallEngine(Policy(TwoAtOnce with { Critical = 1, Warning = null, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension } }));
        Teach(engine, SierraLeone);
        for (var name = 0; name < 3 * KeyTable.MaxKeys; name++)
        {
            engine.Begin("x", To(France, Noon, $"made-up-{name}"));
            engine.End("x", Noon);
        }

        Assert.InRange(engine.Keys, 0, 2 * KeyTable.MaxKeys);
        Assert.Equal(GateVerdict.Allow, engine.Ask("a", To(SierraLeone, Noon)).Verdict);
    }

    [Fact]
    public void Names_whose_calls_go_on_stay_however_many_they_are_and_go_when_those_are_over()
    {
        const int many = 2 * KeyTable.MaxKeys;
        var engine = new CallEngine(Policy(TwoAtOnce with { Critical = 2, Warning = null }));
        for (var name = 0; name < many; name++)
        {
            engine.Begin($"{name}", To(France, Noon, $"name-{name}"));
        }

        Assert.InRange(engine.Keys, 2 * many, (2 * many) + 1);
        Assert.Equal(GateVerdict.Deny, engine.Ask("first", To(France, Noon, "name-0")).Verdict);
        for (var name = 0; name < many; name++)
        {
            engine.End($"{name}", Noon);
            engine.Begin("x", To(France, Noon, $"other-{name}"));
            engine.End("x", Noon);
        }

        Assert.InRange(engine.Keys, 0, (2 * KeyTable.MaxKeys) + 1);
    }

    [Fact]
    public void Five_thousand_calls_at_once_are_followed_in_little_memory()
    {
        var engine = new CallEngine(Default with { Learning = 0 });
        // All that was ever asked for: what is held is less, and other tests' garbage is not in it.
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 5000; call++)
        {
            engine.Begin($"call-{call}", To(call % 10 == 0 ? SierraLeone : Berlin, Noon, $"{1000 + (call % 500)}"));
            engine.Answer($"call-{call}", Noon);
        }

        Assert.Equal(5000, engine.Live.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 50_000_000);
    }

    [Fact]
    public void A_stop_of_before_a_restart_holds_after_it_under_its_number()
    {
        Stopped(out var stop);
        var engine = new CallEngine(Policy(TwoAtOnce));

        engine.Restore(stop, Noon);

        Assert.Equal(GateVerdict.Deny, engine.Ask("1", To(SierraLeone, stop.Until - 1)).Verdict);
        Assert.Equal(stop, engine.Lift(stop.Number));
        Assert.Equal(GateVerdict.Allow, engine.Ask("1", To(SierraLeone, stop.Until - 1)).Verdict);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 4)]
    [InlineData(24 * 8, 1)]
    public void A_restart_makes_no_stop_shorter_than_the_one_before(int hoursLater, int hours)
    {
        Stopped(out var stop);
        var engine = new CallEngine(Policy(TwoAtOnce));
        var at = stop.Until + (hoursLater * Hour);

        engine.Restore(stop with { Times = 2 }, at);
        Let(engine, "a", SierraLeone, at);
        Let(engine, "b", SierraLeone, at);
        engine.Ask("c", To(SierraLeone, at));

        Assert.Equal((hours * Hour, hours == 1 ? 1 : 3), (engine.Stops.Single().Until - at, engine.Stops[0].Times));
    }

    [Fact]
    public void More_limits_than_a_policy_may_have_are_refused()
    {
        _ = new CallEngine(Policy([.. Enumerable.Repeat(TwoAtOnce, CallPolicy.MaxLimits)]));
        Assert.Throws<ArgumentException>(static () => new CallEngine(Policy([.. Enumerable.Repeat(TwoAtOnce, CallPolicy.MaxLimits + 1)])));
    }

    private static CallEngine Stopped(out CallStop stop)
    {
        var engine = new CallEngine(Policy(TwoAtOnce));
        Let(engine, "x", SierraLeone, Noon);
        Let(engine, "y", SierraLeone, Noon);
        engine.Ask("z", To(SierraLeone, Noon));
        engine.End("x", Noon);
        engine.End("y", Noon);
        stop = engine.Stops[0];
        return engine;
    }

    private static void Let(CallEngine engine, string id, string dialled, long at, CallOrigin origin = CallOrigin.Phone)
    {
        Assert.Equal(GateVerdict.Allow, engine.Ask(id, To(dialled, at, origin: origin)).Verdict);
        engine.Begin(id, To(dialled, at, origin: origin));
    }
}
