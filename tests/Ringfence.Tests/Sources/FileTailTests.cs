using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Threading.Channels;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class FileTailTests
{
    [Fact]
    public async Task Nothing_old_is_read_at_the_first_start_and_everything_new_is()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        writer.Write(1000);

        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(10);
        await rig.ReadLinesAsync(10);

        Assert.Equal(Numbered(1000, 10), rig.Lines);
        Assert.Equal(1000, rig.Starts[0].Line);
        Assert.Equal(TailState.Reading, rig.Status.State);
    }

    [Fact]
    public async Task Only_what_is_written_while_the_tail_stands_at_the_end_is_fresh_and_what_is_left_is_told()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        writer.Write(1);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(1);
        await rig.ReadLinesAsync(1);
        await rig.StopAsync();
        writer.Write(5000);

        rig.Batches = Channel.CreateBounded<SourceBatch>(1);
        rig.Start();
        await rig.WaitForStatusAsync(status => status.UnreadBytes > 0);
        await rig.ReadLinesAsync(5001);
        var before = rig.FreshBytes;
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(100));
        writer.WriteRaw("new\n");
        await rig.ReadLinesAsync(5002);

        Assert.Equal((before + 4, 0L), (rig.FreshBytes, rig.Status.UnreadBytes));
        Assert.InRange(before, 0, LogWriter.Line(1).Length + 1);
    }

    [Fact]
    public async Task A_log_that_is_followed_later_is_read_from_its_beginning_only_if_it_was_made_meanwhile()
    {
        await using var rig = new TailRig();
        using var first = new LogWriter(rig.Log);
        await File.WriteAllTextAsync(rig.At("old"), "old\n", TestContext.Current.CancellationToken);

        // Longer than a tick of the kernel's clock, by which files are dated.
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(100));
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        await File.WriteAllTextAsync(rig.At("made"), "made\n", TestContext.Current.CancellationToken);
        rig.Tail!.Follow([rig.At("made"), rig.At("old")]);
        await rig.ReadUntilAsync(() => rig.Starts.Count == 3);
        await File.AppendAllTextAsync(rig.At("old"), "new\n", TestContext.Current.CancellationToken);
        await rig.ReadLinesAsync(2);
        first.Write(1);
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(300));

        Assert.Equal(["made", "new"], rig.Lines);
        Assert.Equal([rig.At("made"), rig.At("old")], rig.Tail.Status.Select(log => log.Path));

        // The one that nobody follows any more has an end: its reader is not kept.
        Assert.Equal(1, rig.EndsOfFile);
    }

    [Fact]
    public async Task Of_two_names_of_one_file_the_one_that_is_still_followed_is_told_of_each_line()
    {
        await using var rig = new TailRig();
        using var first = new LogWriter(rig.Log);
        File.CreateSymbolicLink(rig.At("link"), rig.Log);
        rig.Start(rig.Log, rig.At("link"));
        await rig.ReadUntilAsync(() => rig.Starts.Count == 2);

        rig.Tail!.Follow([rig.Log]);
        await rig.ReadUntilAsync(() => rig.EndsOfFile == 1);
        first.Write(1);
        await rig.ReadLinesAsync(1);

        Assert.Single(rig.Lines);
    }

    [Fact]
    public async Task A_line_that_is_half_written_at_the_start_is_read_whole()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        writer.WriteRaw("old\nbegin");

        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.WriteRaw("ning\n");
        await rig.ReadLinesAsync(1);

        Assert.Equal(["beginning"], rig.Lines);
    }

    [Fact]
    public async Task A_start_in_the_middle_of_an_endless_line_is_said()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        writer.WriteRaw(new string('x', 3_000_000));

        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.WriteRaw("forged tail\ntrue line\n");
        await rig.ReadLinesAsync(1);

        Assert.Equal(["true line"], rig.Lines);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_bytes_delivered_are_the_bytes_written_whatever_the_pieces(int seed)
    {
        await using var rig = new TailRig();
        var random = new Random(seed);
        var expected = new StringBuilder();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        for (var i = 0; i < 300; i++)
        {
            var piece = new byte[random.Next(10) == 0 ? random.Next(700_000) : random.Next(300)];
            random.NextBytes(piece);
            var text = Encoding.Latin1.GetString(piece);
            expected.Append(text);
            writer.WriteRaw(text);
            if (random.Next(4) == 0)
            {
                await rig.ReadForAsync(TimeSpan.Zero);
            }
        }

        expected.Append("\nend\n");
        writer.WriteRaw("\nend\n");
        await rig.ReadUntilAsync(() => rig.Lines is [.., "end"]);

        Assert.Equal(expected.ToString(), string.Concat(rig.Lines.Select(line => line + "\n")));
    }

    [Fact]
    public async Task A_written_line_reaches_the_reader_without_a_timer_in_between()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        var times = new List<double>();
        for (var i = 1; i <= 200; i++)
        {
            var before = Stopwatch.GetTimestamp();
            writer.Write(1);
            await rig.ReadLinesAsync(i);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        // Generous: a shared machine. The safety look alone would give half a second.
        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"median {times[100] * 1000:F0} us, p99 {times[198] * 1000:F0} us");
        Assert.True(times[100] < 200, $"median {times[100]} ms");
    }

    [Fact]
    public async Task Six_rotations_100_ms_apart_lose_and_double_nothing()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        var writing = Task.Factory.StartNew(() => WriteAndRotate(writer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        await rig.ReadUntilAsync(() => writing.IsCompleted && rig.Lines.Count >= writer.Written);
        await writing.EndAsync();
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(300));

        Assert.Equal(Numbered(0, writer.Written), rig.Lines);
        Assert.Equal(6, rig.Status.Rotations);

        static async Task WriteAndRotate(LogWriter writer)
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            for (var i = 0; i < 6; i++)
            {
                writer.Write(200);
                writer.Rename();
                // Still to the old file, as Asterisk does until "logger reload".
                writer.Write(50);
                writer.Reopen();
                writer.Write(100);
                await pace.WaitForNextTickAsync();
            }
        }
    }

    [Fact]
    public async Task Rotations_faster_than_anyone_can_look_lose_and_double_nothing()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        var writing = Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 40; i++)
                {
                    writer.Write(100);
                    writer.Rename();
                    writer.Write(30);
                    writer.Reopen();
                }

                writer.Write(1);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await rig.ReadUntilAsync(() => writing.IsCompleted && rig.Lines.Count >= writer.Written);
        await writing.EndAsync();
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(300));

        // Of files that came and went within one tick of the file system's clock the order is not known.
        Assert.Equal(Numbered(0, writer.Written).Order(StringComparer.Ordinal), rig.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Lines_of_files_that_came_and_went_while_the_reader_was_slow_are_read_in_order()
    {
        await using var rig = new TailRig();
        rig.Batches = Channel.CreateBounded<SourceBatch>(1);
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        // 1 MB at once: the tail stands still at the full channel while three rotations pass.
        writer.WriteRaw(string.Concat(Enumerable.Range(0, 8000).Select(number => LogWriter.Line(number) + "\n")));
        var next = new LogWriterTimes(rig.Log);
        writer.Rename();
        writer.WriteRaw("a\n");
        writer.Reopen();
        writer.WriteRaw("b\n");
        next.Age(".1", 30);
        writer.Rename();
        writer.Reopen();
        writer.WriteRaw("c\n");
        next.Age(".1", 20);
        writer.Rename();
        writer.Reopen();
        writer.WriteRaw("d\n");
        await rig.ReadUntilAsync(() => rig.Lines is [.., "d"]);

        Assert.Equal([.. Numbered(0, 8000), "a", "b", "c", "d"], rig.Lines);
    }

    [Fact]
    public async Task What_is_written_to_the_old_file_after_the_new_one_was_begun_is_read_as_well()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(1);
        await rig.ReadLinesAsync(1);

        writer.Rename();
        using var second = new LogWriter(rig.Log);
        second.WriteRaw("first of the new\n");
        await rig.ReadLinesAsync(2);
        writer.WriteRaw("last of the old\n");
        await rig.ReadLinesAsync(3);
        var position = rig.Position!;
        await rig.ReadUntilAsync(() => rig.EndsOfFile == 1);

        Assert.Equal([LogWriter.Line(0), "first of the new", "last of the old"], rig.Lines);
        Assert.Equal(17, position.Offset);
    }

    [Fact]
    public async Task A_deleted_log_is_read_to_its_end_and_its_successor_from_its_beginning()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(5);
        await rig.ReadLinesAsync(5);

        File.Delete(rig.Log);
        await rig.WaitForAsync(status => status.State == TailState.Missing);
        writer.Write(5);
        await rig.ReadLinesAsync(10);
        writer.Reopen();
        writer.Write(5);
        await rig.ReadLinesAsync(15);
        await rig.WaitForAsync(status => status.State == TailState.Reading);

        Assert.Equal(Numbered(0, 15), rig.Lines);
    }

    [Fact]
    public async Task A_file_renamed_and_renamed_back_is_read_once()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(5);
        await rig.ReadLinesAsync(5);

        writer.Rename();
        File.WriteAllBytes(rig.Log, Encoding.ASCII.GetBytes("between\n"));
        await rig.ReadLinesAsync(6);
        File.Move(rig.Log + ".1", rig.Log, overwrite: true);
        await rig.WaitForAsync(status => status.Rotations == 2);
        writer.Write(1);
        await rig.ReadLinesAsync(7);

        Assert.Equal([.. Numbered(0, 5), "between", LogWriter.Line(5)], rig.Lines);
    }

    [Fact]
    public async Task Copytruncate_is_followed_again_and_again()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        for (var i = 1; i <= 10; i++)
        {
            writer.Write(20);
            await rig.ReadLinesAsync(20 * i);
            writer.CopyTruncate();
        }

        Assert.Equal(Numbered(0, 200), rig.Lines);
        Assert.Equal(0, rig.Status.LostBytes);
    }

    [Fact]
    public async Task The_copy_that_copytruncate_left_is_not_read_at_a_later_rotation()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(5);
        await rig.ReadLinesAsync(5);
        writer.CopyTruncate();
        writer.Write(5);
        await rig.ReadLinesAsync(10);

        writer.Rename();
        writer.Reopen();
        writer.Write(5);
        await rig.ReadLinesAsync(15);
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(300));

        Assert.Equal(Numbered(0, 15), rig.Lines);
    }

    [Fact]
    public async Task What_copytruncate_copied_before_it_was_read_is_read_from_the_copy()
    {
        await using var rig = new TailRig();
        rig.Batches = Channel.CreateBounded<SourceBatch>(1);
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        writer.WriteRaw(string.Concat(Enumerable.Range(0, 8000).Select(number => LogWriter.Line(number) + "\n")));
        await rig.ReadUntilAsync(() => rig.Lines.Count > 0);
        writer.CopyTruncate();
        writer.WriteRaw("new\n");
        await rig.ReadUntilAsync(() => rig.Lines is [.., "new"]);

        Assert.Equal([.. Numbered(0, 8000), "new"], rig.Lines);
        Assert.Equal(0, rig.Status.LostBytes);
    }

    [Fact]
    public async Task What_was_truncated_before_it_could_be_read_is_counted_and_said()
    {
        await using var rig = new TailRig();
        rig.Batches = Channel.CreateBounded<SourceBatch>(1);
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        var written = string.Concat(Enumerable.Range(0, 20_000).Select(number => LogWriter.Line(number) + "\n"));
        writer.WriteRaw(written);
        await rig.ReadUntilAsync(() => rig.Lines.Count > 0);
        writer.Truncate();
        writer.WriteRaw("new\n");
        await rig.ReadUntilAsync(() => rig.Lines is [.., "new"]);

        Assert.True(rig.Lost > 1_000_000);
        Assert.Equal(written.Length + "new\n".Length, rig.Status.Bytes + rig.Lost);
        Assert.Equal(rig.Lost, rig.Status.LostBytes);
        Assert.Contains(rig.Messages, message => message.StartsWith("2104 ", StringComparison.Ordinal) && message.Contains(rig.Lost.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_truncated_and_filled_again_beyond_the_old_size_is_read_from_its_beginning()
    {
        await using var rig = new TailRig();
        rig.Batches = Channel.CreateBounded<SourceBatch>(1);
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(3);
        await rig.ReadLinesAsync(3);

        // At once: one look sees only the result.
        var fresh = string.Concat(Enumerable.Range(100, 50).Select(number => LogWriter.Line(number) + "\n"));
        File.WriteAllText(rig.At("fresh"), fresh);
        await rig.StopAsync();
        File.Copy(rig.At("fresh"), rig.Log, overwrite: true);
        rig.Start();
        await rig.ReadLinesAsync(53);

        Assert.Equal([.. Numbered(0, 3), .. Numbered(100, 50)], rig.Lines);
    }

    [Fact]
    public async Task A_log_whose_directory_appears_later_is_read_from_its_first_line()
    {
        await using var rig = new TailRig();
        rig.Log = Path.Combine(rig.Directory_, "asterisk", "deep", "security_log");
        rig.Start();
        await rig.WaitForAsync(status => status.State == TailState.Missing);

        Directory.CreateDirectory(Path.GetDirectoryName(rig.Log)!);
        using var writer = new LogWriter(rig.Log);
        writer.Write(10);
        await rig.ReadLinesAsync(10);

        Assert.Equal(Numbered(0, 10), rig.Lines);
        Assert.Equal(TailState.Reading, rig.Status.State);
    }

    [Fact]
    public async Task A_directory_that_is_replaced_by_another_one_is_followed()
    {
        await using var rig = new TailRig();
        var directory = rig.At("asterisk");
        Directory.CreateDirectory(directory);
        rig.Log = Path.Combine(directory, "security_log");
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(2);
        await rig.ReadLinesAsync(2);

        Directory.Move(directory, rig.At("asterisk.old"));
        Directory.CreateDirectory(directory);
        writer.Reopen();
        writer.Write(2);
        await rig.ReadLinesAsync(4);

        Assert.Equal(Numbered(0, 4), rig.Lines);
    }

    [Fact]
    public async Task A_log_that_appears_while_the_daemon_is_down_is_read_from_its_first_line()
    {
        await using var rig = new TailRig();
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Position is not null);
        await rig.StopAsync();

        using var writer = new LogWriter(rig.Log);
        writer.Write(3);
        rig.Start();
        await rig.ReadLinesAsync(3);

        Assert.Equal(Numbered(0, 3), rig.Lines);
    }

    [Fact]
    public async Task A_directory_or_a_FIFO_as_a_log_is_said_and_holds_nobody_up()
    {
        await using var rig = new TailRig();
        var fifo = rig.At("fifo");
        using (var made = Process.Start("mkfifo", [fifo]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var log = rig.At("real");
        using var writer = new LogWriter(log);
        rig.Start(rig.Directory_, fifo, "/dev/zero", log);
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(1);
        await rig.ReadLinesAsync(1);

        Assert.Equal([TailState.NotAFile, TailState.NotAFile, TailState.NotAFile, TailState.Reading], rig.Tail!.Status.Select(status => status.State));
        Assert.Contains("is a directory", rig.Tail.Status[0].Problem, StringComparison.Ordinal);
        Assert.Contains("is a FIFO", rig.Tail.Status[1].Problem, StringComparison.Ordinal);
        Assert.Contains("is a character device", rig.Tail.Status[2].Problem, StringComparison.Ordinal);
        Assert.Single(rig.Messages, message => message.Contains("is a FIFO", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_directory_that_gives_way_to_a_log_is_read()
    {
        await using var rig = new TailRig();
        Directory.CreateDirectory(rig.Log);
        rig.Start();
        await rig.WaitForAsync(status => status.State == TailState.NotAFile);

        Directory.Delete(rig.Log);
        using var writer = new LogWriter(rig.Log);
        writer.Write(1);
        await rig.ReadLinesAsync(1);

        Assert.Equal(Numbered(0, 1), rig.Lines);
    }

    [Fact]
    public async Task A_link_is_followed_when_its_target_is_rotated_and_when_it_is_turned()
    {
        await using var rig = new TailRig();
        Directory.CreateDirectory(rig.At("real"));
        var target = Path.Combine(rig.At("real"), "full");
        using var writer = new LogWriter(target);
        File.CreateSymbolicLink(rig.Log, "real/full");
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        writer.Write(2);
        await rig.ReadLinesAsync(2);
        writer.Rename();
        writer.Write(2);
        writer.Reopen();
        writer.Write(2);
        await rig.ReadLinesAsync(6);
        File.Delete(rig.Log);
        File.WriteAllText(rig.At("other"), "turned\n");
        File.CreateSymbolicLink(rig.Log, "other");
        await rig.ReadLinesAsync(7);

        Assert.Equal([.. Numbered(0, 6), "turned"], rig.Lines);
    }

    [Fact]
    public async Task A_chain_of_links_that_bites_its_tail_is_said()
    {
        await using var rig = new TailRig();
        File.CreateSymbolicLink(rig.Log, "security_log");

        rig.Start();
        await rig.WaitForAsync(status => status.State == TailState.Unreadable);

        Assert.Contains("symbolic links", rig.Status.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Yesterdays_log_that_is_compressed_during_a_rotation_is_not_read_again()
    {
        await using var rig = new TailRig();
        File.WriteAllText(rig.Log + ".1", "yesterday's attack, long enough to be told apart from other logs by its beginning\n");
        File.SetLastWriteTimeUtc(rig.Log + ".1", DateTime.UnixEpoch.AddDays(20_000));
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(2);
        await rig.ReadLinesAsync(2);

        // As a script would do it that does not keep the time.
        Compress(rig.Log + ".1", rig.Log + ".2.gz");
        writer.Rename();
        writer.Reopen();
        writer.Write(2);
        await rig.ReadLinesAsync(4);
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(300));

        Assert.Equal(Numbered(0, 4), rig.Lines);
    }

    [Fact]
    public async Task A_neighbour_of_another_log_is_never_taken_for_a_part_of_this_one()
    {
        await using var rig = new TailRig();
        rig.Log = rig.At("security");
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);

        File.WriteAllText(rig.At("security_log"), "other\n");
        File.WriteAllText(rig.At("security.conf"), "other\n");
        File.WriteAllText(rig.At("security-audit.1"), "other\n");
        writer.Write(1);
        writer.Rename();
        writer.Reopen();
        writer.Write(1);
        await rig.ReadLinesAsync(2);
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(300));

        Assert.Equal(Numbered(0, 2), rig.Lines);
    }

    private static string[] Numbered(int first, int count) => [.. Enumerable.Range(first, count).Select(LogWriter.Line)];

    private static void Compress(string from, string to)
    {
        using (var source = File.OpenRead(from))
        using (var gzip = new GZipStream(File.Create(to), CompressionLevel.Fastest))
        {
            source.CopyTo(gzip);
        }

        File.Delete(from);
    }
}

/// <summary>Rotations that a test makes within one tick of the file system's clock get times as real ones have.</summary>
internal sealed class LogWriterTimes(string path)
{
    public void Age(string suffix, int seconds) => File.SetLastWriteTimeUtc(path + suffix, File.GetLastWriteTimeUtc(path).AddSeconds(-seconds));
}
