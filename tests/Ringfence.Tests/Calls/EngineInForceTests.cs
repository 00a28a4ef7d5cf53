using Ringfence.Calls;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Ringfence.Tests.Fraud;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class EngineInForceTests
{
    [Theory]
    [InlineData(100_000, "begun")]
    [InlineData(100_001, "goes on")]
    public void An_engine_that_takes_over_is_told_what_happened_and_where_that_was_too_much_to_be_kept_what_goes_on(int events, string known)
    {
        var inForce = new EngineInForce(new CallEngine(TestCalls.Default));
        inForce.Begin("begun", TestCalls.To(TestCalls.Berlin, TestCalls.Noon));
        for (var told = 1; told < events; told++)
        {
            inForce.Answer("another", TestCalls.Noon);
        }

        var next = new CallEngine(TestCalls.Default);
        inForce.TakeOver(next, static engine => engine.Begin("goes on", TestCalls.To(TestCalls.Berlin, TestCalls.Noon)));

        Assert.Equal([known], next.Live.Select(static call => call.Id));
        Assert.Equal((next, true, false), (inForce.Engine, inForce.KnowsBefore, next.IsLearning));
    }

    [Fact]
    public void Who_asks_without_end_of_calls_that_never_begin_fills_no_memory_and_is_answered()
    {
        var time = new ManualTime();
        var inForce = new EngineInForce(new CallEngine(TestCalls.Policy()));
        var asked = new CallsAsked(static _ => null, new LiveCalls(static _ => null, TestCalls.Rules, new Tariff(null, "DE"), null!), inForce, new CallsHeard(0), time);
        for (var call = 0; call < CallsAsked.Most + 1000; call++)
        {
            Assert.Equal(GateVerdict.Allow, asked.Ask($"{call}.1", TestCalls.To(TestCalls.Berlin, TestCalls.Noon), hasPin: false).Verdict);
        }

        Assert.Equal(CallsAsked.Most, asked.Out.Count());
    }
}
