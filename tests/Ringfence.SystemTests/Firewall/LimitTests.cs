using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>What the kernel lets in of SIP from strangers, with the real kernel.</summary>
[Collection(nameof(Timed))]
public sealed class LimitTests
{
    private const int Port = 5060;
    private static readonly SipLimits Few = new([Port], [Port, 5061], Rate: 1, Burst: 10, TogetherRate: 1000);

    [Theory]
    [InlineData(Wall.Attacker4, Wall.Pbx4)]
    [InlineData(Wall.Attacker6, Wall.Pbx6)]
    public async Task A_stranger_gets_his_burst_and_no_more(string from, string to)
    {
        await using var wall = new Wall(limits: Few);
        await wall.StartAsync();

        var arrived = Arrived(wall, from, to, packets: 200);

        // The first packet of whom nobody saw is none of his burst; a second or two may go by.
        Assert.InRange(arrived, 11, 14);
        Assert.Equal(200 - arrived, wall.Nftables.Status.Limits!.DroppedAlone);
        Assert.Equal(0, wall.Nftables.Status.Limits!.DroppedTogether);
        var limited = Assert.Single(wall.Nftables.Limited());
        Assert.Equal(Wall.Subject(from), limited.Subject);
        Assert.Equal((ulong)(200 - arrived), limited.Packets);
    }

    [Fact]
    public async Task What_does_not_come_to_a_port_of_SIP_meets_no_limit()
    {
        await using var wall = new Wall(limits: Few with { Datagrams = [Port + 1] });
        await wall.StartAsync();

        Assert.Equal(200, Arrived(wall, Wall.Attacker4, Wall.Pbx4, packets: 200));
    }

    [Theory]
    [InlineData(Wall.Phone4, Wall.Pbx4, Wall.Phone4)]
    [InlineData(Wall.Phone6, Wall.Pbx6, "2001:db8:7::/48")]
    public async Task Who_is_trusted_meets_no_limit_and_who_is_not_any_more_does(string from, string to, string trusted)
    {
        await using var wall = new Wall(limits: Few);
        await wall.Nftables.TrustAsync([Core.Events.Network.Parse(trusted) ?? Wall.Subject(trusted)], TestContext.Current.CancellationToken);
        await wall.StartAsync();

        Assert.Equal(200, Arrived(wall, from, to, packets: 200));

        await wall.Nftables.TrustAsync([], TestContext.Current.CancellationToken);

        Assert.InRange(Arrived(wall, from, to, packets: 200), 11, 14);
    }

    [Fact]
    public async Task Trust_lifts_no_ban()
    {
        await using var wall = new Wall(limits: Few);
        await wall.Nftables.TrustAsync([Wall.Subject(Wall.Phone4)], TestContext.Current.CancellationToken);
        await wall.StartAsync(Wall.Active(Wall.Phone4, TimeSpan.FromHours(1)));

        Assert.Equal(0, Arrived(wall, Wall.Phone4, Wall.Pbx4, packets: 5));
    }

