using Ringfence.Core.Parsing;
using Ringfence.Daemon;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>A log whose refusals can't be laid to anybody is told of, whatever else stands in it.</summary>
public sealed class UnsureRefusalsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Lines_that_are_understood_between_them_do_not_reset_the_refusals_that_are_not()
    {
        var refusals = new UnsureRefusals();
        for (var i = 0; i <= UnsureRefusals.Many; i++)
        {
            Assert.False(refusals.AreMany(Now.AddSeconds(i)));
            refusals.See(1, 3, Now.AddSeconds(i));
        }

        Assert.True(refusals.AreMany(Now.AddMinutes(10)));
        Assert.False(refusals.AreMany(Now.AddMinutes(11)));
    }

    [Theory]
    [InlineData(20, 0)]
    [InlineData(40, 1_000)]
    public void A_few_or_few_among_many_are_no_problem(int unsure, int events)
    {
        var refusals = new UnsureRefusals();
        refusals.See(0, events, Now);
        refusals.See(unsure, 0, Now);

        Assert.False(refusals.AreMany(Now));
    }

    [Fact]
    public void Those_of_an_earlier_window_are_forgotten()
    {
        var refusals = new UnsureRefusals();
        refusals.See(UnsureRefusals.Many, 0, Now);
        refusals.See(UnsureRefusals.Many, 0, Now + UnsureRefusals.Window);

        Assert.False(refusals.AreMany(Now + UnsureRefusals.Window));
    }

    [Fact]
    public void Many_refusals_that_name_nobody_for_certain_are_a_problem_of_their_log()
    {
        var state = new LogState("/var/log/asterisk/messages", new ManualTime(Now));
        state.Unsure.See(UnsureRefusals.Many + 1, 5, Now);
        var tail = new TailStatus(state.Path, TailState.Reading, null, Now, 100, 0, 0, 0, Now);

        Assert.StartsWith("more than 20 refusals in ten minutes name no address for certain", LogHealth.ProblemOf(state, new LogCounts(30, 100, 5, 21, 0, 0), tail, Now), StringComparison.Ordinal);
    }
}
