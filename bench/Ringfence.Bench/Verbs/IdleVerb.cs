using System.CommandLine;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>idle</c>: what a daemon uses while nothing happens.</summary>
internal static class IdleVerb
{
    public static Command Build(TimeProvider clock)
    {
        var pid = new Option<int>("--pid") { Required = true, Description = "The daemon." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 30 };
        var verb = new Command("idle", "Measure what a daemon uses while nothing happens.") { pid, seconds };
        var result = new ResultOptions(verb, "idle");
        verb.SetAction(parsed =>
        {
            var before = ProcessUse.Of(parsed.GetValue(pid));
            var began = clock.GetTimestamp();
            Thread.Sleep(TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            var elapsed = clock.GetElapsedTime(began);
            var after = ProcessUse.Of(parsed.GetValue(pid));
            var cpu = after.Cpu - before.Cpu + after.ChildrenCpu - before.ChildrenCpu;
            result.Report(
                parsed,
                ("seconds", elapsed.TotalSeconds),
                ("cpu_percent", 100 * cpu.TotalSeconds / elapsed.TotalSeconds),
                ("rss_mb", after.RssMB),
                ("peak_rss_mb", after.PeakRssMB));
        });
        return verb;
    }
}
