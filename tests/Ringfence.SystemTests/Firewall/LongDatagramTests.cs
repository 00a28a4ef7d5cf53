using System.Net.Sockets;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>Datagrams to the ports of SIP that are too long for HEP to tell their answers, in fragments as they come, with the real kernel.</summary>
public sealed class LongDatagramTests
{
    private const int Port = 5060;
    private const int UdpHeader = 8;
    private static readonly SipLimits Limits = new([Port], [Port, 5061], Rate: 30, Burst: 100, TogetherRate: 500);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Wall.Attacker4, Wall.Pbx4)]
    [InlineData(Wall.Attacker6, Wall.Pbx6)]
    public async Task None_longer_than_any_phone_sends_comes_through_and_it_is_counted(string from, string to)
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();

        Assert.True(Arrives(wall, from, to, LimitRules.LongestDatagram - UdpHeader));
        Assert.False(Arrives(wall, from, to, LimitRules.LongestDatagram - UdpHeader + 1));
        Assert.False(Arrives(wall, from, to, 65_000));
        Assert.True(Arrives(wall, from, to, 65_000, Port + 1));
        Assert.Equal(2, wall.Nftables.Status.Limits!.DroppedLong);
    }

    [Fact]
    public async Task Where_the_kernel_puts_fragments_together_before_it_is_the_same()
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        wall.Nft("add table inet other; add chain inet other c { type filter hook input priority 0; }; add rule inet other c ct state established accept");

        Assert.True(Arrives(wall, Wall.Attacker4, Wall.Pbx4, LimitRules.LongestDatagram - UdpHeader));
        Assert.False(Arrives(wall, Wall.Attacker4, Wall.Pbx4, LimitRules.LongestDatagram - UdpHeader + 1));
        Assert.False(Arrives(wall, Wall.Attacker6, Wall.Pbx6, LimitRules.LongestDatagram - UdpHeader + 1));
    }

    [Fact]
    public async Task Who_is_trusted_is_whose_address_is_forged()
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        await wall.Nftables.TrustAsync([Wall.Subject(Wall.Phone4)], Stop);

        Assert.False(Arrives(wall, Wall.Phone4, Wall.Pbx4, 40_000));
    }

    [Fact]
    public async Task It_is_put_back_when_somebody_takes_it_out()
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        wall.Watch();
        await Wall.UntilAsync(() => wall.Nftables.Status.Problem is null, "the watch runs");
        var before = wall.Nft("-s", "list", "chain", "inet", "ringfence", "arriving");

        wall.Nft("flush", "chain", "inet", "ringfence", "arriving");

        await Wall.UntilAsync(() => wall.Nftables.Status.Repairs > 0, "it is undone");
        Assert.Contains("udp length", before, StringComparison.Ordinal);
        Assert.Equal(before, wall.Nft("-s", "list", "chain", "inet", "ringfence", "arriving"));
        Assert.False(Arrives(wall, Wall.Attacker4, Wall.Pbx4, 40_000));
    }

    [Fact]
    public async Task Without_limits_every_length_comes_through()
    {
        await using var wall = new Wall();
        await wall.StartAsync();

        Assert.False(wall.Nftables.KeepsLongOut);
        Assert.True(Arrives(wall, Wall.Attacker4, Wall.Pbx4, 65_000));
    }

    private static bool Arrives(Wall wall, string from, string to, int bytes, int port = Port)
    {
        using var pbx = Wall.Udp(wall.Pbx, to, port);
        using var sender = Wall.Udp(wall.Outside, from, 0);
        var text = new byte[bytes];
        "REGISTER sip:pbx SIP/2.0\r\n"u8.CopyTo(text);
        sender.SendTo(text, pbx.LocalEndPoint!);
        return pbx.Poll(TimeSpan.FromMilliseconds(400), SelectMode.SelectRead) && pbx.Receive(new byte[65_536]) == bytes;
    }
}
