using System.CommandLine;
using System.Diagnostics;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>restore</c>: from the start of a daemon to its last remembered ban in the kernel.</summary>
internal static class RestoreVerb
{
    public static Command Build(TimeProvider clock)
    {
        var count = new Option<int>("--n") { DefaultValueFactory = _ => 100_000, Description = "Bans that it will restore." };
        var patience = new Option<int>("--timeout") { DefaultValueFactory = _ => 120, Description = "Seconds." };
        var command = new Argument<string[]>("COMMAND") { Description = "The daemon, in the foreground, behind --.", Arity = ArgumentArity.OneOrMore };
        var verb = new Command("restore", "Start a daemon and wait until its bans are in the kernel; end it. Run it in an empty network namespace.") { count, patience, command };
        var result = new ResultOptions(verb, "restore");
        verb.SetAction(parsed =>
        {
            var block = new AddressBlock(Blocks.Crowd, parsed.GetValue(count));
            var seen = new SeenAddresses(block);
            using var notices = KernelNotices.Open();
            var limit = TimeSpan.FromSeconds(parsed.GetValue(patience));
            var words = parsed.GetValue(command)!;
            var began = clock.GetTimestamp();
            using var daemon = Process.Start(new ProcessStartInfo(words[0], words[1..]))!;
            var first = TimeSpan.Zero;
            while (!seen.IsComplete && notices.Wait(limit - clock.GetElapsedTime(began), block, seen.Add))
            {
                first = first == TimeSpan.Zero && seen.Count > 0 ? clock.GetElapsedTime(began) : first;
            }

            var elapsed = clock.GetElapsedTime(began);
            var use = daemon.HasExited ? new ProcessUse(default, default, 0, 0) : ProcessUse.Of(daemon.Id);
            ProcessUse.End(daemon.Id);
            if (!daemon.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                daemon.Kill();
            }

            result.Report(
                parsed,
                ("bans", seen.Count),
                ("missed", block.Count - seen.Count),
                ("overruns", notices.Overruns),
                ("first_s", first.TotalSeconds),
                ("wall_s", elapsed.TotalSeconds),
                ("bans_per_s", seen.Count / elapsed.TotalSeconds),
                ("cpu_s", (use.Cpu + use.ChildrenCpu).TotalSeconds),
                ("peak_rss_mb", use.PeakRssMB));
            return seen.IsComplete ? 0 : 1;
        });
        return verb;
    }
}
