using Ringfence.Core.Events;
using Ringfence.Core.Perimeter;
using Ringfence.SystemTests.Asterisk;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>A machine with two cables to the world, in namespaces of the test; packets come in by either, from whatever address, and what gets past every rule is noted.</summary>
internal sealed class PolicyRig : IDisposable
{
    // Alone in its network: the answer to a packet from a broadcast address would come back.
    public const string Own4 = "198.18.5.1";
    public const string Own6 = "2001:db8:5::1";

    private const string HardwareAddress = "02:00:5e:00:53:01";

    private readonly Netns _world = Netns.Create("polout");
    private readonly Dictionary<string, RawFrames> _frames = new(StringComparer.Ordinal);
    private ushort _sourcePort = 1023;

    public PolicyRig()
    {
        Links = [Join([$"{Own4}/32", $"{Own6}/128"]), Join([])];
    }

    public Netns Machine { get; } = Netns.Create("polpbx");

    /// <summary>Its interfaces; the machine's addresses are at the first, and packets to them come in by either.</summary>
    public IReadOnlyList<string> Links { get; }

    public static PolicyRig Create()
    {
        Requires.Root();
        Requires.Tool("nft");
        return new PolicyRig();
    }

    public void Nft(string script) => Machine.ExecuteWithInput(script, "nft", "-f", "-");

    /// <summary>Sends the first packet of each, and says which passed.</summary>
    public HashSet<Arrival> Passing(IReadOnlyCollection<Arrival> arrivals)
    {
        Nft(ProbeObserver.Script);
        foreach (var arrival in arrivals)
        {
            // A port of its own for each, or it would belong to a connection of before.
            _sourcePort = _sourcePort == ushort.MaxValue ? (ushort)1024 : (ushort)(_sourcePort + 1);
            _frames[arrival.Interface].Send(ProbePacket.Of(arrival, Address.Parse(arrival.Source.IsIPv4 ? Own4 : Own6)!.Value, _sourcePort));
        }

        // What is put on a cable of this machine is at the other end before the call returns, or, when the kernel is at it already, in its next turn.
        Thread.Sleep(50);
        return ProbeObserver.Read(Machine.Execute("nft", [.. ProbeObserver.Question]));
    }

    public void Dispose()
    {
        foreach (var frames in _frames.Values)
        {
            frames.Dispose();
        }

        _world.Dispose();
        Machine.Dispose();
    }

    private string Join(string[] addresses)
    {
        var link = Machine.Connect(_world, addresses, []);
        Machine.Ip("link", "set", link, "address", HardwareAddress);

        // Sources are whatever a policy names, and no route leads back to most of them.
        Machine.Execute("sh", "-c", $"for name in all {link}; do echo 0 > /proc/sys/net/ipv4/conf/$name/rp_filter; done");
        _frames[link] = RawFrames.Open(_world.Name, link, HardwareAddress);
        return link;
    }
}
