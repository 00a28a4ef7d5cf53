using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ringfence.Core.Events;
using Ringfence.Core.Outer;

namespace Ringfence.Bench.Verbs;

/// <summary><c>outer</c>: what it costs to find the next thing to tell a firewall outside, by how many bans there are.</summary>
internal static class OuterVerb
{
    public static Command Build(TimeProvider clock)
    {
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 21, Description = "The median of so many is told." };
        var verb = new Command("outer", "Rows of bench/results/outer.md.") { runs };
        verb.SetAction(parsed =>
        {
            foreach (var bans in (int[])[10_000, 100_000])
            {
                var now = clock.GetUtcNow();
                var book = new OuterBook(endsAlone: true, TimeSpan.FromDays(30), bans);
                OuterBan[] all = [.. Enumerable.Range(0, bans).Select(i => new OuterBan(Network.Of(Address.FromIPv4(0x0100_0000u + ((uint)i * 7))), now.AddHours(1 + (i % 100)), "RF2001"))];
                var desire = Median(() => book.Desire(all));
                var waiting = Median(() => book.Next(now, 100));
                foreach (var call in book.Next(now, bans))
                {
                    book.Begin(call);
                    book.Succeed(call);
                }

                var quiet = Median(() => book.Next(now, 100));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {bans:N0} | {desire:N1} | {waiting:N1} | {quiet:N1} |"));
            }

            double Median(Action act)
            {
                List<double> took = [];
                for (var run = 0; run < parsed.GetValue(runs); run++)
                {
                    var began = Stopwatch.GetTimestamp();
                    act();
                    took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }

                took.Sort();
                return took[took.Count / 2];
            }
        });
        return verb;
    }
}
