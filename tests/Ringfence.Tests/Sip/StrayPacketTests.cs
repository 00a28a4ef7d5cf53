using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Ringfence.Tests.Wire;
using Xunit;

namespace Ringfence.Tests.Sip;

/// <summary>What is no SIP and no attack, and what is.</summary>
public sealed class StrayPacketTests
{
    [Fact]
    public void Keep_alives_STUN_audio_and_DTLS_are_nobodys_attack()
    {
        byte[] stun = [0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42, .. new byte[12 + 8]];
        byte[] audio = [0x80, 0, .. new byte[170]];
        byte[] reports = [0x81, 200, .. new byte[60]];
        byte[] handshake = [22, 0xfe, 0xfd, .. new byte[200]];

        Assert.All(["\r\n\r\n"u8.ToArray(), new byte[200], "jaK"u8.ToArray(), [], stun, audio, reports, handshake], bytes => Assert.True(StrayPacket.Is(bytes)));
    }

    [Fact]
    public void What_fuzzers_send_is_no_stray_packet()
    {
        byte[] lying = [0, 1, 0xff, 0xff, 0x21, 0x12, 0xa4, 0x42, .. new byte[12 + 8]];

        Assert.All(
            ["INVITE sip:%n%n%n%n%n%n%n"u8.ToArray(), Encoding.ASCII.GetBytes(new string('A', 3_000)), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), lying],
            bytes => Assert.False(StrayPacket.Is(bytes)));
    }

    [Fact]
    public void Over_TCP_only_what_comes_behind_the_PBXs_own_handshake_tells_of_its_sender()
    {
        var junk = Frames.Bytes("this is no SIP at all\r\n\r\n");

        // The middle of a stream that was never seen to begin, as a capture has it, or a forger.
        Assert.Empty(new WireRig().Sent(1_000, junk).Events);
        var taken = new WireRig().Opened(1_000).Sent(1_000, junk).Acknowledged(1_000 + (uint)junk.Length);
        Assert.Equal((EventKind.PacketMalformed, Proof.Proven, WireRig.Stranger), Assert.Single(taken.Events));
    }

    [Fact]
    public void What_the_PBX_itself_sends_is_told_of_nobody()
    {
        var junk = Frames.Bytes("this is no SIP at all, and not short either");

        var rig = new WireRig().See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, 17, Frames.Udp(5060, 40_000, junk)));
        Assert.Empty(rig.Events);

        Assert.Equal((EventKind.PacketMalformed, Proof.Unproven, WireRig.Stranger), Assert.Single(rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, 17, Frames.Udp(40_000, 5060, junk))).Events));
    }
}
