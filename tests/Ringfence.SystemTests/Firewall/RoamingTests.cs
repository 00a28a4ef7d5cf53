using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>Knocks through a closed firewall: who has a key comes in, by packets, and nobody else does.</summary>
public sealed class RoamingTests : IAsyncDisposable
{
    private const ushort Port = 62_201;

    private static readonly KnockKey Anna = new("anna", Enumerable.Repeat((byte)1, KnockKey.SecretBytes).ToArray());

    private readonly Wall _wall = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-knock-").FullName;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private static RoamingSettings Settings => new() { Users = [new KnockUser("anna", Anna)] };

    [Fact]
    public async Task A_knock_opens_the_closed_port_for_its_sender_over_both_families_and_nobody_answers()
    {
        MakeTable();
        using var watch = New();
        using var socket = Listen(watch, out var listening);
        Assert.False(_wall.Arrives(Wall.Phone4, Wall.Pbx4));

        Assert.Empty(Knock(Wall.Phone4, Wall.Pbx4));
        Assert.Empty(Knock(Wall.Phone6, Wall.Pbx6));

        await Wall.UntilAsync(() => watch.Counts.Opened == 2 && Opened(), "both doors are open");
        _wall.AssertPhoneAloneArrives(withIPv6: true);
        await EndAsync(listening);

        bool Opened() => _wall.Arrives(Wall.Phone4, Wall.Pbx4) && _wall.Arrives(Wall.Phone6, Wall.Pbx6);
    }

    [Fact]
    public async Task Neither_a_copy_nor_junk_opens_and_what_has_another_length_or_port_never_reaches_the_process()
    {
        MakeTable();
        using var watch = New();
        using var socket = Listen(watch, out var listening);
        var packet = Packet();
        Send(Wall.Phone4, Wall.Pbx4, packet, Port);
        await Wall.UntilAsync(() => watch.Counts.Opened == 1, "the phone's door is open");

        Send(Wall.Attacker4, Wall.Pbx4, packet, Port);
        Send(Wall.Attacker4, Wall.Pbx4, new byte[KnockPacket.Length - 1], Port);
        Send(Wall.Attacker4, Wall.Pbx4, new byte[KnockPacket.Length + 1], Port);
        Send(Wall.Attacker4, Wall.Pbx4, new byte[KnockPacket.Length], Port + 1);
        Send(Wall.Attacker4, Wall.Pbx4, new byte[KnockPacket.Length], Port);

        await Wall.UntilAsync(() => watch.Counts is { Repeated: 1, Strange: 1 }, "the copy and one piece of junk were seen");
        _wall.AssertPhoneAloneArrives();
        await EndAsync(listening);
    }

    [Fact]
    public async Task Somebody_who_is_banned_can_still_knock()
    {
        MakeTable();
        await _wall.StartAsync(Wall.Active(Wall.Phone4));
        using var watch = New();
        using var socket = Listen(watch, out var listening);

        Knock(Wall.Phone4, Wall.Pbx4);

        await Wall.UntilAsync(() => watch.Counts.Opened == 1, "the knock was seen");
        await EndAsync(listening);
    }

