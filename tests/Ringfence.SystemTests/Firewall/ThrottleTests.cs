using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Decisions;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>What the kernel lets through of those whose attacks prove no address, with the real kernel.</summary>
public sealed class ThrottleTests
{
    private const int Port = 5060;
    private static readonly SipLimits Limits = new([Port], [Port, 5061], Rate: 30, Burst: 100, TogetherRate: 500);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Wall.Attacker4, Wall.Pbx4)]
    [InlineData(Wall.Attacker6, Wall.Pbx6)]
    public async Task Of_SIP_over_UDP_a_login_comes_through_and_no_more_and_all_else_as_before(string from, string to)
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();

        Assert.Equal(OutcomeKind.Enforced, Assert.Single(await wall.Nftables.ApplyAsync([Throttle(from)], Stop)).Kind);

        // A scanner's requests; a phone's, one that is challenged and one that answers; and whoever goes on.
        Assert.Equal(0, Arrived(wall, from, to, "OPTIONS", 50));
        Assert.Equal(0, Arrived(wall, from, to, "SUBSCRIBE", 50));
        Assert.Equal(0, Arrived(wall, from, to, "\0\0\0\0", 50));
        Assert.Equal(2, Arrived(wall, from, to, "REGISTER", 2));
        Assert.Equal(2, Arrived(wall, from, to, "INVITE", 2));
        Assert.InRange(Arrived(wall, from, to, "REGISTER", 50), 0, 1);
        Assert.Equal(5, Arrived(wall, from, to, "OPTIONS", 5, Port + 1));
        Assert.True(Connects(wall, from, to));
        Assert.InRange(wall.Nftables.Status.Limits!.DroppedThrottled, 199, 200);
        Assert.Equal(1, wall.Nftables.Status.Limits!.Throttled);
    }

    [Fact]
    public async Task What_comes_through_meets_the_limit_for_all_and_a_full_set_lets_nothing_through()
    {
        await using var wall = new Wall(limits: Limits with { TogetherRate = 1 });
        await wall.StartAsync(Wall.Active(Wall.Phone4, TimeSpan.FromHours(1)) with { Throttles = true });
        LimitTests.Fill(wall, "trickle4");

        Assert.Equal(0, Arrived(wall, Wall.Phone4, Wall.Pbx4, "REGISTER", 4));

        wall.Nft("flush", "set", "inet", "ringfence", "trickle4");

        Assert.InRange(Arrived(wall, Wall.Phone4, Wall.Pbx4, "REGISTER", 4), 1, 2);
    }

    [Fact]
    public async Task Nobody_else_is_throttled_and_an_unban_ends_it()
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        await wall.Nftables.ApplyAsync([Throttle(Wall.Attacker4)], Stop);

        Assert.Equal(20, Arrived(wall, Wall.Phone4, Wall.Pbx4, "OPTIONS", 20));

        await wall.Nftables.ApplyAsync([Wall.Unban(Wall.Attacker4)], Stop);

        Assert.Equal(20, Arrived(wall, Wall.Attacker4, Wall.Pbx4, "OPTIONS", 20));
    }

    [Fact]
    public async Task Who_is_trusted_meets_no_throttle()
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        await wall.Nftables.ApplyAsync([Throttle(Wall.Phone4)], Stop);
        await wall.Nftables.TrustAsync([Wall.Subject(Wall.Phone4)], Stop);

        Assert.Equal(200, Arrived(wall, Wall.Phone4, Wall.Pbx4, "OPTIONS", 200));
    }

    [Fact]
    public async Task A_ban_takes_the_place_of_a_throttle()
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        await wall.Nftables.ApplyAsync([Throttle(Wall.Attacker4)], Stop);

        await wall.Nftables.ApplyAsync([Wall.Ban(Wall.Attacker4, TimeSpan.FromHours(1))], Stop);

        Assert.Equal(0, Arrived(wall, Wall.Attacker4, Wall.Pbx4, "REGISTER", 2));
        Assert.DoesNotContain(Wall.Attacker4, wall.List("throttled4"), StringComparison.Ordinal);
        Assert.Contains(Wall.Attacker4, wall.List("banned4"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flush set inet ringfence throttled4")]
    [InlineData("delete element inet ringfence throttled4 { 198.51.100.66 }")]
    [InlineData("add element inet ringfence throttled4 { 198.51.100.7 timeout 1h }")]
    [InlineData("flush chain inet ringfence throttle")]
    [InlineData("flush ruleset")]
    public async Task It_is_put_back_as_it_was(string damage)
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        await wall.Nftables.ApplyAsync([Throttle(Wall.Attacker4)], Stop);
        wall.Watch();
        var before = wall.Nft("-s", "list", "chain", "inet", "ringfence", "throttle");
        await Wall.UntilAsync(() => wall.Nftables.Status.Problem is null, "the watch runs");

        wall.Nft(damage.Split(' '));

        await Wall.UntilAsync(() => wall.Nftables.Status.Repairs > 0, damage + " is undone");
        Assert.Equal(before, wall.Nft("-s", "list", "chain", "inet", "ringfence", "throttle"));
        Assert.Contains(Wall.Attacker4, wall.List("throttled4"), StringComparison.Ordinal);
        Assert.DoesNotContain(Wall.Phone4, wall.List("throttled4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_takes_it_up_from_the_journal_and_forgets_what_the_journal_does_not_know()
    {
        await using var wall = new Wall(limits: Limits);
        await wall.StartAsync();
        await wall.Nftables.ApplyAsync([Throttle(Wall.Phone4)], Stop);
        await wall.Nftables.DisposeAsync();

        await wall.RestartAsync(Wall.Active(Wall.Attacker4, TimeSpan.FromHours(1)) with { Throttles = true });

        Assert.Contains(Wall.Attacker4, wall.List("throttled4"), StringComparison.Ordinal);
        Assert.DoesNotContain(Wall.Phone4, wall.List("throttled4"), StringComparison.Ordinal);
        Assert.DoesNotContain(Wall.Attacker4, wall.List("banned4"), StringComparison.Ordinal);
    }

    private static Ban Throttle(string subject) => Wall.Ban(subject, TimeSpan.FromHours(1)) with { Throttles = true, Ordinal = 0 };

    private static bool Connects(Wall wall, string from, string to)
    {
        using var listener = wall.Pbx.Run(() =>
        {
            var socket = new TcpListener(IPAddress.Parse(to), Port);
            socket.Start();
            return socket;
        });
        using var phone = wall.Outside.Run(() => new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0)));
        return phone.ConnectAsync(IPAddress.Parse(to), Port, Stop).AsTask().Wait(TimeSpan.FromSeconds(20), Stop);
    }

    // Sends at once and counts what came: over a cable between namespaces it is there when the call returns.
    private static int Arrived(Wall wall, string from, string to, string method, int packets, int port = Port)
    {
        using var pbx = Wall.Udp(wall.Pbx, to, port);
        using var sender = Wall.Udp(wall.Outside, from, 0);
        for (var i = 0; i < packets; i++)
        {
            sender.SendTo(System.Text.Encoding.ASCII.GetBytes($"{method} sip:pbx SIP/2.0\r\n"), pbx.LocalEndPoint!);
        }

        var buffer = new byte[100];
        var read = 0;
        while (pbx.Poll(TimeSpan.FromMilliseconds(read == 0 ? 200 : 50), SelectMode.SelectRead))
        {
            pbx.Receive(buffer);
            read++;
        }

        return read;
    }
}
