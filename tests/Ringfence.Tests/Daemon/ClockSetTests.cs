using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Journal;
using Ringfence.Output;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>A machine whose clock is set: no battery and NTP a minute after the start, a restored snapshot, somebody's hand.</summary>
public sealed class ClockSetTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;
    private static readonly Network Attacker = Network.Parse("203.0.113.5")!.Value;
    private static readonly Network Other = Network.Parse("198.51.100.7")!.Value;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-clock-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Started_with_a_clock_in_1970_no_ban_goes_into_the_kernel_for_longer_than_it_was_to_last()
    {
        await BanAsync(Noon);

        await using var guard = await StartAsync(Epoch);

        Assert.Equal(Epoch + Hour, Assert.Single(guard.Firewall.Begun).Until);
        Assert.Equal(Epoch + Hour, guard.Pipeline.Bans.At(Epoch).Single().Ban.Until);
    }

    [Fact]
    public async Task When_the_clock_is_set_right_the_ban_has_what_was_left_of_it_in_list_and_journal()
    {
        await BanAsync(Noon);
        await using var guard = await StartAsync(Epoch);
        guard.Time.Advance(TimeSpan.FromMinutes(20));

        guard.Time.SetClock(Noon - Epoch);
        await guard.Pipeline.TendAsync(Stop);

        Assert.Equal(Noon + Hour, guard.Pipeline.Bans.At(guard.Time.Now).Single().Ban.Until);
        Assert.Equal(Noon + Hour, guard.Memory.ActiveBans(guard.Time.Now).Single().Until);
        guard.Time.Advance(TimeSpan.FromMinutes(40));
        Assert.Empty(guard.Pipeline.Bans.At(guard.Time.Now));
        Assert.Empty(guard.Memory.ActiveBans(guard.Time.Now));
    }

    [Fact]
    public async Task A_clock_set_back_a_year_makes_no_year_of_an_hour_neither_at_once_nor_at_any_restart()
    {
        await using (var guard = await StartAsync(Noon))
        {
            await guard.BanAsync();
            guard.Time.Advance(TimeSpan.FromMinutes(10));
            guard.Time.SetClock(-Year);
            await guard.Pipeline.TendAsync(Stop);

            Assert.Equal(Noon - Year + Hour, guard.Pipeline.Bans.At(guard.Time.Now).Single().Ban.Until);
            Assert.Contains("set back by", guard.Pipeline.Note, StringComparison.Ordinal);
        }

        await using (var next = await StartAsync(Noon - Year + TimeSpan.FromMinutes(20)))
        {
            Assert.Equal(Noon - Year + Hour, Assert.Single(next.Firewall.Begun).Until);
        }

        await using var last = await StartAsync(Noon - Year + Hour);
        Assert.Empty(last.Firewall.Begun);
    }

    [Fact]
    public async Task A_clock_set_back_while_no_guard_runs_lets_a_ban_begin_anew_once_and_not_at_each_restart()
    {
        await BanAsync(Noon);
        var back = Noon - Year;

        await using (var next = await StartAsync(back))
        {
            Assert.Equal(back + Hour, Assert.Single(next.Firewall.Begun).Until);
        }

        await using (var soon = await StartAsync(back + TimeSpan.FromMinutes(30)))
        {
            Assert.Equal(back + Hour, Assert.Single(soon.Firewall.Begun).Until);
        }

        await using var later = await StartAsync(back + Hour);
        Assert.Empty(later.Firewall.Begun);
    }

    [Fact]
    public async Task What_is_decided_right_after_the_clock_was_set_ends_by_the_new_clock()
    {
        await using var guard = await StartAsync(Noon);

        // Nobody has noticed it yet.
        guard.Time.SetClock(-Year);
        await guard.BanAsync();
        await guard.Pipeline.TendAsync(Stop);

        Assert.Equal(Noon - Year + Hour, guard.Pipeline.Bans.At(guard.Time.Now).Single().Ban.Until);
        Assert.Equal(Noon - Year + Hour, guard.Memory.ActiveBans(guard.Time.Now).Single().Until);
    }

    [Fact]
    public async Task A_ban_by_hand_of_before_is_over_for_the_next_decision_when_it_is_over_in_the_kernel()
    {
        await using var guard = await StartAsync(Noon);
        await guard.Pipeline.ActAsync([guard.Pipeline.Amendments.BanByHand(Attacker, Noon, Hour, "")], Stop);
        guard.Time.SetClock(-Year);
        await guard.Pipeline.TendAsync(Stop);

        guard.Time.Advance(Hour);

        Assert.Empty(guard.Pipeline.Bans.At(guard.Time.Now));
        Assert.Empty(guard.Memory.ActiveBans(guard.Time.Now));
    }

    [Fact]
    public async Task A_clock_that_is_only_slewed_is_not_told()
    {
        await using var guard = await StartAsync(Noon);
        guard.Time.SetClock(TimeSpan.FromSeconds(1.5));

        await guard.Pipeline.TendAsync(Stop);

        Assert.Null(guard.Pipeline.Note);
    }

    [Fact]
    public async Task A_clock_set_back_while_the_guard_runs_brings_no_ban_into_force_that_was_over()
    {
        DateTimeOffset back;
        await using (var guard = await StartAsync(Noon))
        {
            await guard.BanAsync();
            await guard.BanAsync(Other, 24 * Hour);
            guard.Time.Advance(1.5 * Hour);
            guard.Time.SetClock(-2 * Hour);
            await guard.Pipeline.TendAsync(Stop);
            back = guard.Time.Now;
        }

        await using var next = await StartAsync(back);

        Assert.Equal(new ActiveBan(Other, Noon + (22 * Hour)), Assert.Single(next.Firewall.Begun));
    }

    [Fact]
    public async Task A_machine_that_starts_with_last_months_clock_brings_no_ban_into_force_that_was_over()
    {
        await using (var guard = await StartAsync(Noon))
        {
            await guard.BanAsync();
            await guard.BanAsync(Other, 24 * Hour);
            guard.Time.Advance(2 * Hour);
            guard.Memory.Save([new ReadPosition("/var/log/asterisk/security", 1, 2, 3, 4, 5)]);
        }

        var booted = Noon - TimeSpan.FromDays(30);
        await using (var early = await StartAsync(booted))
        {
            Assert.Equal(new ActiveBan(Other, booted + (22 * Hour)), Assert.Single(early.Firewall.Begun));
            early.Time.Advance(TimeSpan.FromMinutes(1));
            early.Time.SetClock(TimeSpan.FromDays(30) + (2 * Hour));
            await early.Pipeline.TendAsync(Stop);

            // NTP has set it right: nobody looks like an offender of the last minutes.
            Assert.Equal(Other, Assert.Single(early.Memory.ActiveBans(early.Time.Now)).Subject);
            Assert.Equal(Noon, early.Memory.BansSince(DateTimeOffset.UnixEpoch).Single(ban => ban.Subject == Attacker).Time);
        }

        await using var next = await StartAsync(Noon + (3 * Hour));
        Assert.Equal(Other, Assert.Single(next.Firewall.Begun).Subject);
    }

    private async Task BanAsync(DateTimeOffset now)
    {
        await using var guard = await StartAsync(now);
        await guard.BanAsync();
    }

    private async Task<Run> StartAsync(DateTimeOffset now)
    {
        var run = new Run(_directory.FullName, now);
        await run.Pipeline.RestoreAsync(TrustList.Empty, Stop);
        return run;
    }

    private sealed class Run : IAsyncDisposable
    {
        public Run(string directory, DateTimeOffset now)
        {
            Time = new ManualTime(now);
            Memory = SqliteJournal.Open(Path.Combine(directory, "ringfence.db"), Time, NullLogger.Instance);
            Pipeline = new Pipeline(
                RingfenceConfig.Default, TimeZoneInfo.Utc, managerOverHttp: false, ledgerKey: 0, SourceBatch.NewChannel().Reader, Memory, Firewall,
                new Announcer(new Screen(Surroundings.OfProcess())), Time, NullLogger<Pipeline>.Instance);
        }

        public ManualTime Time { get; }

        public SqliteJournal Memory { get; }

        public FakeFirewall Firewall { get; } = new("nftables");

        public Pipeline Pipeline { get; }

        public async Task BanAsync() => await BanAsync(Attacker, Hour);

        public async Task BanAsync(Network subject, TimeSpan length) =>
            await Pipeline.ActAsync([new Ban(0, Time.Now, subject, "RF2001", "5 wrong passwords", Time.Now + length, 1)], Stop);

        public async ValueTask DisposeAsync()
        {
            Pipeline.Dispose();
            await Memory.DisposeAsync();
        }
    }
}
