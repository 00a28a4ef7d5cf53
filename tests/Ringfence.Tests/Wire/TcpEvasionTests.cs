using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>A guess that the PBX reads is read here too, whatever its sender writes beside it. What a real kernel makes of such segments, the system tests compare.</summary>
public sealed class TcpEvasionTests
{
    private const uint First = 5_000;

    private static readonly byte[] Guess = WireRig.Guess("a");
    private static readonly byte[] Decoy = WireRig.Guess("x");
    private static readonly uint End = First + (uint)Guess.Length;

    [Theory]
    [InlineData(30)]
    [InlineData(200)]
    public void An_urgent_byte_is_no_part_of_the_message(int at)
    {
        // send(..., MSG_OOB): the pointer names the byte behind the last that was sent.
        var rig = new WireRig().Opened(First);

        rig.See(Segment(First, [.. Guess[..at], (byte)'!'], urgent: (ushort)(at + 1))).Sent(First + (uint)at + 1, Guess[at..]).Acknowledged(End + 1);

        Assert.Equal(["a"], rig.Refuse("a").Refused);
    }

    [Fact]
    public void Whether_the_first_of_two_urgent_bytes_was_read_as_one_is_left_open()
    {
        // Linux knows one mark at a time: where its reader was slower than the second, the first byte is part of the message.
        foreach (var text in (byte[][])[[.. Guess[..40], (byte)'!', .. Guess[40..60], (byte)'!', .. Guess[60..]], [.. Guess[..60], (byte)'!', .. Guess[60..]]])
        {
            var rig = new WireRig().Opened(First);

            rig.See(Segment(First, text[..41], urgent: 41)).See(Segment(First + 41, text[41..], urgent: (ushort)(Array.LastIndexOf(text, (byte)'!') - 40))).Acknowledged(First + (uint)text.Length);

            Assert.Equal(["a"], rig.Refuse("a").Refused);
        }
    }

    [Fact]
    public void What_acknowledges_more_than_the_PBX_sent_is_passed_over()
    {
        var rig = new WireRig().Opened(First).Sent(First, []);

        rig.See(Segment(First, Decoy, acknowledgment: 1_000)).Sent(First, Guess).Acknowledged(End);

        Assert.Equal(["a"], rig.Refuse("x", "a").Refused);
        Assert.Equal((1L, 0L), (rig.Tap.Refused, rig.Tap.Contradicted));
    }

    [Fact]
    public void What_acknowledges_nothing_is_passed_over()
    {
        var rig = new WireRig().Opened(First).Sent(First, []);

        rig.See(Segment(First, Decoy, acknowledgment: null)).Sent(First, Guess).Acknowledged(End);

        Assert.Equal(["a"], rig.Refuse("x", "a").Refused);
    }

    [Fact]
    public void What_is_older_than_the_senders_clock_says_is_passed_over()
    {
        // RFC 7323 section 5: the PBX sends back the newest time that it took.
        var rig = new WireRig();
        rig.See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Tcp, Timed(Frames.Tcp(5060, WireRig.Port, 0, [], First, 2), 7, 1_000)));

        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Timed(Frames.Tcp(WireRig.Port, 5060, First, Decoy, 1), 900, 7)))
            .See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Timed(Frames.Tcp(WireRig.Port, 5060, First, Guess, 1), 1_001, 7))).Acknowledged(End);

        Assert.Equal(["a"], rig.Refuse("x", "a").Refused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_two_versions_each_is_read_when_the_PBX_has_one(bool isDecoyFirst)
    {
        // A firewall behind the tap can drop the first, and leaves no trace.
        var rig = new WireRig().Opened(First);

        rig.Sent(First, isDecoyFirst ? Decoy : Guess).Sent(First, isDecoyFirst ? Guess : Decoy).Acknowledged(End);

        Assert.Equal(["a"], rig.Refuse("a").Refused);
        Assert.Equal(1, rig.Tap.Contradicted);
    }

    [Fact]
    public void In_the_message_after_two_versions_nothing_is_left_of_them()
    {
        var rig = new WireRig().Opened(First).Sent(First, Decoy).Sent(First, Guess).Acknowledged(End);

        rig.Sent(End, WireRig.Guess("b")).Acknowledged(End + (uint)Guess.Length).Refuse("a", "b");

        Assert.Equal(["a", "b"], rig.Refused);
        Assert.Equal(3, rig.Tap.Messages - 2);
    }

    [Fact]
    public void More_versions_than_can_be_followed_are_told_as_lost()
    {
        var rig = new WireRig().Opened(First);

        for (var i = 0; i < 40; i++)
        {
            rig.Sent(First, WireRig.Guess(((char)('b' + (i % 24))).ToString())[..(100 + i)]);
        }

        rig.Sent(First, Guess).Acknowledged(End);

        Assert.InRange(rig.Tap.Lost, 1, 50);
        Assert.Equal(["a"], rig.Refuse("a").Refused);
    }

    [Fact]
    public void A_guess_byte_by_byte_from_its_end_is_read()
    {
        var rig = new WireRig().Opened(First);

        for (var at = 250; at >= 0; at--)
        {
            rig.Sent(First + (uint)at, at == 250 ? Guess[at..] : Guess[at..(at + 1)]);
        }

        Assert.Equal(["a"], rig.Acknowledged(End).Refuse("a").Refused);
    }

    [Fact]
    public void A_fragment_of_odd_length_that_repeats_what_is_there_ends_nothing()
    {
        // Linux cuts it to a multiple of eight and drops it: ip_frag_queue.
        var rig = new WireRig();
        var datagram = Frames.Udp(WireRig.Port, 5060, Guess);

        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, datagram[..200], 0x2000)).See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, new byte[57], 0x2000 | 5))
            .See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, datagram[200..], 25));

        Assert.Equal(["a"], rig.Refuse("a").Refused);
    }

    private static byte[] Segment(uint sequence, byte[] payload, uint? acknowledgment = 1, ushort urgent = 0) =>
        Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5060, sequence, payload, acknowledgment, urgent > 0 ? (byte)32 : (byte)0, urgent));

    // With the option of RFC 7323 in place of those that Frames gives it.
    private static byte[] Timed(byte[] segment, uint value, uint echo) => [.. segment[..12], 0x80, .. segment[13..20], 1, 1, 8, 10, .. Frames.Four(value), .. Frames.Four(echo), .. segment[24..]];
}
