using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Calls;
using Ringfence.Core.Fraud;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CallStopsTests : CallDeskFixture
{
    [Theory]
    [InlineData(7)]
    [InlineData(null)]
    public void A_stop_that_the_file_has_no_room_for_is_seen_and_lifted_all_the_same(int? number)
    {
        var now = Time.Now.ToUnixTimeMilliseconds();
        var engine = new CallEngine(Policy());
        engine.Restore(new CallStop(7, now, now + 3_600_000, "spend-5m", "RF3001", "1009", "SL", "", RiskyOnly: false, "spend: spend-5m"), now);
        var stops = new CallStops(new EngineInForce(engine), new StopFile(Path.Combine(Root, "stops.json"), Time, NullLogger.Instance), enforces: true, NullLogger.Instance);
        Assert.Equal((7, "enforced"), (Assert.Single(stops.All(now)).Number, stops.All(now)[0].State));

        Assert.Equal([7], stops.Lift(number, now).Lifted.Select(static stop => stop.Number));

        Assert.Empty(engine.Stops);
        Assert.Equal("lifted", Assert.Single(stops.All(now)).State);
    }
}
