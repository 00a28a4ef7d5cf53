using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Decisions;

public sealed class BanLedgerTests
{
    private static Ban ByHand(DateTimeOffset at) => new(0, at, Stranger, Operator.Rule, "", at.AddMinutes(1), 1);

    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly Network Stranger = Network.Parse("198.51.100.7")!.Value;
    private static readonly BanSettings TenMinutes = new() { FirstBan = TimeSpan.FromSeconds(600), RandomPart = 0, RepeatBans = 100, MaxBan = TimeSpan.FromDays(7) };

    [Theory]
    [InlineData(1, new[] { 600, 1200, 2400, 4800, 9600, 19200 })]
    [InlineData(2, new[] { 600, 2400, 4800, 9600 })]
    [InlineData(0.5, new[] { 600, 600, 1200, 2400 })]
    [InlineData(0, new[] { 600, 600, 600, 600 })]
    public void Bans_grow_as_operators_know_it(double growth, int[] seconds) =>
        Assert.Equal(seconds, Durations(TenMinutes with { Growth = growth }, seconds.Length).Select(duration => (int)duration.TotalSeconds));

    [Fact]
    public void No_ban_is_longer_than_the_limit()
    {
        var durations = Durations(TenMinutes with { MaxBan = TimeSpan.FromSeconds(3_000) }, 50).ToList();

        Assert.Equal([600, 1200, 2400, 3000, 3000], durations.Take(5).Select(duration => (int)duration.TotalSeconds));
        Assert.Equal(3_000, durations.Max().TotalSeconds);
        Assert.Equal(60, Durations(TenMinutes with { MaxBan = TimeSpan.FromMinutes(1) }, 1).Single().TotalSeconds);
    }

    [Fact]
    public void The_random_part_comes_on_top_of_the_limit_and_a_repeat_offenders_ban_has_its_own_length()
    {
        var settings = TenMinutes with { MaxBan = TimeSpan.FromHours(1), RandomPart = 0.5, RepeatBan = TimeSpan.FromDays(30) };
        var ledger = new BanLedger(settings with { RepeatBans = 2 }, 0);
        Ban(ledger, Noon);

        var durations = Durations(settings, 30).Skip(4).ToList();

        Assert.All(durations, duration => Assert.InRange(duration, TimeSpan.FromHours(1), TimeSpan.FromMinutes(90)));
        Assert.True(durations.Distinct().Count() > 5);
        Assert.Equal(TimeSpan.FromDays(30), ledger.Next(Stranger, Noon).Duration);
    }

    [Fact]
    public void The_random_part_is_never_less_than_nothing_or_more_than_its_share()
    {
        var settings = TenMinutes with { RandomPart = 0.25 };
        var extras = new HashSet<int>();
        for (var i = 0u; i < 2_000; i++)
        {
            var (_, duration, _) = new BanLedger(settings, 7).Next(new Network(Address.FromIPv4(i << 8), 32), Noon);

            Assert.InRange(duration.TotalSeconds, 600, 750);
            extras.Add((int)duration.TotalSeconds - 600);
        }

        // Spread over the whole share.
        Assert.True(extras.Count > 120 && extras.Min() < 10 && extras.Max() > 140, $"{extras.Count} different, {extras.Min()} to {extras.Max()}");
    }

    [Fact]
    public void The_random_part_is_the_same_each_time_and_another_for_another_key_or_ban()
    {
        var settings = TenMinutes with { RandomPart = 1 };

        Assert.Equal(Durations(settings, 6, key: 1), Durations(settings, 6, key: 1));
        Assert.NotEqual(Durations(settings, 6, key: 1), Durations(settings, 6, key: 2));
        var shares = Durations(settings, 6, key: 1).Select((duration, n) => duration.TotalSeconds / (600 << n)).ToList();
        Assert.Equal(6, shares.Distinct().Count());
    }

    [Fact]
    public void A_ban_by_hand_does_not_count_against_its_subject()
    {
        var ledger = new BanLedger(TenMinutes with { RepeatBans = 3 }, 0);
        Ban(ledger, Noon);
        for (var minute = 1; minute < 5; minute++)
        {
            ledger.Add(ByHand(Noon.AddMinutes(minute)));
        }

        Assert.Equal(Noon.AddMinutes(5), ledger.BannedUntil(Stranger, Noon.AddMinutes(4)));
        Assert.Equal((2, TimeSpan.FromSeconds(1200), false), ledger.Next(Stranger, Noon.AddMinutes(6)));
    }

    [Fact]
    public void A_ban_by_hand_does_not_count_after_a_restart_either()
    {
        var ledger = new BanLedger(TenMinutes with { RepeatBans = 3 }, 0);
        for (var minute = 1; minute < 5; minute++)
        {
            ledger.Remember(ByHand(Noon.AddMinutes(minute)));
        }

        ledger.Restore(ByHand(Noon.AddMinutes(4)));

        Assert.Equal(Noon.AddMinutes(5), ledger.BannedUntil(Stranger, Noon.AddMinutes(4)));
        Assert.Equal((1, TimeSpan.FromSeconds(600), false), ledger.Next(Stranger, Noon.AddMinutes(6)));

        // A subject that nothing counts against is forgotten when its ban is over.
        ledger.Add(ByHand(Noon.AddDays(30)) with { Subject = Network.Parse("192.0.2.1")!.Value });
        Assert.Equal(1, ledger.Count);
    }

