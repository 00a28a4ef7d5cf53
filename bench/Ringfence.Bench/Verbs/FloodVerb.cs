using System.CommandLine;
using System.Globalization;
using System.Text;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>flood</c>: REGISTERs at a rate, from one address or from as many as one likes, for bench/flood.</summary>
internal static class FloodVerb
{
    private const int Templates = 4_096;

    public static Command Build(TimeProvider clock)
    {
        var link = new Argument<string>("INTERFACE") { Description = "The link to the PBX, in this network namespace." };
        var to = new Option<string>("--to") { Required = true, Description = "The PBX's Ethernet address." };
        var pbx = new Option<string>("--pbx") { Required = true, Description = "The PBX's IPv4 address." };
        var source = new Option<string>("--source") { DefaultValueFactory = _ => "198.18.0.1", Description = "The first source address." };
        var sources = new Option<int>("--sources") { DefaultValueFactory = _ => 1, Description = "So many addresses from there on, one after the other." };
        var rate = new Option<int>("--rate") { DefaultValueFactory = _ => 8_000, Description = "Requests a second." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 30 };
        var verb = new Command("flood", "Send REGISTERs to a PBX at a rate, from one address or from many that are forged.") { link, to, pbx, source, sources, rate, seconds };
        verb.SetAction(parsed =>
        {
            var frames = Frames(Bits(parsed.GetValue(pbx)!), parsed.GetValue(to)!);
            var first = Bits(parsed.GetValue(source)!);
            using var raw = RawLink.Open(parsed.GetValue(link)!);
            var began = clock.GetTimestamp();
            var end = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            var sent = 0L;
            for (; clock.GetElapsedTime(began) is var elapsed && elapsed < end; Thread.Sleep(1))
            {
                for (var due = (long)(elapsed.TotalSeconds * parsed.GetValue(rate)); sent < due; sent++)
                {
                    var frame = frames[sent % Templates];
                    UdpFrames.SetSource(frame, first + (uint)(sent % parsed.GetValue(sources)));
                    raw.Send(frame);
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"flood: sent {sent}, {sent / clock.GetElapsedTime(began).TotalSeconds:0} a second, from {Math.Min(sent, parsed.GetValue(sources))} addresses"));
        });
        return verb;
    }

    // Accounts that nobody has; each of its own Call-ID, or the PBX would answer from its transactions.
    private static byte[][] Frames(uint pbx, string to)
    {
        var address = to.Split(':').Select(part => Convert.ToByte(part, 16)).ToArray();
        return [.. Enumerable.Range(0, Templates).Select(number => UdpFrames.Between(0, pbx, address, Encoding.ASCII.GetBytes(
            $"REGISTER sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK{number:x}\r\nMax-Forwards: 70\r\nFrom: <sip:{number}@pbx>;tag={number:x}\r\nTo: <sip:{number}@pbx>\r\n"
            + $"Call-ID: {number:x}\r\nCSeq: 1 REGISTER\r\nContact: <sip:{number}@192.0.2.9:5060>\r\nContent-Length: 0\r\n\r\n")))];
    }

    private static uint Bits(string address) => Core.Events.Address.Parse(address)!.Value.IPv4Bits;
}
