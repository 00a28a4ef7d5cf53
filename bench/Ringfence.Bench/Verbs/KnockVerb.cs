using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;

namespace Ringfence.Bench.Verbs;

/// <summary><c>knock</c>: what a packet at the door costs, by what it is.</summary>
internal static class KnockVerb
{
    public static Command Build(TimeProvider clock)
    {
        var users = new Option<int>("--users") { DefaultValueFactory = _ => 1000 };
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 5, Description = "The median of so many is told." };
        var verb = new Command("knock", "Rows of bench/results/knock.md.") { users, runs };
        verb.SetAction(parsed =>
        {
            KnockKey[] keys = [.. Enumerable.Range(0, parsed.GetValue(users)).Select(i => new KnockKey($"user{i}", SHA256.HashData(BitConverter.GetBytes(i))))];
            var now = clock.GetUtcNow();
            var source = Address.FromIPv4(0xc633_6407);
            using var gate = new KnockGate(keys, TimeSpan.FromMinutes(1), static _ => DateTimeOffset.MinValue);
            byte[] Valid(int user) => KnockPacket.Write(keys[user % keys.Length], new KnockRequest(now, null, ""), RandomNumberGenerator.GetBytes(KnockPacket.NonceLength));
            var (strange, forged, copy) = (RandomNumberGenerator.GetBytes(KnockPacket.Length), Valid(0), Valid(1));
            forged[60] ^= 1;
            _ = gate.See(copy, source, now);
            var shortOne = new byte[50];
            Time("of another length", 2_000_000, _ => gate.See(shortOne, source, now));
            Time("of nobody's number", 2_000_000, _ => gate.See(strange, source, now));
            Time("with somebody's number, made without his key", 200_000, _ => gate.See(forged, source, now));
            Time("a copy", 100_000, _ => gate.See(copy, source, now));
            var knocks = Enumerable.Range(0, 20_000).Select(Valid).ToArray();
            var next = 0;
            Time("a knock, the first time", knocks.Length / (parsed.GetValue(runs) + 1), _ => gate.See(knocks[next++], source, now));
            Time($"all numbers of {keys.Length:N0} users, once in {KnockPacket.TurnSeconds} s", 5, i => gate.See(strange, source, now.AddSeconds(KnockPacket.TurnSeconds * (i + 1))));

            void Time(string what, int count, Action<int> see)
            {
                for (var i = 0; i < count && what[0] == 'o'; i++)
                {
                    see(i);
                }

                List<double> took = [];
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var run = 0; run < parsed.GetValue(runs); run++)
                {
                    var began = Stopwatch.GetTimestamp();
                    for (var i = 0; i < count; i++)
                    {
                        see((run * count) + i);
                    }

                    took.Add(Stopwatch.GetElapsedTime(began).TotalNanoseconds / count);
                }

                took.Sort();
                var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / count / took.Count;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {took[took.Count / 2]:N0} | {bytes} |"));
            }
        });
        return verb;
    }
}