    [Fact]
    public async Task New_connections_count_and_packets_on_an_open_one_do_not()
    {
        await using var wall = new Wall(limits: Few);
        await wall.StartAsync();
        using var listener = wall.Pbx.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(Wall.Pbx4), Port));
            socket.Listen(100);
            return socket;
        });

        using var open = Connection(wall);
        open.Connect(listener.LocalEndPoint!);
        for (var i = 0; i < 200; i++)
        {
            open.Send("\r\n\r\n"u8);
        }

        Assert.Equal(0, wall.Nftables.Status.Limits!.DroppedAlone);

        var begun = Enumerable.Range(0, 30).Select(_ =>
        {
            var socket = Connection(wall);
            socket.Blocking = false;
            try
            {
                socket.Connect(listener.LocalEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // On its way.
            }

            return socket;
        }).ToList();
        try
        {
            await Wall.UntilAsync(() => wall.Nftables.Status.Limits!.DroppedAlone >= 15, "connections beyond the burst are dropped");
        }
        finally
        {
            begun.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_flood_of_forged_addresses_is_held_and_who_asks_again_gets_through_it()
    {
        await using var wall = new Wall(limits: Few with { TogetherRate = 20 });
        await wall.StartAsync();
        wall.Outside.Execute("ip", "route", "add", "local", "203.0.113.0/24", "dev", "lo");
        wall.Pbx.Execute("ip", "route", "add", "203.0.113.0/24", "via", Wall.Attacker4);
        using var pbx = Wall.Udp(wall.Pbx, Wall.Pbx4, Port);

        // Each of 250 addresses sends one packet: the meter for all lets 20 through, and 20 more for each second that it takes.
        var forgers = Enumerable.Range(1, 250).Select(host => Wall.Udp(wall.Outside, $"203.0.113.{host}", 0)).ToList();
        var clock = Stopwatch.StartNew();
        forgers.ForEach(forger => forger.SendTo("REGISTER sip:pbx SIP/2.0\r\n"u8, pbx.LocalEndPoint!));
        var most = 20 + (int)Math.Ceiling(20 * clock.Elapsed.TotalSeconds) + 1;
        forgers.ForEach(forger => forger.Dispose());

        var through = Read(pbx);
        Assert.InRange(through, 20, most);
        Assert.Equal(250 - through, wall.Nftables.Status.Limits!.DroppedTogether);

        using var phone = Wall.Udp(wall.Outside, Wall.Phone4, 0);
        phone.SendTo("REGISTER sip:pbx SIP/2.0\r\n"u8, pbx.LocalEndPoint!);
        phone.SendTo("REGISTER sip:pbx SIP/2.0\r\n"u8, pbx.LocalEndPoint!);

        Assert.InRange(Read(pbx), 1, 2);
    }

    [Fact]
    public async Task An_office_of_30_phones_that_nobody_knows_is_through_within_a_minute()
    {
        // Behind one address, all in the same moment, with nobody who sees their logins: REGISTER and two SUBSCRIBE, each asked for its password.
        const int Phones = 30;
        const int Requests = 6;
        var limits = SipLimits.Of(new FirewallSettings(), new SipPorts([Port], []))!;
        await using var wall = new Wall(limits: limits);
        await wall.StartAsync();
        using var pbx = Wall.Udp(wall.Pbx, Wall.Pbx4, Port);
        var phones = Enumerable.Range(0, Phones).Select(_ => new AskingPhone(Wall.Udp(wall.Outside, Wall.Phone4, 0), pbx.LocalEndPoint!)).ToList();
        var clock = Stopwatch.StartNew();
        try
        {
            while (phones.Exists(phone => phone.Answered < Requests))
            {
                Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"after a minute {phones.Count(phone => phone.Answered < Requests)} phones wait");
                phones.ForEach(phone => phone.AskIfDue(clock.Elapsed));
                Answer(pbx);
                phones.ForEach(phone => phone.Hear(clock.Elapsed));
                Thread.Sleep(1);
            }
        }
        finally
        {
            phones.ForEach(phone => phone.Dispose());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s");
        Assert.True(wall.Nftables.Status.Limits!.DroppedAlone > 0, "the limit was met");
    }

    [Theory]
    [InlineData(Wall.Attacker4, Wall.Pbx4)]
    [InlineData(Wall.Attacker6, Wall.Pbx6)]
    public async Task Of_a_burst_of_200_packets_no_more_than_45_come_in_within_the_first_second_by_default(string from, string to)
    {
        await using var wall = new Wall(limits: SipLimits.Of(new FirewallSettings(), new SipPorts([Port], [])));
        await wall.StartAsync();

        // Sent within some milliseconds; of a second the bucket gives the burst and the rate.
        Assert.InRange(Arrived(wall, from, to, packets: 200), 30, 45);
    }

    [Fact]
    public async Task A_full_set_lets_nothing_in_beyond_the_limit_for_all()
    {
        await using var wall = new Wall(limits: Few with { TogetherRate = 20 });
        await wall.StartAsync();
        foreach (var set in (string[])["seen4", "rated4"])
        {
            Fill(wall, set);
        }

        Assert.InRange(Arrived(wall, Wall.Attacker4, Wall.Pbx4, packets: 200), 20, 60);
    }

    [Fact]
    public async Task An_address_is_forgotten_when_it_was_silent_for_some_seconds()
    {
        await using var wall = new Wall(limits: Few);
        await wall.StartAsync();
        var silent = DateTimeOffset.UtcNow;
        Arrived(wall, Wall.Attacker4, Wall.Pbx4, packets: 200);
        Assert.Contains(Wall.Attacker4, wall.List("rated4"), StringComparison.Ordinal);

        while (wall.List("rated4").Contains(Wall.Attacker4, StringComparison.Ordinal))
        {
            Assert.True(DateTimeOffset.UtcNow - silent < TimeSpan.FromSeconds(30), "still there after 30 s");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.InRange((DateTimeOffset.UtcNow - silent).TotalSeconds, 4, 30);
    }

    [Theory]
    [InlineData("flush set inet ringfence trusted4")]
    [InlineData("delete element inet ringfence trusted4 { 198.51.100.7 }")]
    [InlineData("add element inet ringfence trusted4 { 198.51.100.66 }")]
    [InlineData("flush chain inet ringfence strangers")]
    [InlineData("flush ruleset")]
    public async Task Limits_and_trust_are_put_back_as_they_were(string damage)
    {
        await using var wall = new Wall(limits: Few);
        await wall.StartAsync();
        await wall.Nftables.TrustAsync([Wall.Subject(Wall.Phone4), Core.Events.Network.Parse("192.0.2.0/24")!.Value], TestContext.Current.CancellationToken);
        wall.Watch();
        var before = wall.Nft("-s", "list", "chain", "inet", "ringfence", "strangers") + wall.List("trusted4");
        await Wall.UntilAsync(() => wall.Nftables.Status.Problem is null, "the watch runs");

        wall.Nft(damage.Split(' '));

        await Wall.UntilAsync(() => wall.Nftables.Status.Repairs > 0, damage + " is undone");
        Assert.Equal(before, wall.Nft("-s", "list", "chain", "inet", "ringfence", "strangers") + wall.List("trusted4"));
        Assert.Null(wall.Nftables.Status.Problem);
    }

    [Fact]
    public async Task A_table_of_before_gets_limits_and_loses_no_ban_and_the_other_way_round()
    {
        await using var wall = new Wall();
        await wall.StartAsync(Wall.Active(Wall.Attacker4, TimeSpan.FromHours(1)), Wall.Active("203.0.113.0/24", TimeSpan.FromHours(1)));
        wall.Nft("add", "element", "inet", "ringfence", "banned4", "{ 192.0.2.77 timeout 30m }");
        var without = wall.Nft("-s", "list", "chain", "inet", "ringfence", "arriving");

        wall.Limits = Few;
        await wall.RestartAsync();

        Assert.InRange(Arrived(wall, Wall.Phone4, Wall.Pbx4, packets: 200), 11, 14);
        Assert.False(wall.Arrives(Wall.Attacker4, Wall.Pbx4));
        Assert.Contains("192.0.2.77", wall.List("banned4"), StringComparison.Ordinal);
        Assert.Contains("203.0.113.0/24", wall.List("banned_nets4"), StringComparison.Ordinal);

        // Other numbers, and then none.
        wall.Limits = Few with { Burst = 100 };
        await wall.RestartAsync();
        Assert.InRange(Arrived(wall, Wall.Phone6, Wall.Pbx6, packets: 200), 101, 104);
        wall.Limits = null;
        await wall.RestartAsync();

        Assert.Equal(without, wall.Nft("-s", "list", "chain", "inet", "ringfence", "arriving"));
        Assert.DoesNotContain("strangers", wall.Nft("list", "table", "inet", "ringfence"), StringComparison.Ordinal);
        Assert.DoesNotContain("seen4", wall.Nft("list", "table", "inet", "ringfence"), StringComparison.Ordinal);
        Assert.Contains("192.0.2.77", wall.List("banned4"), StringComparison.Ordinal);
        Assert.Contains("203.0.113.0/24", wall.List("banned_nets4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_of_another_size_is_made_anew()
    {
        await using var wall = new Wall(limits: Few);
        wall.Nft("add", "table", "inet", "ringfence");
        wall.Nft("add", "set", "inet", "ringfence", "seen4", "{ type ipv4_addr; size 100; flags dynamic, timeout; timeout 1m; }");

        await wall.StartAsync();

        Assert.Contains("size 131072", wall.List("seen4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_keeps_whom_the_kernel_trusts_until_the_list_is_complete()
    {
        await using var wall = new Wall(limits: Few);
        await wall.StartAsync();
        await wall.Nftables.TrustAsync([Wall.Subject(Wall.Phone4), Wall.Subject("192.0.2.8")], TestContext.Current.CancellationToken);

        await wall.Nftables.DisposeAsync();
        await wall.RestartAsync();

        Assert.Contains(Wall.Phone4, wall.List("trusted4"), StringComparison.Ordinal);

        await wall.Nftables.TrustAsync([Wall.Subject("192.0.2.8")], TestContext.Current.CancellationToken);

        Assert.DoesNotContain(Wall.Phone4, wall.List("trusted4"), StringComparison.Ordinal);
        Assert.Contains("192.0.2.8", wall.List("trusted4"), StringComparison.Ordinal);
    }

    private static void Answer(Socket pbx)
    {
        var buffer = new byte[100];
        while (pbx.Available > 0)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            pbx.ReceiveFrom(buffer, ref from);
            pbx.SendTo("SIP/2.0 401\r\n"u8, from);
        }
    }

    private static Socket Connection(Wall wall) => wall.Outside.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(Wall.Phone4), 0));
        return socket;
    });

    // Sends at once and counts what came: over a cable between namespaces it is there when the call returns.
    private static int Arrived(Wall wall, string from, string to, int packets)
    {
        using var pbx = Wall.Udp(wall.Pbx, to, Port);
        using var sender = Wall.Udp(wall.Outside, from, 0);
        for (var i = 0; i < packets; i++)
        {
            sender.SendTo("OPTIONS sip:pbx SIP/2.0\r\n"u8, pbx.LocalEndPoint!);
        }

        return Read(pbx);
    }

    private static int Read(Socket socket)
    {
        var buffer = new byte[100];
        var read = 0;
        while (socket.Poll(TimeSpan.FromMilliseconds(read == 0 ? 200 : 50), SelectMode.SelectRead))
        {
            socket.Receive(buffer);
            read++;
        }

        return read;
    }

    internal static void Fill(Wall wall, string set)
    {
        var size = LimitSet.All.Single(limit => limit.Name == set).Entries;
        var elements = Enumerable.Range(0, size).Select(i => $"{Address.FromIPv4(0x0A000000u + (uint)i)} timeout 1m");
        var script = Path.GetTempFileName();
        try
        {
            File.WriteAllText(script, $"add element inet ringfence {set} {{ {string.Join(", ", elements)} }}\n");
            wall.Nft("-f", script);
        }
        finally
        {
            File.Delete(script);
        }
    }

    /// <summary>Repeats each request as SIP does over UDP until it is answered, then sends the next.</summary>
    /// <remarks>RFC 3261, 17.1.2.2: after 0.5, 1, 2 and then every 4 s, for 32 s; whoever gave up tries again.</remarks>
    private sealed class AskingPhone(Socket socket, EndPoint pbx) : IDisposable
    {
        private TimeSpan _due;
        private TimeSpan _pause = TimeSpan.FromSeconds(0.5);

        public int Answered { get; private set; }

        public void AskIfDue(TimeSpan now)
        {
            if (now >= _due)
            {
                socket.SendTo("REGISTER sip:pbx SIP/2.0\r\n"u8, pbx);
                _due = now + _pause;
                _pause = TimeSpan.FromSeconds(Math.Min(4, _pause.TotalSeconds * 2));
            }
        }

        public void Hear(TimeSpan now)
        {
            var buffer = new byte[100];
            while (socket.Available > 0)
            {
                socket.Receive(buffer);
                Answered++;
                _due = now;
                _pause = TimeSpan.FromSeconds(0.5);
            }
        }

        public void Dispose() => socket.Dispose();
    }
}
