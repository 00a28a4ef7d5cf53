using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Decisions;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>What becomes of real packets.</summary>
public sealed class BannedPacketsTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    // For an answer that must come, and for one that must not.
    private static readonly TimeSpan Refusal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    [Theory]
    [InlineData(Wall.Attacker4, Wall.Attacker4, Wall.Phone4, Wall.Pbx4)]
    [InlineData("198.51.100.64/28", Wall.Attacker4, Wall.Phone4, Wall.Pbx4)]
    [InlineData("2001:db8:66::1", Wall.Attacker6, Wall.Phone6, Wall.Pbx6)]
    [InlineData("2001:db8:66::/48", Wall.Attacker6, Wall.Phone6, Wall.Pbx6)]
    [InlineData("2001:db8:66::66/128", Wall.Attacker6, Wall.Phone6, Wall.Pbx6)]
    public async Task A_banned_source_is_not_heard_and_its_neighbour_is(string subject, string attacker, string phone, string pbx)
    {
        await using var wall = new Wall();
        await wall.StartAsync();
        Assert.True(wall.Arrives(attacker, pbx));

        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Ban(subject, Hour)));

        Assert.False(wall.Arrives(attacker, pbx));
        Assert.True(wall.Arrives(phone, pbx));
        Assert.True(wall.Nftables.Status.DroppedPackets > 0);
        Assert.Equal(1, wall.Nftables.Status.Elements);

        Assert.Equal(OutcomeKind.Enforced, await wall.ApplyAsync(Wall.Unban(subject)));

        Assert.True(wall.Arrives(attacker, pbx));
        Assert.Equal(0, wall.Nftables.Status.Elements);
    }

    [Theory]
    [InlineData(Wall.Attacker4)]
    [InlineData("198.51.100.66/31")]
    public async Task A_ban_ends_by_itself(string subject)
    {
        await using var wall = new Wall();
        await wall.StartAsync();

        await wall.ApplyAsync(Wall.Ban(subject, TimeSpan.FromSeconds(6)));

        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4, 100));
        await Wall.UntilAsync(() => wall.Arrives(Wall.Attacker4, Wall.Pbx4, 50), "the ban ends");
    }

    [Fact]
    public async Task An_established_connection_of_a_banned_source_is_cut()
    {
        await using var wall = new Wall();
        await wall.StartAsync();

        // A rule that asks for the connection's state, so that the kernel tracks connections at all.
        wall.Nft("add table inet other; add chain inet other c { type filter hook input priority 0; }; add rule inet other c ct state established accept");
        using var listening = Tcp(wall.Pbx, Wall.Pbx4);
        listening.Listen();
        using var client = Tcp(wall.Outside, Wall.Attacker4);
        await client.ConnectAsync(listening.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var server = await listening.AcceptAsync(TestContext.Current.CancellationToken);
        client.Send("before"u8);
        Assert.True(server.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead));
        server.Receive(new byte[100]);

        await wall.ApplyAsync(Wall.Ban(Wall.Attacker4, Hour));

        client.Send("after"u8);
        Assert.False(server.Poll(TimeSpan.FromMilliseconds(400), SelectMode.SelectRead));
    }

    [Fact]
    public async Task The_loopback_is_never_filtered()
    {
        await using var wall = new Wall();
        await wall.StartAsync(Wall.Active("127.0.0.0/8"), Wall.Active("::1/128"), Wall.Active(Wall.Pbx4));

        foreach (var address in (string[])["127.0.0.1", "::1", Wall.Pbx4])
        {
            using var one = Wall.Udp(wall.Pbx, address, 0);
            using var other = Wall.Udp(wall.Pbx, address, 0);
            one.SendTo("x"u8, other.LocalEndPoint!);

            Assert.True(other.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead), address);
        }
    }

    [Fact]
    public async Task A_ban_of_link_local_addresses_leaves_ipv6_working()
    {
        await using var wall = new Wall();
        await wall.StartAsync(Wall.Active("fe80::/64"), Wall.Active("2001:db8:1::/64"), Wall.Active("2001:db8:66::/64"));
        wall.Pbx.Ip("neigh", "flush", "all");
        wall.Outside.Ip("neigh", "flush", "all");

        Assert.True(wall.Arrives(Wall.Phone6, Wall.Pbx6, 3000));
        Assert.False(wall.Arrives(Wall.Attacker6, Wall.Pbx6));
    }

    [Fact]
    public async Task What_is_forwarded_to_a_container_is_dropped_too()
    {
        await using var wall = new Wall();
        using var container = Netns.Create("nft");
        wall.Pbx.Connect(container, ["192.0.2.1/24"], ["192.0.2.2/24"]);
        wall.Pbx.Execute("sysctl", "-qw", "net.ipv4.ip_forward=1");
        wall.Outside.Ip("route", "add", "192.0.2.0/24", "via", Wall.Pbx4);
        container.Ip("route", "add", "default", "via", "192.0.2.1");
        await wall.StartAsync();
        using var inside = Wall.Udp(container, "192.0.2.2", 5060);
        bool Reaches(string from)
        {
            using var sending = Wall.Udp(wall.Outside, from, 0);
            sending.SendTo("x"u8, inside.LocalEndPoint!);
            var arrived = inside.Poll(TimeSpan.FromMilliseconds(400), SelectMode.SelectRead);
            if (arrived)
            {
                inside.Receive(new byte[10]);
            }

            return arrived;
        }

        Assert.True(Reaches(Wall.Attacker4));

        await wall.ApplyAsync(Wall.Ban(Wall.Attacker4, Hour));

        Assert.False(Reaches(Wall.Attacker4));
        Assert.True(Reaches(Wall.Phone4));
    }

    [Theory]
    [InlineData(Wall.Attacker4, Wall.Pbx4)]
    [InlineData(Wall.Attacker6, Wall.Pbx6)]
    public async Task Reject_answers_where_drop_is_silent(string attacker, string pbx)
    {
        // 5061 is open at the PBX: only the firewall can refuse it.
        foreach (var reject in (bool[])[false, true])
        {
            await using var wall = new Wall(reject);
            await wall.StartAsync(Wall.Active(attacker, Hour));
            using var udp = Wall.Udp(wall.Pbx, pbx, 5061);
            using var tcp = Tcp(wall.Pbx, pbx);
            tcp.Listen();

            using var packets = Wall.Udp(wall.Outside, attacker, 0);
            packets.Connect(udp.LocalEndPoint!);
            packets.Send("x"u8);
            packets.ReceiveTimeout = (int)(reject ? Refusal : Silence).TotalMilliseconds;
            var answer = Record.Exception(() => packets.Receive(new byte[10]));
            using var connection = Tcp(wall.Outside, attacker);
            using var patience = new CancellationTokenSource(reject ? Refusal : Silence);
            var failure = await Record.ExceptionAsync(async () => await connection.ConnectAsync(tcp.LocalEndPoint!, patience.Token));

            var told = Assert.IsType<SocketException>(answer).SocketErrorCode;
            Assert.Equal(reject, told is SocketError.HostUnreachable or SocketError.AccessDenied);
            Assert.Equal(reject, (failure as SocketException)?.SocketErrorCode == SocketError.ConnectionRefused);
            Assert.NotNull(failure);
        }
    }

    [Fact]
    public async Task Reject_answers_for_a_container_too()
    {
        await using var wall = new Wall(reject: true);
        using var container = Netns.Create("nft");
        wall.Pbx.Connect(container, ["192.0.2.1/24"], ["192.0.2.2/24"]);
        wall.Pbx.Execute("sysctl", "-qw", "net.ipv4.ip_forward=1");
        wall.Outside.Ip("route", "add", "192.0.2.0/24", "via", Wall.Pbx4);
        container.Ip("route", "add", "default", "via", "192.0.2.1");
        using var open = Tcp(container, "192.0.2.2");
        open.Listen();
        await wall.StartAsync(Wall.Active(Wall.Attacker4, Hour));

        using var connection = Tcp(wall.Outside, Wall.Attacker4);
        using var patience = new CancellationTokenSource(Refusal);
        var failure = await Record.ExceptionAsync(async () => await connection.ConnectAsync(open.LocalEndPoint!, patience.Token));

        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(failure).SocketErrorCode);
    }

    private static Socket Tcp(Netns where, string address) => where.Run(() =>
    {
        var local = new IPEndPoint(IPAddress.Parse(address), 0);
        var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(local);
        return socket;
    });
}
