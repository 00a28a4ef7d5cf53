using System.Diagnostics;
using Xunit;

namespace Ringfence.Tests.Sources;

/// <summary>What was written while the daemon was down is read, once, wherever rotation put it.</summary>
public sealed class FileTailResumeTests
{
    [Fact]
    public async Task In_the_same_file_reading_goes_on_at_the_byte_and_the_line()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);

        writer.Write(10);
        rig.Start();
        await rig.ReadLinesAsync(20);

        Assert.Equal(Numbered(20), rig.Lines);
        Assert.Equal(10, rig.Starts[^1].Line);
        Assert.Equal(20, rig.Position!.Line);
    }

    [Fact]
    public async Task A_reader_that_failed_goes_on_where_it_stood_wherever_it_failed()
    {
        var failures = 0;
        for (var call = 1; call <= 16; call++)
        {
            var time = new FailingTime();
            await using var rig = new TailRig($"fails-{call}") { Time = time };
            using var writer = new LogWriter(rig.Log);
            rig.Start();
            await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
            writer.Write(10);
            await rig.ReadLinesAsync(10);
            writer.WriteRaw("half a ");

            time.FailAt(call);
            writer.WriteRaw("line\n");
            writer.Write(10);
            failures += await rig.ReadLinesThroughFailuresAsync(21);
            time.FailAt(0);
            File.Move(rig.Log, rig.At("security_log.1"));
            using var next = new LogWriter(rig.Log);
            next.WriteRaw("next\n");
            failures += await rig.ReadLinesThroughFailuresAsync(22);

            Assert.Equal((call, 22), (call, rig.Lines.Distinct().Count()));
            Assert.Equal(("half a line", "next", 22), (rig.Lines[10], rig.Lines[21], rig.Lines.Count));
        }

        // The first looks always come; how many more there are before the lines are read is the scheduler's to say.
        Assert.InRange(failures, 3, 16);
    }

    /// <summary>The true time, and one look at the clock that fails.</summary>
    private sealed class FailingTime : TimeProvider
    {
        private int _left;

        /// <param name="call">1: the next look; 0: none.</param>
        public void FailAt(int call) => Volatile.Write(ref _left, call);

        public override long GetTimestamp()
        {
            Count();
            return base.GetTimestamp();
        }

        public override DateTimeOffset GetUtcNow()
        {
            Count();
            return base.GetUtcNow();
        }

        private void Count()
        {
            if (Volatile.Read(ref _left) > 0 && Interlocked.Decrement(ref _left) == 0)
            {
                throw new IOException("the disk of the clock is broken");
            }
        }
    }

    [Fact]
    public async Task The_lines_before_the_place_come_along_so_that_the_parser_knows_what_it_stands_in()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        var old = new string('x', 100_000) + "\nold\nolder\n";
        writer.WriteRaw(old);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        await rig.StopAsync();

        writer.WriteRaw("new\n");
        rig.Start();
        await rig.ReadLinesAsync(1);

        Assert.Equal(["new"], rig.Lines);
        Assert.Equal(["old\nolder\n", old], rig.Before);
        Assert.Equal([0, old.Length], rig.RecollectedBefore);
    }

    [Fact]
    public async Task A_line_that_was_read_in_half_is_read_again_whole()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.WriteRaw("first\nsec");
        await rig.WaitForAsync(status => status.Bytes == 9);
        await rig.ReadForAsync(TimeSpan.Zero);
        await rig.StopAsync();

        writer.WriteRaw("ond\n");
        rig.Start();
        await rig.ReadLinesAsync(2);

        Assert.Equal(["first", "second"], rig.Lines);
    }

    [Fact]
    public async Task A_position_in_the_middle_of_a_line_never_makes_a_line_of_the_rest()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        writer.WriteRaw(new string('x', 3_000_000));
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        Assert.Equal(3_000_000, rig.Position!.Offset);
        await rig.StopAsync();

        writer.WriteRaw("forged\ntrue\n");
        rig.Start();
        await rig.ReadLinesAsync(1);

        Assert.Equal(["true"], rig.Lines);
    }

    [Fact]
    public async Task A_batch_that_was_delivered_and_not_consumed_comes_again()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 2);
        writer.Write(5);
        await rig.WaitForStatusAsync(status => status.Bytes > 0);
        await rig.StopAsync();

        rig.Start();
        await rig.ReadLinesAsync(15);

        Assert.Equal(Numbered(15), rig.Lines);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("gzip", 1)]
    [InlineData("xz", 1)]
    [InlineData("", 4)]
    [InlineData("gzip", 4)]
    [InlineData("xz", 4)]
    public async Task Every_line_of_every_file_that_was_rotated_meanwhile_is_read_in_order(string compressor, int rotations)
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        var times = new LogWriterTimes(rig.Log);
        File.WriteAllText(rig.Log + ".1", "the day before yesterday, long since read and never to be read again\n");
        times.Age(".1", 1000);
        await ReadTenAndStopAsync(rig, writer);

        writer.Write(10);
        for (var i = 0; i < rotations; i++)
        {
            writer.Rename();
            writer.Write(5);
            writer.Reopen();
            times.Age(".1", (rotations - i) * 10);
            writer.Write(5);
        }

        for (var i = 1; compressor.Length > 0 && i <= rotations; i++)
        {
            using var compressing = Process.Start(compressor, [rig.Log + "." + i]);
            await compressing.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, compressing.ExitCode);
        }

        rig.Start();
        await rig.ReadLinesAsync(writer.Written);
        writer.Write(5);
        await rig.ReadLinesAsync(writer.Written);
        await rig.ReadForAsync(TimeSpan.FromMilliseconds(300));

        Assert.Equal(Numbered(writer.Written), rig.Lines);
    }

    [Fact]
    public async Task A_log_rotated_with_a_date_is_found()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);

        writer.Write(10);
        File.Move(rig.Log, rig.Log + "-20261121");
        writer.Write(5);
        writer.Reopen();
        writer.Write(5);
        rig.Start();
        await rig.ReadLinesAsync(30);

        Assert.Equal(Numbered(30), rig.Lines);
    }

    [Fact]
    public async Task A_log_renamed_to_any_name_is_found_by_its_inode()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);

        writer.Write(10);
        File.Move(rig.Log, rig.At("put-aside.txt"));
        writer.Reopen();
        writer.Write(5);
        rig.Start();
        await rig.ReadLinesAsync(25);

        Assert.Equal(Numbered(25), rig.Lines);
    }

    [Fact]
    public async Task The_rest_is_read_although_no_new_log_was_made_yet()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);

        writer.Write(10);
        writer.Rename();
        rig.Start();
        await rig.ReadLinesAsync(20);
        writer.Write(5);
        await rig.ReadLinesAsync(25);
        writer.Reopen();
        writer.Write(5);
        await rig.ReadLinesAsync(30);

        Assert.Equal(Numbered(30), rig.Lines);
    }

    [Fact]
    public async Task After_copytruncate_the_copy_is_read_first()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);

        writer.Write(10);
        writer.CopyTruncate();
        writer.Write(30);
        rig.Start();
        await rig.ReadLinesAsync(50);

        Assert.Equal(Numbered(50), rig.Lines);
    }

    [Fact]
    public async Task After_a_truncation_without_a_copy_the_log_is_read_from_its_beginning_and_the_loss_is_said()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);

        writer.Truncate();
        writer.Write(30);
        rig.Start();
        await rig.ReadLinesAsync(40);

        Assert.Equal(Numbered(40), rig.Lines);
        Assert.Contains(rig.Messages, message => message.StartsWith("2106 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_log_in_a_reused_inode_is_read_from_its_beginning()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);
        var other = string.Concat(Enumerable.Range(500, 20).Select(number => LogWriter.Line(number) + "\n"));

        writer.Truncate();
        writer.WriteRaw(other);
        rig.Start();
        await rig.ReadLinesAsync(30);

        Assert.Equal([.. Numbered(10), .. Enumerable.Range(500, 20).Select(LogWriter.Line)], rig.Lines);
    }

    [Fact]
    public async Task A_damaged_archive_costs_only_what_is_damaged()
    {
        await using var rig = new TailRig();
        using var writer = new LogWriter(rig.Log);
        await ReadTenAndStopAsync(rig, writer);

        writer.Write(5000);
        writer.Rename();
        writer.Reopen();
        writer.WriteRaw("new\n");
        using (var compressing = Process.Start("gzip", [rig.Log + ".1"]))
        {
            await compressing.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using (var archive = new FileStream(rig.Log + ".1.gz", FileMode.Open))
        {
            archive.SetLength(archive.Length / 2);
        }

        rig.Start();
        await rig.ReadUntilAsync(() => rig.Lines is [.., "new"]);

        Assert.True(rig.Lines.Count > 1000);
        Assert.Equal(Numbered(rig.Lines.Count - 1), rig.Lines[..^1]);
        Assert.Contains(rig.Messages, message => message.StartsWith("2107 ", StringComparison.Ordinal));
    }

    private static async Task ReadTenAndStopAsync(TailRig rig, LogWriter writer)
    {
        rig.Start();
        await rig.ReadUntilAsync(() => rig.Starts.Count == 1);
        writer.Write(10);
        await rig.ReadLinesAsync(10);
        await rig.StopAsync();
    }

    private static string[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(LogWriter.Line)];
}
