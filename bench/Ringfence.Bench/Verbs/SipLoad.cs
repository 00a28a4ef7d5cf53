using System.CommandLine;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary>SIP messages at a rate, by whatever way the daemon gets them, and how far behind it is.</summary>
/// <remarks>Phones register; twice a second a fresh guesser is in the stream, and the time until the kernel has its address is the lag.</remarks>
internal sealed class SipLoad
{
    private const int Refusals = 5;
    private const int Phones = 200;
    private const int Registrations = 20_000;

    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);

    private readonly Option<int> _pid = new("--pid") { Required = true, Description = "The daemon." };
    private readonly Option<int> _rate = new("--rate") { DefaultValueFactory = _ => 50_000, Description = "Messages a second." };
    private readonly Option<int> _seconds = new("--seconds") { DefaultValueFactory = _ => 10 };
    private readonly ResultOptions _result;
    private readonly TimeProvider _clock;

    public SipLoad(Command verb, string part, TimeProvider clock)
    {
        _clock = clock;
        verb.Add(_pid);
        verb.Add(_rate);
        verb.Add(_seconds);
        _result = new ResultOptions(verb, part);
    }

    /// <param name="wrap">The packet that carries a message.</param>
    /// <returns>0: all was found.</returns>
    public int Run(ParseResult parsed, Func<SipDatagram, byte[]> wrap, Action<byte[]> send)
    {
        var stream = new SipStream();
        var crowd = Enumerable.Range(0, Registrations).SelectMany(i => stream.Registration(Peer.At(Blocks.Crowd, i % Phones))).Select(wrap).ToArray();
        using var notices = KernelNotices.Open();
        var sent = 0L;
        void Send(byte[] packet)
        {
            send(packet);
            sent++;
        }

        var probes = new Probes(number => Array.ForEach([.. stream.Guesses(Peer.At(Blocks.Probes, number), Refusals).Select(wrap)], Send), notices, _clock);
        var before = ProcessUse.Of(parsed.GetValue(_pid));
        var listening = new Thread(probes.Listen);
        listening.Start();
        var began = _clock.GetTimestamp();
        var end = TimeSpan.FromSeconds(parsed.GetValue(_seconds));
        var nextProbe = ProbeEvery;
        for (var i = 0L; _clock.GetElapsedTime(began) is var elapsed && elapsed < end;)
        {
            for (var due = (long)(elapsed.TotalSeconds * parsed.GetValue(_rate)) + 1; i < due; i++)
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

        var took = _clock.GetElapsedTime(began);
        probes.Send();
        var isComplete = probes.WaitForLast(TimeSpan.FromSeconds(20));
        listening.Join();
        var after = ProcessUse.Of(parsed.GetValue(_pid));
        var lags = new Quantiles(probes.LagsMilliseconds.DefaultIfEmpty(double.NaN));
        _result.Report(
            parsed,
            ("messages", sent),
            ("messages_per_s", sent / took.TotalSeconds),
            ("lag_median_ms", isComplete ? lags.Median : -1),
            ("lag_max_ms", isComplete ? lags.Max : -1),
            ("probes_missed", probes.Missed),
            ("cpu_percent", 100 * (after.Cpu - before.Cpu).TotalSeconds / took.TotalSeconds),
            ("peak_rss_mb", after.PeakRssMB));
        return isComplete ? 0 : 1;
    }
}
