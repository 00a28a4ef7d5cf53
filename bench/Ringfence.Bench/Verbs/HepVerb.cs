using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>hep</c>: sends SIP messages over HEP at a rate, as a busy PBX would, and measures how far behind the daemon is.</summary>
/// <remarks>Phones register; twice a second a fresh guesser is in the stream, and the time until the kernel has its address is the lag.</remarks>
internal static class HepVerb
{
    private const int Refusals = 5;
    private const int Phones = 200;
    private const int Registrations = 20_000;

    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);

    public static Command Build(TimeProvider clock)
    {
        var target = new Argument<string>("ADDRESS:PORT") { Description = "Where the daemon receives." };
        var pid = new Option<int>("--pid") { Required = true, Description = "The daemon." };
        var rate = new Option<int>("--rate") { DefaultValueFactory = _ => 50_000, Description = "Messages a second." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 10 };
        var password = new Option<string>("--password") { DefaultValueFactory = _ => "bench-password" };
        var verb = new Command("hep", "Send SIP messages over HEP at a rate and measure how far behind the daemon is. Run it in the daemon's network namespace.") { target, pid, rate, seconds, password };
        var result = new ResultOptions(verb, "hep");
        verb.SetAction(parsed =>
        {
            var stream = new HepStream(parsed.GetValue(password)!);
            var crowd = Enumerable.Range(0, Registrations).SelectMany(i => stream.Registration(Peer.At(Blocks.Crowd, i % Phones))).ToArray();
            using var notices = KernelNotices.Open();
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(IPEndPoint.Parse(parsed.GetValue(target)!));
            var sent = 0L;
            void Send(byte[] datagram)
            {
                socket.Send(datagram);
                sent++;
            }

            var probes = new Probes(number => Array.ForEach([.. stream.Guesses(Peer.At(Blocks.Probes, number), Refusals)], Send), notices, clock);
            var before = ProcessUse.Of(parsed.GetValue(pid));
            var listening = new Thread(probes.Listen);
            listening.Start();
            var began = clock.GetTimestamp();
            var end = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            var nextProbe = ProbeEvery;
            for (var i = 0L; clock.GetElapsedTime(began) is var elapsed && elapsed < end;)
            {
                for (var due = (long)(elapsed.TotalSeconds * parsed.GetValue(rate)) + 1; i < due; i++)
                {
                    Send(crowd[i % crowd.Length]);
                }

                if (elapsed > nextProbe)
                {
                    probes.Send();
                    nextProbe = elapsed + ProbeEvery;
                }

                Thread.Sleep(1);
            }

            var took = clock.GetElapsedTime(began);
            probes.Send();
            var isComplete = probes.WaitForLast(TimeSpan.FromSeconds(20));
            listening.Join();
            var after = ProcessUse.Of(parsed.GetValue(pid));
            var lags = new Quantiles(probes.LagsMilliseconds.DefaultIfEmpty(double.NaN));
            result.Report(
                parsed,
                ("messages", sent),
                ("messages_per_s", sent / took.TotalSeconds),
                ("lag_median_ms", isComplete ? lags.Median : -1),
                ("lag_max_ms", isComplete ? lags.Max : -1),
                ("probes_missed", probes.Missed),
                ("cpu_percent", 100 * (after.Cpu - before.Cpu).TotalSeconds / took.TotalSeconds),
                ("peak_rss_mib", after.PeakRssMiB));
            return isComplete ? 0 : 1;
        });
        return verb;
    }
}
