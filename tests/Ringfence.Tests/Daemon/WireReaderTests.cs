using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;
using Ringfence.Daemon;
using Ringfence.Sources;
using Ringfence.Tests.Detection;
using Ringfence.Tests.Wire;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>What the wire's reader says of itself.</summary>
public sealed class WireReaderTests
{
    private readonly ManualTime _time = new();
    private readonly Judge _judge;
    private readonly WireReader _reader;

    public WireReaderTests()
    {
        var detector = new Detector(new DetectionSettings());
        _judge = new Judge(detector, new Decider(Trial.Exact, new DetectionSettings(), new BanLedger(Trial.Exact, 1)));
        _reader = new WireReader("wire all", detector.AddLog("wire all"), new SipExchanges(7, address => address == Address.Parse(WireRig.Pbx)), new SipPorts([5060], []), _time);
    }

    [Fact]
    public void Silence_is_a_problem_only_while_the_log_tells_of_events()
    {
        Assert.Null(_reader.ProblemAt(_time.GetUtcNow().AddDays(1), lastLogged: null));

        _time.Advance(TimeSpan.FromMinutes(6));
        var now = _time.GetUtcNow();

        Assert.Equal("Asterisk logs events and nothing was seen on the wire at all: are interface and port in [wire] right?", _reader.ProblemAt(now, now.AddSeconds(-1)));
        Assert.Null(_reader.ProblemAt(now, now.AddMinutes(-2)));

        // A log that has been silent as long says nothing about the wire.
        Assert.Null(_reader.ProblemAt(now.AddMinutes(10), now));
    }

    [Fact]
    public void A_message_ends_the_silence_and_five_minutes_without_one_begin_it_again()
    {
        _time.Advance(TimeSpan.FromMinutes(6));
        Read(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess("a"))));
        var seen = _time.GetUtcNow();

        Assert.Null(_reader.ProblemAt(seen.AddMinutes(5), seen.AddMinutes(5)));
        Assert.StartsWith($"Asterisk logs events and nothing was seen on the wire since {seen:yyyy-MM-dd HH:mm:ss}", _reader.ProblemAt(seen.AddMinutes(6), seen.AddMinutes(6)), StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_beyond_what_the_kernel_can_pick_are_a_problem()
    {
        WireReader Reader(int clear, int opaque) => new(
            "wire all", 1, new SipExchanges(7, static _ => false), new SipPorts([.. Enumerable.Range(5060, clear).Select(port => (ushort)port)], [.. Enumerable.Range(6060, opaque).Select(port => (ushort)port)]) { Web = [8088] }, _time);

        Assert.Null(Reader(31, 32).ProblemAt(_time.GetUtcNow(), lastLogged: null));
        Assert.Equal(
            "nothing is read of ports 5091, 5092, 6092 of the PBX, because it has more than 32: in [wire], port and tls_port name those that matter",
            Reader(33, 33).ProblemAt(_time.GetUtcNow(), lastLogged: null));
    }

    [Fact]
    public void What_nobody_sees_of_HTTPS_is_said_and_is_not_what_HEP_shows()
    {
        var ports = new SipPorts([5060], [5061, 8089]) { SecureAri = [8089] };

        Assert.Equal(
            "of port 5061, 8089 (TLS) it sees only who connects; HEP shows what is said there in SIP; wrong passwords of the REST interface (ARI) over HTTPS, port 8089, nobody sees, and Asterisk logs none: "
            + "let tlsbindaddr in http.conf be 127.0.0.1, or put a proxy before it whose log a [door] reads",
            new WireReader("wire all", 1, new SipExchanges(7, static _ => false), ports, _time).Note);
    }

    [Fact]
    public void What_was_passed_over_is_a_note()
    {
        var guess = Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess("a")));
        var forged = Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Udp, Frames.Udp(5060, WireRig.Port, WireRig.Answer("a")));
        Assert.Null(_reader.Note);

        Read(guess);
        Read(forged);
        guess[8]++;
        Read(guess);

        Assert.Equal((1, 0, 1, 1), (_reader.Messages, _reader.Lost, _reader.Forged, _reader.Damaged));
        Assert.Equal("1 packet from outside with an address of this machine; 1 packet with a wrong checksum, which the PBX did not read either", _reader.Note);
    }

    [Fact]
    public void Refusals_that_answer_nothing_that_was_seen_are_told_and_so_many_are_blindness()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        Read(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess("a"))));
        Assert.True(_reader.IsWhole(_time.GetUtcNow()));
        for (var i = 0; i < 19; i++)
        {
            Refuse($"unseen{i}");
        }

        Assert.False(_reader.IsWhole(_time.GetUtcNow()));
        Assert.Equal("19 refusals by the PBX answered no request that was seen", _reader.Note);
        Assert.Null(_reader.ProblemAt(_time.GetUtcNow(), lastLogged: null));
        Refuse("unseen19");

        Assert.StartsWith("20 refusals by the PBX within 10 minutes answer no request that was seen: ", _reader.ProblemAt(_time.GetUtcNow(), lastLogged: null), StringComparison.Ordinal);
        _time.SetClock(TimeSpan.FromDays(-1));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(_reader.ProblemAt(_time.GetUtcNow(), lastLogged: null));
    }

    [Fact]
    public void A_few_of_tens_of_thousands_of_refusals_are_no_blindness()
    {
        // Whoever hides what he asks is one of many.
        _time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 40_000; i++)
        {
            Read(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess($"a{i}"))));
            Refuse(i % 2_000 == 0 ? "unseen" : $"a{i}");
        }

        Assert.Equal((20, null), (_reader.Unasked.Total, _reader.ProblemAt(_time.GetUtcNow(), lastLogged: null)));
    }

    [Fact]
    public void Refusals_whose_requests_a_flood_pushed_out_or_came_before_the_guard_are_no_blindness()
    {
        for (var i = 0; i < 100; i++)
        {
            Refuse($"before{i}");
        }

        // The PBX is seconds behind.
        _time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 60_000; i++)
        {
            Read(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(WireRig.Port, 5060, WireRig.Guess($"a{i}"))));
        }

        for (var i = 0; i < 60_000; i++)
        {
            Refuse($"a{i}");
        }

        Assert.Null(_reader.ProblemAt(_time.GetUtcNow(), lastLogged: null));
        Assert.False(_reader.IsWhole(_time.GetUtcNow()));
    }

    private void Refuse(string call) => Read(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Udp, Frames.Udp(5060, WireRig.Port, WireRig.Answer(call))), isOutgoing: true);

    private void Read(byte[] packet, bool isOutgoing = false)
    {
        using var batch = new WireBatch("wire all");
        batch.TryAdd(new ReceivedPacket(packet, isOutgoing, isVouched: false, _time.GetUtcNow().UtcTicks));
        _reader.Read(batch, _judge);
    }
}
