using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class RateMeterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Events_count_for_a_minute_whoever_sets_the_clock_back()
    {
        var rate = new RateMeter(_time);
        rate.Add(600);
        Assert.Equal(10, rate.PerSecond());

        _time.SetClock(TimeSpan.FromDays(-1));
        _time.Advance(TimeSpan.FromSeconds(30));
        rate.Add(60);
        Assert.Equal(11, rate.PerSecond());

        _time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(1, rate.PerSecond());
    }
}
