using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

/// <summary>Where `init` looks for sshd: in the file that is written, not in the one that is there.</summary>
public sealed class SshdPlaceTests : IDisposable
{
    private const string Cron = "2026-11-21T11:59:00.000000+00:00 pbx CRON[9]: pam_unix(cron:session): session opened for user root\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-sshd-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(Cron + "2026-11-21T11:58:00.000000+00:00 pbx sshd[7]: Server listening on 0.0.0.0 port 22.\n" + Cron, "2026-11-21T11:58:00Z", "file")]
    [InlineData("Nov 21 11:58:00 pbx sshd[7]: Server listening on 0.0.0.0 port 22.\n", "2026-11-21T11:58:00Z", "file")]
    [InlineData("Mar  1 11:58:00 pbx sshd[7]: Server listening on 0.0.0.0 port 22.\n", "2026-11-21T11:58:00Z", "journal")]
    [InlineData("2026-11-21T10:00:00.000000+00:00 pbx sshd-session[7]: Connection closed\n" + Cron, "2026-11-21T11:58:00Z", "journal")]
    [InlineData(Cron, "2026-11-21T11:58:00Z", "journal")]
    [InlineData("", "2026-11-21T11:58:00Z", "journal")]
    [InlineData("Mar  1 11:58:00 pbx sshd[7]: Server listening on 0.0.0.0 port 22.\n", null, "file")]
    [InlineData("2026-11-21T11:58:00.000000+00:00 pbx sshd[7]: x\n", "2026-10-01T00:00:00Z", "file")]
    [InlineData(null, "2026-11-21T11:58:00Z", "journal")]
    [InlineData(null, null, "journal")]
    public async Task The_place_with_the_newer_lines_of_sshd_is_the_one(string? file, string? journal, string expected)
    {
        var log = Path.Combine(_directory, "auth.log");
        if (file is not null)
        {
            await File.WriteAllTextAsync(log, file, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, await FindAsync(journal));
    }

    [Fact]
    public async Task A_file_that_was_rotated_a_moment_ago_is_written_all_the_same()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "auth.log"), Cron, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_directory, "auth.log.1"), "Nov 21 11:58:00 pbx sshd[7]: Server listening on :: port 22.\n", TestContext.Current.CancellationToken);

        Assert.Equal("file", await FindAsync("2026-11-21T11:58:00Z"));
    }

    [Fact]
    public async Task Without_an_sshd_there_is_no_door() =>
        Assert.Null(await SshdPlace.FindAsync([Path.Combine(_directory, "auth.log")], hasSshd: false, "/nowhere/journalctl", new ConfigDirectory(), TimeZoneInfo.Utc, TimeProvider.System, TestContext.Current.CancellationToken));

    private async Task<string> FindAsync(string? journal)
    {
        // What journalctl prints, or nothing where it has no entry of sshd.
        var program = Path.Combine(_directory, "journalctl");
        var entry = journal is null ? "" : $$"""{"__REALTIME_TIMESTAMP":"{{DateTimeOffset.Parse(journal, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()}}000","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"x"}""";
        Script.Write(program, $"#!/bin/sh\n[ \"$*\" = \"--quiet --no-pager --lines=1 --output=json --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM _UID=0 _COMM=sshd _COMM=sshd-session\" ] || exit 1\nprintf '%s\\n' '{entry}'\n");
        var clock = new ManualTime();
        clock.Advance(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero) - clock.GetUtcNow());

        var door = await SshdPlace.FindAsync([Path.Combine(_directory, "auth.log")], hasSshd: true, program, new ConfigDirectory(), TimeZoneInfo.Utc, clock, TestContext.Current.CancellationToken);

        return door?.Journal is null ? "file" : "journal";
    }
}
