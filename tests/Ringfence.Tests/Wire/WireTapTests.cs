using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>Frames and IP packets around one guess.</summary>
public sealed class WireTapTests
{
    private static readonly byte[] Datagram = Frames.Udp(WireRig.Port, 5060, WireRig.Guess("a"));
    private static readonly byte[] V4 = Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Datagram);

    public static TheoryData<string, byte[], int> Wrapped => new()
    {
        { "Ethernet", Frames.Ethernet(V4), (int)LinkType.Ethernet },
        { "padded", [.. Frames.Ethernet(V4), .. new byte[20]], (int)LinkType.Ethernet },
        { "802.1Q", Frames.Ethernet(V4, 0x8100), (int)LinkType.Ethernet },
        { "QinQ", Frames.Ethernet(V4, 0x88a8, 0x8100), (int)LinkType.Ethernet },
        { "SLL", Frames.Sll(V4), (int)LinkType.LinuxSll },
        { "SLL2", Frames.Sll2(V4), (int)LinkType.LinuxSll2 },
        { "raw", V4, (int)LinkType.RawIp },
        { "BSD loopback", [2, 0, 0, 0, .. V4], (int)LinkType.Null },
        { "IP options", Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Datagram, options: 3), (int)LinkType.RawIp },
        { "IPv6", Frames.Ethernet(V6()), (int)LinkType.Ethernet },
        { "IPv6 headers", V6((0, new byte[8]), (60, [0, 1, .. new byte[14]]), (43, new byte[8])), (int)LinkType.RawIp },
        { "IPv6 whole fragment", V6((44, [0, 0, 0, 0, 0, 0, 0, 9])), (int)LinkType.RawIp },
    };

    [Theory]
    [MemberData(nameof(Wrapped))]
    public void A_guess_is_found_in_whatever_carries_it(string what, byte[] frame, int link)
    {
        var rig = new WireRig();

        rig.See(frame, (LinkType)link);

        Assert.True(rig.Tap is { Messages: 1, Invalid: 0, Frames: 1 }, what);
    }

    [Fact]
    public void What_is_cut_says_nothing()
    {
        foreach (var frame in Wrapped)
        {
            for (var length = 0; length < frame.Data.Item2.Length - 20; length++)
            {
                var rig = new WireRig();
                rig.See(frame.Data.Item2[..length], (LinkType)frame.Data.Item3);
                Assert.Equal(0, rig.Tap.Messages);
            }
        }
    }

    [Fact]
    public void Other_ports_are_not_looked_at_and_what_is_no_SIP_on_these_is_counted()
    {
        var rig = new WireRig();

        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(53, 4569, WireRig.Guess("a"))));
        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(53, 5060, "x"u8.ToArray())));
        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(53, 5060, "\r\n\r\n"u8.ToArray())));
        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(53, 5060, [0, 0, 0, 0])));

        Assert.Equal((0L, 1L), (rig.Tap.Messages, rig.Tap.Invalid));
    }

    [Fact]
    public void An_answer_of_somebody_else_that_comes_in_is_none_although_the_request_went_to_him()
    {
        // A neighbour writes both sides of the conversation and sends them to the PBX's card.
        const string Neighbour = "10.80.0.66";
        var rig = new WireRig();
        var guess = Frames.IPv4(WireRig.Stranger, Neighbour, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess("a")));
        var answer = Frames.IPv4(Neighbour, WireRig.Stranger, IpPacket.Udp, Frames.Udp(5060, WireRig.Port, WireRig.Answer("a")));

        rig.See(guess, direction: FrameDirection.In).See(answer, direction: FrameDirection.In);

        Assert.Empty(rig.Refused);

        // In a capture nobody says which way it went, and a PBX elsewhere answers from where it was asked.
        rig.See(guess).See(answer);
        Assert.Equal(["a"], rig.Refused);
    }

    [Fact]
    public void An_answer_of_the_PBX_that_comes_in_from_outside_is_forged()
    {
        var rig = new WireRig();
        var answer = Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Udp, Frames.Udp(5060, WireRig.Port, WireRig.Answer("a")));

        rig.See(V4, direction: FrameDirection.In).See(answer, direction: FrameDirection.In).See(Frames.Sll(answer, kind: 0), LinkType.LinuxSll).See(Frames.Sll2(answer, kind: 0), LinkType.LinuxSll2);

        Assert.Empty(rig.Refused);
        Assert.Equal(3, rig.Tap.Forged);
        rig.See(answer, direction: FrameDirection.Out);
        Assert.Equal(["a"], rig.Refused);
    }

    [Fact]
    public void Fragments_are_put_together_in_any_order()
    {
        foreach (var order in new int[][] { [0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [0, 0, 1, 2, 2, 3] })
        {
            var rig = new WireRig();
            var fragments = Fragments(4);

            foreach (var at in order)
            {
                rig.See(fragments[at]);
            }

            Assert.Equal(["a"], rig.Refuse("a").Refused);
            Assert.Equal(0, rig.Tap.Lost);
        }
    }

    [Fact]
    public void Fragments_of_IPv6_are_put_together()
    {
        var rig = new WireRig();

        rig.See(V6Part(0, 120)).See(V6Part(120, Datagram.Length)).Refuse("a");

        Assert.Equal(1, rig.Tap.Messages - 1);
    }

    [Fact]
    public void Fragments_that_overlap_are_a_packet_that_the_PBX_throws_away()
    {
        var rig = new WireRig();
        var evil = Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, new byte[16], fragment: 0x2000 | 1);

        rig.See(Fragments(2)[0]).See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Datagram[(Half - 8)..], fragment: (Half - 8) / 8)).See(Fragments(2)[1]);

        Assert.Equal((0L, 1L), (rig.Tap.Messages, rig.Tap.Lost));

        // What lies inside what is there changes nothing.
        rig = new WireRig();
        rig.See(Fragments(2)[0]).See(evil).See(Fragments(2)[1]);
        Assert.Equal((1L, 0L), (rig.Tap.Messages, rig.Tap.Lost));
    }

    [Fact]
    public void A_datagram_that_says_no_length_is_whole_over_IPv6_as_the_PBX_gets_it_and_nothing_over_IPv4()
    {
        byte[] silent = [.. Datagram[..4], 0, 0, .. Datagram[6..]];
        var rig = new WireRig();

        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, silent));
        Assert.Equal(0, rig.Tap.Messages);

        rig.See(Frames.IPv6("2001:db8:bad:1::7", "2001:db8:80::1", IpPacket.Udp, silent));
        Assert.Equal(1, rig.Tap.Messages);
    }

    [Fact]
    public void A_packet_that_says_no_length_has_nothing_in_it()
    {
        var four = Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Datagram);
        var six = V6();
        (four[2], four[3], six[4], six[5]) = (0, 0, 0, 0);

        Assert.Equal(0, new WireRig().See(four).See(six).Tap.Messages);
    }

    [Fact]
    public void A_fragment_that_comes_half_a_minute_late_is_too_late()
    {
        var rig = new WireRig();
        rig.See(Fragments(2)[0]).See(Fragments(2)[1], after: TimeSpan.FromSeconds(31));
        Assert.Equal((0L, 1L), (rig.Tap.Messages, rig.Tap.Lost));
    }

    private static int Half => Datagram.Length / 2 / 8 * 8;

    private static byte[][] Fragments(int count)
    {
        var part = ((Datagram.Length / count) + 7) / 8 * 8;
        return [.. Enumerable.Range(0, count).Select(at => count == 2
            ? Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, at == 0 ? Datagram[..Half] : Datagram[Half..], fragment: at == 0 ? 0x2000 : Half / 8)
            : Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Datagram[(at * part)..Math.Min(Datagram.Length, (at + 1) * part)], fragment: (at * part / 8) | (at < count - 1 ? 0x2000 : 0)))];
    }

    private static byte[] V6(params (byte Number, byte[] Bytes)[] extensions) => Frames.IPv6("2001:db8:bad:1::7", "2001:db8:80::1", IpPacket.Udp, Datagram, extensions);

    private static byte[] V6Part(int from, int to) => Frames.IPv6(
        "2001:db8:bad:1::7", "2001:db8:80::1", IpPacket.Udp, Frames.WithSum("2001:db8:bad:1::7", "2001:db8:80::1", IpPacket.Udp, Datagram)[from..to], (44, [0, 0, .. Frames.Two((ushort)(from | (to < Datagram.Length ? 1 : 0))), 0, 0, 0, 9]));
}
