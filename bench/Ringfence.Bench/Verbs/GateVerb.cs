using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Runtime;
using System.Runtime.InteropServices;
using Ringfence.Bench.Gate;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>gate</c>: calls that ask a gate, as a PBX has them; for bench/gate.</summary>
internal static partial class GateVerb
{
    private const int Extensions = 5_000;
    private const int PacedRate = 1_000;
    private const int WarmUp = 20_000;

    // Asterisk has a thread for each call. So many that none waits for another one's answer to ask.
    private const int Threads = 64;
    private const long NoGarbage = 200_000_000;

    public static Command Build(TimeProvider clock) => new("gate", "Measure a gate: who asks it, and one that decides nothing.") { Load(clock), Empty() };

    private static Command Empty()
    {
        var listen = new Argument<string>("ADDRESS:PORT");
        var verb = new Command("empty", "Serve a FastAGI that lets every call out.") { listen };
        verb.SetAction((parsed, stop) => EmptyAgi.ServeAsync(IPEndPoint.Parse(parsed.GetValue(listen)!), stop));
        return verb;
    }

    private static Command Load(TimeProvider clock)
    {
        var gate = new Argument<string>("ADDRESS:PORT");
        var name = new Option<string>("--name") { Required = true, Description = "The first column." };
        var pid = new Option<int>("--pid") { Description = "The process that serves; without it nothing of its use is told." };
        var decisions = new Option<int>("--decisions") { DefaultValueFactory = _ => 60_000, Description = "In each run. A minute at 1,000 a second has one of the lists of all channels for which the guard asks." };
        var rates = new Option<int[]>("--rate") { Description = "Decisions a second, each in a run of its own; 0: as fast as it goes, eight at once.", DefaultValueFactory = _ => [PacedRate, 0] };
        var calls = new Option<int>("--calls") { DefaultValueFactory = _ => 5_000, Description = "Calls that go on meanwhile, of which a manager interface tells." };
        var port = new Option<int>("--manager") { Description = "Be that manager interface at this port of loopback, and begin when the number of the process that serves comes in." };
        var verb = new Command("load", "Ask a gate about calls, and print rows of bench/results/gate.md.") { gate, name, pid, decisions, rates, calls, port };
        verb.SetAction(parsed =>
        {
            using var manager = new CallManager(parsed.GetValue(port), parsed.GetValue(calls));
            var tells = parsed.GetValue(port) > 0;
            if (tells)
            {
                manager.Start();
                new Thread(manager.Serve) { IsBackground = true }.Start();
            }

            var served = tells ? int.Parse(Console.ReadLine()!, CultureInfo.InvariantCulture) : parsed.GetValue(pid);
            var run = new Run(IPEndPoint.Parse(parsed.GetValue(gate)!), tells ? manager : null, clock);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {parsed.GetValue(name)} | none yet | | | | | | {ProcessUse.Of(served).RssMB:N0} |"));

            // What is measured runs for weeks: its code is compiled for speed by then.
            run.Ask(Math.Min(WarmUp, parsed.GetValue(decisions)), PacedRate);
            foreach (var rate in parsed.GetValue(rates)!)
            {
                var before = ProcessUse.Of(served);
                var (took, seconds, denied) = run.Ask(parsed.GetValue(decisions), rate);
                var after = ProcessUse.Of(served);
                took.Sort();
                var load = rate > 0 ? $"{rate:N0} a second" : "8 at once, as fast as it goes";
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {parsed.GetValue(name)} | {load} | {took.Count / seconds:N0} | {took[took.Count / 2]:0.00} | {took[took.Count * 99 / 100]:0.00} | {took[^1]:0.0} | {(after.Cpu - before.Cpu).TotalMicroseconds / took.Count:N0} | {after.RssMB:N0} |"));
                if (denied > 0)
                {
                    Console.Error.WriteLine($"gate: {denied} of {took.Count} calls were not let out");
                }
            }
        });
        return verb;
    }

    // Thread.Sleep counts in milliseconds.
    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);

    private sealed class Run(IPEndPoint gate, CallManager? manager, TimeProvider clock)
    {
        private int _asked;

        /// <returns>Milliseconds from the moment at which each was to ask until the connection is closed and the dialplan goes on.</returns>
        public (List<double> Took, double Seconds, int Denied) Ask(int count, int rate)
        {
            var at = Moments(count, rate);
            AgiCaller[] callers = [.. Enumerable.Range(_asked, count).Select(static number => new AgiCaller(
                $"1795100000.{number}", $"PJSIP/{20_000 + (number * 7919L % Extensions)}-{number:x8}", string.Create(CultureInfo.InvariantCulture, $"0302{number * 104_729L % 1_000_000:000000}")))];
            var took = new double[count];
            var (next, denied) = (-1, 0);
            _asked += count;

            // Who asks is not to be late for reasons of its own.
            GC.Collect();
            GC.TryStartNoGCRegion(NoGarbage);
            var began = clock.GetTimestamp();
            List<Thread> threads = [.. Enumerable.Range(0, rate > 0 ? Threads : 8).Select(_ => new Thread(() =>
            {
                var buffer = new byte[2048];
                while (Interlocked.Increment(ref next) is var call && call < count)
                {
                    if (at[call] - clock.GetElapsedTime(began) is { Ticks: > 0 } early)
                    {
                        _ = Sleep((uint)early.TotalMicroseconds);
                    }

                    // What is late because all threads wait is late.
                    var from = rate > 0 ? at[call] : clock.GetElapsedTime(began);
                    var one = callers[call];
                    manager?.Began(one.Id, one.Channel, one.Number);
                    if (!one.Ask(gate, buffer))
                    {
                        Interlocked.Increment(ref denied);
                    }

                    took[call] = (clock.GetElapsedTime(began) - from).TotalMilliseconds;
                    manager?.Ended(one.Id, one.Channel, one.Number);
                }
            }))];
            threads.ForEach(static thread => thread.Start());
            threads.ForEach(static thread => thread.Join());
            if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            {
                GC.EndNoGCRegion();
            }

            return ([.. took], clock.GetElapsedTime(began).TotalSeconds, denied);
        }

        // Calls do not wait for each other: the times between them are of an exponential distribution.
        private static TimeSpan[] Moments(int count, int rate)
        {
            // The threads begin first.
            var draw = new SplitMix(1);
            var moments = new TimeSpan[count];
            var at = rate > 0 ? 0.2 : 0;
            for (var call = 0; call < count; call++)
            {
                at += rate > 0 ? -Math.Log(1 - draw.Share()) / rate : 0;
                moments[call] = TimeSpan.FromSeconds(at);
            }

            return moments;
        }
    }
}
