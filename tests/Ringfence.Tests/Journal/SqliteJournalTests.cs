using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Sources;
using Ringfence.Sqlite;
using Xunit;

namespace Ringfence.Tests.Journal;

public sealed class SqliteJournalTests : JournalFixture
{
    [Fact]
    public async Task Everything_about_a_decision_survives_a_restart()
    {
        var written = Journal.Append(
        [
            Ban("192.0.2.7", evidence: 3),
            new Ban(0, Noon.AddTicks(7), Net("2001:db8::/64"), "operator", "by hand \0 \u202e ü", null, 0),
            Unban("192.0.2.7"),
            new Spare(0, Noon, Net("203.0.113.0/24"), "RF2001", "5 wrong passwords", "trunk trunk-ip in pjsip.conf:251"),
            Alert("198.51.100.1"),
        ]);
        Journal.Append([new Outcome(1, Noon, OutcomeKind.Failed, "no buffer space"), new Outcome(1, Noon.AddSeconds(1), OutcomeKind.Enforced, "")]);

        await ReopenAsync();

        Assert.Equal([1, 2, 3, 4, 5], written.Select(decision => decision.Id));
        foreach (var decision in written)
        {
            var read = Journal.About(decision.Subject).Single(about => about.Decision.Id == decision.Id);
            Assert.Equal(decision with { Evidence = [] }, read.Decision with { Evidence = [] }, Same);
            Assert.Equal(decision.Evidence, read.Decision.Evidence);
        }

        Assert.Equal([OutcomeKind.Failed, OutcomeKind.Enforced], Journal.About(Net("192.0.2.7"))[0].Outcomes.Select(outcome => outcome.Kind));
        Assert.Equal("no buffer space", Journal.About(Net("192.0.2.7"))[0].Outcomes[0].Detail);
        Assert.Equal(5, Journal.Status.Decisions);
        Assert.Null(Journal.Status.Problem);
    }

    [Fact]
    public void A_ban_is_in_force_until_it_ends()
    {
        Journal.Append([Ban("192.0.2.7", TimeSpan.FromHours(1)), new Ban(0, Noon, Net("192.0.2.8"), "operator", "", null, 0)]);

        Assert.Equal(["192.0.2.7", "192.0.2.8"], Active(Noon.AddHours(1).AddTicks(-1)));
        Assert.Equal(["192.0.2.8"], Active(Noon.AddHours(1)));
        Assert.Null(Journal.ActiveBans(Noon.AddYears(50)).Single().Until);
    }

    [Fact]
    public void The_last_decision_about_a_subject_decides()
    {
        Journal.Append([Ban("192.0.2.1"), Ban("192.0.2.2"), Ban("192.0.2.3", TimeSpan.FromDays(1))]);

        Journal.Append([Unban("192.0.2.1"), Alert("192.0.2.2"), Ban("192.0.2.3", TimeSpan.FromHours(2))]);

        Assert.Equal(["192.0.2.2", "192.0.2.3"], Active(Noon));
        Assert.Equal(Noon.AddHours(2), Journal.ActiveBans(Noon)[1].Until);
    }

    [Fact]
    public void A_short_ban_in_place_of_a_long_one_does_not_give_way_to_it_when_it_ends()
    {
        Journal.Append([Ban("192.0.2.3", TimeSpan.FromDays(1)), Ban("192.0.2.3", TimeSpan.FromHours(2))]);

        Assert.Empty(Active(Noon.AddHours(3)));
        Assert.Equal(0, Journal.Purge(Noon));
        Journal.Purge(Noon.AddHours(3));
        Assert.Empty(Active(Noon.AddHours(3)));
    }

    [Fact]
    public void An_unban_of_an_address_leaves_the_ban_of_its_network()
    {
        Journal.Append([Ban("192.0.2.0/24"), Ban("192.0.2.7"), Unban("192.0.2.7")]);

        Assert.Equal(["192.0.2.0/24"], Active(Noon));
    }

