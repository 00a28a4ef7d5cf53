using System.Diagnostics;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Xunit;

namespace Ringfence.Tests.Journal;

/// <summary>A flood of forged sources against a journal that may not grow.</summary>
[Collection(nameof(Alone))]
public sealed class JournalRoomTests(ITestOutputHelper output) : JournalFixture
{
    private const int Flood = 200_000;
    private const long MaxBytes = 16 << 20;

    private static readonly Core.Detection.Evidence[] FiveLines = [.. Enumerable.Range(1, 5).Select(EvidenceLine)];

    private protected override JournalLimits Limits => new() { MaxBytes = MaxBytes };

    [Fact]
    public void A_flood_of_bans_that_end_takes_no_more_room_than_allowed_and_what_is_in_force_stays()
    {
        Journal.Append([Ban("192.0.2.1", TimeSpan.FromDays(300), evidence: 5), new Ban(0, Noon, Net("192.0.2.2"), "operator", "", null, 1)]);

        var worst = Flooded(number => new Ban(0, Time.Now, Source(number), "RF2001", "5 wrong passwords", Time.Now.AddSeconds(10), 1) { Evidence = FiveLines });

        Assert.Equal(["192.0.2.1", "192.0.2.2"], Journal.ActiveBans(Time.Now.AddMinutes(2)).Select(ban => ban.Subject.ToString()));
        Assert.Equal(5, Journal.About(Net("192.0.2.1")).Single().Decision.Evidence.Count);
        Assert.InRange(worst, MaxBytes / 2, MaxBytes + (1 << 20));
        Assert.InRange(Journal.Status.Forgotten, Flood / 2, Flood);
        Assert.Null(Journal.Status.Problem);
    }

    [Fact]
    public void A_flood_of_bans_in_force_loses_their_evidence_and_none_of_them()
    {
        var worst = Flooded(number => new Ban(0, Time.Now, Source(number), "RF2001", "5 wrong passwords", Noon.AddYears(1), 1) { Evidence = FiveLines }, 50_000);

        Assert.Equal(50_000, Journal.ActiveBans(Time.Now).Count);
        Assert.InRange(worst, MaxBytes, MaxBytes + (50_000 * 400));
        Assert.Contains("raise max_size", Journal.Status.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flood_of_alerts_is_counted_and_the_first_of_each_minute_are_kept()
    {
        var worst = Flooded(number => new Alert(0, Time.Now, Source(number), "RF2003", "4 account names in 9 s") { Evidence = FiveLines });
        Time.Advance(TimeSpan.FromMinutes(1));
        Journal.TakeReopened();

        var minutes = Flood / 20 / 600 + 1;
        Assert.InRange(worst, 0, 8 << 20);
        Assert.Equal(Flood - (100 * minutes), Journal.Status.CountedOnly);
        var told = Journal.About(Net("0.0.0.0/0")).Where(about => about.Decision.Subject == Net("0.0.0.0/0")).ToList();
        Assert.Equal(minutes, told.Count);
        Assert.Equal("11900 more alerts within this minute came too fast to keep each: counted only", told[0].Decision.Reason);
    }

    [Fact]
    public void Bans_that_count_for_the_growth_are_the_last_to_go()
    {
        Journal.Append([Ban("192.0.2.1", TimeSpan.FromMinutes(1)), Ban("192.0.2.2", TimeSpan.FromMinutes(1), time: Noon.AddDays(-20))]);
        Time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 12_000; i += 20)
        {
            Journal.Append([.. Enumerable.Range(i, 20).Select(number => new Ban(0, Time.Now.AddDays(-10), Source(number), "RF2001", "", Time.Now.AddDays(-9), 1) { Evidence = FiveLines })]);
        }

        Assert.NotEqual(0, Journal.Status.Forgotten);
        Assert.Equal(["192.0.2.1"], Journal.BansSince(Noon).Select(ban => ban.Subject.ToString()));
        Assert.Empty(Journal.About(Net("192.0.2.2")));
    }

    // Returns the most that the file took.
    private long Flooded(Func<int, Decision> decide, int flood = Flood)
    {
        const int Batch = 20;
        var times = new List<double>();
        long worst = 0;
        for (var i = 0; i < flood; i += Batch)
        {
            var start = Stopwatch.GetTimestamp();
            Journal.Append([.. Enumerable.Range(i, Batch).Select(decide)]);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Time.Advance(TimeSpan.FromMilliseconds(100));
            if (i % 2000 == 0)
            {
                worst = Math.Max(worst, new FileInfo(Path).Length);
            }
        }

        times.Sort();
        output.WriteLine($"{flood} in batches of {Batch}: {1000 * flood / times.Sum():N0}/s, median {times[times.Count / 2]:N2} ms, p99 {times[times.Count * 99 / 100]:N2} ms, "
            + $"longest {times[^1]:N1} ms; at most {worst >> 20} MiB");
        return worst;
    }

    private static Network Source(int number) => new(Address.FromIPv4(0x0a000000u + (uint)number), 32);
}
