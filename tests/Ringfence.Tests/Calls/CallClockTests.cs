using Ringfence.Core.Fraud;
using Xunit;

namespace Ringfence.Tests.Calls;

/// <summary>The machine's clock is set while calls go on (NTP, a clock that kept local time, a machine that slept): what passed is what they cost, however far the clock went.</summary>
public sealed class CallClockTests : CallDeskFixture
{
    [Theory]
    [InlineData(-7_000)]
    [InlineData(-3_600)]
    [InlineData(-300)]
    [InlineData(300)]
    [InlineData(3_600)]
    [InlineData(80_000)]
    [InlineData(-100_000)]
    [InlineData(100_000)]
    public void A_call_is_hung_up_when_it_has_cost_so_much_whatever_the_clock_was_set_to_meanwhile(int seconds)
    {
        var desk = Desk(Site(Policy(SpendDay(100))));
        desk.Connected(static () => { });
        Move(desk, 200_000);
        var call = Call(desk, "201", SierraLeone);
        Move(desk, 10_000);
        Send(desk);

        Time.SetClock(TimeSpan.FromSeconds(seconds));
        Move(desk, 85_000);
        Assert.Empty(Hangups(desk));

        Move(desk, 20_000);
        Assert.Equal([call.Id, call.Leg], Hangups(desk).Distinct());
    }

    [Theory]
    [InlineData(-3_600)]
    [InlineData(3_600)]
    [InlineData(-100_000)]
    public void A_stop_keeps_what_it_had_left_in_the_file_and_in_force(int seconds)
    {
        var desk = Desk(Site(Policy(SpendDay(100))));
        desk.Connected(static () => { });
        Call(desk, "201", SierraLeone);
        Move(desk, 105_000);
        var left = Assert.Single(desk.Report().Stops).Until - Time.Now;

        Time.SetClock(TimeSpan.FromSeconds(seconds));
        desk.Tick();
        Assert.Equal(left, Assert.Single(desk.Report().Stops).Until - Time.Now);
        Assert.Equal(GateVerdict.Deny, desk.Ask("9.1", Attempt("201", SierraLeone), hasPin: false).Verdict);

        var next = Desk(Site(Policy(SpendDay(100))));
        Assert.Equal(left, Assert.Single(next.Report().Stops).Until - Time.Now);
    }
}
