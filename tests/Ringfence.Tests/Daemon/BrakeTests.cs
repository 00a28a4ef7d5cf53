using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class BrakeTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-brake-");
    private readonly ManualTime _time = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(7)]
    [InlineData(null)]
    public void A_stop_that_the_list_has_no_room_for_is_seen_and_lifted_all_the_same(int? number)
    {
        var now = _time.Now.ToUnixTimeMilliseconds();
        var engine = new CallEngine(new CallPolicy([], WorkHours.Usual(TimeZoneInfo.Utc), "DE"));
        engine.Restore(new CallStop(7, now, now + 3_600_000, "spend-5m", "RF3001", "1009", "SL", "", RiskyOnly: false, "spend: spend-5m"), now);
        var brake = new Brake(
            new LiveCalls(static _ => true, new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []), new Tariff(null, "DE"), new Deaf()),
            new StopFile(Path.Combine(_directory.FullName, "stops.json"), _time, NullLogger.Instance), new Deaf(), enforces: true, "EUR", _time, NullLogger.Instance)
        { Engine = engine };
        Assert.Equal((7, "enforced"), (Assert.Single(brake.Stops(now)).Number, brake.Stops(now)[0].State));

        Assert.Equal([7], brake.Lift(number, now).Lifted.Select(static stop => stop.Number));

        Assert.Empty(engine.Stops);
        Assert.Equal("lifted", Assert.Single(brake.Stops(now)).State);
    }

    private sealed class Deaf : ILiveCalls, ICallTeller
    {
        public void Begin(string id, in CallAttempt attempt)
        {
        }

        public void Answer(string id, long at)
        {
        }

        public void End(string id, long at)
        {
        }

        public void See(SiteEvent seen)
        {
        }

        public void Gone(string channel, long at)
        {
        }

        public void Tell(Notice notice, string line)
        {
        }
    }
}
