using Ringfence.Core.Fraud;
using Xunit;
using static Ringfence.Tests.Fraud.TestCalls;

namespace Ringfence.Tests.Fraud;

/// <summary>Calls that a record tells of when they are over count where they were, and once.</summary>
public sealed class PastCallTests
{
    private const long Unit = 1_000_000;

    private static readonly CallLimit Hourly = new() { Name = "hourly", Rule = "RF3001", Scope = LimitScope.Extension, Window = Hour, Critical = 100 * Unit, Action = BrakeAction.Country };
    private static readonly CallLimit AtOnce = new() { Name = "at-once", Rule = "RF3002", Scope = LimitScope.Extension, Critical = 3, Action = BrakeAction.Country };
    private static readonly CallLimit Rate = new() { Name = "rate", Rule = "RF3009", Scope = LimitScope.Extension, Window = Hour, Critical = 4, Action = BrakeAction.Country };

    private static readonly long PerMinute = To(SierraLeone, Noon).Price.Rate.PerMinute;

    [Fact]
    public void A_long_call_that_is_told_at_its_end_is_no_money_of_the_last_hour_but_for_that_hour()
    {
        // Five hours that cost less than the limit each, and more together.
        var engine = new CallEngine(Policy(Hourly with { Critical = 61 * PerMinute }));

        Tell(engine, "a", Noon - (5 * Hour), 5 * Hour, Noon);

        Assert.Empty(engine.Stops);
        Tell(engine, "b", Noon - (4 * Minute), 4 * Minute, Noon);
        Assert.Equal("SL", Assert.Single(engine.Stops).Region);
    }

    [Fact]
    public void What_a_call_came_to_is_told_with_it_and_nothing_is_to_be_hung_up()
    {
        var engine = new CallEngine(Policy(Hourly with { Critical = 10 * PerMinute }));

        Tell(engine, "a", Noon - (20 * Minute), 12 * Minute, Noon);

        var alarm = Assert.Single(engine.TakeAlarms());
        Assert.Equal((12 * PerMinute, 12 * PerMinute, "a", Noon), (alarm.Figure, alarm.Lost, Assert.Single(alarm.Calls).Id, alarm.At));
        Assert.Equal((Noon, 0, 0), (alarm.Stop!.From, alarm.Cut.Count, engine.TakeCuts().Count));
        Assert.Empty(engine.Live);
    }

    [Fact]
    public void A_backlog_of_a_day_counts_hour_by_hour()
    {
        // One call an hour, told all at once: no hour has four.
        var engine = new CallEngine(Policy(Rate, Hourly with { Critical = 6 * PerMinute }));

        for (var hour = 24; hour > 0; hour--)
        {
            Tell(engine, $"{hour}", Noon - (hour * Hour), 5 * Minute, Noon);
        }

        Assert.Empty(engine.TakeAlarms());
    }

    [Fact]
    public void Calls_at_once_are_known_afterwards_and_calls_behind_one_another_are_none()
    {
        var engine = new CallEngine(Policy(AtOnce));
        for (var call = 0; call < 10; call++)
        {
            Tell(engine, $"{call}", Noon - Hour + (call * Minute), Minute, Noon);
        }

        Tell(engine, "a", Noon - (10 * Minute), 9 * Minute, Noon);
        Tell(engine, "b", Noon - (9 * Minute), 9 * Minute, Noon);
        Assert.Empty(engine.Stops);

        // It met both of them, though each for a while.
        Tell(engine, "c", Noon - (2 * Minute), Minute, Noon);

        Assert.Equal(3, Assert.Single(engine.TakeAlarms()).Figure);
        Assert.Single(engine.Stops);
    }

    [Fact]
    public void Calls_that_two_others_did_not_have_at_the_same_time_are_not_three_at_once()
    {
        var engine = new CallEngine(Policy(AtOnce));

        Tell(engine, "a", Noon - (60 * Minute), 60 * Minute, Noon);
        Tell(engine, "b", Noon - (50 * Minute), 10 * Minute, Noon);
        Tell(engine, "c", Noon - (30 * Minute), 10 * Minute, Noon);

        Assert.Empty(engine.TakeAlarms());
    }

