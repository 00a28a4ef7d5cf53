using Ringfence.Core.Decisions;
using Ringfence.Journal;
using Ringfence.Sources;
using Ringfence.Sqlite;
using Xunit;

namespace Ringfence.Tests.Journal;

/// <summary>What the journal does while the file can't be written, read or opened.</summary>
public sealed class SqliteTroubleTests : JournalFixture
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // Room for the empty tables and about 20 bans with evidence.
    private readonly JournalLimits _limits = new() { Unwritten = 100, FilePages = 32 };

    private protected override JournalLimits Limits => _limits;

    [Fact]
    public async Task A_full_file_stops_no_decision_and_is_written_up_when_there_is_room()
    {
        var numbers = new List<long>();
        for (var i = 0; Journal.Status.Unwritten < 10; i++)
        {
            numbers.Add(Journal.Append([Ban($"192.0.2.{i}", TimeSpan.FromMinutes(i < 8 ? 1 : 60), evidence: 5)], [Position(i)])[0].Id);
            Journal.Append([new Outcome(numbers[^1], Noon, OutcomeKind.Enforced, "")]);
        }

        var told = Journal.Status.Problem;
        Journal.Purge(Noon.AddMinutes(30));
        Time.Advance(Retry);

        Assert.Contains("the disk is full", told, StringComparison.Ordinal);
        Assert.Contains("2026-07-01 12:00:00Z", told, StringComparison.Ordinal);
        Assert.Equal((0, null), (Journal.Status.Unwritten, Journal.Status.Problem));
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);
        await ReopenAsync();
        Assert.Equal(numbers.Skip(8), Journal.ActiveBans(Noon).Select(ban => ban.Id));
        Assert.Equal([Position(numbers.Count - 1)], Journal.Positions());
        Assert.Equal(OutcomeKind.Enforced, Journal.About(Net("192.0.2.9")).Single().Outcomes.Single().Kind);
        Assert.Equal(["2501", "2502"], Log.Lines.Select(line => line[..4]));
    }

    [Fact]
    public async Task A_lock_of_another_process_stops_no_decision()
    {
        Journal.Append([Ban("192.0.2.1")]);
        using (var other = Locked())
        {
            var written = Journal.Append([Ban("192.0.2.2"), Unban("192.0.2.1")], [Position(7)]);
            Journal.Save([Position(8)]);
            Journal.Append([new Outcome(1, Noon, OutcomeKind.Enforced, "")]);
            Time.Advance(Retry);

            Assert.Equal([2, 3], written.Select(decision => decision.Id));
            Assert.Equal(3, Journal.Status.Unwritten);
            Assert.Contains("another process keeps it locked", Journal.Status.Problem, StringComparison.Ordinal);
            AssertReads();
            other.Execute("ROLLBACK");
        }

        Time.Advance(Retry);

        Assert.Equal((0, null), (Journal.Status.Unwritten, Journal.Status.Problem));
        AssertReads();
        await ReopenAsync();
        AssertReads();

        // In memory, in the file, after a restart: the same answers.
        void AssertReads()
        {
            Assert.Equal([2L], Journal.ActiveBans(Noon).Select(ban => ban.Id));
            Assert.Equal([2L], Journal.BansSince(Noon).Select(ban => ban.Id));
            Assert.Equal([Position(8)], Journal.Positions());
            Assert.Equal([1L, 2L, 3L], Journal.About(Net("192.0.2.0/24")).Select(about => about.Decision.Id));
            Assert.Equal([1, 0, 0], Journal.About(Net("192.0.2.0/24")).Select(about => about.Outcomes.Count));
        }
    }

    [Fact]
    public void What_waits_is_bounded_and_the_oldest_goes_first()
    {
        using var other = Locked();
        for (var i = 0; i < 30; i++)
        {
            Journal.Append([.. Enumerable.Range(0, 7).Select(_ => Ban($"192.0.2.{i}"))], [new ReadPosition($"/log{i}", 1, 2, i, 4, 5)]);
        }

        var waiting = Journal.Status;
        other.Execute("ROLLBACK");
        Time.Advance(Retry);

        Assert.Equal((100, 110), (waiting.Unwritten, waiting.Lost));
        Assert.Equal(Enumerable.Range(111, 100).Select(n => (long)n), Journal.About(Net("0.0.0.0/0")).Select(about => about.Decision.Id));
        Assert.Equal(30, Journal.Positions().Count);
        Assert.Equal(["2501", "2504", "2502"], Log.Lines.Select(line => line[..4]));
    }

    [Fact]
    public void Evidence_in_memory_is_bounded_too()
    {
        var queue = new UnwrittenQueue(limit: 1000, evidenceChars: 2000);

        queue.Add(new Batch(Enumerable.Range(1, 5).Select(_ => (Decision)Ban("192.0.2.1", evidence: 2)).ToArray(), ArraySegment<Outcome>.Empty, []));
        var kept = queue.Decisions.Select(decision => decision.Evidence.Count).ToArray();
        queue.Remove(1);
        queue.Add(new Batch(new Decision[] { Ban("192.0.2.1", evidence: 2) }, ArraySegment<Outcome>.Empty, []));

        Assert.Equal([2, 2, 0, 0, 0], kept);
        Assert.Equal([2], queue.Decisions.Select(decision => decision.Evidence.Count));
    }

    [Fact]
    public async Task A_directory_that_can_not_be_made_means_memory_until_it_can()
    {
        await Journal.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
        File.WriteAllBytes(Directory, "in the way"u8);
        Journal = Open();

        var numbers = Journal.Append([Ban("192.0.2.1"), Ban("192.0.2.2")]).Select(decision => decision.Id).ToArray();
        var problem = Journal.Status.Problem;
        var active = Journal.ActiveBans(Noon).Count;
        File.Delete(Directory);
        Time.Advance(Retry);
        var later = Journal.Append([Ban("192.0.2.3")])[0].Id;

        Assert.NotNull(problem);
        Assert.Equal(2, active);
        Assert.Null(Journal.Status.Problem);
        await ReopenAsync();
        Assert.Equal([.. numbers, later], Journal.ActiveBans(Noon).Select(ban => ban.Id));
        Assert.Equal(numbers[0] + 2, later);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(10_000)]
    public async Task A_file_that_is_no_database_is_kept_aside_and_a_new_one_begun(int length)
    {
        await Journal.DisposeAsync();
        var garbage = new byte[length];
        new Random(length).NextBytes(garbage);
        File.WriteAllBytes(Path, garbage);

        Journal = Open();
        Journal.Append([Ban("192.0.2.1")]);

        Assert.Equal(garbage, File.ReadAllBytes($"{Path}.corrupt-20260701T120000Z"));
        Assert.Contains(".corrupt-20260701T120000Z", Journal.Status.Problem, StringComparison.Ordinal);
        Assert.Single(Journal.ActiveBans(Noon));
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_file_is_survived_whatever_it_hits()
    {
        Journal.Append([.. Enumerable.Range(0, 15).Select(i => Ban($"192.0.2.{i}", evidence: 4))]);
        await Journal.DisposeAsync();
        var good = File.ReadAllBytes(Path);
        var random = new Random(7);
        for (var round = 0; round < 100; round++)
        {
            var bad = good.ToArray();
            var at = random.Next(bad.Length);
            random.NextBytes(bad.AsSpan(at, Math.Min(random.Next(1, 3000), bad.Length - at)));
            System.IO.Directory.Delete(Directory, recursive: true);
            System.IO.Directory.CreateDirectory(Directory);
            File.WriteAllBytes(Path, bad);

            // A file whose mark was hit is refused: it may be another program's. Everything else goes on.
            try
            {
                Journal = Open();
            }
            catch (JournalException)
            {
                continue;
            }

            // Each try may meet the damage and begin a new file; the second then finds a sound one.
            var remembered = false;
            for (var tries = 0; tries < 2 && !remembered; tries++)
            {
                Journal.Append([Ban("198.51.100.1", TimeSpan.FromDays(2))], [Position(round)]);
                Journal.Purge(Noon.AddDays(1));
                Journal.BansSince(Noon);
                Journal.About(Net("0.0.0.0/0"));
                Journal.Positions();
                Time.Advance(Retry);
                remembered = Journal.ActiveBans(Noon).Any(ban => ban.Subject == Net("198.51.100.1")) && Journal.Status.Unwritten == 0;
            }

            Assert.True(remembered, $"round {round}, at {at}: {Journal.Status}; {string.Join('\n', Log.Lines.TakeLast(3))}");
            await Journal.DisposeAsync();
        }

        Journal = Open();
    }

    [Fact]
    public void A_file_that_was_removed_under_us_is_begun_again()
    {
        Journal.Append([Ban("192.0.2.1")]);
        foreach (var file in System.IO.Directory.GetFiles(Directory))
        {
            File.Delete(file);
        }

        var number = Journal.Append([Ban("192.0.2.2")])[0].Id;
        var problem = Journal.Status.Problem;
        Time.Advance(Retry);

        Assert.Equal(2, number);
        Assert.Contains("removed", problem, StringComparison.Ordinal);
        Assert.Null(Journal.Status.Problem);
        Assert.Equal([2L], Journal.ActiveBans(Noon).Select(ban => ban.Id));
        Assert.True(File.Exists(Path));
    }

    [Fact]
    public async Task What_still_waits_at_the_end_is_written_or_its_loss_is_said()
    {
        using (Locked())
        {
            Journal.Append([Ban("192.0.2.1")]);
            await Journal.DisposeAsync();
        }

        Assert.Contains(Log.Lines, line => line.StartsWith("2505", StringComparison.Ordinal));
        Journal = Open();
        using (Locked())
        {
            Journal.Append([Ban("192.0.2.2")]);
        }

        await ReopenAsync();
        Assert.Equal("192.0.2.2", Journal.ActiveBans(Noon).Single().Subject.ToString());
    }

    [Theory]
    [InlineData(365)]
    [InlineData(-365)]
    public async Task A_clock_that_is_set_while_nothing_can_be_written_moves_the_bans_when_it_can(int days)
    {
        var by = TimeSpan.FromDays(days);
        Journal.Append([Ban("192.0.2.1")]);
        using (var other = Locked())
        {
            Journal.Append([Ban("192.0.2.2")]);
            SetClock(by);
            Journal.Append([Ban("192.0.2.3", time: Time.Now)]);
            Assert.Contains($"the clock was set {(days < 0 ? "back" : "forward")} by 365 d", Journal.Status.Problem, StringComparison.Ordinal);
            other.Execute("ROLLBACK");
        }

        Time.Advance(Retry);

        Assert.Null(Journal.Status.Problem);
        await ReopenAsync();
        Assert.Equal(Enumerable.Repeat(Noon + by + TimeSpan.FromHours(1), 3), Journal.ActiveBans(Time.Now).Select(ban => ban.Until!.Value));
    }

    [Theory]
    [InlineData(365)]
    [InlineData(-365)]
    public async Task A_clock_that_is_set_before_the_journal_can_be_opened_moves_the_bans_once(int days)
    {
        var by = TimeSpan.FromDays(days);
        Journal.Append([Ban("192.0.2.1"), Ban("192.0.2.2", TimeSpan.FromSeconds(10))]);
        await Journal.DisposeAsync();
        System.IO.Directory.Move(Directory, Directory + ".away");
        File.WriteAllBytes(Directory, "in the way"u8);
        Journal = Open();
        Time.Advance(TimeSpan.FromMinutes(1));
        SetClock(by);
        SetClock(TimeSpan.FromHours(1));
        File.Delete(Directory);
        System.IO.Directory.Move(Directory + ".away", Directory);

        Time.Advance(Retry);

        Assert.Null(Journal.Status.Problem);
        Assert.Equal(Noon + by + TimeSpan.FromHours(2), Assert.Single(Journal.ActiveBans(Time.Now)).Until);
    }

    [Fact]
    public void That_the_clock_was_set_is_kept_when_decisions_before_it_are_dropped()
    {
        var by = TimeSpan.FromDays(1);
        Journal.Append([Ban("192.0.2.1")]);
        using var other = Locked();
        Journal.Append([Ban("192.0.2.2")]);
        SetClock(by);
        for (var i = 0; i < 60; i++)
        {
            Journal.Append([Alert("198.51.100.1"), Ban("198.51.100.1", time: Time.Now)]);
        }

        other.Execute("ROLLBACK");
        Time.Advance(Retry);

        Assert.True(Journal.Status.Lost > 2);
        Assert.Equal([Noon + by + TimeSpan.FromHours(1), Noon + by + TimeSpan.FromHours(1)], Journal.ActiveBans(Time.Now).Select(ban => ban.Until!.Value));
    }

    [Fact]
    public async Task That_the_clock_was_set_and_could_not_be_written_is_said_at_the_end()
    {
        Journal.Append([Ban("192.0.2.1")]);
        using (Locked())
        {
            SetClock(TimeSpan.FromDays(1));
            await Journal.DisposeAsync();
        }

        Assert.StartsWith("2506 Error ", Log.Lines[^1], StringComparison.Ordinal);
        Journal = Open();
    }

    private void SetClock(TimeSpan by)
    {
        Time.SetClock(by);
        Journal.ClockSet(by);
    }

    private static ReadPosition Position(long offset) => new("/var/log/asterisk/security", 1, 2, offset, 3, 4);

    private Database Locked()
    {
        var other = Database.Open(Path, readOnly: false);
        other.Execute("BEGIN IMMEDIATE");
        return other;
    }
}
