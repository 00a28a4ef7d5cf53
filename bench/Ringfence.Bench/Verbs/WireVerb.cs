using System.CommandLine;
using Ringfence.Bench.Logs;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>wire</c>: lets SIP messages pass an interface at a rate, and measures how far behind the daemon is that reads there.</summary>
internal static class WireVerb
{
    public static Command Build(TimeProvider clock)
    {
        var target = new Argument<string>("INTERFACE") { Description = "Where the daemon listens, in this network namespace: lo." };
        var verb = new Command("wire", "Let SIP messages pass an interface at a rate and measure how far behind the daemon is. Run it in the daemon's network namespace.") { target };
        var load = new SipLoad(verb, "wire", clock);
        verb.SetAction(parsed =>
        {
            using var link = RawLink.Open(parsed.GetValue(target)!);
            return load.Run(parsed, UdpFrames.Of, link.Send);
        });
        return verb;
    }
}
