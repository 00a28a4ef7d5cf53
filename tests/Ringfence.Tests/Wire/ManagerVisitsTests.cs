using Ringfence.Core.Events;
using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

public sealed class ManagerVisitsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.0\r\n\r\nAction: Command\r\nCommand: core show channels\r\n\r\n")]
    [InlineData("lo gin challeng cLLLL")]
    public void Who_connects_to_the_manager_interface_and_does_not_log_in_is_told(string says) =>
        Assert.Equal([(EventKind.LoginOmitted, Proof.Proven, WireRig.Stranger)], Visit(says).Events);

    [Theory]
    [InlineData("Action: Login\r\nUsername: x\r\nSecret: y\r\n\r\n")]
    [InlineData("action: lOGIN\r\n")]
    [InlineData("Action: Challenge\r\nAuthType: MD5\r\n\r\n")]
    public void Whether_a_login_is_right_the_log_says(string says) => Assert.Empty(Visit(says).Events);

    [Theory]
    [InlineData(5_000_000u, 3_000_000_000u)]
    [InlineData(1u, 77u)]
    [InlineData(1u, null)]
    public void A_login_that_the_PBXs_kernel_drops_hides_no_visit(uint sequence, uint? acknowledgment)
    {
        var rig = new WireRig().Opened(1, 3_000_000_000, 5038);
        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5038, 1, Frames.Bytes("hello"), 3_000_000_000)));
        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5038, sequence, Frames.Bytes("Action: Login\r\n"), acknowledgment)));

        rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5038, 6, [], 3_000_000_000, 1)));

        Assert.Single(rig.Events);
    }

    [Fact]
    public void In_the_name_of_another_nobody_can_connect()
    {
        // The PBX answers to whom the packet names; he resets what he did not ask for. What else the forger sends guesses the PBX's number.
        var rig = new WireRig();
        foreach (var last in (byte[])[4, 5, 20, 21])
        {
            rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5038, 0, [], null, 2)));
            rig.See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Tcp, Frames.Tcp(5038, WireRig.Port, 3_000_000_000, [], 1, 2)));
            rig.Sent(1, Frames.Bytes("GET /"), port: 5038);
            rig.Sent(6, [], last, port: 5038);
            rig.Sent(6, [], 4, port: 5038);
        }

        Assert.Empty(rig.Events);
    }

    [Fact]
    public void Whoever_guesses_the_PBXs_number_must_guess_all_of_it()
    {
        var rig = new WireRig().Opened(1, 3_000_000_000, 5038);
        for (uint number = 0; number < 65_536; number++)
        {
            rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 5038, 1, [], (number * 65_536) + 77)));
        }

        Assert.Empty(rig.Sent(1, [], 1, port: 5038).Events);
    }

    [Fact]
    public void A_connection_counts_once_however_it_ends()
    {
        var rig = Visit("x");
        rig.Sent(2, [], 1, port: 5038).Sent(2, [], 4, port: 5038);

        Assert.Single(rig.Events);
    }

    [Fact]
    public void Whatever_the_segments_are_a_visit_ends_at_most_once_for_each_that_the_PBX_took()
    {
        var random = new Random(20261121);
        var (rig, taken) = (new WireRig(), 0);
        for (var input = 0; input < 30_000; input++)
        {
            var frames = Visits.Frames(WireRig.Stranger, WireRig.Pbx, (ushort)random.Next(40_000, 40_003), random.Next(2) == 0 ? "login" : "x").ToList();
            var frame = frames[random.Next(frames.Count)];
            for (var change = random.Next(3); change > 0; change--)
            {
                frame[random.Next(20, frame.Length)] = (byte)random.Next(256);
            }

            frame = [.. frame[..20], .. Frames.WithSum(AddressAt(frame, 12), AddressAt(frame, 16), IpPacket.Tcp, frame[20..])];
            taken += (frame[33] & 0x12) == 0x12 && frame[20] == 0x13 && frame[21] == 0xae ? 1 : 0;
            rig.See(frame);
        }

        Assert.InRange(rig.Events.Count, 1, taken);
        Assert.All(rig.Events, seen => Assert.Equal(EventKind.LoginOmitted, seen.Kind));

        static string AddressAt(byte[] frame, int at) => new System.Net.IPAddress(frame.AsSpan(at, 4)).ToString();
    }

    private static WireRig Visit(string says)
    {
        var rig = new WireRig();
        foreach (var frame in Visits.Frames(WireRig.Stranger, WireRig.Pbx, WireRig.Port, says))
        {
            rig.See(frame);
        }

        return rig;
    }
}
