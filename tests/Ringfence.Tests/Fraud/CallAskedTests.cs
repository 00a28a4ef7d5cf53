using Ringfence.Core.Fraud;
using Xunit;
using static Ringfence.Tests.Fraud.TestCalls;

namespace Ringfence.Tests.Fraud;

/// <summary>One call, of which the gate is asked and AMI tells: it counts once, for whoever pays, as it came about.</summary>
public sealed class CallAskedTests
{
    private static readonly CallLimit ThreeAMinute = new() { Name = "three", Rule = "RF3009", Scope = LimitScope.Extension, Window = Minute, Critical = 3, Action = BrakeAction.Risky };

    [Fact]
    public void What_turns_out_to_be_dialled_on_is_judged_as_that_and_counts_for_nobody_else()
    {
        var dialledOn = ThreeAMinute with { Name = "on", Critical = 2, Scope = LimitScope.Site, Calls = CallFilter.All with { Origins = [CallOrigin.DialledOn] }, Action = BrakeAction.AllRisky };
        var engine = new CallEngine(Policy(dialledOn, new() { Name = "at-once", Rule = "RF3002", Scope = LimitScope.Extension, Critical = 9, Action = BrakeAction.Country }));
        for (var call = 0; call < 2; call++)
        {
            Assert.Equal(GateVerdict.Allow, engine.Ask($"{call}", To(SierraLeone, Noon, "trunk-a")).Verdict);
            engine.Begin($"{call}", To(SierraLeone, Noon, "201", "trunk-a", CallOrigin.DialledOn));
        }

        Assert.Equal("on", Assert.Single(engine.Stops).Limit);
        Assert.All(engine.Live, static call => Assert.Equal(("201", "trunk-a", CallOrigin.DialledOn), (call.Attempt.Extension, call.Attempt.Trunk, call.Attempt.Origin)));

        // Whom the question named has none of them any more.
        Assert.Equal(0, engine.Excuse("at-once", "trunk-a", null));
    }

    [Fact]
    public void A_number_that_a_trunk_rewrites_is_one_call()
    {
        var engine = new CallEngine(Policy(ThreeAMinute));
        for (var call = 0; call < 2; call++)
        {
            Assert.Equal(GateVerdict.Allow, engine.Ask($"{call}", To(SierraLeone, Noon)).Verdict);
            engine.Begin($"{call}", To("+23279000001", Noon));
        }

        Assert.Empty(engine.Stops);
        Assert.Equal(2, engine.Live.Count);
    }

    [Fact]
    public void A_number_that_goes_out_behind_a_carriers_prefix_is_what_was_asked_about()
    {
        var engine = new CallEngine(Policy(ThreeAMinute));
        engine.Ask("a", To(SierraLeone, Noon));
        var home = To(Berlin, Noon);
        engine.Begin("a", home with { Dialled = home.Dialled with { Digits = "08150023279000001" } });

        Assert.Equal("+23279000001", Assert.Single(engine.Live).Attempt.Dialled.ToString());
    }

