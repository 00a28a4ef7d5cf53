using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using Ringfence.Bench.Measuring;
using Ringfence.Core.Events;

namespace Ringfence.Bench.Verbs;

/// <summary><c>reaction</c>: wrong passwords against a real PBX, and from the answer that is one too many to the address in the kernel; for bench/reaction.</summary>
internal static class ReactionVerb
{
    // Each in a /24 of its own: neighbours are banned together.
    private const int Stride = 256;
    private const int Host = 7;
    private const int MostTries = 12;

    // What takes longer than this would be taken for the next try's doing: none may come near.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(80);

    public static Command Build(TimeProvider clock)
    {
        var pbx = new Argument<string>("ADDRESS:PORT") { Description = "The PBX, as the attackers' namespace reaches it." };
        var namespacePath = new Option<string>("--attackers") { Required = true, Description = "The attackers' network namespace, as /run/netns/NAME; all of 100.64.0.0/10 must be its own." };
        var count = new Option<int>("--n") { DefaultValueFactory = _ => 300, Description = "Attackers, one after the other." };
        var verb = new Command("reaction", "Measure how long after the PBX refused one attempt too many its sender is in the kernel. Run it in the PBX's network namespace.") { pbx, namespacePath, count };
        var result = new ResultOptions(verb, "reaction");
        verb.SetAction(parsed =>
        {
            using var notices = KernelNotices.Open();
            Netns.Enter(parsed.GetValue(namespacePath)!);
            var target = IPEndPoint.Parse(parsed.GetValue(pbx)!);

            // One more: the first finds the daemon's code cold and is told by itself.
            List<double> milliseconds = [];
            var missed = 0;
            for (var i = 0; i <= parsed.GetValue(count); i++)
            {
                if (Attack(i, target, notices, clock) is { } latency)
                {
                    milliseconds.Add(latency.TotalMilliseconds);
                }
                else
                {
                    missed++;
                }
            }

            if (milliseconds.Count < 2)
            {
                Console.Error.WriteLine("reaction: nobody was banned");
                return 1;
            }

            result.ReportTimes(parsed, milliseconds, missed + notices.Overruns);
            return missed == 0 ? 0 : 1;
        });
        return verb;
    }

    // null: not banned.
    private static TimeSpan? Attack(int number, IPEndPoint pbx, KernelNotices notices, TimeProvider clock)
    {
        var bits = Blocks.Probes + (uint)(number * Stride) + Host;
        var address = Address.FromIPv4(bits).ToIPAddress();
        using var socket = new TimedSocket(address, pbx);
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            // How many are one too many differs: an account that many guess has fewer. So each waits for its effect.
            var call = string.Create(CultureInfo.InvariantCulture, $"{number:x}-{attempt:x}-reaction");
            socket.Send(Register(address, call, 1, ""));
            var challenge = Encoding.ASCII.GetString(socket.Receive(Patience));
            if (Nonce(challenge) is not { } nonce)
            {
                return null;
            }

            socket.Send(Register(address, call, 2, $"Authorization: Digest username=\"1001\",realm=\"asterisk\",nonce=\"{nonce}\",uri=\"sip:pbx\",response=\"08a55e66a405d7702be74b780a4e389d\",algorithm=MD5\r\n"));
            if (socket.Receive(Patience).IsEmpty)
            {
                return null;
            }

            var refused = socket.ReceivedTicks();
            var isBanned = false;
            var began = clock.GetTimestamp();
            while (!isBanned && notices.Wait(Patience - clock.GetElapsedTime(began), new AddressBlock(bits, 1), _ => isBanned = true))
            {
            }

            if (isBanned)
            {
                return TimeSpan.FromTicks(clock.GetUtcNow().UtcTicks - refused);
            }
        }

        return null;
    }

    private static string? Nonce(string challenge)
    {
        const string Before = "nonce=\"";
        var at = challenge.IndexOf(Before, StringComparison.Ordinal);
        return at < 0 ? null : challenge[(at + Before.Length)..challenge.IndexOf('"', at + Before.Length)];
    }

    private static byte[] Register(IPAddress from, string call, int sequence, string headers) =>
        Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"REGISTER sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP {from}:5060;rport;branch=z9hG4bK{call}{sequence}\r\nMax-Forwards: 70\r\nFrom: <sip:1001@pbx>;tag={call}\r\nTo: <sip:1001@pbx>\r\n"
            + $"Call-ID: {call}\r\nCSeq: {sequence} REGISTER\r\nContact: <sip:1001@{from}:5060>\r\nExpires: 120\r\n{headers}Content-Length: 0\r\n\r\n"));
}