    [Fact]
    public void About_finds_what_lies_inside_and_what_contains_and_keeps_the_families_apart()
    {
        // As bytes 32.1.13.184 is the beginning of 2001:db8::.
        Journal.Append([Ban("192.0.2.7"), Ban("192.0.2.0/24"), Ban("192.0.0.0/16"), Ban("192.0.3.7"), Ban("2001:db8::/64"), Ban("32.1.13.184"), Ban("::/0"), Ban("0.0.0.0/0")]);

        Assert.Equal(["192.0.2.7", "192.0.2.0/24", "192.0.0.0/16", "0.0.0.0/0"], About("192.0.2.7"));
        Assert.Equal(["192.0.2.0/24", "192.0.0.0/16", "0.0.0.0/0"], About("192.0.2.8"));
        Assert.Equal(["192.0.2.7", "192.0.2.0/24", "192.0.0.0/16", "192.0.3.7", "0.0.0.0/0"], About("192.0.0.0/16"));
        Assert.Equal(["2001:db8::/64", "::/0"], About("2001:db8::1"));
        Assert.Equal(["2001:db8::/64", "::/0"], About("2000::/3"));
        Assert.Equal(["32.1.13.184", "0.0.0.0/0"], About("32.1.13.184"));
    }

    [Fact]
    public void BansSince_tells_bans_that_count_oldest_first()
    {
        Journal.Append([Ban("192.0.2.2", time: Noon.AddMinutes(2)), Ban("192.0.2.1", time: Noon.AddMinutes(1)), Ban("192.0.2.0", time: Noon), Unban("192.0.2.0")]);

        Assert.Equal(["192.0.2.1", "192.0.2.2"], Journal.BansSince(Noon.AddMinutes(1)).Select(ban => ban.Subject.ToString()));
    }

    [Fact]
    public void Of_much_evidence_the_first_and_the_last_lines_are_kept()
    {
        Journal.Append([Ban("192.0.2.7", evidence: 30)]);

        Assert.Equal([1, 2, 3, 4, 5, 26, 27, 28, 29, 30], Journal.About(Net("192.0.2.7")).Single().Decision.Evidence.Select(evidence => evidence.Line));
    }

    [Fact]
    public async Task Positions_are_the_last_saved_with_or_without_decisions()
    {
        Journal.Save([Position("/a", 1), Position("/b", 1)]);
        Journal.Append([Ban("192.0.2.7")], [Position("/a", 2)]);

        await ReopenAsync();

        Assert.Equal([Position("/a", 2), Position("/b", 1)], Journal.Positions());
    }

    [Fact]
    public void A_position_keeps_every_bit()
    {
        var position = new ReadPosition("/var/log/ü", ulong.MaxValue, ulong.MaxValue - 1, long.MaxValue, 7, 0x8000_0000_0000_0000);

        Journal.Save([position]);

        Assert.Equal([position], Journal.Positions());
    }

    [Fact]
    public async Task Purge_forgets_what_ended_and_keeps_what_is_in_force()
    {
        Journal.Append([Ban("192.0.2.1", evidence: 2), Ban("192.0.2.2", TimeSpan.FromDays(100)), Unban("192.0.2.3"), new Ban(0, Noon, Net("192.0.2.4"), "operator", "", null, 0)]);
        Journal.Append([new Outcome(1, Noon, OutcomeKind.Enforced, "")]);

        Assert.Equal(2, Journal.Purge(Noon.AddDays(30)));
        Assert.Equal(0, Journal.Purge(Noon.AddDays(30)));

        Assert.Equal(["192.0.2.2", "192.0.2.4"], Active(Noon.AddDays(30)));
        Assert.Equal(["192.0.2.2", "192.0.2.4"], About("0.0.0.0/0"));
        Assert.Equal(2, Journal.Status.Decisions);
        await ReopenAsync();
        Assert.Equal(2, Journal.Status.Decisions);
        Assert.Equal(0, Count("evidence"));
        Assert.Equal(0, Count("outcomes"));
    }

