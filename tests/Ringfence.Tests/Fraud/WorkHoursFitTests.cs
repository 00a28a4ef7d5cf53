using Ringfence.Core.Fraud;
using Xunit;
using static Ringfence.Tests.Fraud.TestCalls;

namespace Ringfence.Tests.Fraud;

public sealed class WorkHoursFitTests
{
    [Theory]
    [InlineData(69, 31, true)]
    [InlineData(70, 30, false)]
    [InlineData(60, 39, false)]
    [InlineData(0, 100, true)]
    public void Hours_are_in_doubt_where_three_of_ten_calls_abroad_of_a_hundred_are_outside_of_them(int inside, int outside, bool isInDoubt)
    {
        var fit = new WorkHoursFit(Policy());
        for (var at = 0; at < inside + outside; at++)
        {
            fit.Add(To(France, at < inside ? Noon : Noon + (12 * Hour)));
        }

        Assert.Equal(isInDoubt, fit.Doubt("Mon-Fri 07:00-19:00") is not null);
    }

    [Fact]
    public void Calls_at_home_and_calls_that_nobody_dialled_here_say_nothing_of_hours()
    {
        var fit = new WorkHoursFit(Policy());
        foreach (var attempt in (CallAttempt[])[To(Berlin, Noon + (12 * Hour)), To("112", Noon + (12 * Hour)), To(France, Noon + (12 * Hour), origin: CallOrigin.Forwarded), To(France, Noon + (12 * Hour), origin: CallOrigin.DialledOn)])
        {
            fit.Add(attempt);
        }

        Assert.Equal((0, 0), (fit.Abroad, fit.OffHours));
    }
}
