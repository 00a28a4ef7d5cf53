using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class DropMeterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Drops_are_a_note_for_a_minute()
    {
        var drops = new DropMeter(_time);
        drops.Add(7);

        Assert.Equal("7 packets came faster than they could be read and were dropped since start, the last within a minute", drops.Note);
        Assert.Null(drops.Problem);

        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Null(drops.Note);
        Assert.Equal(7, drops.Total);
    }

    [Fact]
    public void Drops_that_go_on_for_five_minutes_are_a_problem_and_a_burst_a_day_is_none()
    {
        var drops = new DropMeter(_time);
        for (var second = 0; second <= 300; second++)
        {
            drops.Add(1);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("more comes than can be read, for 5 minutes: 301 packets were dropped since start", drops.Problem);
        Assert.Null(drops.Note);

        _time.Advance(TimeSpan.FromDays(1));
        drops.Add(1);
        Assert.Null(drops.Problem);
        Assert.NotNull(drops.Note);
    }

    [Fact]
    public void A_clock_set_back_leaves_no_drops_within_the_last_minute_for_a_day()
    {
        var drops = new DropMeter(_time);
        drops.Add(1);

        _time.SetClock(TimeSpan.FromDays(-1));
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.False(drops.IsRecent);
        Assert.Null(drops.Note);
    }

    [Fact]
    public void Nothing_dropped_is_nothing_to_say()
    {
        var drops = new DropMeter(_time);
        drops.Add(0);

        Assert.Null(drops.Note);
        Assert.Null(drops.Problem);
    }
}