    [Fact]
    public async Task A_number_is_not_used_again_after_its_decision_was_forgotten()
    {
        Journal.Append([Ban("192.0.2.1"), Ban("192.0.2.2")]);
        Journal.Purge(Noon.AddDays(30));

        await ReopenAsync();

        Assert.Equal(3, Journal.Append([Ban("192.0.2.3")])[0].Id);
    }

    [Fact]
    public async Task The_file_shrinks_when_it_is_purged_in_bounded_steps()
    {
        var evidence = Enumerable.Range(1, 5).Select(EvidenceLine).ToArray();
        for (var i = 0; i < 4; i++)
        {
            Journal.Append([.. Enumerable.Range(i * 500, 500).Select(n => new Ban(0, Noon, new Network(Address.FromIPv4((uint)n), 32), "RF2001", "", Noon, 1) { Evidence = evidence })]);
        }

        await ReopenAsync();
        var full = new FileInfo(Path).Length;

        var steps = new List<int>();
        for (var forgotten = Journal.Purge(Noon.AddDays(30)); forgotten > 0; forgotten = Journal.Purge(Noon.AddDays(30)))
        {
            steps.Add(forgotten);
        }

        await ReopenAsync();
        Assert.Equal(Enumerable.Repeat(200, 10), steps);
        Assert.True(new FileInfo(Path).Length < full / 10, $"{full} bytes before, {new FileInfo(Path).Length} after");
    }

    [Fact]
    public void An_outcome_of_a_forgotten_decision_is_not_kept()
    {
        Journal.Append([new Outcome(77, Noon, OutcomeKind.Enforced, "")]);

        Assert.Equal(0, Count("outcomes"));
    }

    [Fact]
    public void File_and_directory_are_closed_to_others()
    {
        Journal.Append([Ban("192.0.2.1")]);

        const UnixFileMode Mode640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        Assert.Equal(Mode640 | UnixFileMode.UserExecute | UnixFileMode.GroupExecute, File.GetUnixFileMode(Directory));
        Assert.All(System.IO.Directory.GetFiles(Directory), file => Assert.Equal(Mode640, File.GetUnixFileMode(file)));
        Assert.Equal(3, System.IO.Directory.GetFiles(Directory).Length);
    }

    [Fact]
    public async Task A_clean_stop_leaves_one_file()
    {
        Journal.Append([Ban("192.0.2.1")]);

        await Journal.DisposeAsync();

        Assert.Equal([Path], System.IO.Directory.GetFiles(Directory));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_and_left_alone()
    {
        await Journal.DisposeAsync();
        Sql($"PRAGMA user_version = {JournalSchema.Version + 1}");

        var error = Assert.Throws<JournalException>(Open);

        Assert.Contains("newer Ringfence", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path], System.IO.Directory.GetFiles(Directory));
    }

    [Fact]
    public async Task A_file_of_the_first_version_learns_which_bans_were_only_observed_and_which_were_lifted()
    {
        Journal.Append([Ban("192.0.2.1"), Ban("192.0.2.2"), Ban("192.0.2.3"), Unban("192.0.2.3"), Ban("192.0.2.4")]);
        Journal.Append([new Outcome(1, Noon, OutcomeKind.Observed, ""), new Outcome(2, Noon, OutcomeKind.Enforced, "")]);
        await Journal.DisposeAsync();
        Sql("DROP INDEX decisions_unbans; ALTER TABLE decisions DROP COLUMN observed; ALTER TABLE decisions DROP COLUMN lifted; ALTER TABLE decisions DROP COLUMN throttles; DROP TABLE clock; ALTER TABLE evidence DROP COLUMN source; PRAGMA user_version = 1");

        Journal = Open();

        Assert.Equal(["192.0.2.2", "192.0.2.4"], Active(Noon));
        Assert.Equal(["192.0.2.2", "192.0.2.4"], Journal.BansSince(Noon).Select(ban => ban.Subject.ToString()));
        Assert.Equal(["192.0.2.1"], Journal.Latest(10).OfType<Ban>().Where(ban => ban.Observed).Select(ban => ban.Subject.ToString()));
        Assert.Equal(["192.0.2.1", "192.0.2.2", "192.0.2.4"], Journal.ActiveBans(Noon, withObserved: true).Select(ban => ban.Subject.ToString()));
    }

