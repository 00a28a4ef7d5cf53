using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
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
}
