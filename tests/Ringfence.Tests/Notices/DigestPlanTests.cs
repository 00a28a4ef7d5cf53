using Ringfence.Core.Notices;
using Xunit;

namespace Ringfence.Tests.Notices;

public sealed class DigestPlanTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly DigestRules Rules = new(10, TimeSpan.FromMinutes(15));

    [Fact]
    public void Ten_are_told_as_they_come()
    {
        var told = Run([.. Enumerable.Range(0, 10).Select(i => Begin.AddSeconds(i))]);

        Assert.Equal(10, told.Count);
        Assert.All(told, message => Assert.Equal(1, message.Count));
        Assert.All(told, message => Assert.Equal(message.Last, message.At));
    }

    [Fact]
    public void Ten_thousand_in_a_minute_are_ten_and_exactly_one_digest_at_the_windows_end()
    {
        var told = Run([.. Enumerable.Range(0, 10_000).Select(i => Begin.AddMilliseconds(6 * i))]);

        var digest = Assert.Single(told, message => message.Count > 1);
        Assert.Equal(9_990, digest.Count);
        Assert.Equal(Begin + Rules.Within, digest.At);
        Assert.Equal(10, told.Count(message => message.Count == 1));
    }

    [Fact]
    public void A_flood_of_a_day_is_four_messages_an_hour_after_the_first_ten()
    {
        var told = Run([.. Enumerable.Range(0, 24 * 3600).Select(i => Begin.AddSeconds(i))]);

        Assert.Equal(10 + (24 * 4), told.Count);
    }

    [Fact]
    public void After_a_calm_window_single_notices_are_told_at_once_again()
    {
        var flood = Enumerable.Range(0, 100).Select(i => Begin.AddSeconds(i));
        var later = Begin.AddHours(1);

        var told = Run([.. flood, later]);

        Assert.Equal((1, later), (told[^1].Count, told[^1].At));
    }

    [Fact]
    public void What_waited_while_the_receiver_was_down_is_told_in_the_same_messages()
    {
        var times = Enumerable.Range(0, 300).Select(i => Begin.AddSeconds(7 * i)).ToArray();

        var counts = Run(times).Select(message => message.Count);
        var late = Run(times, begin: Begin.AddDays(1)).Select(message => message.Count);

        Assert.Equal(counts, late);
    }

    [Fact]
    public void A_clock_that_is_set_back_a_year_holds_nothing_back_longer_than_a_window()
    {
        var state = new DigestState(Begin.AddYears(1), 12, IsFlood: true);

        var step = DigestPlan.Next(state, Rules, [Begin.AddYears(1)], Begin);

        Assert.Equal(1, step.Count);
    }

    [Fact]
    public void Whatever_comes_whenever_nothing_is_lost_none_is_doubled_and_the_order_is_kept()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 300; round++)
        {
            var rules = new DigestRules(random.Next(0, 12), TimeSpan.FromSeconds(random.Next(1, 2_000)));
            var time = Begin;
            var times = new List<DateTimeOffset>();
            for (var i = random.Next(0, 400); i > 0; i--)
            {
                time += TimeSpan.FromSeconds(random.Next(4) == 0 ? random.Next(0, 3_000) : random.Next(0, 3));
                times.Add(time);
            }

            var told = Run([.. times], rules);

            Assert.Equal(times.Count, told.Sum(message => message.Count));
            Assert.All(told, message => Assert.True(message.At - message.First <= rules.Within, $"round {round}: told {message.At - message.First} late"));
            Assert.All(told, message => Assert.True(message.At >= message.Last, $"round {round}: told before it came"));
            foreach (var digest in told.Where(message => message.Count > 1))
            {
                Assert.InRange(told.Count(message => message.At > digest.At - rules.Within && message.At <= digest.At), 1, rules.Singles + 1);
            }
        }
    }

    private static List<(int Count, DateTimeOffset At, DateTimeOffset First, DateTimeOffset Last)> Run(
        DateTimeOffset[] times, DigestRules? rules = null, DateTimeOffset? begin = null)
    {
        var told = new List<(int, DateTimeOffset, DateTimeOffset, DateTimeOffset)>();
        var state = default(DigestState);
        var done = 0;
        var now = begin ?? Begin;
        var came = CameBy(0);
        while (done < times.Length)
        {
            var step = DigestPlan.Next(state, rules ?? Rules, new ArraySegment<DateTimeOffset>(times, done, came - done), now);
            if (step.Count > 0)
            {
                told.Add((step.Count, now, times[done], times[done + step.Count - 1]));
                done += step.Count;
                state = step.After;
                continue;
            }

            // To the next notice, or to when the plan wants to look again, whichever is first.
            now = (step.Until, came < times.Length) switch
            {
                ({ } until, true) when until <= times[came] => until,
                ({ } until, false) => until,
                _ => times[came],
            };
            came = CameBy(came);
        }

        return told;

        int CameBy(int before)
        {
            while (before < times.Length && times[before] <= now)
            {
                before++;
            }

            return before;
        }
    }
}
