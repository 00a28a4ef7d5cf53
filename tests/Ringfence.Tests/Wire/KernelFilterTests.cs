using System.Net.Sockets;
using Ringfence.Core.Wire;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Wire;

public sealed class KernelFilterTests
{
    private const uint IPv6 = 0x86dd;

    private static readonly IReadOnlyList<FilterInstruction> All = KernelFilter.Build([5060, 5160], [5061], [5038], null);

    [Theory]
    [InlineData(40000, 5060, true)]
    [InlineData(5160, 40000, true)]
    [InlineData(40000, 5061, false)]
    [InlineData(40000, 53, false)]
    public void A_datagram_passes_by_either_port(int from, int to, bool passes)
    {
        Assert.Equal(passes, Passes(V4(17, Ports(from, to, 8))));
        Assert.Equal(passes, Passes(V4(17, Ports(from, to, 8), options: 40)));
        Assert.Equal(passes, Passes(V6(17, Ports(from, to, 8)), IPv6));
        Assert.Equal(passes, Passes(V6(44, [17, 0, 0, 0, 0, 0, 0, 7, .. Ports(from, to, 8)]), IPv6));
    }

    [Fact]
    public void What_has_no_ports_of_its_own_passes()
    {
        Assert.True(Passes(V4(17, new byte[20], fragment: 0x2001)));
        Assert.True(Passes(V4(6, new byte[20], fragment: 0x0001)));

        // The first of several is thrown away with what it overlaps, whatever its ports: a decoy.
        Assert.True(Passes(V4(17, Ports(40_000, 53, 8), fragment: 0x2000)));
        Assert.True(Passes(V6(44, [17, 0, 0, 1, 0, 0, 0, 7, .. Ports(40_000, 53, 8)]), IPv6));
        Assert.True(Passes(V6(44, [17, 0, 0, 8, 0, 0, 0, 7, 1, 2]), IPv6));
        Assert.True(Passes(V6(44, [59, 0, 0, 8, 0, 0, 0, 7, 1, 2]), IPv6));
        Assert.True(Passes(V6(60, [17, 0, 1, 4, 0, 0, 0, 0, .. Ports(1, 2, 8)]), IPv6));
        Assert.True(Passes(V6(44, [60, 0, 0, 1, 0, 0, 0, 7, 17, 0, 0, 0]), IPv6));
    }

    [Fact]
    public void What_is_neither_udp_nor_tcp_does_not_pass()
    {
        Assert.False(Passes(V4(1, Ports(5060, 5060, 8))));
        Assert.False(Passes(V4(1, new byte[20], fragment: 0x2001)));
        Assert.False(Passes(V6(58, Ports(5060, 5060, 8)), IPv6));
        Assert.False(Passes(V6(0, [58, 0, 5, 2, 0, 0, 1, 0]), IPv6));
        Assert.False(Passes(V4(17, Ports(5060, 5060, 8)), protocol: 0x0806));
    }

    [Theory]
    [InlineData(0x02, "", true)]
    [InlineData(0x10, "", false)]
    [InlineData(0x18, "160301", true)]
    [InlineData(0x18, "150303", true)]
    [InlineData(0x18, "170303", false)]
    [InlineData(0x18, "160101", false)]
    [InlineData(0x14, "", true)]
    [InlineData(0x18, "474554202f", true)]
    [InlineData(0x18, "8a4554202f", false)]
    public void Of_a_tls_port_only_beginning_handshake_alert_and_end_pass(int flags, string payload, bool passes)
    {
        byte[] segment = [.. Ports(40000, 5061, 12), 0x50, (byte)flags, 0, 0, 0, 0, 0, 0, .. Convert.FromHexString(payload)];

        Assert.Equal(passes, Passes(V4(6, segment)));
        Assert.Equal(passes, Passes(V6(6, segment), IPv6));
    }

    [Theory]
    [InlineData(40000, 5038, 0x18, true)]
    [InlineData(40000, 5038, 0x10, true)]
    [InlineData(5038, 40000, 0x18, false)]
    [InlineData(5038, 40000, 0x12, true)]
    [InlineData(5038, 40000, 0x11, true)]
    [InlineData(5038, 40000, 0x04, true)]
    public void What_the_manager_interface_tells_does_not_pass_and_what_it_is_told_does(int from, int to, int flags, bool passes) =>
        Assert.Equal(passes, Passes(V4(6, [.. Ports(from, to, 12), 0x50, (byte)flags, 0, 0, 0, 0, 0, 0, .. "Event: Hangup"u8])));

