using Ringfence.Core.Configuration;
using Ringfence.Journal;
using Ringfence.Sqlite;
using Xunit;

namespace Ringfence.Tests.Journal;

/// <summary>What bans, why and status find while no guard runs.</summary>
public sealed class ReadOnlyJournalTests : JournalFixture
{
    [Fact]
    public async Task It_answers_as_the_guard_left_it_and_changes_nothing()
    {
        Journal.Append([Ban("192.0.2.1", evidence: 2), Ban("192.0.2.2")]);
        await Journal.DisposeAsync();
        var before = File.ReadAllBytes(Path);

        await using (var reading = ReadOnlyJournal.Open(Path)!)
        {
            Assert.Equal(["192.0.2.1", "192.0.2.2"], reading.ActiveBans(Noon).Select(ban => ban.Subject.ToString()));
            Assert.Equal(2, reading.About(Net("192.0.2.1")).Single().Decision.Evidence.Count);
            Assert.Equal(2, reading.Status.Decisions);
        }

        Assert.Equal(before, File.ReadAllBytes(Path));
        Assert.Null(ReadOnlyJournal.Open(Path + ".none"));
    }

    [Fact]
    public async Task What_a_killed_guard_left_in_the_log_is_read_too()
    {
        Journal.Append([Ban("192.0.2.1")]);

        await using var reading = ReadOnlyJournal.Open(Path)!;

        Assert.Single(reading.ActiveBans(Noon));
    }

    [Fact]
    public async Task A_file_that_nobody_can_write_is_read_without_files_beside_it()
    {
        var odd = System.IO.Path.Combine(Directory, "odd ?#%41.db");
        Journal.Append([Ban("192.0.2.1")]);
        await Journal.DisposeAsync();
        File.Move(Path, odd);

        using (var database = Database.OpenImmutable(odd))
        {
            Assert.Equal(1, database.Scalar("SELECT count(*) FROM decisions"));
        }

        Assert.Equal([odd], System.IO.Directory.GetFiles(Directory));
    }

    [Theory]
    [InlineData("garbage", "damaged, or no journal at all")]
    [InlineData("directory", "this is a directory")]
    [InlineData("newer", "written by a newer Ringfence")]
    [InlineData("older", "written by an older Ringfence")]
    [InlineData("foreign", "another program's SQLite database")]
    [InlineData("tables", "no such table")]
    public async Task Every_verb_says_what_is_wrong_with_the_journal_with_exit_code_3_and_touches_nothing(string what, string said)
    {
        await Journal.DisposeAsync();
        switch (what)
        {
            case "garbage":
                File.WriteAllBytes(Path, [.. Enumerable.Repeat((byte)'x', 5000)]);
                break;
            case "directory":
                File.Delete(Path);
                System.IO.Directory.CreateDirectory(Path);
                break;
            case "newer":
                Sql($"PRAGMA user_version = {JournalSchema.Version + 1}");
                break;
            case "older":
                Sql("PRAGMA user_version = 1");
                break;
            case "foreign":
                Sql("PRAGMA application_id = 7");
                break;
            default:
                Sql("DROP TABLE evidence");
                break;
        }

        foreach (var verb in (string[][])[["bans"], ["why", "192.0.2.1"], ["status"]])
        {
            var console = new Commands.Console
            {
                Config = RingfenceConfig.Default with { Socket = Path + ".sock" },
                OpenJournal = _ => ReadOnlyJournal.Open(Path),
            };

            var (exitCode, output, error) = await console.RunAsync(verb);

            Assert.Equal(3, exitCode);
            Assert.Empty(output);
            Assert.Contains(said, error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(System.IO.Directory.GetFileSystemEntries(Directory), entry => entry.Contains("corrupt", StringComparison.Ordinal));
    }

    private void Sql(string sql)
    {
        using var database = Database.Open(Path, readOnly: false);
        database.Execute(sql);
    }
}
