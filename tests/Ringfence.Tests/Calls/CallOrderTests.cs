using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CallOrderTests
{
    private const long Start = 1_795_219_652;
    private const long Day = 86_400;

    private readonly List<PastEvent> _taken = [];
    private readonly CallOrder _order;
    private int _restarts;

    public CallOrderTests() => _order = new CallOrder((in one) => _taken.Add(one), () => _restarts++);

    [Fact]
    public void Whatever_the_records_come_in_by_their_ends_calls_come_out_by_their_beginnings_and_none_is_lost() =>
        Prop.ForAll(Gen.Choose(0, 50_000).Two().ListOf().ToArbitrary(), calls =>
        {
            var taken = new List<PastEvent>();
            var order = new CallOrder((in one) => taken.Add(one), static () => Assert.Fail("no clock went back"));
            var all = calls.Select((call, at) => Call(at, Start + call.Item1, call.Item2)).ToList();
            foreach (var one in all.OrderBy(static one => one.Written))
            {
                order.Add(one);
            }

            order.Finish();
            return (order.Doubled, order.Odd, order.Late, order.Held) == (0, 0, 0, 0)
                && taken.Select(static one => one.At).SequenceEqual(all.Select(static one => one.At).Order()) && taken.Select(static one => one.Call.Id).ToHashSet().Count == all.Count;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_record_that_is_there_twice_counts_once_also_when_others_stand_between()
    {
        Add(Call(1, Start, 60), Call(2, Start, 60), Call(1, Start, 60), Call(3, Start + 5, 7), Call(2, Start, 60));
        Assert.Equal((3, 2), (_taken.Count, _order.Doubled));
    }

    [Fact]
    public void Records_without_an_id_are_never_taken_for_one_call()
    {
        var call = Call(1, Start, 60);
        call = call with { Call = call.Call with { Id = "" } };
        Add(call, call, call);
        Assert.Equal((3, 0), (_taken.Count, _order.Doubled));
    }

    [Fact]
    public void A_clock_that_jumped_for_a_few_records_changes_no_other_calls_time()
    {
        Add(Call(1, Start, 60), Call(2, Start + (400 * Day), 60), Call(3, Start + 100, 60), Call(4, 1000, 60), Call(5, Start - (400 * Day), 60), Call(6, Start + 200, 60));
        Assert.Equal(["1", "3", "6"], _taken.Select(static one => one.Call.Id));
        Assert.Equal((3, 0, 0), (_order.Odd, _order.Late, _restarts));
    }

    [Fact]
    public void Weeks_without_a_call_are_no_jump()
    {
        Add([Call(0, Start, 60), .. Enumerable.Range(1, 60).Select(at => Call(at, Start + (40 * Day) + at, 60))]);
        Assert.Equal((61, 0, 0), (_taken.Count, _order.Odd, _restarts));
        Assert.Equal(Enumerable.Range(0, 61).Select(static at => $"{at}"), _taken.Select(static one => one.Call.Id));
    }

    [Fact]
    public void Where_somebody_calls_every_third_day_no_call_is_lost()
    {
        Add([.. Enumerable.Range(0, 120).Select(static at => Call(at, Start + (3 * at * Day), 60))]);
        Assert.Equal((120, 0, 0), (_taken.Count, _order.Odd, _restarts));
        Assert.Equal(_taken.Select(static one => one.At).Order(), _taken.Select(static one => one.At));
    }

    [Fact]
    public void The_last_call_is_not_lost_because_it_came_after_weeks()
    {
        Add(Call(0, Start, 60), Call(1, Start + (40 * Day), 60));
        Assert.Equal((2, 0), (_taken.Count, _order.Odd));
    }

    [Fact]
    public void A_clock_that_was_set_back_for_good_begins_anew()
    {
        Add([Call(0, Start, 60), .. Enumerable.Range(1, 60).Select(at => Call(at, Start - (40 * Day) + at, 60))]);
        Assert.Equal((61, 0, 1), (_taken.Count, _order.Odd, _restarts));
    }

    [Fact]
    public void A_call_of_days_is_told_late_and_with_all_of_its_length()
    {
        Add(Call(1, Start + (4 * Day), 60), Call(2, Start, (int)(4 * Day) + 90));
        Assert.Equal((2, 1), (_taken.Count, _order.Late));
        Assert.Equal(((4 * Day) + 90) * 1000, _taken.Single(static one => one.Call.Id == "2").Call.Talk);
        Assert.True(_taken[0].At <= _taken[1].At);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    public void A_call_of_a_week_is_told_wherever_a_list_has_it(int place)
    {
        List<PastEvent> all = [.. Enumerable.Range(0, 10).Select(static day => Call(day, Start + (day * Day), 60))];
        var week = Call(99, Start + (place * Day) + 3600, (int)(7 * Day));
        all.Insert(place, week);
        Add([.. all]);
        Assert.Equal((11, 0, 0), (_taken.Count, _order.Odd, _restarts));
        Assert.Contains(_taken, static one => one.Call.Talk == 7 * Day * 1000);
        Assert.Equal(_taken.Select(static one => one.At).Order(), _taken.Select(static one => one.At));
    }

    [Fact]
    public void Calls_of_weeks_alone_are_all_told()
    {
        Add([.. Enumerable.Range(0, 3).Select(static at => Call(at, Start + (at * 9 * Day), (int)(8 * Day)))]);
        Assert.Equal((3, 0), (_taken.Count, _order.Odd));
    }

    [Fact]
    public void More_calls_than_are_held_come_out_all_the_same()
    {
        const int Calls = 1_100_000;
        var count = 0;
        var last = 0L;
        var order = new CallOrder(
            (in one) =>
            {
                Assert.True(one.At >= last);
                (count, last) = (count + 1, one.At);
            },
            static () => { });
        for (var at = 0; at < Calls; at++)
        {
            order.Add(Call(at, Start + (at / 20), 3600));
        }

        order.Finish();
        Assert.Equal(Calls, count);
    }

    private void Add(params PastEvent[] events)
    {
        foreach (var one in events)
        {
            _order.Add(one);
        }

        _order.Finish();
    }

    private static PastEvent Call(int id, long start, int talk) =>
        new((start + talk) * 1000, new PastCall($"{id}", new CallAttempt(start * 1000, "201", "201", "trunk", "", "", new Destination(default, default)), 0, talk * 1000L), null);
}
