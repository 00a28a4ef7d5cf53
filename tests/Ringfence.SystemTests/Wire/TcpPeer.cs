using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;

namespace Ringfence.SystemTests.Wire;

/// <summary>Somebody who writes his own TCP segments to a real Linux socket, and what the wire reads of it.</summary>
/// <remarks>His address is nobody's, so that no kernel answers in his place.</remarks>
internal sealed class TcpPeer : IDisposable
{
    public const string Server = "10.99.0.1";

    /// <summary>For what the server's kernel does at once if it gets a core.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const string Address = "10.99.0.77";
    private const int ServerPort = 5060;

    // A type of service that the server's firewall drops, behind the wire's back.
    private const byte Filtered = 40;

    private readonly Netns _server = Netns.Create("tcp-s");
    private readonly Netns _peer = Netns.Create("tcp-p");
    private readonly RawFrames _frames;
    private readonly PacketSocket _wire;
    private readonly Socket _listener;
    private ushort _port = 20_000;

    public TcpPeer()
    {
        var link = _server.Connect(_peer, [$"{Server}/24"], []);
        _server.Ip("neighbour", "add", Address, "lladdr", "02:00:00:00:00:09", "dev", link);
        _server.ExecuteWithInput("table ip t { chain c { type filter hook input priority 0; ip dscp 10 drop; }; }", "nft", "-f", "-");
        _frames = RawFrames.Open(_peer.Name, link, _server.Execute("cat", $"/sys/class/net/{link}/address"));
        (_wire, _listener) = _server.Run(() =>
        {
            var wire = PacketSocket.Open(1 << 22);
            wire.Filter(KernelFilter.Build([ServerPort], [], [], null));
            wire.Begin();
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Parse(Server), ServerPort));
            listener.Listen(16);
            return (wire, listener);
        });
    }

    /// <summary>The connection that the wire sees; new with each <see cref="Connect"/>.</summary>
    public TcpStream Stream { get; private set; } = null!;

    /// <summary>The number of the first byte.</summary>
    public uint First { get; private set; }

    /// <summary>What the server told as its own next byte.</summary>
    public uint Told { get; private set; }

    /// <summary>Up to where the server has everything.</summary>
    public uint Acknowledged { get; private set; }

    /// <summary>What is not followed: more versions than are kept, or a gap.</summary>
    public bool IsLost { get; private set; }

    public bool HasTimestamps { get; private set; }

    /// <summary>This side's clock.</summary>
    public uint Clock { get; set; }

    private Flow Flow => new(new Endpoint(Core.Events.Address.Parse(Address)!.Value, _port), new Endpoint(Core.Events.Address.Parse(Server)!.Value, ServerPort));

    /// <returns>The server's end of a new connection.</returns>
    public Socket Connect(uint first, bool hasTimestamps)
    {
        (_port, First, HasTimestamps, Clock, IsLost) = ((ushort)(_port + 1), first, hasTimestamps, 1_000_000, false);
        Stream = new TcpStream(Flow, first, 0, isOwn: false);
        Send(first - 1, [], flags: 2, acknowledgment: 0);
        var clock = Stopwatch.StartNew();
        while (Told == 0 || Acknowledged != first)
        {
            See();
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException("no answer to a SYN");
            }

            // The kernel may want this core to answer.
            Thread.Yield();
        }

        Send(first, []);
        return _listener.Accept();
    }

    /// <summary>Sends a segment.</summary>
    /// <param name="acknowledgment">What the server told if unset.</param>
    public void Send(uint sequence, byte[] payload, byte flags = 16, uint? acknowledgment = null, ushort urgent = 0, uint? clock = null, bool isDamaged = false, bool isFiltered = false)
    {
        var times = HasTimestamps ? TcpPacket.Timestamps(clock ?? Clock, 0) : [];
        var options = (flags & 2) != 0 ? [2, 4, 5, 0xb4, .. times] : times;
        _frames.Send(TcpPacket.Of(
            new IPEndPoint(IPAddress.Parse(Address), _port), new IPEndPoint(IPAddress.Parse(Server), ServerPort), sequence, acknowledgment ?? Told, flags, options, payload, urgent, isFiltered ? Filtered : (byte)0, isDamaged));
        See();
    }

    /// <summary>Lets the wire see what passed since.</summary>
    public void See()
    {
        for (var taken = _wire.Receive(); taken > 0; taken = _wire.Receive())
        {
            for (var i = 0; i < taken; i++)
            {
                See(_wire.At(i));
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _wire.Dispose();
        _frames.Dispose();
        _server.Dispose();
        _peer.Dispose();
    }

    // As WireTap does it.
    private void See(ReceivedPacket received)
    {
        var packet = IpPacket.Parse(received.Bytes, LinkType.RawIp);
        if (packet.Protocol != IpPacket.Tcp || (!received.IsOutgoing && !InternetChecksum.IsRight(packet, packet.Payload, received.IsVouched ? ChecksumState.Vouched : ChecksumState.Unseen)))
        {
            return;
        }

        var segment = TcpSegment.Parse(packet.Payload);
        var ports = (BinaryPrimitives.ReadUInt16BigEndian(packet.Payload), BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[2..]));
        if (ports == (_port, ServerPort) && !segment.IsFirst && !segment.IsReset && Stream.Takes(segment))
        {
            Stream.Take(segment);
            IsLost |= Stream.TakeOddities().IsOverrun;
        }
        else if (ports == (ServerPort, _port) && segment is { HasAcknowledgment: true, IsFirst: true })
        {
            (Told, Acknowledged) = (segment.Sequence + 1, segment.Acknowledgment);
            if (!Stream.IsBegun(segment))
            {
                Stream.Begin(segment);
            }
        }
        else if (ports == (ServerPort, _port) && segment.HasAcknowledgment && !segment.IsReset)
        {
            Acknowledged = segment.Acknowledgment;
            Stream.SeeAnswer(segment);
            while (Stream.IsMissing(segment.Acknowledgment))
            {
                Read(segment.Acknowledgment);
                IsLost = true;
                Stream.Skip(segment.Acknowledgment);
            }

            Read(segment.Acknowledgment);
        }
    }

    private void Read(uint limit)
    {
        while (Stream.Release(limit, isForkable: true) is { IsEmpty: false } release)
        {
            // Nothing is taken off, so that each reading keeps all that it read.
            var (each, isPartial) = Stream.Share(release);
            IsLost |= isPartial;
            foreach (var (reading, bytes) in each)
            {
                reading.Keep([.. reading.Kept, .. bytes]);
            }

            Stream.Join();
        }
    }
}
