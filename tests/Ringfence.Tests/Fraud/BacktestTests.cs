using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;
using static Ringfence.Tests.Fraud.TestCalls;

namespace Ringfence.Tests.Fraud;

public sealed class BacktestTests
{
    [Fact]
    public void A_stop_for_the_second_call_of_a_fraudulent_channel_is_a_stop_of_fraud()
    {
        var limit = new CallLimit { Name = "two", Rule = "RF3009", Scope = LimitScope.Extension, Window = Minute, Critical = 2, Action = BrakeAction.Risky };
        var test = new Backtest(Policy(limit), hasGate: false, new HashSet<string> { "1795219652.7" }, 10);
        foreach (var number in (string[])[SierraLeone, "0023279000002"])
        {
            test.Add(new PastEvent(Noon + Minute, new PastCall("1795219652.7", To(number, Noon), 0, Minute), null));
        }

        test.Finish();
        Assert.True(Assert.Single(test.Stops).IsFraud);
    }

    [Fact]
    public void Calls_for_help_are_none_of_those_that_cost_and_what_is_guessed_for_short_numbers_is_told_apart()
    {
        var test = new Backtest(Policy(), hasGate: true, fraud: null, 10);
        var code = To("030123456", Noon) with { Dialled = new DialledNumber(DialledKind.Short, default, "11833"), Price = RiskDeck.BuiltIn.Of(RiskDeck.Short) };
        CallAttempt[] attempts = [To("030123456", Noon), To("112", Noon), code];
        foreach (var (attempt, id) in attempts.Select(static (attempt, at) => (attempt, $"{at}")))
        {
            test.Add(new PastEvent(Noon + Minute, new PastCall(id, attempt, 0, Minute), null));
        }

        test.Finish();
        Assert.Equal((2, 1), (test.All.Calls, test.Short.Calls));
        Assert.Equal(code.Price.Rate.Cost(60), test.Short.Cost);
    }
}
