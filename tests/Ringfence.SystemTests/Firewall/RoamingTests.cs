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
        MakeTable(new KnockSequence([7000, 9000, 8000], 3600, [5060]));

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
    [InlineData(new ushort[] { 7000 }, "2 to 8 ports")]
    [InlineData(new ushort[] { 7000, 7000, 8000 }, "twice in a row")]
    [InlineData(new ushort[] { 7000, 8000, 9000 }, "scanner")]
    [InlineData(new ushort[] { 9000, 8000 }, "scanner")]
    public void A_sequence_that_a_scan_would_open_is_refused(ushort[] ports, string expected) =>
        Assert.Contains(expected, KnockSequence.Expected(ports), StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        await _wall.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static byte[] Packet() => KnockPacket.Write(
        Anna, new KnockRequest(TimeProvider.System.GetUtcNow(), null, ""), System.Security.Cryptography.RandomNumberGenerator.GetBytes(KnockPacket.NonceLength));

    private RoamingWatch New() => new(
        Settings,
        new RoamingDoor("inet ringfence_policy", new NftCommand([.. _wall.Pbx.Prefix, "nft"]), new OwnCommits(), TimeProvider.System),
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
        add set inet ringfence_policy roaming4 { type ipv4_addr; flags timeout; }
        add set inet ringfence_policy roaming6 { type ipv6_addr; flags timeout; }
        {{string.Join('\n', sequence?.Rules("inet ringfence_policy") ?? [])}}
        add chain inet ringfence_policy input { type filter hook input priority -5; policy drop; }
        add rule inet ringfence_policy input meta l4proto { icmp, ipv6-icmp } accept
        add rule inet ringfence_policy input ip saddr @roaming4 accept
        add rule inet ringfence_policy input ip6 saddr @roaming6 accept
        {{(sequence is null ? "" : "add rule inet ringfence_policy input jump knocking")}}

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
