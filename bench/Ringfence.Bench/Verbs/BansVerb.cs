using System.CommandLine;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>bans</c>: how many addresses a second reach the kernel when many attack at once.</summary>
internal static class BansVerb
{
    public static Command Build(TimeProvider clock)
    {
        var log = new Argument<string>("LOG") { Description = "The log that the daemon watches; appended to." };
        var pid = new Option<int>("--pid") { Required = true, Description = "The daemon." };
        var count = new Option<int>("--n") { DefaultValueFactory = _ => 20_000, Description = "Addresses." };
        var fails = new Option<int>("--fails") { DefaultValueFactory = _ => 10, Description = "Refused logins of each." };
        var patience = new Option<int>("--timeout") { DefaultValueFactory = _ => 60, Description = "Seconds." };
        var verb = new Command("bans", "Let many addresses attack at once and count how fast they are in the kernel. Run it in the daemon's network namespace.") { log, pid, count, fails, patience };
        var result = new ResultOptions(verb, "bans");
        verb.SetAction(parsed =>
        {
            var block = new AddressBlock(Blocks.Crowd, parsed.GetValue(count));
            var seen = new SeenAddresses(block);
            using var notices = KernelNotices.Open();
            using var attack = new AttackLog(parsed.GetValue(log)!, clock);
            var before = ProcessUse.Of(parsed.GetValue(pid));
            var limit = TimeSpan.FromSeconds(parsed.GetValue(patience));
            var began = clock.GetTimestamp();
            var last = TimeSpan.Zero;
            var next = 0;

            // A thousand addresses at a time, so that what the kernel tells meanwhile is not lost; the writer is never what is waited for.
            while (!seen.IsComplete && clock.GetElapsedTime(began) < limit)
            {
                for (var end = Math.Min(block.Count, next + 1_000); next < end; next++)
                {
                    attack.Refuse(Peer.At(block.First, next), parsed.GetValue(fails));
                }

                attack.Append();
                var wait = next < block.Count ? TimeSpan.FromTicks(1) : limit - clock.GetElapsedTime(began);
                if (notices.Wait(wait, block, seen.Add))
                {
                    last = clock.GetElapsedTime(began);
                }
            }

            var after = ProcessUse.Of(parsed.GetValue(pid));
            result.Report(
                parsed,
                ("bans", seen.Count),
                ("missed", block.Count - seen.Count),
                ("overruns", notices.Overruns),
                ("wall_s", last.TotalSeconds),
                ("bans_per_s", seen.Count / last.TotalSeconds),
                ("cpu_s", (after.Cpu - before.Cpu).TotalSeconds),
                ("children_cpu_s", (after.ChildrenCpu - before.ChildrenCpu).TotalSeconds),
                ("peak_rss_mb", after.PeakRssMB));
            return seen.IsComplete ? 0 : 1;
        });
        return verb;
    }
}
