using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Wire;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Wire;

/// <summary>However the fragments of a datagram overlap, the wire reads what a real Linux socket gets. Seeded: a failure comes again.</summary>
public sealed class FragmentDifferenceTests : IDisposable
{
    private const string Server = "10.99.1.1";
    private const byte End = 0;
    private const string Peer = "10.99.1.77";

    private static readonly int Datagrams = int.TryParse(Environment.GetEnvironmentVariable("RINGFENCE_DIFFERENCES"), out var number) ? number : 300;

    private readonly Netns _server;
    private readonly Netns _peer;
    private readonly RawFrames _frames;
    private readonly PacketSocket _wire;
    private readonly Socket _socket;
    private readonly FragmentTable _fragments = new(static _ => false);

    public FragmentDifferenceTests()
    {
        Requires.Root();
        _server = Netns.Create("frag-s");
        _peer = Netns.Create("frag-p");
        var link = _server.Connect(_peer, [$"{Server}/24"], []);
        _frames = RawFrames.Open(_peer.Name, link, _server.Execute("cat", $"/sys/class/net/{link}/address"));
        (_wire, _socket) = _server.Run(() =>
        {
            var wire = PacketSocket.Open(1 << 22);
            wire.Filter(KernelFilter.Build([5060], [], [], null));
            wire.Begin();
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5_000 };
            socket.Bind(new IPEndPoint(IPAddress.Parse(Server), 5060));
            return (wire, socket);
        });
    }

    public void Dispose()
    {
        _socket.Dispose();
        _wire.Dispose();
        _frames.Dispose();
        _server.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void The_wire_reads_the_datagrams_that_a_real_socket_gets()
    {
        var random = new Random(20_261_130);
        var (whole, alone) = (0, 0);
        for (var id = 1; id <= Datagrams; id++)
        {
            var fragments = Fragments(random, (ushort)id);
            fragments.ForEach(_frames.Send);

            // What comes behind it says that all of it was there.
            _frames.Send(Packet(0, 0, [0x9c, 0x40, 0x13, 0xc4, 0, 9, 0, 0, End], hasMore: false));

            var got = Got();
            var read = Read(id);
            whole += got is null ? 0 : 1;
            alone += got is null && read is not null ? 1 : 0;

            // A first fragment with the ports of another service the filter does not pass: the wire reads one that came for it later, and nobody answers.
            Assert.True(got is null || got == read, $"datagram {id}: the socket got {Shown(got)}, the wire {Shown(read)}, of {string.Join(", ", fragments.Select(Shown))}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{whole} of {Datagrams} datagrams arrived; {alone} were read on the wire alone");
        Assert.InRange(alone, 0, Datagrams / 20);
        Assert.InRange(whole, Datagrams / 4, Datagrams);
    }

    // Its parts in some order; now and then one twice, one that overlaps others with other bytes, or one of nothing that was there.
    private static List<byte[]> Fragments(Random random, ushort id)
    {
        var length = random.Next(20, 250) * 8;
        byte[] datagram = [0x9c, 0x40, 0x13, 0xc4, (byte)((length + 8) >> 8), (byte)(length + 8), 0, 0, .. Letters(random, length, 'a')];
        List<(int From, byte[] Bytes, bool HasMore)> parts = [];
        for (var at = 0; at < datagram.Length;)
        {
            var size = Math.Min(datagram.Length - at, random.Next(1, 60) * 8);
            parts.Add((at, datagram[at..(at + size)], at + size < datagram.Length));
            at += size;
        }

        for (var trick = random.Next(3); trick > 0; trick--)
        {
            var (from, bytes, hasMore) = parts[random.Next(parts.Count)];
            parts.Add(random.Next(6) switch
            {
                0 => (from, bytes, hasMore),
                1 => (from, Letters(random, bytes.Length, 'A'), hasMore),
                2 => (from, Letters(random, random.Next(1, (bytes.Length / 8) + 1) * 8, 'A'), true),
                3 => (from + (random.Next(bytes.Length / 8) * 8), Letters(random, 8, 'A'), true),
                4 => (random.Next(datagram.Length / 8) * 8, Letters(random, random.Next(1, 12) * 8, 'A'), true),
                _ => (random.Next(datagram.Length / 8) * 8, Letters(random, random.Next(1, 90), 'A'), random.Next(2) == 0),
            });
        }

        if (random.Next(2) == 0)
        {
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parts));
        }

        return parts.ConvertAll(part => Packet(id, part.From, part.Bytes, part.HasMore));
    }

    private static byte[] Packet(ushort id, int from, byte[] bytes, bool hasMore)
    {
        byte[] ip =
        [
            0x45, 0, (byte)((20 + bytes.Length) >> 8), (byte)(20 + bytes.Length), (byte)(id >> 8), (byte)id, (byte)((hasMore ? 0x20 : 0) | (from >> 11)), (byte)(from >> 3), 64, 17, 0, 0,
            .. IPAddress.Parse(Peer).GetAddressBytes(), .. IPAddress.Parse(Server).GetAddressBytes(),
        ];
        var sum = Enumerable.Range(0, 10).Sum(word => BinaryPrimitives.ReadUInt16BigEndian(ip.AsSpan(word * 2)));
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(10), (ushort)~((sum & 0xffff) + (sum >> 16)));
        return [.. ip, .. bytes];
    }

    private static string Shown(byte[] fragment)
    {
        var from = (BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(6)) & 0x1fff) * 8;
        return $"{from} to {from + fragment.Length - 20}{((fragment[6] & 0x20) == 0 ? " (last)" : "")}";
    }

    private static string Shown(string? text) => text is null ? "nothing" : $"{text.Length} bytes, {text.Count(char.IsAsciiLetterUpper)} of them false";

    private static byte[] Letters(Random random, int length, char from) => [.. Enumerable.Range(0, length).Select(_ => (byte)(from + random.Next(26)))];

    private string? Got()
    {
        var buffer = new byte[65_536];
        string? got = null;
        while (_socket.Receive(buffer) is var length && (length != 1 || buffer[0] != End))
        {
            got ??= Encoding.Latin1.GetString(buffer, 0, length);
        }

        return got;
    }

    private string? Read(int number)
    {
        string? read = null;
        while (true)
        {
            var taken = _wire.Receive();
            for (var i = 0; i < taken; i++)
            {
                var packet = IpPacket.Parse(_wire.At(i).Bytes, LinkType.RawIp);
                packet = packet is { IsValid: true, IsFragment: true } ? _fragments.Take(packet, number) : packet;
                var payload = packet is { IsValid: true, Protocol: IpPacket.Udp } ? packet.Payload : default;
                if (payload.Length < 8 || BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) != 5060 || BinaryPrimitives.ReadUInt16BigEndian(payload[4..]) is var length && (length < 8 || length > payload.Length))
                {
                    continue;
                }

                if (payload[8..length] is [End])
                {
                    return read;
                }

                read ??= Encoding.Latin1.GetString(payload[8..length]);
            }
        }
    }
}
