using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Gate;

namespace Ringfence.Bench.Verbs;

/// <summary><c>gate</c>: decisions of the gate over real connections, beside calls in progress.</summary>
internal static class GateVerb
{
    private const int CallsInProgress = 5_000;
    private const int Callers = 8;
    private const int PacedRate = 1_000;

    public static Command Build(TimeProvider clock)
    {
        var decisions = new Option<int>("--decisions") { DefaultValueFactory = _ => 20_000 };
        var verb = new Command("gate", "Rows of bench/results/gate.md.") { decisions };
        verb.SetAction(async (parsed, stop) =>
        {
            var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, ["0"]);
            var tariff = new Tariff(null, "DE");
            var gate = new LockedEngine(new CallEngine(CallPolicy.Default(WorkHours.Usual(TimeZoneInfo.Utc), "DE")));
            for (var call = 0; call < CallsInProgress; call++)
            {
                gate.Begin($"going-{call}", new GateCall($"going-{call}", $"PJSIP/{2000 + (call % 1000)}-1", $"0301234{call:0000}", "", "trunk-a", "", "", "", "").Attempt(clock.GetUtcNow().ToUnixTimeMilliseconds(), rules, NumberPlans.BuiltIn, tariff));
            }

            using var listener = GateServer.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            var address = (IPEndPoint)listener.LocalEndPoint!;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var server = new GateServer(new GateSettings { Listen = address }, gate, rules, tariff, new Pins("/nonexistent"), clock, NullLogger.Instance);
            var serving = server.ServeAsync(listener, end.Token);
            var count = parsed.GetValue(decisions);
            await LoadAsync(address, gate, Math.Min(2_000, count), 0, clock, stop);
            foreach (var (name, rate) in new[] { ($"{PacedRate:N0} a second", PacedRate), ($"{Callers} callers at once, as fast as it goes", 0) })
            {
                var (took, seconds) = await LoadAsync(address, gate, count, rate, clock, stop);
                took.Sort();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {count / seconds:N0} | {took[count / 2]:0.00} | {took[count * 99 / 100]:0.00} | {took[^1]:0.0} | {Environment.WorkingSet / 1e6:N0} |"));
            }

            await end.CancelAsync();
            try
            {
                await serving;
            }
            catch (OperationCanceledException)
            {
            }
        });
        return verb;
    }

    private static async Task<(List<double> Took, double Seconds)> LoadAsync(IPEndPoint address, LockedEngine gate, int count, int rate, TimeProvider clock, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var next = -1;
        var took = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var times = new List<double>();
            var buffer = new byte[512];
            while (Interlocked.Increment(ref next) is var call && call < count)
            {
                if (rate > 0 && TimeSpan.FromSeconds((double)call / rate) - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                {
                    await Task.Delay(early, clock, stop);
                }

                var from = Stopwatch.GetTimestamp();
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(address, stop);
                var id = $"{count}.{call}";
                await socket.SendAsync(Request(id, caller, call), stop);
                for (var isDecided = false; !isDecided;)
                {
                    var length = await socket.ReceiveAsync(buffer, stop);
                    isDecided = length == 0 ? throw new IOException("the gate gave no verdict") : Encoding.ASCII.GetString(buffer, 0, length).Contains("VERDICT", StringComparison.Ordinal);
                    await socket.SendAsync("200 result=1\n"u8.ToArray(), stop);
                }

                times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
                gate.Drop(id, clock.GetUtcNow().ToUnixTimeMilliseconds());
            }

            return times;
        }));
        return ([.. took.SelectMany(static times => times)], Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static byte[] Request(string id, int caller, int call)
    {
        string[] arguments = ["1", id, $"PJSIP/{3000 + (call % 500)}-0000000{caller}", call % 10 == 0 ? "0044201234567" : $"030123{call % 10_000:0000}", "", "trunk-a", "", "", "3000", "", "415623447"];
        return Encoding.ASCII.GetBytes(
            "agi_network: yes\nagi_network_script: gate/415623447\nagi_request: agi://127.0.0.1:4573/gate/415623447\nagi_channel: PJSIP/3000-00000001\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: 1\nagi_version: 22\n"
            + "agi_callerid: 3000\nagi_calleridname: unknown\nagi_extension: s\nagi_accountcode: \n" + string.Concat(arguments.Select(static (argument, at) => $"agi_arg_{at + 1}: {argument}\n")) + "\n");
    }

    private sealed class LockedEngine(CallEngine engine) : IGate
    {
        private readonly Lock _lock = new();

        public void Begin(string id, in CallAttempt attempt)
        {
            lock (_lock)
            {
                engine.Begin(id, attempt);
                engine.Answer(id, attempt.At);
                engine.TakeAlarms();
                engine.TakeCuts();
            }
        }

        public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin)
        {
            lock (_lock)
            {
                var answer = engine.Ask(id, attempt, hasPin);
                engine.TakeAlarms();
                engine.TakeCuts();
                return answer;
            }
        }

        public void See(SiteEvent seen)
        {
        }

        public void Drop(string id, long at)
        {
            lock (_lock)
            {
                engine.End(id, at);
            }
        }
    }
}