    [Fact]
    public void A_call_that_turns_out_to_be_anothers_counts_for_him_and_for_nobody_else()
    {
        var engine = new CallEngine(Policy(ThreeAMinute));
        for (var call = 0; call < 3; call++)
        {
            engine.Begin($"{call}", To(SierraLeone, Noon, "202"));
            engine.Begin($"{call}", To(SierraLeone, Noon, "201"));
            Assert.Equal(call == 2 ? 1 : 0, engine.Stops.Count(static stop => stop.Extension == "201"));
        }

        Assert.Equal(GateVerdict.Allow, engine.Ask("innocent", To(SierraLeone, Noon, "202")).Verdict);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_call_that_one_trunk_after_another_refuses_counts_once(bool isAsked)
    {
        var engine = new CallEngine(Policy(ThreeAMinute));
        for (var call = 0; call < 2; call++)
        {
            foreach (var trunk in (string[])["a", "b", "c"])
            {
                Assert.Equal(GateVerdict.Allow, isAsked ? engine.Ask($"{call}", To(SierraLeone, Noon)).Verdict : GateVerdict.Allow);
                engine.Begin($"{call}", To(SierraLeone, Noon, trunk: trunk));
                engine.End($"{call}", Noon);
            }
        }

        Assert.Empty(engine.Stops);
        Assert.Equal(GateVerdict.Deny, engine.Ask("3", To(SierraLeone, Noon)).Verdict);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_call_counts_once_though_each_trunks_hangup_is_told_behind_the_next_question(int trunks)
    {
        var engine = new CallEngine(Policy(ThreeAMinute));
        for (var trunk = 0; trunk < trunks; trunk++)
        {
            var at = Noon + (trunk * Second / 2);
            engine.Ask("a", To(SierraLeone, at));
            if (trunk > 0)
            {
                engine.End("a", at);
            }

            engine.Begin("a", To(SierraLeone, at, trunk: $"{trunk}"));
        }

        Assert.Equal(1, engine.Excuse("three", "201", null));
    }

    [Fact]
    public void The_second_trunk_of_a_call_that_calls_nobody_back_is_not_held_against_who_did()
    {
        var engine = new CallEngine(Policy(Core.Fraud.Rules.Wangiri.Rule.Limits[0] with { Calls = CallFilter.Risky }));
        engine.See(new SiteEvent(SiteEventKind.CallIn, Noon, "", "+23279000001", 2));
        engine.Begin("back", To(SierraLeone, Noon));
        engine.Begin("other", To("005378301234", Noon, "202", "a"));
        engine.End("other", Noon);

        Assert.Equal(GateVerdict.Allow, engine.Ask("other", To("005378301234", Noon, "202")).Verdict);
    }

    [Fact]
    public void The_second_trunk_of_a_call_from_a_new_place_is_no_second_call()
    {
        var engine = new CallEngine(Policy(new CallLimit { Name = "place", Rule = "RF3016", Scope = LimitScope.Extension, Window = Hour, Critical = 2, Action = BrakeAction.Outside }));
        engine.See(new SiteEvent(SiteEventKind.NewPlace, Noon, "201", ""));
        engine.Begin("a", To(SierraLeone, Noon, trunk: "a"));
        engine.End("a", Noon);

        Assert.Equal(GateVerdict.Allow, engine.Ask("a", To(SierraLeone, Noon)).Verdict);
        Assert.Equal(GateVerdict.Deny, engine.Ask("b", To(SierraLeone, Noon)).Verdict);
    }

    [Theory]
    [InlineData("RF3001", 30_000_000)]
    [InlineData("RF3002", 5)]
    [InlineData("RF3003", 1)]
    [InlineData("RF3007", 5)]
    [InlineData("RF3008", 5)]
    [InlineData("RF3009", 5)]
    [InlineData("RF3011", 300_000)]
    [InlineData("RF3013", 0)]
    [InlineData("RF3016", 5)]
    [InlineData("RF3019", 0)]
    public void What_was_counted_of_calls_that_turn_out_to_be_anothers_is_his_and_nothing_of_it_stays(string rule, long figure)
    {
        var engine = new CallEngine(Policy(new CallLimit { Name = "limit", Rule = rule, Scope = LimitScope.Extension, Window = Hour, Critical = long.MaxValue / 8, Action = BrakeAction.Country }));
        engine.See(new SiteEvent(SiteEventKind.NewPlace, Noon, "201", ""));
        engine.See(new SiteEvent(SiteEventKind.NewPlace, Noon, "202", ""));
        for (var call = 0; call < 5; call++)
        {
            engine.Begin($"{call}", To($"002327900000{call}", Noon, "202"));
            engine.Answer($"{call}", Noon);
        }

        // And back, and again: 1.20 a minute for each.
        engine.Advance(Noon + (5 * Minute));
        foreach (var extension in (string[])["201", "202", "201"])
        {
            for (var call = 0; call < 5; call++)
            {
                engine.Begin($"{call}", To($"002327900000{call}", Noon + (5 * Minute), extension));
            }
        }

        Assert.Equal((figure, 0), (engine.Excuse("limit", "201", null), engine.Excuse("limit", "202", null)));
    }

    [Fact]
    public void Calls_that_are_moved_to_and_fro_leave_a_window_as_calls_that_stay()
    {
        var engine = new CallEngine(Policy(ThreeAMinute with { Critical = 1000 }));
        foreach (var (second, extension) in ((int, string)[])[(0, "201"), (5, "202"), (10, "201"), (15, "202"), (20, "201")])
        {
            for (var call = 0; call < 10; call++)
            {
                engine.Begin($"{call}", To(SierraLeone, Noon + (second * Second), extension));
            }
        }

        engine.Begin("x", To(SierraLeone, Noon + (70 * Second)));
        engine.Begin("y", To(SierraLeone, Noon + (70 * Second), "202"));

        Assert.Equal((1, 1), (engine.Excuse("three", "201", null), engine.Excuse("three", "202", null)));
    }

    [Fact]
    public void A_call_that_was_no_call_back_after_all_is_taken_back()
    {
        var engine = new CallEngine(Policy(Core.Fraud.Rules.RingBack.Rule.Limits[0]));
        engine.See(new SiteEvent(SiteEventKind.CallIn, Noon, "", "+23279000001", 2));
        for (var call = 0; call < 3; call++)
        {
            engine.Begin($"{call}", To(SierraLeone, Noon, origin: CallOrigin.DialledOn));
            engine.Begin($"{call}", To(SierraLeone, Noon));
        }

        Assert.Empty(engine.Stops);
        Assert.Equal(0, engine.Excuse("ring-back", "", null));
    }

    [Theory]
    [InlineData(30 * Second, 1)]
    [InlineData(2 * Minute, 3)]
    public void A_channel_that_asks_a_gate_again_tries_another_trunk_at_once_and_calls_anew_later(long between, int calls)
    {
        var engine = new CallEngine(Policy(ThreeAMinute with { Window = Hour, Critical = 100 }));
        for (var call = 0; call < 3; call++)
        {
            engine.Ask("a", To(SierraLeone, Noon + (call * between)));
        }

        Assert.Equal(calls, engine.Excuse("three", "201", null));
    }

    [Fact]
    public void Who_dials_the_same_number_again_and_again_over_one_channel_is_counted_all_the_same()
    {
        var engine = new CallEngine(Policy(ThreeAMinute));
        for (var call = 0; call < 20; call++)
        {
            engine.Begin("a", To(SierraLeone, Noon + (call * Second)));
            engine.End("a", Noon + (call * Second));
        }

        Assert.Equal("three", Assert.Single(engine.Stops).Limit);
    }

    [Fact]
    public void A_channel_that_asks_again_and_again_while_its_call_goes_on_leaves_nothing_behind()
    {
        var engine = new CallEngine(Policy(new CallLimit { Name = "at-once", Rule = "RF3002", Scope = LimitScope.Extension, Critical = 5, Action = BrakeAction.Country }));
        engine.Begin("a", To(SierraLeone, Noon));
        engine.Answer("a", Noon);
        for (var time = 0; time < 10; time++)
        {
            Assert.Equal(GateVerdict.Allow, engine.Ask("a", To(SierraLeone, Noon)).Verdict);
        }

        Assert.Equal(2, engine.Live.Count);
        Assert.Equal(2, engine.Excuse("at-once", "201", null));
    }

    [Fact]
    public void A_listed_number_in_an_ordinary_country_is_hung_up()
    {
        var limit = new CallLimit { Name = "listed", Rule = "RF3018", Scope = LimitScope.Extension, Window = Day, Critical = 1, Calls = CallFilter.All with { ListedOnly = true }, Action = BrakeAction.Risky };
        var engine = new CallEngine(Policy(limit) with { Listed = NumberList.Read(("list", "+33123456789")).List });
        engine.Begin("other", To("0033123456788", Noon));
        engine.Begin("listed", To(France, Noon));

        Assert.Equal(["listed"], engine.TakeCuts().Select(static call => call.Id));
    }

    [Fact]
    public void A_limit_that_spares_the_known_lets_them_out_at_the_gate_too_and_is_not_told_of_each()
    {
        var limit = new CallLimit { Name = "site", Rule = "RF3009", Scope = LimitScope.Site, Window = Hour, Critical = 3, Calls = CallFilter.Risky, Action = BrakeAction.AllRisky, SparesKnown = true };
        var engine = new CallEngine(Policy(limit) with { Learning = 14 * Day });
        Teach(engine, SierraLeone);
        Teach(engine, Berlin, "202");
        for (var call = 0; call < 4; call++)
        {
            engine.Ask($"new {call}", To(SierraLeone, Noon, "202"));
            engine.Begin($"known {call}", To(SierraLeone, Noon));
        }

        Assert.Equal(GateVerdict.Deny, engine.Ask("202", To(SierraLeone, Noon, "202")).Verdict);
        Assert.Equal(GateVerdict.Allow, engine.Ask("201", To(SierraLeone, Noon)).Verdict);
        Assert.Single(engine.TakeAlarms(), static alarm => alarm.Level == AlarmLevel.Critical);
        Assert.Empty(engine.TakeCuts());
    }

    [Fact]
    public void A_call_of_the_past_is_said_to_be_stopped_by_the_limit_whose_stop_holds_it()
    {
        var site = ThreeAMinute with { Name = "site", Scope = LimitScope.Site, Window = Hour, Calls = CallFilter.Risky, Action = BrakeAction.AllRisky, SparesKnown = true };
        var engine = new CallEngine(Policy(site, ThreeAMinute with { Name = "own", Window = Hour, Critical = 4, Action = BrakeAction.Country }));
        Teach(engine, SierraLeone);
        Teach(engine, Berlin, "202");
        Dictionary<string, string> limits = [];
        var replay = new CallReplay(engine, hasGate: false, outcome => limits[outcome.Call.Id] = outcome.Limit);
        foreach (var (call, extension) in ((string[])["202", "202", "202", "201", "201", "201", "201", "201"]).Index())
        {
            replay.Add(new PastCall($"{call}", To(SierraLeone, Noon + (call * Minute), extension), 5 * Second, 10 * Second));
        }

        replay.Finish();

        Assert.Equal(["", "", "site", "", "", "", "own", "own"], limits.OrderBy(static one => one.Key).Select(static one => one.Value));
    }

    [Theory]
    [InlineData(nameof(BrakeAction.Tell))]
    [InlineData(nameof(BrakeAction.Call))]
    public void What_is_reached_and_goes_on_is_told_once_in_a_quarter_of_an_hour(string name)
    {
        var action = Enum.Parse<BrakeAction>(name);
        var engine = new CallEngine(Policy(ThreeAMinute with { Window = Hour, Action = action }));
        List<CallAlarm> told = [];
        for (var call = 0; call < 60; call++)
        {
            if (engine.Ask($"{call}", To(SierraLeone, Noon + (call * 20 * Second))).Verdict == GateVerdict.Allow)
            {
                engine.Begin($"{call}", To(SierraLeone, Noon + (call * 20 * Second)));
            }

            told.AddRange(engine.TakeAlarms());
        }

        Assert.InRange(told.Count, 1, 2);
    }
}
