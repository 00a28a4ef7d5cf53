using System.Net;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Wire;
using Ringfence.Sources;
using Ringfence.Tests.Detection;
using Ringfence.Tests.Wire;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Daemon;

/// <summary>What becomes of a log's lines about an address of which no message was seen.</summary>
public sealed class MessageSightTests
{
    private static readonly WireSettings All = new() { IsAll = true, Ports = [5060] };
    private static readonly IPEndPoint Listen = IPEndPoint.Parse("127.0.0.1:9060");

    private static byte[] Guess { get; } = Frames.IPv4("203.0.113.9", WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess("a")));

    [Fact]
    public async Task Where_the_wire_shows_everything_they_wait_and_do_not_count()
    {
        using var rig = await SeenAsync(new RingfenceConfig { Wire = All });

        Assert.Empty(await BansAsync(rig, "TCP"));
    }

    [Fact]
    public async Task Where_the_wire_shows_one_interface_of_several_they_count()
    {
        using var rig = await SeenAsync(new RingfenceConfig { Wire = new WireSettings { Interfaces = ["eth0"], Ports = [5060] } });

        Assert.Single(await BansAsync(rig, "TCP"));
    }

    [Theory]
    [InlineData("203.0.113.9", false)]
    [InlineData(Stranger, true)]
    public async Task Where_the_wire_shows_one_interface_of_several_only_who_was_seen_there_is_throttled_in_place_of_a_short_ban(string seen, bool isThrottled)
    {
        // By the other interface comes whose messages nobody sees: he could never prove himself, and a throttle would be all that ever happens.
        using var rig = await SeenAsync(new RingfenceConfig { Wire = new WireSettings { Interfaces = ["eth0"], Ports = [5060] } }, seen);

        Assert.Equal(isThrottled, Assert.Single(await BansAsync(rig, "UDP")).Throttles);
    }

    [Fact]
    public async Task Where_all_interfaces_are_read_who_was_missed_is_throttled_too()
    {
        using var rig = await SeenAsync(new RingfenceConfig { Wire = All });
        rig.Pipeline.Wire!.Misses = static () => true;

        Assert.True(Assert.Single(await BansAsync(rig, "UDP")).Throttles);
    }

    [Theory]
    [InlineData(WireRig.Pbx, 5060, true)]
    [InlineData(WireRig.Pbx, 5070, false)]
    [InlineData("10.80.0.9", 5060, false)]
    public async Task On_a_mirror_port_where_everything_comes_in_the_answers_are_those_of_the_PBXs_addresses_and_ports(string answering, int port, bool isTold)
    {
        using var rig = new PipelineRig(new RingfenceConfig { Wire = new WireSettings { Interfaces = ["eth0"], Ports = [5060], Mirrored = [Address.Parse(WireRig.Pbx)!.Value] } });
        foreach (var call in (string[])["a", "b", "c", "d", "e"])
        {
            await rig.WriteAsync(
                Frames.IPv4(Stranger, answering, IpPacket.Udp, Frames.Udp(WireRig.Port, (ushort)port, WireRig.Guess(call))),
                Frames.IPv4(answering, Stranger, IpPacket.Udp, Frames.Udp((ushort)port, WireRig.Port, WireRig.Answer(call))));
        }

        await rig.ReadAsync("");

        Assert.Equal(isTold ? 1 : 0, rig.Recorded.Decisions.OfType<Ban>().Count());
    }

    [Fact]
    public async Task While_the_kernel_drops_packets_they_count()
    {
        using var rig = await SeenAsync(new RingfenceConfig { Wire = All });
        rig.Pipeline.Wire!.Misses = static () => true;

        Assert.Single(await BansAsync(rig, "TCP"));
    }

    [Fact]
    public async Task While_more_comes_in_fragments_than_can_be_put_together_they_count()
    {
        using var rig = await SeenAsync(new RingfenceConfig { Wire = All });
        var first = Frames.Udp(WireRig.Port, 5060, WireRig.Guess("b"))[..80];
        await rig.WriteAsync([.. Enumerable.Range(1, 65).Select(id => Frames.IPv4("203.0.113.9", WireRig.Pbx, IpPacket.Udp, first, fragment: 0x2000, (ushort)id))]);

        Assert.Single(await BansAsync(rig, "TCP"));
        Assert.Equal(1, rig.Pipeline.Wire!.Lost);
        rig.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(rig.Pipeline.Wire.IsWhole(rig.Time.GetUtcNow()));
    }

    [Theory]
    [InlineData("TLS", 1)]
    [InlineData("TCP", 0)]
    public async Task While_HEP_is_silent_only_what_the_wire_can_show_is_expected_of_it(string transport, int bans)
    {
        using var rig = await SeenAsync(new RingfenceConfig { Wire = All, Hep = new HepSettings { Listen = Listen } });

        Assert.Equal(bans, (await BansAsync(rig, transport)).Count);
    }

    [Fact]
    public async Task Where_HEP_tells_lines_of_TLS_wait_too_unless_the_kernel_drops_what_it_tells()
    {
        var config = new RingfenceConfig { Hep = new HepSettings { Listen = Listen } };
        using var whole = await SeenAsync(config);
        using var dropping = await SeenAsync(config);
        dropping.Pipeline.Hep!.Misses = static () => true;

        Assert.Empty(await BansAsync(whole, "TLS"));
        Assert.Single(await BansAsync(dropping, "TLS"));
    }

    [Fact]
    public async Task A_record_that_no_sender_can_have_written_is_not_refuted_by_the_silence_of_HEP_but_by_that_of_the_wire()
    {
        // 65,500 bytes of a message with a short Call-ID are too many for HEP, and the record says nothing of it.
        static string Enclosed(string line) => $"{{\"hostname\":\"\",\"timestamp\":\"2026-11-20 12:01:01.000\",\"identifiers\":{{\"lwp\":1,\"callid\":\"\"}},\"logmsg\":{{\"location\":{{\"filename\":\"res_security_log.c\",\"function\":\"security_event_stasis_cb\",\"line\":114}},\"level\":\"SECURITY\",\"message\":\"{line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].TrimEnd().Replace("\"", "\\\"", StringComparison.Ordinal)}\\n\"}}}}\n";
        var log = Many(5, i => Enclosed(WrongPassword(61 + i, transport: "TCP")));
        using var hep = await SeenAsync(new RingfenceConfig { Hep = new HepSettings { Listen = Listen } });
        using var wire = await SeenAsync(new RingfenceConfig { Wire = All });

        Assert.Single(await BansAsync(hep, log: log));
        Assert.Empty(await BansAsync(wire, log: log));
    }

    [Theory]
    [InlineData(511, 1)]
    [InlineData(20, 0)]
    public async Task A_notice_about_a_Call_ID_that_HEP_may_not_have_told_counts_although_its_sender_was_not_seen(int length, int throttles)
    {
        using var rig = await SeenAsync(new RingfenceConfig { Hep = new HepSettings { Listen = Listen } });

        var decided = await BansAsync(rig, log: Many(5, i => Notice(61 + i, "Failed to authenticate", new string('c', length), account: "1001")));

        Assert.Equal(throttles, decided.Count);
        Assert.All(decided, decision => Assert.True(decision.Throttles));
        Assert.Equal(throttles > 0, rig.Pipeline.Hep!.Gaps.Total > 0);
    }

    [Theory]
    [InlineData("[2026-11-20 12:01:00.500] ERROR[1] res_hep.c: Error [90] while sending packet to HEPv3 server: Message too long\n", 1)]
    [InlineData("", 0)]
    public async Task After_Asterisk_said_that_it_could_not_tell_a_message_lines_of_a_text_log_count(string before, int bans)
    {
        using var rig = await SeenAsync(new RingfenceConfig { Hep = new HepSettings { Listen = Listen } });

        Assert.Equal(bans, (await BansAsync(rig, log: before + Many(5, i => WrongPassword(61 + i, transport: "TCP")))).Count);
    }

    [Fact]
    public void A_source_shows_everything_for_a_minute_after_a_message_and_again_a_minute_after_it_lost_one()
    {
        using var rig = new PipelineRig(new RingfenceConfig { Wire = All });
        var (wire, judge) = (rig.Pipeline.Wire!, new Judge(new Core.Detection.Detector(new DetectionSettings()), new Decider(Trial.Exact, new DetectionSettings(), new BanLedger(Trial.Exact, 1))));
        bool IsWhole() => wire.IsWhole(rig.Time.GetUtcNow());
        void Read(byte[] packet)
        {
            using var batch = PipelineRig.Wire(rig.Time.GetUtcNow(), packet);
            wire.Read(batch, judge);
        }

        Assert.False(IsWhole());
        Read(Guess);
        Assert.True(IsWhole());
        rig.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.False(IsWhole());

        // What is longer than a packet can be is given up at once.
        Read(Guess);
        Read(Frames.IPv4("203.0.113.9", WireRig.Pbx, IpPacket.Udp, new byte[80], fragment: 0x2000));
        Read(Frames.IPv4("203.0.113.9", WireRig.Pbx, IpPacket.Udp, new byte[80], fragment: 0x1fff));
        Assert.Equal((1, false), (wire.Lost, IsWhole()));
        rig.Time.Advance(TimeSpan.FromSeconds(61));
        Read(Guess);
        Assert.True(IsWhole());
    }

    [Fact]
    public void A_line_that_waited_while_packets_were_dropped_counts_after_all()
    {
        var senders = new Core.Sip.Senders(1);
        var isWhole = true;
        var check = new Core.Detection.CrossCheck(senders, static _ => true, static _ => true, (_, _) => isWhole, startTicks: 0);
        var seen = new PbxEvent { Kind = EventKind.PasswordRefused, Service = Service.Pjsip, Transport = Transport.Tcp, Proof = Proof.Proven, Source = Address.Parse(Stranger)!.Value, TimeTicks = Time(60).UtcTicks };
        senders.SeeMessage(Time(60).UtcTicks);
        var released = 0;
        void Wait()
        {
            for (var turn = 0; turn < Core.Detection.CrossCheck.Patience; turn++)
            {
                check.Tend(_ => released++, static _ => { });
            }
        }

        Assert.True(check.Holds(seen, 1));
        isWhole = false;
        Wait();

        Assert.Equal((1, 0), (released, check.ForgedLines));
        isWhole = true;
        Assert.True(check.Holds(seen, 1));
        Wait();
        Assert.Equal((1, 1), (released, check.ForgedLines));
    }

    [Theory]
    [InlineData("eth0 wg0", true)]
    [InlineData("eth0", false)]
    [InlineData("", false)]
    public void Every_interface_that_has_an_address_has_to_be_read(string names, bool expected)
    {
        InterfaceAddress Of(string name, string address) => new(name, Address.Parse(address)!.Value, 24);

        Assert.Equal(expected, WireReceiver.AreNamed(names.Split(' '), [Of("lo", "127.0.0.1"), Of("lo", "::1"), Of("eth0", "192.0.2.1"), Of("eth0:1", "192.0.2.2"), Of("wg0", "10.9.0.1")]));
    }

    [Theory]
    [InlineData(true, true, "ban")]
    [InlineData(false, true, "throttle")]
    [InlineData(false, false, "alert")]
    public async Task What_HEP_alone_shows_over_UDP_proves_nobody_where_nothing_keeps_out_what_is_too_long_for_it(bool keepsLongOut, bool canThrottle, string action)
    {
        using var rig = new PipelineRig(new RingfenceConfig { Hep = new HepSettings { Listen = Listen } }, canThrottle);
        rig.Recorded.KeepsLongOut = keepsLongOut;
        await rig.WriteHepAsync(WireRig.Guess("first"));
        await rig.WriteHepAsync(WireRig.Answer("first"), isOfPbx: true);
        for (var i = 0; i < 5; i++)
        {
            await rig.WriteHepAsync(Frames.Bytes(System.Text.Encoding.ASCII.GetString(WireRig.Guess($"{i}")).Replace("nonce=\"1/a\"", "nonce=\"n-first\"", StringComparison.Ordinal)));
            await rig.WriteHepAsync(WireRig.Answer($"{i}"), isOfPbx: true);
        }

        await rig.ReadAsync("");

        Assert.Equal(action, rig.Recorded.Decisions[^1] switch { Ban { Throttles: true } => "throttle", Ban => "ban", Alert => "alert", _ => "" });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_is_quicker_than_the_first_message_bans_nobody_whose_address_may_be_forged(bool isTold)
    {
        using var rig = new PipelineRig(new RingfenceConfig { Hep = new HepSettings { Listen = Listen } });
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await rig.WriteAsync(Many(5, i => WrongPassword(61 + i, transport: "UDP")));
        if (isTold)
        {
            await rig.WriteHepAsync(WireRig.Guess("a"));
        }

        Assert.Equal(isTold, Assert.Single(await BansAsync(rig, log: "")).Throttles);
    }

    // A minute after the start another address sends a message.
    private static async Task<PipelineRig> SeenAsync(RingfenceConfig config, string source = "203.0.113.9")
    {
        var rig = new PipelineRig(config);
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await (config.Wire.IsUsed ? rig.WriteAsync(Frames.IPv4(source, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess("a")))) : rig.WriteHepAsync(WireRig.Guess("a")));
        return rig;
    }

    private static async Task<IReadOnlyList<Ban>> BansAsync(PipelineRig rig, string transport = "UDP", string? log = null)
    {
        await rig.ReadAsync(log ?? Many(5, i => WrongPassword(61 + i, transport: transport)));

        // A line waits for its message, and what a log alone would throttle for those of others.
        for (var turn = 0; turn < Core.Detection.CrossCheck.Patience + 2; turn++)
        {
            await rig.Pipeline.TendAsync(TestContext.Current.CancellationToken);
        }

        return [.. rig.Recorded.Decisions.OfType<Ban>()];
    }
}
