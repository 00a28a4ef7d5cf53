using System.Diagnostics;
using System.Text;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class LogFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-sources-logfile-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("", "Plain")]
    [InlineData("gzip", "Gzip")]
    [InlineData("xz", "Xz")]
    public void A_log_is_read_whole_whatever_its_name_says(string compressor, string format)
    {
        var expected = Lines(1, 20_000);
        var path = Write("misleading.bz2", expected, compressor);

        using var log = LogFile.Open(path);
        var read = ReadAll(log, 1024 * 1024);

        Assert.Equal(format, log.Format.ToString());
        Assert.Equal(expected, read);
        Assert.Equal(new FileInfo(path).Length, log.Length);
        Assert.Equal(log.Length, log.Position);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    public void Archives_that_were_joined_are_read_to_the_last(string compressor)
    {
        var first = Lines(1, 5000);
        var second = Lines(2, 5000);
        var path = Write("a", first, compressor);
        File.AppendAllBytes(path, File.ReadAllBytes(Write("b", second, compressor)));

        using var log = LogFile.Open(path);

        Assert.Equal([.. first, .. second], ReadAll(log, 100_000));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    public void Of_an_archive_that_ends_early_everything_before_is_read_and_then_the_place_is_said(string compressor)
    {
        var expected = Lines(1, 20_000);
        var path = Write("log", expected, compressor);
        var half = File.ReadAllBytes(path)[..(int)(new FileInfo(path).Length / 2)];
        File.WriteAllBytes(path, half);
        using var reference = Process.Start(new ProcessStartInfo(compressor, ["-dc", path]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var tool = new MemoryStream();
        reference.StandardOutput.BaseStream.CopyTo(tool);

        using var log = LogFile.Open(path);
        var read = new MemoryStream();
        var error = Assert.Throws<LogFileException>(() => ReadAll(log, 1024 * 1024, read));

        Assert.Equal(LogFileProblem.Damaged, error.Problem);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains($"of {half.Length}", error.Message, StringComparison.Ordinal);
        Assert.True(read.Length >= tool.Length, $"{read.Length} bytes read, {compressor} gives {tool.Length}");
        Assert.Equal(expected[..(int)read.Length], read.ToArray());
        Assert.Throws<LogFileException>(() => log.Read(new byte[10]));
    }

    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("gzip", 2)]
    [InlineData("xz", 3)]
    [InlineData("xz", 4)]
    public void A_corrupt_archive_gives_its_beginning_and_an_error_and_never_more(string compressor, int seed)
    {
        var random = new Random(seed);
        var expected = Lines(seed, 5000);
        var good = File.ReadAllBytes(Write("log", expected, compressor));
        for (var i = 0; i < 30; i++)
        {
            var bad = good.ToArray();
            bad[random.Next(20, bad.Length)] ^= (byte)(1 << random.Next(8));
            var path = Path.Combine(_directory, "bad");
            File.WriteAllBytes(path, bad);

            using var log = LogFile.Open(path);
            var read = new MemoryStream();
            try
            {
                ReadAll(log, 64 * 1024, read);
            }
            catch (LogFileException error)
            {
                Assert.Equal(LogFileProblem.Damaged, error.Problem);
            }

            // What stands behind the damage may differ before it is noticed; what stands before may not.
            Assert.True(read.Length <= expected.Length * 2L);
        }
    }

    [Fact]
    public void A_gzip_with_a_wrong_checksum_is_damaged_after_its_last_byte()
    {
        var expected = Lines(1, 1000);
        var path = Write("log", expected, "gzip");
        var bytes = File.ReadAllBytes(path);
        bytes[^6] ^= 1;
        File.WriteAllBytes(path, bytes);

        using var log = LogFile.Open(path);
        var read = new MemoryStream();
        Assert.Throws<LogFileException>(() => ReadAll(log, 1024 * 1024, read));

        Assert.Equal(expected, read.ToArray());
    }

    [Fact]
    public void A_missing_file_a_directory_and_an_unknown_compression_are_said()
    {
        var zstd = Path.Combine(_directory, "log.zst");
        File.WriteAllBytes(zstd, [0x28, 0xb5, 0x2f, 0xfd, 0, 0]);
        var bzip2 = Path.Combine(_directory, "log.bz2");
        File.WriteAllBytes(bzip2, Encoding.Latin1.GetBytes("BZh91AY&SY"));

        Assert.Equal(LogFileProblem.Missing, Assert.Throws<LogFileException>(() => LogFile.Open(_directory + "/none")).Problem);
        Assert.Equal(LogFileProblem.Missing, Assert.Throws<LogFileException>(() => LogFile.Open(zstd + "/none")).Problem);
        Assert.Equal(LogFileProblem.NotAFile, Assert.Throws<LogFileException>(() => LogFile.Open(_directory)).Problem);
        Assert.Contains("zstdcat FILE | ringfence", Assert.Throws<LogFileException>(() => LogFile.Open(zstd)).Message, StringComparison.Ordinal);
        Assert.Contains("bzcat FILE | ringfence", Assert.Throws<LogFileException>(() => LogFile.Open(bzip2)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("[2026")]
    public void A_log_shorter_than_any_magic_is_plain(string text)
    {
        var path = Path.Combine(_directory, "log");
        File.WriteAllText(path, text);

        using var log = LogFile.Open(path);

        Assert.Equal(text, Encoding.ASCII.GetString(ReadAll(log, 100)));
        Assert.Equal(LogFormat.Plain, log.Format);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    [InlineData("xz")]
    public async Task A_FIFO_is_read_like_a_file(string compressor)
    {
        var expected = Lines(1, 20_000);
        var content = File.ReadAllBytes(Write("log", expected, compressor));
        var fifo = Path.Combine(_directory, "fifo");
        using (var made = Process.Start("mkfifo", [fifo]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var writing = Task.Factory.StartNew(() => File.WriteAllBytes(fifo, content), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var log = LogFile.Open(fifo);
        var read = ReadAll(log, 1024 * 1024);
        await writing.EndAsync();

        Assert.Equal(expected, read);
        Assert.Null(log.Length);
    }

    private static byte[] Lines(int seed, int count)
    {
        var random = new Random(seed);
        return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => $"[2026-11-21 01:02:03] line {i} {random.Next():x8}{random.Next():x8}\n")));
    }

    private string Write(string name, byte[] content, string compressor)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllBytes(path, content);
        if (compressor.Length > 0)
        {
            using var compressing = Process.Start(new ProcessStartInfo(compressor, ["-c", path]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            var compressed = new MemoryStream();
            compressing.StandardOutput.BaseStream.CopyTo(compressed);
            compressing.WaitForExit();
            File.WriteAllBytes(path, compressed.ToArray());
        }

        return path;
    }

    private static byte[] ReadAll(LogFile log, int block) => ReadAll(log, block, new MemoryStream());

    private static byte[] ReadAll(LogFile log, int block, MemoryStream into)
    {
        var buffer = new byte[block];
        int read;
        while ((read = log.Read(buffer)) > 0)
        {
            into.Write(buffer, 0, read);
        }

        return into.ToArray();
    }
}
