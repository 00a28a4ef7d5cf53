using System.Diagnostics;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Journal;

/// <summary>What the journal costs. The figures are printed; the limits leave a slow or busy machine several times the room.</summary>
[Collection(nameof(Alone))]
public sealed class JournalFiguresTests(ITestOutputHelper output) : JournalFixture
{
    private const int Bans = 100_000;

    private static readonly Core.Detection.Evidence[] FiveLines = [.. Enumerable.Range(1, 5).Select(EvidenceLine)];

    [Fact]
    public async Task A_hundred_thousand_bans_are_appended_read_and_forgotten_quickly_and_take_little_room()
    {
        const int BatchSize = 20;
        var calls = new List<double>();
        var appending = Stopwatch.StartNew();
        for (var i = 0; i < Bans; i += BatchSize)
        {
            var call = Stopwatch.GetTimestamp();
            var written = Journal.Append([.. Enumerable.Range(i, BatchSize).Select(Ban)], [new ReadPosition("/var/log/asterisk/security", 1, 2, i, 3, 4)]);
            Journal.Append([.. written.Select(ban => new Outcome(ban.Id, Noon, OutcomeKind.Enforced, ""))]);
            calls.Add(Stopwatch.GetElapsedTime(call).TotalMilliseconds);
        }

        appending.Stop();
        var single = new List<double>();
        for (var i = 0; i < 3000; i++)
        {
            var call = Stopwatch.GetTimestamp();
            Journal.Append([Ban(i)], [new ReadPosition("/var/log/asterisk/security", 1, 2, i, 3, 4)]);
            single.Add(Stopwatch.GetElapsedTime(call).TotalMilliseconds);
        }

        single.Sort();
        output.WriteLine($"one at a time: median {single[1500]:N3}, p99 {single[2970]:N2}, p99.9 {single[2997]:N1}, longest {single[^1]:N1} ms");
        await Journal.DisposeAsync();
        var opening = Measure(() => Journal = Open());
        var bytes = Journal.Status.SizeBytes / (Bans + single.Count);
        IReadOnlyList<Ban> active = [];
        var reading = Measure(() => active = Journal.ActiveBans(Noon));
        IReadOnlyList<Ban> ledger = [];
        var since = Measure(() => ledger = Journal.BansSince(Noon));
        var about = Measure(() => Journal.About(active[Bans / 2].Subject));
        var steps = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            var step = Stopwatch.GetTimestamp();
            Journal.Purge(Noon.AddDays(30));
            steps.Add(Stopwatch.GetElapsedTime(step).TotalMilliseconds);
        }

        calls.Sort();
        steps.Sort();
        output.WriteLine($"append: {Bans / appending.Elapsed.TotalSeconds:N0} bans/s with 5 records each and an outcome, {BatchSize} per transaction: "
            + $"median {calls[calls.Count / 2]:N2} ms, p99 {calls[calls.Count * 99 / 100]:N2} ms, longest {calls[^1]:N1} ms per batch and its outcomes");
        output.WriteLine($"bytes per ban: {bytes:N0} (5 records of {FiveLines[0].Text.Length} characters)");
        output.WriteLine($"open: {opening}; {active.Count:N0} bans in force read: {reading}; for the ledger: {since}; about one address: {about}");
        output.WriteLine($"purge: median {steps[steps.Count / 2]:N1} ms, longest {steps[^1]:N1} ms per step");
        Assert.Equal((Bans, Bans + single.Count), (active.Count, ledger.Count));
        Assert.InRange(bytes, 1, 4000);
        Assert.InRange(appending.Elapsed.TotalSeconds, 0, Bans / 2000.0);
        Assert.InRange(reading.Cpu.TotalSeconds, 0, 1);
    }

    // Processor time beside the clock's: on a busy machine the clock measures the others.
    private static Cost Measure(Action act)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.GetTimestamp();
        act();
        return new Cost(Stopwatch.GetElapsedTime(clock), Environment.CpuUsage.TotalTime - cpu);
    }

    private sealed record Cost(TimeSpan Wall, TimeSpan Cpu)
    {
        public override string ToString() => $"{Wall.TotalMilliseconds:N0} ms ({Cpu.TotalMilliseconds:N0} ms of processor)";
    }

    // Spread over the address space as attackers are, and ending at different times.
    private static Ban Ban(int number)
    {
        var mixed = (uint)number * 2654435761;
        return new Ban(0, Noon, new Network(Address.FromIPv4(mixed), 32), "RF2001", "5 wrong passwords in 1 min 12 s", Noon.AddSeconds(3600 + (mixed % 3600)), 1)
        {
            Evidence = FiveLines,
        };
    }
}
