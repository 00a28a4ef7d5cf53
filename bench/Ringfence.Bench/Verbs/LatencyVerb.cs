using System.CommandLine;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>latency</c>: from the write of an attacker's lines to the address in the kernel.</summary>
internal static class LatencyVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Build(TimeProvider clock)
    {
        var log = new Argument<string>("LOG") { Description = "The log that the daemon watches; appended to." };
        var count = new Option<int>("--n") { DefaultValueFactory = _ => 100, Description = "Addresses, one after the other." };
        var fails = new Option<int>("--fails") { DefaultValueFactory = _ => 10, Description = "Refused logins of each, in one write." };
        var gap = new Option<int>("--gap") { DefaultValueFactory = _ => 300, Description = "Milliseconds between two, up to twice as many by chance." };
        var verb = new Command("latency", "Measure how long after a line is written its address is in the kernel. Run it in the daemon's network namespace.") { log, count, fails, gap };
        var result = new ResultOptions(verb, "latency");
        verb.SetAction(parsed =>
        {
            // One more: the first finds the daemon's code cold and is told by itself.
            var block = new AddressBlock(Blocks.Probes, parsed.GetValue(count) + 1);
            using var notices = KernelNotices.Open();
            using var attack = new AttackLog(parsed.GetValue(log)!, clock);
            var random = new SplitMix(1);
            List<double> milliseconds = [];
            var missed = 0;
            for (var i = 0; i < block.Count; i++)
            {
                if (Once(i, block, attack, parsed.GetValue(fails), notices, clock) is { } latency)
                {
                    milliseconds.Add(latency.TotalMilliseconds);
                }
                else
                {
                    missed++;
                }

                Thread.Sleep(parsed.GetValue(gap) + random.Below(parsed.GetValue(gap) + 1));
            }

            if (milliseconds.Count < 2)
            {
                Console.Error.WriteLine($"latency: {missed} of {block.Count} addresses were not banned within {Patience.TotalSeconds} s");
                return 1;
            }

            result.ReportTimes(parsed, milliseconds, missed + notices.Overruns);
            return 0;
        });
        return verb;
    }

    // null: not banned in time.
    private static TimeSpan? Once(int i, AddressBlock block, AttackLog attack, int fails, KernelNotices notices, TimeProvider clock)
    {
        attack.Refuse(Peer.At(block.First, i), fails);
        var isBanned = false;
        var began = clock.GetTimestamp();
        attack.Append();
        while (notices.Wait(Patience - clock.GetElapsedTime(began), block, place => isBanned |= place == i))
        {
            if (isBanned)
            {
                return clock.GetElapsedTime(began);
            }
        }

        return null;
    }
}
