using Ringfence.Core.Events;
using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>What is told of a TLS port, as far as the kernel's filter passes it.</summary>
public sealed class TlsJunkTests
{
    private static readonly byte[] ClientHello = [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0];

    [Fact]
    public void Text_that_is_no_SIP_on_a_TLS_port_is_malformed_and_proven() =>
        Assert.Equal([(EventKind.PacketMalformed, Proof.Proven, WireRig.Stranger)], Open().Sent(101, Frames.Bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), port: 5061).Acknowledged(128, port: 5061).Events);

    [Fact]
    public void A_phone_that_speaks_plain_SIP_there_is_misled_and_no_attacker() =>
        Assert.Empty(Open().Sent(101, WireRig.Guess("plain"), port: 5061).Acknowledged(101 + (uint)WireRig.Guess("plain").Length, port: 5061).Events);

    [Fact]
    public void The_middle_of_a_record_is_no_junk_though_it_may_begin_with_a_letter()
    {
        var rig = Open().Sent(101, ClientHello, port: 5061);
        for (uint at = 0; at < 20; at++)
        {
            // Between them the records of which the filter passes nothing.
            rig.Sent(5_000 + (3_000 * at), Frames.Bytes("GARBLED\r\n\r\n"), port: 5061);
        }

        // The PBX has all of it, of which the tap saw next to nothing.
        rig.See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Tcp, Frames.Tcp(5061, WireRig.Port, 1, [], 200_000)));

        Assert.Empty(rig.Events);
        Assert.Equal((0L, 0L), (rig.Tap.Lost, rig.Tap.HeldBytes));
        Assert.Equal(1, rig.Tap.Opaque);
    }

    private static WireRig Open() => new WireRig().Opened(101, port: 5061);
}
