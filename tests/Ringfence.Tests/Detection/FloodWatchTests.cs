using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>When the kernel's limits are worth a word.</summary>
public sealed class FloodWatchTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly FloodWatch _watch = new(new DetectionSettings());

    [Fact]
    public void A_flood_is_told_when_it_begins_with_who_sends_most()
    {
        Assert.Null(See(0, 0, 0));

        var told = See(1, 8000, 0, ("198.51.100.7", 7000), ("192.0.2.1", 1000));

        Assert.Equal(("198.51.100.7", "RF2017", "the kernel limits SIP of 2 addresses: 8000 packets dropped within 1 s"), (told!.Subject.ToString(), told.Rule, told.Reason));
        Assert.Equal(
            ["192.0.2.1 1000 packets dropped beyond the limit for one address", "198.51.100.7 7000 packets dropped beyond the limit for one address"],
            told.Evidence.Select(evidence => evidence.Text));
    }

    [Fact]
    public void A_flood_of_forged_addresses_names_nobody()
    {
        See(0, 0, 0);

        var told = See(2, 0, 15_000);

        Assert.Equal(("0.0.0.0/0", "the kernel limits SIP of very many addresses, probably forged: 15000 packets dropped within 2 s"), (told!.Subject.ToString(), told.Reason));
    }

    [Fact]
    public void An_office_whose_phones_start_together_is_not_told()
    {
        for (var second = 0; second < 60; second++)
        {
            Assert.Null(See(second, second * 40, 0, ("198.51.100.7", second * 40)));
        }
    }

    [Fact]
    public void What_the_counters_held_before_the_guard_began_is_no_flood() => Assert.Null(See(0, 1_000_000, 1_000_000));

    [Fact]
    public void A_flood_is_told_once_in_a_quarter_of_an_hour()
    {
        See(0, 0, 0);
        var times = Enumerable.Range(1, 40 * 60).Where(second => See(second, second * 8000, 0, ("198.51.100.7", 1)) is not null);

        Assert.Equal([1, 901, 1801], times);
    }

    [Fact]
    public void A_clock_that_is_set_back_silences_it_no_longer_than_the_next_flood()
    {
        See(0, 0, 0);
        Assert.NotNull(See(1, 8000, 0));

        See(-3600, 8000, 0);

        Assert.NotNull(See(-3599, 16_000, 0));
    }

    [Fact]
    public void It_can_be_turned_off()
    {
        var watch = new FloodWatch(new DetectionSettings { DisabledRules = ["rf2017"] });
        watch.See(0, 0, () => [], Noon);

        Assert.Null(watch.See(8000, 0, () => [], Noon.AddSeconds(1)));
    }

    private Alert? See(int second, long alone, long together, params (string Address, int Packets)[] limited) => _watch.See(
        alone, together, () => [.. limited.Select(address => new LimitedAddress(Address.Parse(address.Address)!.Value.Subject, (ulong)address.Packets))], Noon.AddSeconds(second));
}