    [Fact]
    public async Task After_a_restart_and_an_emptied_table_the_door_is_open_for_what_is_left_of_its_time()
    {
        MakeTable();
        using (var watch = New())
        {
            await watch.OpenAsync(new KnockOpening("anna", Address.Parse(Wall.Phone4)!.Value, "", DateTimeOffset.UnixEpoch), _stop.Token);
        }

        _wall.AssertPhoneAloneArrives();
        _wall.Nft("flush", "ruleset");
        MakeTable();
        Assert.False(_wall.Arrives(Wall.Phone4, Wall.Pbx4));

        using var after = New();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var keeping = after.KeepOpenAsync(end.Token);
        await Wall.UntilAsync(() => _wall.Arrives(Wall.Phone4, Wall.Pbx4), "the door is open again");

        _wall.AssertPhoneAloneArrives();
        Assert.Contains("timeout", _wall.Nft("list", "set", "inet", "ringfence_policy", "roaming4"), StringComparison.Ordinal);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task Without_the_policy_s_table_a_knock_is_remembered_and_the_failure_says_what_to_do()
    {
        using var watch = New();
        await watch.OpenAsync(new KnockOpening("anna", Address.Parse(Wall.Phone4)!.Value, "", DateTimeOffset.UnixEpoch), _stop.Token);

        var failure = await Assert.ThrowsAsync<FirewallException>(() => watch.KeepOpenAsync(_stop.Token));

        Assert.Contains("ringfence firewall apply", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Wall.Phone4, Assert.Single(watch.Open).Address.ToString());
    }

    [Fact]
    public void A_sequence_of_ports_opens_and_a_wrong_one_a_scan_or_half_of_it_does_not()
    {
        MakeTable(Sequence("7000/udp, 9000/udp, 8000/udp"));

        // Half of it, then another port, then the rest.
        Knock(Wall.Attacker4, 7000, 9000, 1234, 8000);
        Assert.False(_wall.Arrives(Wall.Attacker4, Wall.Pbx4));

        // All ports around them, up and down.
        Knock(Wall.Attacker4, [.. Enumerable.Range(6990, 2020).Select(static port => (ushort)port)]);
        Knock(Wall.Attacker4, [.. Enumerable.Range(6990, 2020).Reverse().Select(static port => (ushort)port)]);
        Assert.False(_wall.Arrives(Wall.Attacker4, Wall.Pbx4));

        // The right ones, each sent twice, with a phone that tries to register in between.
        Knock(Wall.Phone4, 7000, 7000, 5060, 9000, 9000, 5060, 8000);
        Knock(Wall.Phone6, 7000, 9000, 8000);
        _wall.AssertPhoneAloneArrives(withIPv6: true);
    }

    [Theory]
    [InlineData("7000/tcp", "2 to 8 ports")]
    [InlineData("7000/tcp, 7000/udp, 8000/tcp", "twice in a row")]
    [InlineData("7000/tcp, 8000/udp, 9000/tcp", "scanner")]
    [InlineData("9000/tcp, 8000/tcp", "scanner")]
    [InlineData("9000/tcp, 7000-7010/tcp, 8000/tcp", "single ports")]
    public void A_sequence_that_a_scan_would_open_is_refused(string ports, string expected) =>
        Assert.Contains(expected, KnockSequence.Expected(Sequence(ports).Ports), StringComparison.Ordinal);

    [Fact]
    public async Task Who_came_by_ports_is_known_and_has_his_door_again_after_the_rules_were_flushed_and_can_be_shut_out()
    {
        var sequence = Sequence("7000/udp, 9000/udp, 8000/udp");
        var settings = Settings with { SequencePorts = sequence.Ports, SequenceOpen = sequence.Open };
        MakeTable(sequence);
        Knock(Wall.Phone4, 7000, 9000, 8000);
        using var watch = New(settings);

        var user = Assert.Single((await watch.ReportAsync(_stop.Token)).Users);
        Assert.Equal((RoamingBook.ByPorts, Wall.Phone4), (user.User, user.Address));
        Assert.InRange(user.Until - TimeProvider.System.GetUtcNow(), sequence.Open - TimeSpan.FromSeconds(30), sequence.Open);
        _wall.Nft("flush", "ruleset");
        MakeTable(sequence);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var keeping = watch.KeepOpenAsync(end.Token);
        await Wall.UntilAsync(() => _wall.Arrives(Wall.Phone4, Wall.Pbx4), "the door is open again");

        Assert.Equal(Wall.Phone4, Assert.Single(await watch.CloseAsync(Wall.Phone4, _stop.Token)).Address.ToString());
        Assert.False(_wall.Arrives(Wall.Phone4, Wall.Pbx4));
        Assert.Empty((await watch.ReportAsync(_stop.Token)).Users);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task The_doors_of_a_user_who_was_taken_out_of_the_configuration_are_shut_at_the_next_start()
    {
        MakeTable();
        using (var watch = New())
        {
            Assert.NotNull(await watch.OpenAsync("anna", Address.Parse(Wall.Phone4)!.Value, _stop.Token));
        }

        Assert.True(_wall.Arrives(Wall.Phone4, Wall.Pbx4));
        using var after = New(new RoamingSettings());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var keeping = after.KeepOpenAsync(end.Token);

        await Wall.UntilAsync(() => !_wall.Arrives(Wall.Phone4, Wall.Pbx4), "her door is shut");
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        await _wall.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static byte[] Packet() => KnockPacket.Write(
        Anna, new KnockRequest(TimeProvider.System.GetUtcNow(), null, ""), System.Security.Cryptography.RandomNumberGenerator.GetBytes(KnockPacket.NonceLength));

    private static KnockSequence Sequence(string ports) => new(
        [.. ports.Split(", ").Select(static port => Ringfence.Core.Perimeter.PortRange.Parse(port)!.Value)], TimeSpan.FromHours(1), TimeSpan.FromSeconds(10));

    private RoamingWatch New(RoamingSettings? settings = null) => new(
        settings ?? Settings,
        new RoamingDoor(new NftCommand([.. _wall.Pbx.Prefix, "nft"]), () => _wall.Pbx.Run(NetlinkSocket.Open), TimeProvider.System),
        Path.Combine(_directory, "roaming"),
        TimeProvider.System,
        NullLogger.Instance);

    private PacketSocket Listen(RoamingWatch watch, out Task listening)
    {
        var socket = _wall.Pbx.Run(() =>
        {
            var opened = PacketSocket.Open(256 * 1024);
            opened.Filter(KnockFilter.Build(Port));
            opened.Begin();
            return opened;
        });
        listening = watch.ListenAsync(socket, _stop.Token);
        return socket;
    }

    private async Task EndAsync(Task listening)
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    // As a policy does: everything is dropped but for those who roam, and ICMP.
    private void MakeTable(KnockSequence? sequence = null) => _wall.Pbx.ExecuteWithInput(
        $$"""
        add table inet ringfence_policy
        add set inet ringfence_policy roaming4 { type ipv4_addr; flags dynamic,timeout; }
        add set inet ringfence_policy roaming6 { type ipv6_addr; flags dynamic,timeout; }
        {{string.Join('\n', sequence?.Rules("inet ringfence_policy", "g1", ["udp dport 5060"]) ?? [])}}
        add chain inet ringfence_policy input { type filter hook input priority -5; policy drop; }
        add rule inet ringfence_policy input meta l4proto { icmp, ipv6-icmp } accept
        add rule inet ringfence_policy input ip saddr @roaming4 accept
        add rule inet ringfence_policy input ip6 saddr @roaming6 accept
        {{(sequence is null ? "" : "add rule inet ringfence_policy input jump g1_knocking")}}

        """,
        "nft",
        "-f",
        "-");

    private void Knock(string from, params ushort[] ports)
    {
        using var socket = Wall.Udp(_wall.Outside, from, 0);
        foreach (var port in ports)
        {
            socket.SendTo("x"u8, new IPEndPoint(IPAddress.Parse(from.Contains(':', StringComparison.Ordinal) ? Wall.Pbx6 : Wall.Pbx4), port));
        }
    }

    /// <returns>What came back within a fifth of a second.</returns>
    private byte[] Knock(string from, string to)
    {
        using var socket = Wall.Udp(_wall.Outside, from, 0);
        socket.Connect(new IPEndPoint(IPAddress.Parse(to), Port));
        socket.Send(Packet());
        try
        {
            return socket.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead) ? new byte[Math.Max(1, socket.Available)] : [];
        }
        catch (SocketException)
        {
            // A refusal is an answer too.
            return [0];
        }
    }

    private void Send(string from, string to, byte[] packet, int port)
    {
        using var socket = Wall.Udp(_wall.Outside, from, 0);
        socket.SendTo(packet, new IPEndPoint(IPAddress.Parse(to), port));
    }
}
