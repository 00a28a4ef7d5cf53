using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Ringfence.Bench.Logs;

namespace Ringfence.Bench.Verbs;

/// <summary><c>hep</c>: sends SIP messages over HEP at a rate, as a busy PBX would, and measures how far behind the daemon is.</summary>
internal static class HepVerb
{
    public static Command Build(TimeProvider clock)
    {
        var target = new Argument<string>("ADDRESS:PORT") { Description = "Where the daemon receives." };
        var password = new Option<string>("--password") { DefaultValueFactory = _ => "bench-password" };
        var verb = new Command("hep", "Send SIP messages over HEP at a rate and measure how far behind the daemon is. Run it in the daemon's network namespace.") { target, password };
        var load = new SipLoad(verb, "hep", clock);
        verb.SetAction(parsed =>
        {
            var packets = new HepPackets(parsed.GetValue(password)!);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(IPEndPoint.Parse(parsed.GetValue(target)!));
            return load.Run(parsed, packets.Of, datagram => socket.Send(datagram));
        });
        return verb;
    }
}
