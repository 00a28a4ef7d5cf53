using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>What a stranger sends over TCP is read as the PBX reads it, however it is cut and whatever stands between.</summary>
public sealed class TcpStreamTests
{
    private static readonly uint First = 0xffff_ff00;

    private static readonly byte[] A = WireRig.Guess("a");
    private static readonly byte[] B = WireRig.Guess("b", body: "v=0\r\n\r\nREGISTER sip:x SIP/2.0\r\n");
    private static readonly byte[] C = WireRig.Guess("c", headers: "l : 0\r\n");
    private static readonly byte[] All = [.. "\r\n\r\n"u8, .. A, .. B, .. "\r\n"u8, .. C];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Messages_are_found_in_segments_of_any_size(int size)
    {
        var rig = new WireRig().Opened(First);

        for (var at = 0; at < All.Length; at += size)
        {
            rig.Sent(First + (uint)at, All[at..Math.Min(All.Length, at + size)]);
        }

        Assert.Equal(["a", "b", "c"], rig.Acknowledged(First + (uint)All.Length).Refuse("a", "b", "c").Refused);
        Assert.Equal((0L, 0L), (rig.Tap.Invalid, rig.Tap.Lost));
    }

    [Fact]
    public void What_is_sent_to_a_connection_that_the_PBX_never_took_is_not_kept_for_long()
    {
        var rig = new WireRig();
        for (uint at = 0; at < 200_000; at++)
        {
            rig.Sent(at, [65], port: 5060);
        }

        Assert.InRange(rig.Tap.HeldBytes, 0, 128 * 1024);
    }

    [Fact]
    public void A_byte_that_is_written_twice_is_found_among_thousands_of_pieces()
    {
        var rig = new WireRig().Opened(1);
        for (uint at = 0; at < 2_000; at++)
        {
            rig.Sent(1 + at, [(byte)('a' + (at % 26))]);
        }

        rig.Sent(1_000, Frames.Bytes("l")).Sent(1_500, Frames.Bytes("r"));
        Assert.Equal(0, rig.Tap.Contradicted);

        rig.Sent(1_500, Frames.Bytes("s"));
        Assert.Equal(1, rig.Tap.Contradicted);
    }

    [Fact]
    public void Segments_that_come_in_another_order_or_twice_are_put_in_theirs()
    {
        var rig = new WireRig().Opened(First);
        var cuts = new[] { 0, 50, 200, 300, 700, All.Length };

        foreach (var part in new[] { 1, 0, 3, 3, 2, 0, 4 })
        {
            rig.Sent(First + (uint)cuts[part], All[cuts[part]..cuts[part + 1]]);
        }

        Assert.Equal(["a", "b", "c"], rig.Acknowledged(First + (uint)All.Length).Refuse("a", "b", "c").Refused);
    }

    [Fact]
    public void What_the_PBX_did_not_take_does_not_move_the_reader()
    {
        // A reset, an end, data far out of the window and a SYN, all forged into the middle of a guess: the kernel passes over each.
        var rig = new WireRig().Opened(First);

        rig.Sent(First, All[..60]).Acknowledged(First + 60);
        rig.Sent(First + 9_999, [], flags: 4).Sent(First + 500_000, [], flags: 1).Sent(First + 0x4000_0000, new byte[500]).Sent(77, [], flags: 2).Sent(First - 40, new byte[100]);
        rig.Sent(First + 60, All[60..]);

        Assert.Equal(["a", "b", "c"], rig.Acknowledged(First + (uint)All.Length).Refuse("a", "b", "c").Refused);
    }

    [Fact]
    public void A_first_segment_that_the_PBX_does_not_take_hides_nothing()
    {
        var rig = new WireRig().Opened(First);

        rig.Sent(First + 0x2000_0000, new byte[300]).Sent(First, All);

        Assert.Equal(["a", "b", "c"], rig.Acknowledged(First + (uint)All.Length).Refuse("a", "b", "c").Refused);
    }

    [Fact]
    public void A_segment_that_was_lost_on_the_way_to_here_costs_its_message_alone()
    {
        var rig = new WireRig();
        rig.Sent(First, All[..60]);

        // 60 to 160 never came; the PBX has it.
        rig.Sent(First + 160, All[160..]).Acknowledged(First + (uint)All.Length);

        Assert.Equal(["b", "c"], rig.Refuse("a", "b", "c").Refused);
        Assert.Equal(1, rig.Tap.Lost);
    }

    [Fact]
    public void Reading_begins_in_the_middle_of_a_stream_at_the_next_message()
    {
        var rig = new WireRig();

        rig.Sent(First + 60, All[60..]).Acknowledged(First + (uint)All.Length);

        Assert.Equal(["b", "c"], rig.Refuse("b", "c").Refused);
        Assert.Equal(1, rig.Tap.Invalid);
    }

    [Fact]
    public void A_connection_that_begins_anew_between_the_same_ports_is_another()
    {
        var rig = new WireRig().Opened(First).Sent(First, All[..60]);

        rig.Sent(99, [], flags: 2).Opened(100).Sent(100, All);

        Assert.Equal(["a", "b", "c"], rig.Acknowledged(100 + (uint)All.Length).Refuse("a", "b", "c").Refused);
    }

    [Fact]
    public void A_message_that_never_ends_and_a_flood_of_halves_are_bounded()
    {
        var rig = new WireRig();
        for (var at = 0u; at < 200_000; at += 1_000)
        {
            rig.Sent(First + at, at == 0 ? A[..200] : [.. Enumerable.Repeat((byte)'x', 1_000)]).Acknowledged(First + at + (at == 0 ? 200u : 1_000u));
        }

        Assert.True(rig.Tap.Lost > 0 || rig.Tap.Invalid > 0);

        for (var i = 0; i < 20_000; i++)
        {
            rig.See(Frames.IPv4($"203.0.{i / 250 % 250}.{i % 250}", WireRig.Pbx, IpPacket.Tcp, Frames.Tcp((ushort)(i + 1), 5060, 1, A[..300], 1)));
        }

        Assert.InRange(rig.Tap.HeldBytes, 1, TcpStreams.MostBytes);
        Assert.True(rig.Tap.Lost > 10_000);
    }

    [Fact]
    public void A_stream_of_TLS_is_counted_and_not_read_and_its_failed_handshakes_are_the_strangers()
    {
        var rig = new WireRig();
        byte[] hello = [22, 3, 1, 0, 4, 1, 0, 0, 0];

        rig.Opened(First, port: 5061).Sent(First, hello, port: 5061).Sent(First + 9, [23, 3, 3, 0, 200, .. A], port: 5061).Acknowledged(First + 9, port: 5061);
        rig.See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Tcp, Frames.Tcp(5061, WireRig.Port, 5, [21, 3, 1, 0, 2, 2, 70], 1)));
        rig.See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Tcp, Frames.Tcp(5061, WireRig.Port, 12, [21, 3, 1, 0, 2, 1, 0], 1)));

        Assert.Equal((0L, 0L, 1L, 1L), (rig.Tap.Messages, rig.Tap.Invalid, rig.Tap.Opaque, rig.Tap.Tls.Failures));
        Assert.Equal((1L, 1L), (rig.Tap.Tls.Of(Core.Events.Address.Parse(WireRig.Stranger)!.Value).Connections, rig.Tap.Tls.Of(Core.Events.Address.Parse(WireRig.Stranger)!.Value).Failures));
    }
}