    [Fact]
    public void What_was_before_the_memory_does_not_count()
    {
        var ledger = new BanLedger(TenMinutes, 0);
        Ban(ledger, Noon);
        Ban(ledger, Noon.AddHours(1));

        Assert.Equal(3, ledger.Next(Stranger, Noon.AddDays(7).AddSeconds(-1)).Ordinal);
        Assert.Equal(2, ledger.Next(Stranger, Noon.AddDays(7)).Ordinal);
        Assert.Equal(1, ledger.Next(Stranger, Noon.AddDays(7).AddHours(1)).Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(3)]
    public void Who_is_banned_so_often_in_a_day_is_banned_for_a_week(int bans)
    {
        var ledger = new BanLedger(new BanSettings { RandomPart = 0.1, RepeatBans = bans }, 0);
        for (var i = 1; i < bans; i++)
        {
            Assert.False(ledger.Next(Stranger, Noon.AddHours(i)).IsRepeatOffender);
            Ban(ledger, Noon.AddHours(i));
        }

        Assert.Equal((bans, TimeSpan.FromDays(7), true), ledger.Next(Stranger, Noon.AddHours(bans)));
        // A day after the first one, that one no longer counts.
        Assert.True(ledger.Next(Stranger, Noon.AddHours(25).AddSeconds(-1)).IsRepeatOffender);
        Assert.False(ledger.Next(Stranger, Noon.AddHours(25)).IsRepeatOffender);
        Assert.False(ledger.Next(Network.Parse("198.51.100.8")!.Value, Noon.AddHours(bans)).IsRepeatOffender);
    }

    [Fact]
    public void A_ban_is_in_force_from_its_time_to_its_end()
    {
        var ledger = new BanLedger(TenMinutes, 0);
        ledger.Add(new Ban(1, Noon, Stranger, "RF2001", "", Noon.AddHours(1), 1));

        Assert.Equal(Noon.AddHours(1), ledger.BannedUntil(Stranger, Noon));
        Assert.Equal(Noon.AddHours(1), ledger.BannedUntil(Stranger, Noon.AddHours(1).AddTicks(-1)));
        Assert.Null(ledger.BannedUntil(Stranger, Noon.AddHours(1)));
        Assert.Null(ledger.BannedUntil(Network.Parse("198.51.100.8")!.Value, Noon));
    }

    [Fact]
    public void A_ban_for_ever_never_ends()
    {
        var ledger = new BanLedger(TenMinutes, 0);
        ledger.Add(new Ban(1, Noon, Stranger, "operator", "", null, 1));

        Assert.NotNull(ledger.BannedUntil(Stranger, Noon.AddYears(1_000)));
    }

    [Theory]
    [InlineData("198.51.100.7")]
    [InlineData("198.51.100.0/24")]
    public void A_ban_that_was_lifted_alone_or_with_its_network_is_over_and_does_not_count(string lifted)
    {
        var ledger = new BanLedger(TenMinutes, 0);
        Ban(ledger, Noon);

        ledger.Lift(Network.Parse(lifted)!.Value);

        Assert.Null(ledger.BannedUntil(Stranger, Noon));
        Assert.Equal(1, ledger.Next(Stranger, Noon).Ordinal);
    }

    [Fact]
    public void Those_who_are_neither_banned_nor_remembered_are_forgotten()
    {
        var ledger = new BanLedger(TenMinutes, 0);
        for (var i = 0u; i < 1_000; i++)
        {
            ledger.Add(new Ban(1, Noon, new Network(Address.FromIPv4(i), 32), "RF2001", "", Noon.AddHours(1), 1));
        }

        ledger.Add(new Ban(1, Noon, Network.Parse("203.0.113.1")!.Value, "operator", "", null, 1));
        Ban(ledger, Noon.AddDays(8));

        Assert.Equal(2, ledger.Count);
    }

    private static IEnumerable<TimeSpan> Durations(BanSettings settings, int count, ulong key = 0)
    {
        var ledger = new BanLedger(settings, key);
        for (var i = 0; i < count; i++)
        {
            var next = ledger.Next(Stranger, Noon.AddMinutes(i));
            Assert.Equal(i + 1, next.Ordinal);
            Assert.False(next.IsRepeatOffender);
            Ban(ledger, Noon.AddMinutes(i));
            yield return next.Duration;
        }
    }

    private static void Ban(BanLedger ledger, DateTimeOffset at) => ledger.Add(new Ban(0, at, Stranger, "RF2001", "", at.AddMinutes(10), 1));
}
