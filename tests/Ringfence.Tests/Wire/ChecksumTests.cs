using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>What the PBX's kernel throws away misleads nobody here.</summary>
public sealed class ChecksumTests
{
    private const uint First = 1_000;
    private const string V6Stranger = "2001:db8:bad:1::7";
    private const string V6Pbx = "2001:db8:80::1";

    private static readonly byte[] Guess = WireRig.Guess("a");

    [Theory]
    [InlineData(0)] // a message that never ends, in place of the true one
    [InlineData(4)] // a reset
    [InlineData(1)] // an end
    public void A_segment_with_a_wrong_checksum_at_the_next_sequence_number_changes_nothing(byte flags)
    {
        var rig = new WireRig().Opened(First);
        var decoy = Tcp(First, Frames.Bytes("REGISTER sip:x SIP/2.0\r\nContent-Length: 60000\r\n\r\n"), flags);
        decoy[20 + 16]++;

        rig.See(decoy, direction: FrameDirection.In).Sent(First, Guess);

        Assert.Equal(["a"], rig.Acknowledged(First + (uint)Guess.Length).Refuse("a").Refused);
        Assert.Equal(1, rig.Tap.Damaged);
    }

    [Fact]
    public void A_datagram_with_a_wrong_checksum_says_nothing_and_one_without_any_is_good_in_IPv4_alone()
    {
        var datagram = Frames.Udp(WireRig.Port, 5060, Guess);
        var v4 = Frames.WithSum(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, datagram);
        var v6 = Frames.WithSum(V6Stranger, V6Pbx, IpPacket.Udp, datagram);

        Assert.Equal((1L, 0L), Seen(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, v4)));
        Assert.Equal((1L, 0L), Seen(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, datagram)));
        Assert.Equal((1L, 0L), Seen(Frames.IPv6(V6Stranger, V6Pbx, IpPacket.Udp, v6)));
        Assert.Equal((0L, 1L), Seen(Damaged(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, v4), 20 + 6)));
        Assert.Equal((0L, 1L), Seen(Damaged(Frames.IPv6(V6Stranger, V6Pbx, IpPacket.Udp, v6), 60)));

        var without = Frames.IPv6(V6Stranger, V6Pbx, IpPacket.Udp, v6);
        without[40 + 6] = without[40 + 7] = 0;
        Assert.Equal((0L, 1L), Seen(without));
    }

    [Fact]
    public void A_header_whose_checksum_is_wrong_is_thrown_away_by_every_kernel()
    {
        var frame = Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, Guess));

        Assert.Equal((0L, 1L), Seen(Damaged(frame, 8), ChecksumState.Vouched));
        Assert.Equal((0L, 1L), Seen(Damaged(frame, 8), ChecksumState.Captured));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(7, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_checksum_is_right_whatever_the_length(int more, bool isRight)
    {
        var tcp = Frames.WithSum(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5060, First, WireRig.Guess("a", body: new string('x', more)), 1));
        var frame = Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, tcp);
        frame[^1] += isRight ? (byte)0 : (byte)1;

        Assert.Equal(isRight ? (1L, 0L) : (0L, 1L), Seen(frame));
    }

    [Fact]
    public void What_a_card_looked_at_or_would_have_completed_is_taken()
    {
        // The sender's kernel leaves the sum of the pseudo header; a live socket says so beside the packet, a capture can't.
        var half = Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5060, First, Guess, 1));
        Frames.WithHalfSum(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, half[20..]).CopyTo(half, 20);

        Assert.Equal((1L, 0L), Seen(half, ChecksumState.Vouched));
        Assert.Equal((1L, 0L), Seen(half, ChecksumState.Captured));
        Assert.Equal((0L, 1L), Seen(half, ChecksumState.Unseen));
        Assert.Equal((0L, 1L), Seen(Damaged(half, 20 + 16), ChecksumState.Captured));
    }

    [Fact]
    public void What_the_PBX_sends_is_never_looked_at()
    {
        var answer = Damaged(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Udp, Frames.WithSum(WireRig.Pbx, WireRig.Stranger, IpPacket.Udp, Frames.Udp(5060, WireRig.Port, WireRig.Answer("a")))), 20 + 6);

        Assert.Equal((1L, 0L), Seen(answer, ChecksumState.Captured));
        Assert.Equal((1L, 0L), Seen(answer, ChecksumState.Unseen, FrameDirection.Out));
    }

    [Fact]
    public void Fragments_are_looked_at_when_they_are_whole()
    {
        var whole = Frames.WithSum(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, Guess));
        foreach (var damage in new byte[] { 0, 1 })
        {
            var rig = new WireRig();
            whole[50] += damage;
            rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, whole[..64], fragment: 0x2000)).See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, whole[64..], fragment: 8));
            Assert.Equal((1L - damage, (long)damage), (rig.Tap.Messages, rig.Tap.Damaged));
        }
    }

    private static byte[] Tcp(uint sequence, byte[] payload, byte flags) =>
        Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5060, sequence, payload, 1, flags));

    private static byte[] Damaged(byte[] frame, int at)
    {
        byte[] damaged = [.. frame];
        damaged[at]++;
        return damaged;
    }

    private static (long Messages, long Damaged) Seen(byte[] frame, ChecksumState checksum = ChecksumState.Unseen, FrameDirection direction = FrameDirection.Unknown)
    {
        var rig = new WireRig().Opened(First);
        rig.See(frame, direction: direction, checksum: checksum);
        if (frame[9] == IpPacket.Tcp)
        {
            rig.Acknowledged(First + (uint)frame.Length - 44);
        }

        return (rig.Tap.Messages, rig.Tap.Damaged);
    }
}
