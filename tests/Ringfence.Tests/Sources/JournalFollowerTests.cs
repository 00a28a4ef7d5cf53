using Ringfence.Core.Configuration;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class JournalFollowerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-journal-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Program(string script)
    {
        var path = Path.Combine(_directory, "journalctl");
        Script.Write(path, "#!/bin/sh\n" + script);
        return path;
    }

    private static string Entry(long micros, string text) =>
        $$"""{"__REALTIME_TIMESTAMP":"{{micros}}","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"{{text}}"}""";

    [Fact]
    public async Task Entries_come_with_a_position_and_those_that_were_read_do_not_come_again()
    {
        var channel = SourceBatch.NewChannel();
        var door = new DoorSettings { Name = "sshd", Kind = DoorKind.Sshd, Journal = "yes" };
        var known = new ReadPosition(door.JournalName, 0, 0, 1_795_219_090_000_002, 0, 0);
        var follower = new JournalFollower(door, known, channel.Writer, TimeProvider.System)
        {
            Program = Program($"echo \"$@\" > {_directory}/arguments\nprintf '%s\\n' '{Entry(1_795_219_090_000_002, "old")}' '{Entry(1_795_219_090_000_003, "new")}'\nprintf half\n"),
        };

        var ended = await Assert.ThrowsAsync<IOException>(() => follower.RunAsync(TestContext.Current.CancellationToken));
        Assert.True(channel.Reader.TryRead(out var read));
        using var batch = Assert.IsType<RawBatch>(read);

        Assert.Equal(Entry(1_795_219_090_000_003, "new") + "\n", System.Text.Encoding.UTF8.GetString(batch.Bytes));
        Assert.Equal(new ReadPosition("journal sshd", 0, 0, 1_795_219_090_000_003, 0, 0), batch.Kept);
        Assert.Contains("--no-tail --since=@1795219090.000002 _UID=0 _COMM=sshd _COMM=sshd-session", File.ReadAllText(Path.Combine(_directory, "arguments")), StringComparison.Ordinal);
        Assert.Contains("journalctl has ended", ended.Message, StringComparison.Ordinal);
        Assert.Equal(TailState.Unreadable, follower.Status.State);
    }

    [Fact]
    public async Task After_the_clock_was_set_back_what_is_written_now_is_read_and_not_only_when_that_hour_comes_again()
    {
        var time = new ManualTime();
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        const long Hour = 3_600_000_000;
        var channel = SourceBatch.NewChannel();
        var door = new DoorSettings { Name = "sshd", Kind = DoorKind.Sshd, Journal = "yes" };
        var follower = new JournalFollower(door, new ReadPosition(door.JournalName, 0, 0, now + (2 * Hour), 0, 0), channel.Writer, time)
        {
            Program = Program($"echo \"$@\" > {_directory}/arguments\nprintf '%s\\n' '{Entry(now + 5, "new")}'\n"),
        };

        await Assert.ThrowsAsync<IOException>(() => follower.RunAsync(TestContext.Current.CancellationToken));

        Assert.True(channel.Reader.TryRead(out var read));
        using var batch = Assert.IsType<RawBatch>(read);
        Assert.Equal(Entry(now + 5, "new") + "\n", System.Text.Encoding.UTF8.GetString(batch.Bytes));
        Assert.Equal(now + 5, batch.Kept!.Offset);
        Assert.Contains("--lines=0", File.ReadAllText(Path.Combine(_directory, "arguments")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_meanwhile_takes_the_position_along_and_what_was_read_does_not_come_again()
    {
        var time = new ManualTime();
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        const long Hour = 3_600_000_000;
        var channel = SourceBatch.NewChannel();
        var door = new DoorSettings { Name = "sshd", Kind = DoorKind.Sshd, Journal = "yes" };
        var entries = $"'{Entry(now + (2 * Hour), "before the step")}' '{Entry(now + 5, "behind it")}'";
        var follower = new JournalFollower(door, null, channel.Writer, time) { Program = Program($"printf '%s\\n' {entries}\n") };
        await Assert.ThrowsAsync<IOException>(() => follower.RunAsync(TestContext.Current.CancellationToken));
        Assert.True(channel.Reader.TryRead(out var read));
        using var batch = Assert.IsType<RawBatch>(read);
        Assert.Equal(now + 5, batch.Kept!.Offset);

        time.Advance(TimeSpan.FromSeconds(1));
        File.Delete(Path.Combine(_directory, "journalctl"));
        var next = new JournalFollower(door, batch.Kept, channel.Writer, time) { Program = Program($"printf '%s\\n' {entries} '{Entry(now + 9, "new")}'\n") };
        await Assert.ThrowsAsync<IOException>(() => next.RunAsync(TestContext.Current.CancellationToken));

        Assert.True(channel.Reader.TryRead(out var again));
        using var newer = Assert.IsType<RawBatch>(again);
        Assert.Equal(Entry(now + 9, "new") + "\n", System.Text.Encoding.UTF8.GetString(newer.Bytes));
    }

    [Fact]
    public async Task Many_warnings_of_journalctl_block_no_entry_and_are_told_in_part()
    {
        var channel = SourceBatch.NewChannel();
        var door = new DoorSettings { Name = "sshd", Kind = DoorKind.Sshd, Journal = "yes" };
        var follower = new JournalFollower(door, null, channel.Writer, TimeProvider.System)
        {
            Program = Program($"echo broken >&2\nhead -c 300000 /dev/zero | tr '\\0' x >&2\nprintf '%s\\n' '{Entry(1_795_219_090_000_003, "new")}'\n"),
        };

        var ended = await Assert.ThrowsAsync<IOException>(() => follower.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TailRig.Patience, TestContext.Current.CancellationToken));

        Assert.True(channel.Reader.TryRead(out var read));
        read.Dispose();
        Assert.StartsWith("journalctl has ended: broken", ended.Message, StringComparison.Ordinal);
        Assert.InRange(ended.Message.Length, 20, 300);
    }

    [Fact]
    public async Task A_machine_without_journalctl_is_said_to_have_none()
    {
        var follower = new JournalFollower(new DoorSettings { Name = "ftp", Kind = DoorKind.Pattern, Journal = "vsftpd.service" }, null, SourceBatch.NewChannel().Writer, TimeProvider.System)
        {
            Program = Path.Combine(_directory, "none"),
        };

        await Assert.ThrowsAsync<IOException>(() => follower.RunAsync(TestContext.Current.CancellationToken));

        Assert.Contains("can't be run", follower.Status.Problem, StringComparison.Ordinal);
        Assert.Equal(["_SYSTEMD_UNIT=vsftpd.service"], JournalFollower.Matches(new DoorSettings { Name = "ftp", Kind = DoorKind.Pattern, Journal = "vsftpd.service" }));
    }
}