    [Fact]
    public void On_loopback_a_packet_passes_going_out_and_elsewhere_also_coming_in()
    {
        var packet = V4(17, Ports(40000, 5060, 8));

        Assert.False(FilterMachine.Passes(All, packet, new() { Hardware = 772 }));
        Assert.True(FilterMachine.Passes(All, packet, new() { Hardware = 772, Type = 4 }));
        Assert.True(FilterMachine.Passes(All, packet, new()));
        Assert.True(FilterMachine.Passes(All, packet, new() { Type = 4 }));
    }

    [Fact]
    public void A_tagged_packet_passes_where_its_interface_was_named_and_among_all_only_where_the_tag_is_a_priority_alone()
    {
        var packet = V4(17, Ports(40000, 5060, 8));
        var named = KernelFilter.Build([5060], [], [], [2, 7]);

        Assert.False(FilterMachine.Passes(All, packet, new() { VlanTag = 7 }));
        Assert.True(FilterMachine.Passes(All, packet, new() { VlanTag = 0xe000 }));
        Assert.True(FilterMachine.Passes(named, packet, new() { VlanTag = 7 }));
        Assert.True(FilterMachine.Passes(named, [0, 9, 8, 0, .. packet], new() { VlanTag = 7, Protocol = 0x8100 }));
        Assert.False(FilterMachine.Passes(named, packet, new() { Interface = 3 }));
        Assert.False(FilterMachine.Passes(KernelFilter.Build([5060], [], [], []), packet, new()));
    }

    [Fact]
    public void The_kernel_takes_the_program_also_with_as_many_ports_and_interfaces_as_there_may_be()
    {
        var ports = Enumerable.Range(5060, 40).Select(port => (ushort)port).ToList();
        var most = KernelFilter.Build(ports, [.. ports.Select(port => (ushort)(port + 100))], [.. ports.Select(port => (ushort)(port - 1000))], [.. Enumerable.Range(1, 40)]);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        PacketSocket.Filter(socket, All);
        PacketSocket.Filter(socket, most);

        Assert.True(FilterMachine.Passes(most, V4(17, Ports(5060 + KernelFilter.MostPorts - 1, 1, 8)), new() { Interface = 1 }));
    }

    [Fact]
    public void Whatever_the_bytes_are_the_filter_ends_and_passes_all_in_which_a_sip_port_is_read()
    {
        var random = new Random(20261121);
        byte[][] samples =
        [
            V4(17, Ports(40000, 5060, 30)), V4(6, [.. Ports(5060, 40000, 8), 0x50, 0x18, .. new byte[20]]), V4(17, Ports(1, 5060, 8), options: 8),
            V6(17, Ports(40000, 5060, 30)), V6(44, [17, 0, 0, 1, 0, 0, 0, 7, .. Ports(5060, 2, 8)]), V6(60, [17, 0, 1, 4, 0, 0, 0, 0, .. Ports(1, 5060, 8)]),
        ];
        for (var input = 0; input < 200_000; input++)
        {
            var packet = samples[random.Next(samples.Length)].ToArray();
            for (var change = random.Next(4); change > 0; change--)
            {
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            }

            packet = packet[..random.Next(packet.Length + 1)];
            var passes = Passes(packet, packet.Length > 0 && packet[0] >> 4 == 6 ? IPv6 : 0x0800);

            var read = IpPacket.Parse(packet, LinkType.RawIp);
            var isSip = read.IsValid && read.Protocol is 6 or 17 && read.Payload.Length >= 8
                && ((read.IsFragment && read.OffsetBytes > 0) || ((read.Payload[0] << 8) | read.Payload[1]) is 5060 or 5160 || ((read.Payload[2] << 8) | read.Payload[3]) is 5060 or 5160);
            Assert.True(passes || !isSip, Convert.ToHexString(packet));
        }
    }

    private static bool Passes(byte[] packet, uint protocol = 0x0800) => FilterMachine.Passes(All, packet, new() { Protocol = protocol });

    private static byte[] Ports(int from, int to, int length)
    {
        var bytes = new byte[length];
        (bytes[0], bytes[1], bytes[2], bytes[3]) = ((byte)(from >> 8), (byte)from, (byte)(to >> 8), (byte)to);
        bytes[5] = (byte)(length < 12 ? length : 0);
        return bytes;
    }

    private static byte[] V4(byte protocol, byte[] payload, int fragment = 0, int options = 0)
    {
        var length = 20 + options + payload.Length;
        return
        [
            (byte)(0x45 + (options / 4)), 0, (byte)(length >> 8), (byte)length, 0, 1, (byte)(fragment >> 8), (byte)fragment, 64, protocol, 0, 0,
            192, 0, 2, 1, 192, 0, 2, 2, .. new byte[options], .. payload,
        ];
    }

    private static byte[] V6(byte next, byte[] payload) =>
        [0x60, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, next, 64, .. new byte[15], 1, .. new byte[15], 2, .. payload];
}