    [Fact]
    public void A_call_that_a_gate_let_out_is_counted_once_when_its_record_comes()
    {
        var engine = new CallEngine(Policy(Rate));
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(GateVerdict.Allow, engine.Ask($"{call}", To(SierraLeone, Noon)).Verdict);
            engine.End($"{call}", Noon + Minute);
            Tell(engine, $"{call}", Noon, Minute, Noon + Minute, isBegun: true);
        }

        Assert.Empty(engine.TakeAlarms());
        Tell(engine, "x", Noon, Minute, Noon + Minute);
        Assert.Single(engine.TakeAlarms());
    }

    [Fact]
    public void One_call_that_was_tried_over_trunk_after_trunk_is_one_whatever_records_say()
    {
        var engine = new CallEngine(Policy(Rate));
        for (var trunk = 0; trunk < 4; trunk++)
        {
            Tell(engine, "a", Noon + (trunk * Second), 0, Noon + Minute);
        }

        Assert.Empty(engine.TakeAlarms());
        for (var call = 0; call < 3; call++)
        {
            Tell(engine, $"{call}", Noon, 0, Noon + Minute);
        }

        Assert.Single(engine.TakeAlarms());
    }

    [Fact]
    public void A_long_call_is_told_of_and_the_next_short_one_is_not()
    {
        var engine = new CallEngine(Policy(new CallLimit { Name = "long", Rule = "RF3011", Scope = LimitScope.Extension, Warning = Hour, Action = BrakeAction.Call }));

        Tell(engine, "a", Noon - (2 * Hour), 2 * Hour, Noon);
        Assert.Equal(2 * Hour, Assert.Single(engine.TakeAlarms()).Figure);
        Tell(engine, "b", Noon, Minute, Noon + Minute);
        Assert.Empty(engine.TakeAlarms());
    }

    [Fact]
    public void Who_calls_back_is_known_by_when_he_called_and_not_by_when_it_was_told()
    {
        var engine = new CallEngine(Policy(new CallLimit { Name = "back", Rule = "RF3014", Scope = LimitScope.Site, Window = Day, Critical = 1, Action = BrakeAction.AllRisky }));

        // The call in came behind the call out.
        engine.Tell(new SiteEvent(SiteEventKind.CallIn, Noon - Minute, "", SierraLeone, 2), Noon);
        Tell(engine, "a", Noon - (5 * Minute), 4 * Minute, Noon);
        Assert.Empty(engine.TakeAlarms());
        Tell(engine, "b", Noon - (Minute / 2), Minute / 4, Noon);
        Assert.Single(engine.TakeAlarms());
    }

    [Fact]
    public void In_whatever_order_records_come_money_and_calls_are_those_of_calls_that_were_heard()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            List<(string Id, long At, long Talk)> calls = [.. Enumerable.Range(0, 40).Select(at => ($"{at}", Noon + (random.Next(0, 180) * 20 * Second), random.Next(1, 60) * 20 * Second))];
            var end = calls.Max(static call => call.At + call.Talk);
            CallLimit[] limits = [Hourly with { Critical = long.MaxValue / 8 }, Rate with { Critical = 1000 }];
            var (heard, told) = (new CallEngine(Policy(limits)), new CallEngine(Policy(limits)));
            foreach (var (at, id, kind) in calls.SelectMany(static call => new[] { (call.At, call.Id, 0), (call.At + call.Talk, call.Id, 1) }).OrderBy(static one => one.Item1).ThenBy(static one => one.Item3))
            {
                if (kind == 0)
                {
                    heard.Begin(id, To(SierraLeone, at));
                    heard.Answer(id, at);
                }
                else
                {
                    heard.End(id, at);
                }
            }

            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(calls));
            foreach (var call in calls)
            {
                Tell(told, call.Id, call.At, call.Talk, end);
            }

            foreach (var (limit, name) in limits.Select(static limit => (limit, limit.Name)))
            {
                var (one, other) = (heard.Excuse(name, "201", null)!.Value, told.Excuse(name, "201", null)!.Value);

                // Each call's last millionths are rounded where it is.
                Assert.InRange(other - one, name == "rate" ? 0 : -5000, name == "rate" ? 0 : 5000);
                Assert.NotEqual(0, one);
            }
        }
    }

    private static void Tell(CallEngine engine, string id, long at, long talk, long now, bool isBegun = false) =>
        engine.Tell(new PastCall(id, To(SierraLeone, at), 0, talk), now, isBegun);
}
