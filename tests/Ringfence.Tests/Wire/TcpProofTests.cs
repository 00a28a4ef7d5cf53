using Ringfence.Core.Events;
using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>Anybody can write a segment in anybody's name: it says nothing until the PBX took it from him who was told its number.</summary>
public sealed class TcpProofTests
{
    private static readonly uint First = 0xffff_fff0;
    private const uint Told = 3_000_000_000;

    private static readonly byte[] Scan = Frames.Bytes("OPTIONS sip:a SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\nUser-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n");
    private static readonly byte[] Junk = Frames.Bytes("OPTIONS sip:a SIP/2.0\r\nUser-Agent: x\r\nContent-Length: 0\r\n\r\n");

    [Fact]
    public void A_segment_without_a_connection_says_nothing()
    {
        var rig = new WireRig();

        for (var port = 1; port <= 30; port++)
        {
            rig.Sent(First, Scan).Sent(First + (uint)Scan.Length, Junk);
            rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp((ushort)port, 5060, First, Scan, 1, 8)));
            rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp((ushort)port, 5060, First, Junk, null, 1)));
        }

        Assert.Empty(rig.Events);
        Assert.Equal(0, rig.Tap.Messages);
    }

    [Fact]
    public void A_forged_SYN_that_the_PBX_answers_makes_no_connection()
    {
        // The PBX's answer goes to whom the SYN names; who wrote it guesses the number, all that lie 65,536 apart, and the PBX asks again and resets.
        var rig = new WireRig().Sent(First - 1, [], flags: 2).Opened(First, Told);
        for (uint number = 0; number < 65_536; number += 16)
        {
            rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5060, First, number % 32 == 0 ? Scan : Junk, (number * 65_536) + 77, 8)));
        }

        rig.Opened(First, Told).Acknowledged(First).Acknowledged(First + (uint)Scan.Length, flags: 4);

        Assert.Empty(rig.Events);
        Assert.Equal(0, rig.Tap.Messages);
    }

    [Fact]
    public void Who_says_back_the_number_that_the_PBX_told_him_is_read_when_the_PBX_has_it()
    {
        var rig = new WireRig().Sent(First - 1, [], flags: 2).Opened(First);

        rig.Sent(First, Scan);
        Assert.Empty(rig.Events);
        rig.Acknowledged(First + (uint)Scan.Length);

        Assert.Equal([(EventKind.ScannerSeen, Proof.Proven, WireRig.Stranger)], rig.Events);
    }

    [Fact]
    public void What_was_written_before_that_is_not_his()
    {
        var rig = new WireRig().Opened(First);
        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5060, First, [0x16, 3, 1, .. Junk], 999, 8)));

        rig.Sent(First, Scan).Acknowledged(First + (uint)Scan.Length);

        Assert.Equal([(EventKind.ScannerSeen, Proof.Proven, WireRig.Stranger)], rig.Events);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_a_connection_that_was_open_before_anybody_looked_the_PBX_says_what_it_took(byte end)
    {
        var rig = new WireRig().Sent(First, Scan, flags: end);
        Assert.Empty(rig.Events);

        rig.Acknowledged(First + (uint)Scan.Length + end);

        Assert.Equal([(EventKind.ScannerSeen, Proof.Proven, WireRig.Stranger)], rig.Events);
    }

    [Fact]
    public void Beside_a_connection_that_is_open_a_forged_segment_says_nothing()
    {
        // The PBX tells the true sender where it stands (RFC 5961 section 5), which is not where the forger's bytes are.
        var rig = new WireRig();
        foreach (var away in (uint[])[5_000, 0x2000_0000, 0x9000_0000])
        {
            rig.Sent(First + away, Scan).Acknowledged(First).Sent(First - away, Scan).Acknowledged(First);
        }

        Assert.Empty(rig.Events);
        rig.Sent(First, WireRig.Guess("a")).Acknowledged(First + (uint)WireRig.Guess("a").Length).Refuse("a");
        Assert.Equal(["a"], rig.Refused);
    }

    [Fact]
    public void A_proof_ends_with_its_connection()
    {
        var rig = new WireRig().Opened(First).Sent(First, WireRig.Guess("a")).Acknowledged(First + (uint)WireRig.Guess("a").Length).Refuse("a");

        rig.Sent(0x4fff_ffff, [], flags: 2).Opened(0x5000_0000, Told).Sent(0x5000_0000, Scan).Sent(0x5000_0000 + (uint)Scan.Length, Junk);

        Assert.Equal(EventKind.PasswordRefused, Assert.Single(rig.Events).Kind);
    }

    [Fact]
    public void A_message_in_the_body_of_one_that_was_cut_is_nobodys_malformed_packet()
    {
        // A NOTIFY of a transfer holds "SIP/2.0 200 OK" (RFC 3420).
        var rig = new WireRig();

        rig.Sent(First, Junk).Acknowledged(First + (uint)Junk.Length);

        Assert.Empty(rig.Events);
        Assert.Equal(1, rig.Tap.Invalid);
    }

    [Fact]
    public void A_forgers_login_at_the_web_server_is_not_the_visitors()
    {
        // Somebody has a page open that asks without a password; a forger writes one into his connection.
        var rig = new WireRig();
        rig.Sent(77, Frames.Bytes("GET /ari/x HTTP/1.1\r\nAuthorization: Basic YXBwOndyb25nLXNlY3JldA==\r\n\r\n"), port: 8088);

        rig.Sent(First, Frames.Bytes("GET /ari/x HTTP/1.1\r\n\r\n"), port: 8088);
        rig.See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Tcp, Frames.Tcp(8088, WireRig.Port, 1, Frames.Bytes("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"), First + 23)));

        Assert.Empty(rig.Events);
    }

    [Fact]
    public void A_hello_of_TLS_that_is_forged_is_no_connection()
    {
        var rig = new WireRig().Sent(First, [22, 3, 1, 0, 4, 1, 0, 0, 0], port: 5061);

        Assert.Equal(0, rig.Tap.Opaque);
    }
}
