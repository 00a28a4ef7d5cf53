using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
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

    // Behind every other chain.
    private const string Observer = """
        add table inet zz_seen
        delete table inet zz_seen
        table inet zz_seen {
            set seen4 { typeof meta iifname . meta l4proto . th dport . ip saddr; flags dynamic; size 65535; }
            set seen6 { typeof meta iifname . meta l4proto . th dport . ip6 saddr; flags dynamic; size 65535; }
            chain seen {
                type filter hook input priority 2000; policy accept;
                meta nfproto ipv4 meta l4proto { tcp, udp } update @seen4 { meta iifname . meta l4proto . th dport . ip saddr }
                meta nfproto ipv6 meta l4proto { tcp, udp } update @seen6 { meta iifname . meta l4proto . th dport . ip6 saddr }
            }
        }

        """;

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
        Nft(Observer);
        foreach (var arrival in arrivals)
        {
            // A port of its own for each, or it would belong to a connection of before.
            _sourcePort = _sourcePort == ushort.MaxValue ? (ushort)1024 : (ushort)(_sourcePort + 1);
            _frames[arrival.Interface].Send(Packet(arrival));
        }

        // What is put on a cable of this machine is at the other end before the call returns, or, when the kernel is at it already, in its next turn.
        Thread.Sleep(50);
        return [.. Seen("seen4"), .. Seen("seen6")];
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

    private byte[] Packet(Arrival arrival)
    {
        var destination = Address.Parse(arrival.Source.IsIPv4 ? Own4 : Own6)!.Value.ToBytes();
        var source = arrival.Source.ToBytes();
        var body = arrival.Protocol == PortProtocol.Tcp ? Syn(arrival.Port) : Datagram(arrival.Port);

        // Pseudo header: RFC 9293 section 3.1, RFC 8200 section 8.1.
        byte[] pseudo = [.. source, .. destination, 0, 0, 0, 0, (byte)(body.Length >> 8), (byte)body.Length, 0, (byte)arrival.Protocol];
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(arrival.Protocol == PortProtocol.Tcp ? 16 : 6), Sum([.. pseudo, .. body]));
        if (!arrival.Source.IsIPv4)
        {
            return [0x60, 0, 0, 0, (byte)(body.Length >> 8), (byte)body.Length, (byte)arrival.Protocol, 64, .. source, .. destination, .. body];
        }

        byte[] header = [0x45, 0, 0, (byte)(20 + body.Length), 0, 0, 0, 0, 64, (byte)arrival.Protocol, 0, 0, .. source, .. destination];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Sum(header));
        return [.. header, .. body];
    }

    private byte[] Syn(ushort port)
    {
        var tcp = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, _sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(2), port);
        tcp[7] = 1;
        tcp[12] = 5 << 4;
        tcp[13] = 2;
        tcp[14] = 4;
        return tcp;
    }

    private byte[] Datagram(ushort port)
    {
        byte[] udp = [0, 0, 0, 0, 0, 11, 0, 0, .. "rf\n"u8];
        BinaryPrimitives.WriteUInt16BigEndian(udp, _sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), port);
        return udp;
    }

    // RFC 1071.
    private static ushort Sum(byte[] bytes)
    {
        var sum = 0;
        for (var at = 0; at < bytes.Length; at += 2)
        {
            sum += (bytes[at] << 8) + (at + 1 < bytes.Length ? bytes[at + 1] : 0);
        }

        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~((sum & 0xffff) + (sum >> 16));
    }

    private List<Arrival> Seen(string set)
    {
        using var listed = JsonDocument.Parse(Machine.Execute("nft", "-j", "list", "set", "inet", "zz_seen", set));
        var found = listed.RootElement.GetProperty("nftables").EnumerateArray().Single(item => item.TryGetProperty("set", out _)).GetProperty("set");
        return found.TryGetProperty("elem", out var elements)
            ? [.. elements.EnumerateArray().Select(static element => (element.TryGetProperty("elem", out var inner) ? inner.GetProperty("val") : element).GetProperty("concat"))
                .Select(static parts => new Arrival(Address.Parse(parts[3].GetString()!)!.Value, parts[0].GetString()!, parts[1].GetString() == "tcp" ? PortProtocol.Tcp : PortProtocol.Udp, (ushort)parts[2].GetInt32()))]
            : [];
    }
}
