using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class PulseTests
{
    private readonly ManualTime _time = new();
    private long _turns;

    [Fact]
    public void A_pipeline_that_stands_still_for_ten_seconds_is_a_problem_until_it_moves_whatever_somebody_does_to_the_clock()
    {
        var pulse = new Pulse(() => _turns, _time);

        _time.Advance(TimeSpan.FromSeconds(9));
        _time.SetClock(TimeSpan.FromDays(365));
        Assert.Null(pulse.Problem);

        _time.SetClock(TimeSpan.FromDays(-730));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.StartsWith("it has stood still for 12 s: ", pulse.Problem, StringComparison.Ordinal);

        _turns++;
        Assert.Null(pulse.Problem);
    }
}