    [Fact]
    public void Evidence_of_a_network_says_whose_it_is()
    {
        var evidence = new Evidence(Noon, "/var/log/x", 17, EventKind.PasswordRefused, Proof.Proven, "1001", "text");
        Journal.Append([Ban("192.0.2.0/24") with { Evidence = [evidence with { Source = Net("192.0.2.4") }, evidence] }]);

        Assert.Equal([Net("192.0.2.4"), null], Journal.About(Net("192.0.2.9")).Single().Decision.Evidence.Select(one => one.Source));
    }

    [Fact]
    public async Task Another_programs_database_is_refused_and_left_alone()
    {
        await Journal.DisposeAsync();
        File.WriteAllBytes(Path, []);
        Sql("CREATE TABLE cdr (calldate TEXT)");

        var error = Assert.Throws<JournalException>(Open);

        Assert.Contains("another program", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path], System.IO.Directory.GetFiles(Directory));
    }

    [Fact]
    public void The_numbers_in_the_file_never_change()
    {
        Assert.Equal("Ban=1 Unban=2 Spare=3 Alert=4", Numbers<DecisionKind>());
        Assert.Equal("Enforced=1 Observed=2 Expired=3 Failed=4", Numbers<OutcomeKind>());
        Assert.Equal("Forgeable=0 Unproven=1 Proven=2", Numbers<Proof>());

        // Kinds of events are added as grammars grow.
        Assert.StartsWith(
            "None=0 ChallengeSent=1 LoginSucceeded=2 PasswordRefused=3 AccountUnknown=4 AclRefused=5 RequestRefused=6 CallRefused=7 "
            + "ContactLimit=8 PacketMalformed=9 LimitReached=10 UnknownAccountFailed=11 AddressAccepted=12 Injection=13",
            Numbers<EventKind>(),
            StringComparison.Ordinal);
        Assert.Equal(5, JournalSchema.Version);
    }

    [Fact]
    public void Every_kind_of_decision_has_a_number()
    {
        Decision[] all = [Ban("192.0.2.1"), Unban("192.0.2.1"), new Spare(0, Noon, Net("192.0.2.1"), "", "", ""), Alert("192.0.2.1")];
        Assert.Equal(typeof(Decision).Assembly.GetTypes().Count(type => type.BaseType == typeof(Decision)), all.Length);

        Assert.Equal(Enum.GetValues<DecisionKind>(), all.Select(decision => decision.Kind));
    }

    private static string Numbers<T>()
        where T : struct, Enum => string.Join(' ', Enum.GetValues<T>().Select(value => $"{value}={Convert.ToInt32(value)}"));

    // Records compare their evidence lists by reference; the caller has emptied them.
    private static bool Same(Decision a, Decision b) => a with { Evidence = b.Evidence } == b;

    private static ReadPosition Position(string path, long offset) => new(path, 1, 2, offset, 3, 4);

    private IEnumerable<string> Active(DateTimeOffset now) => Journal.ActiveBans(now).Select(ban => ban.Subject.ToString());

    private IEnumerable<string> About(string network) => Journal.About(Net(network)).Select(about => about.Decision.Subject.ToString());

    private long Count(string table)
    {
        using var database = Database.Open(Path, readOnly: true);
        return database.Scalar($"SELECT count(*) FROM {table}");
    }

    private void Sql(string sql)
    {
        using var database = Database.Open(Path, readOnly: false);
        database.Execute(sql);
    }
}
