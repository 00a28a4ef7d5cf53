using System.Globalization;
using System.Text;
using Ringfence.Core.Calls;
using Ringfence.Core.Numbers;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class CallsAheadTests : IDisposable
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-calls-ahead-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Calls_come_in_the_order_in_which_they_began_however_many_they_are()
    {
        // Written at their ends: the longest, which began first, is last.
        using var cdrs = Replay(Enumerable.Range(0, 20_000).Select(static at => (Begin.AddSeconds(20_000 - at), 10 + (2 * at))));
        using var ahead = new CallsAhead(cdrs);
        var seen = ahead.Read(TestContext.Current.CancellationToken).SelectMany(static batch => batch.Events.Select(static one => one.At).ToList()).ToList();
        Assert.Equal(20_000, seen.Count);
        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public void Where_the_clock_went_back_for_good_one_past_ends_and_the_next_begins()
    {
        using var cdrs = Replay(Enumerable.Range(0, 200).Select(static at => (at < 100 ? Begin.AddMinutes(at) : Begin.AddDays(-40).AddMinutes(at), 60)));
        using var ahead = new CallsAhead(cdrs);
        List<List<long>> pasts = [[]];
        foreach (var batch in ahead.Read(TestContext.Current.CancellationToken))
        {
            pasts[^1].AddRange(batch.Events.Select(static one => one.At));
            if (batch.EndsPast)
            {
                pasts.Add([]);
            }
        }

        Assert.Equal([100, 100], pasts.Select(static past => past.Count));
        Assert.Equal(1, ahead.Order.Restarts);
    }

    [Fact]
    public void Who_asks_no_further_is_not_waited_for()
    {
        using var cdrs = Replay(Enumerable.Range(0, 100_000).Select(static at => (Begin.AddSeconds(4 * at), 60)));
        using var ahead = new CallsAhead(cdrs);
        Assert.NotEmpty(ahead.Read(TestContext.Current.CancellationToken).First().Events);
    }

    private CdrReplay Replay(IEnumerable<(DateTimeOffset At, int Seconds)> calls)
    {
        var text = new StringBuilder();
        var number = 0;
        foreach (var (at, seconds) in calls)
        {
            var start = at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"""
                "","201","0033123456789","phones","201","PJSIP/201-{++number:x8}","PJSIP/carrier-{number:x8}","Dial","PJSIP/0033123456789@carrier","{start}","{start}","{start}",{seconds},{seconds},"ANSWERED","DOCUMENTATION","{number}.1",""

                """);
        }

        var path = Path.Combine(_directory, "Master.csv");
        File.WriteAllText(path, text.ToString());
        var home = NumberPlans.BuiltIn.Of("DE")!;
        return new CdrReplay([path], TimeZoneInfo.Utc, null, new CallReading(new DiallingRules(home, []), new Tariff(null, home.Region)));
    }
}
