using System.Text;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>Refusals that no log tells of, in time and in number.</summary>
public sealed class CrossCheckTests
{
    private const ushort Log = 0;
    private readonly CrossCheck _check = new(new Senders(0), static _ => true, static _ => true, static (_, _) => true, 0);
    private readonly List<string> _told = [];
    private int _second;

    [Fact]
    public void A_sender_is_told_whose_refusals_no_log_tells_for_a_minute()
    {
        Tend(1);
        Logged("203.0.113.1", 1);
        Refused("198.51.100.7", 1, 3);

        Assert.Empty(Tend(60));
        Assert.Equal(["198.51.100.7"], Tend(61));
    }

    [Fact]
    public void What_came_after_a_log_told_of_him_waits_its_own_minute()
    {
        Tend(1);
        Refused("198.51.100.7", 1, 3);
        Tend(30);
        Logged("198.51.100.7", 30);
        Tend(50);
        Refused("198.51.100.7", 50, 3);

        Assert.Empty(Tend(100));
        Assert.Equal(["198.51.100.7"], Tend(111));
    }

    [Fact]
    public void A_flood_of_forged_senders_silences_nobody_for_longer_than_it_lasts()
    {
        Tend(1);
        for (var i = 0; i < 1_024; i++)
        {
            Refused($"192.0.{2 + (i / 256)}.{i % 256}", 1, 1);
        }

        Refused("198.51.100.7", 1, 1);
        Logged("203.0.113.1", 2);
        Assert.Empty(Tend(62));
        Refused("198.51.100.7", 62, 2);

        Assert.Equal(["198.51.100.7"], Tend(63));
    }

    [Fact]
    public void A_line_is_no_forgery_before_the_sources_of_messages_have_caught_up_however_long_that_takes()
    {
        var senders = new Senders(0);
        var hasCaughtUp = false;
        var check = new CrossCheck(senders, static _ => true, static _ => true, static (_, _) => true, 0) { HasCaughtUp = () => hasCaughtUp };
        var seen = Event("198.51.100.7", 1_000) with { Origin = Origin.SecurityEvent };
        senders.SeeMessage(Ticks(1_000));
        var released = 0;
        void Tend(int turns)
        {
            for (; turns > 0; turns--)
            {
                check.Tend(_ => released++, told => _told.Add(told.Source.ToString()));
            }
        }

        Assert.True(check.Holds(seen, Log));
        Tend(1_000);
        Assert.Equal((0, 0), (released, _told.Count));

        // His message was the last to be read.
        senders.SeeRequest(seen.Source, Ticks(1_000));
        hasCaughtUp = true;
        Tend(CrossCheck.Patience);

        Assert.Equal((1, 0), (released, _told.Count));
    }

    [Fact]
    public void Of_a_long_text_no_more_waits_than_tells_it_from_another()
    {
        var held = HeldEvent.Of(new PbxEvent { Session = new byte[60_000], Account = new byte[60_000], Detail = new byte[60_000], Record = new byte[60_000] }, Log);

        Assert.InRange(held.Session.Length + held.Account.Length + held.Detail.Length + held.Record.Length, 64, 1_500);
    }

    private List<string> Tend(int second)
    {
        for (; _second < second; _second++)
        {
            _check.Tend(static _ => { }, told => _told.Add(told.Source.ToString()));
        }

        return _told;
    }

    private void Logged(string source, int second) => _check.Holds(Event(source, second) with { Origin = Origin.SecurityEvent }, Log);

    private void Refused(string source, int second, int count)
    {
        for (; count > 0; count--)
        {
            _check.Holds(Event(source, second) with { Origin = Origin.Sip }, Log);
        }
    }

    private static PbxEvent Event(string source, int second) => new()
    {
        Kind = EventKind.PasswordRefused,
        Service = Service.Pjsip,
        Transport = Transport.Udp,
        Proof = Proof.Unproven,
        Source = Address.Parse(source)!.Value,
        TimeTicks = Ticks(second),
        Account = Encoding.ASCII.GetBytes("1001"),
    };

    private static long Ticks(int second) => second * TimeSpan.TicksPerSecond;
}
