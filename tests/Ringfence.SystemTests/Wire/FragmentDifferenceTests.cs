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
    private const byte End = 0;
    private static readonly (string Server, string Peer)[] Addresses = [("10.99.1.1", "10.99.1.77"), ("2001:db8:99::1", "2001:db8:99::77")];

    private static readonly int Datagrams = int.TryParse(Environment.GetEnvironmentVariable("RINGFENCE_DIFFERENCES"), out var number) ? number : 300;

    private readonly Netns _server;
    private readonly Netns _peer;
    private readonly RawFrames _frames;
    private readonly PacketSocket _wire;
    private readonly Socket[] _sockets;
    private readonly FragmentTable _fragments = new(static _ => false);

    public FragmentDifferenceTests()
    {
        Requires.Root();
        _server = Netns.Create("frag-s");
        _peer = Netns.Create("frag-p");
        var link = _server.Connect(_peer, ["10.99.1.1/24", "2001:db8:99::1/64"], []);
        _frames = RawFrames.Open(_peer.Name, link, _server.Execute("cat", $"/sys/class/net/{link}/address"));
        (_wire, _sockets) = _server.Run(() =>
        {
            var wire = PacketSocket.Open(1 << 22);
            wire.Filter(KernelFilter.Build([5060], [], [], null));
            wire.Begin();
            return (wire, Array.ConvertAll(Addresses, static pair =>
            {
                var address = IPAddress.Parse(pair.Server);
                var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5_000 };
                socket.Bind(new IPEndPoint(address, 5060));
                return socket;
            }));
        });
    }

    public void Dispose()
    {
        Array.ForEach(_sockets, static socket => socket.Dispose());
        _wire.Dispose();
        _frames.Dispose();
        _server.Dispose();
        _peer.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_wire_reads_the_datagrams_that_a_real_socket_gets(int version)
    {
        var random = new Random(20_261_130 + version);
        var isIPv6 = version == 1;
        var (whole, alone) = (0, 0);
        for (var id = 1; id <= Datagrams; id++)
        {
            var fragments = Fragments(random, (ushort)id, isIPv6);
            fragments.ForEach(_frames.Send);

            // What comes behind it says that all of it was there.
            _frames.Send(isIPv6 ? IPv6Fragments.Whole(Addresses[1].Peer, Addresses[1].Server, [End]) : Packet(0, 0, [0x9c, 0x40, 0x13, 0xc4, 0, 9, 0, 0, End], hasMore: false));

            var got = Got(_sockets[version]);
            var read = Read(id);
            whole += got is null ? 0 : 1;
            alone += got is null && read is not null ? 1 : 0;

            Assert.True(got is null || got == read, $"datagram {id}: the socket got {Shown(got)}, the wire {Shown(read)}, of {string.Join(", ", fragments.Select(Shown))}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{whole} of {Datagrams} datagrams arrived; {alone} were read on the wire alone");
        Assert.InRange(alone, 0, Datagrams / 20);
        Assert.InRange(whole, Datagrams / 4, Datagrams);
    }

    // Its parts in some order; now and then one twice, one that overlaps others with other bytes, or one of nothing that was there.
    private static List<byte[]> Fragments(Random random, ushort id, bool isIPv6)
    {
        var length = random.Next(20, 250) * 8;
        var datagram = isIPv6
            ? IPv6Fragments.Behind(random, Addresses[1].Peer, Addresses[1].Server, Letters(random, length, 'a'))
            : (byte[])[0x9c, 0x40, 0x13, 0xc4, .. random.Next(20) == 0 ? new byte[2] : [(byte)((length + 8) >> 8), (byte)(length + 8)], 0, 0, .. Letters(random, length, 'a')];
        List<(int From, byte[] Bytes, bool HasMore, bool IsTrick)> parts = [];
        for (var at = 0; at < datagram.Length;)
        {
            var size = Math.Min(datagram.Length - at, random.Next(1, 60) * 8);
            parts.Add((at, datagram[at..(at + size)], at + size < datagram.Length, false));
            at += size;
        }

        for (var trick = random.Next(3); trick > 0; trick--)
        {
            var (from, bytes, hasMore, _) = parts[random.Next(parts.Count)];
            parts.Add(random.Next(6) switch
            {
                0 => (from, bytes, hasMore, true),
                1 => (from, Letters(random, bytes.Length, 'A'), hasMore, true),
                2 => (from, Letters(random, random.Next(1, (bytes.Length / 8) + 1) * 8, 'A'), true, true),
                3 => (from + (random.Next(bytes.Length / 8) * 8), Letters(random, 8, 'A'), true, true),
                4 => (random.Next(datagram.Length / 8) * 8, Letters(random, random.Next(1, 12) * 8, 'A'), true, true),
                _ => (random.Next(datagram.Length / 8) * 8, Letters(random, random.Next(1, 90), 'A'), random.Next(2) == 0, true),
            });
        }

        if (random.Next(2) == 0)
        {
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parts));
        }

        return parts.ConvertAll(part => isIPv6
            ? IPv6Fragments.Part(random, Addresses[1].Peer, Addresses[1].Server, id, part.From, part.Bytes, part.HasMore, IPv6Fragments.FirstHeader(datagram), part.IsTrick)
            : Packet(id, part.From, part.Bytes, part.HasMore));
    }

    private static byte[] Packet(ushort id, int from, byte[] bytes, bool hasMore)
    {
        byte[] ip =
        [
            0x45, 0, (byte)((20 + bytes.Length) >> 8), (byte)(20 + bytes.Length), (byte)(id >> 8), (byte)id, (byte)((hasMore ? 0x20 : 0) | (from >> 11)), (byte)(from >> 3), 64, 17, 0, 0,
            .. IPAddress.Parse(Addresses[0].Peer).GetAddressBytes(), .. IPAddress.Parse(Addresses[0].Server).GetAddressBytes(),
        ];
        var sum = Enumerable.Range(0, 10).Sum(word => BinaryPrimitives.ReadUInt16BigEndian(ip.AsSpan(word * 2)));
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(10), (ushort)~((sum & 0xffff) + (sum >> 16)));
        return [.. ip, .. bytes];
    }

    private static string Shown(byte[] fragment)
    {
        if (fragment[0] >> 4 == 6)
        {
            var at = fragment[6] == 44 ? 40 : 48;
            var place = BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(at + 2));
            return $"{place & 0xfff8} to {(place & 0xfff8) + fragment.Length - at - 8}{((place & 1) == 0 ? " (last)" : "")} of {fragment[at]} behind {fragment[6]}, {Convert.ToHexString(fragment, at + 8, Math.Min(12, fragment.Length - at - 8))}";
        }

        var from = (BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(6)) & 0x1fff) * 8;
        return $"{from} to {from + fragment.Length - 20}{((fragment[6] & 0x20) == 0 ? " (last)" : "")}";
    }

    private static string Shown(string? text) => text is null ? "nothing" : $"{text.Length} bytes, {text.Count(char.IsAsciiLetterUpper)} of them false";

    private static byte[] Letters(Random random, int length, char from) => [.. Enumerable.Range(0, length).Select(_ => (byte)(from + random.Next(26)))];

    private static string? Got(Socket socket)
    {
        var buffer = new byte[65_536];
        string? got = null;
        while (socket.Receive(buffer) is var length && (length != 1 || buffer[0] != End))
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
                if (payload.Length >= 8 && packet.IsIPv6 && !InternetChecksum.IsRight(packet, payload, ChecksumState.Unseen))
                {
                    continue;
                }

                if (payload.Length < 8 || BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) != 5060)
                {
                    continue;
                }

                var datagram = UdpDatagram.Of(payload, packet.IsIPv6);
                if (datagram is [End])
                {
                    return read;
                }

                read ??= datagram.IsEmpty ? null : Encoding.Latin1.GetString(datagram);
            }
        }
    }
}
