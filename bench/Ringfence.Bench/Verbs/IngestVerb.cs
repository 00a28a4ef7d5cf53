using System.CommandLine;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>ingest</c>: appends a log at a rate and measures how far behind the daemon is.</summary>
/// <remarks>
/// Behind by how much is told by probes: twice a second the lines of a fresh address go into the stream, and the time until the kernel has
/// that address is the lag of everything that was written before it. The last probe ends the stream: nothing is left unread behind it.
/// </remarks>
internal static class IngestVerb
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);

    public static Command Build(TimeProvider clock)
    {
        var log = new Argument<string>("LOG") { Description = "The log that the daemon watches; appended to." };
        var source = new Option<string>("--source") { Required = true, Description = "What is appended." };
        var pid = new Option<int>("--pid") { Required = true, Description = "The daemon." };
        var rate = new Option<int>("--rate") { DefaultValueFactory = _ => 100_000, Description = "Lines a second; 0: all at once." };
        var fails = new Option<int>("--fails") { DefaultValueFactory = _ => 10, Description = "Refused logins of each probe." };
        var patience = new Option<int>("--timeout") { DefaultValueFactory = _ => 60, Description = "Seconds to wait after the last line." };
        var verb = new Command("ingest", "Append a log at a rate and measure how far behind the daemon is. Run it in the daemon's network namespace.") { log, source, pid, rate, fails, patience };
        var result = new ResultOptions(verb, "ingest");
        verb.SetAction(parsed =>
        {
            var bytes = File.ReadAllBytes(parsed.GetValue(source)!);
            var ends = LineEnds(bytes);
            using var notices = KernelNotices.Open();
            using var attack = new AttackLog(parsed.GetValue(log)!, clock);
            var probes = new Probes(
                number =>
                {
                    attack.Refuse(Peer.At(Blocks.Probes, number), parsed.GetValue(fails));
                    attack.Append();
                },
                notices,
                clock);
            var before = ProcessUse.Of(parsed.GetValue(pid));
            var listening = new Thread(probes.Listen);
            listening.Start();
            var began = clock.GetTimestamp();
            Append(bytes, ends, parsed.GetValue(rate), attack, probes, clock);
            var appended = clock.GetElapsedTime(began);
            probes.Send();
            var isComplete = probes.WaitForLast(TimeSpan.FromSeconds(parsed.GetValue(patience)));
            listening.Join();
            var after = ProcessUse.Of(parsed.GetValue(pid));
            var lags = new Quantiles(probes.LagsMilliseconds.DefaultIfEmpty(double.NaN));
            var total = appended.TotalSeconds + (isComplete ? probes.LastLagMilliseconds / 1000 : double.NaN);
            result.Report(
                parsed,
                ("lines", ends.Count + (probes.Count * parsed.GetValue(fails))),
                ("append_s", appended.TotalSeconds),
                ("appended_lines_per_s", ends.Count / appended.TotalSeconds),
                ("read_lines_per_s", isComplete ? ends.Count / total : 0),
                ("lag_median_ms", isComplete ? lags.Median : -1),
                ("lag_max_ms", isComplete ? lags.Max : -1),
                ("lag_at_end_ms", isComplete ? probes.LastLagMilliseconds : -1),
                ("probes_missed", probes.Missed),
                ("overruns", notices.Overruns),
                ("cpu_s", (after.Cpu - before.Cpu).TotalSeconds),
                ("children_cpu_s", (after.ChildrenCpu - before.ChildrenCpu).TotalSeconds),
                ("rss_before_mb", before.RssMB),
                ("rss_after_mb", after.RssMB),
                ("peak_rss_mb", after.PeakRssMB));
            return isComplete ? 0 : 1;
        });
        return verb;
    }

    private static void Append(byte[] bytes, List<int> ends, int rate, AttackLog attack, Probes probes, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        var line = 0;
        var nextProbe = ProbeEvery;
        while (line < ends.Count)
        {
            var elapsed = clock.GetElapsedTime(began);
            var due = rate == 0 ? Math.Min(ends.Count, line + 2_000) : Math.Min(ends.Count, (int)(elapsed.TotalSeconds * rate) + 1);
            if (due > line)
            {
                attack.Append(bytes.AsSpan((line == 0 ? 0 : ends[line - 1])..ends[due - 1]));
                line = due;
            }

            if (elapsed > nextProbe)
            {
                probes.Send();
                nextProbe = elapsed + ProbeEvery;
            }

            if (rate > 0)
            {
                Thread.Sleep(Step);
            }
        }
    }

    private static List<int> LineEnds(ReadOnlySpan<byte> bytes)
    {
        List<int> ends = [];
        for (var at = 0; bytes[at..].IndexOf((byte)'\n') is >= 0 and var length; at += length + 1)
        {
            ends.Add(at + length + 1);
        }

        return ends;
    }
}
