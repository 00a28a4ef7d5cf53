using System.Runtime.InteropServices;
using Xunit;

namespace Ringfence.Tests;

public sealed partial class StateFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-state-");

    private string FilePath => Path.Combine(_directory.FullName, "state");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_was_written_is_read_and_a_file_that_is_not_there_is_no_fault()
    {
        var file = new StateFile(FilePath, 100);

        Assert.Null(file.Read());
        file.Write("text");
        Assert.Equal("text", file.Read());
    }

    [Fact]
    public void A_file_too_long_to_be_ours_is_not_read_and_that_is_said()
    {
        File.WriteAllText(FilePath, new string('x', 101));

        var refused = Assert.Throws<IOException>(() => new StateFile(FilePath, 100).Read());

        Assert.Contains($"{FilePath}: can't be read: it has 101 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_FIFO_holds_nobody_up_and_is_said_to_be_one()
    {
        Assert.Equal(0, MakeFifo(FilePath, 0x180));

        var refused = Assert.Throws<IOException>(() => new StateFile(FilePath, 100).Read());
        var unwritten = Assert.Throws<IOException>(() => new StateFile(FilePath, 100).Write("text"));

        Assert.Contains($"{FilePath}: can't be read: it is a FIFO: expected a regular file", refused.Message, StringComparison.Ordinal);
        Assert.Contains("expected a regular file", unwritten.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    public void A_link_to_a_device_is_neither_read_nor_makes_the_device_a_file(string device)
    {
        File.CreateSymbolicLink(FilePath, device);

        var refused = Assert.Throws<IOException>(() => new StateFile(FilePath, 100).Read());
        Assert.Throws<IOException>(() => new StateFile(FilePath, 100).Write("text"));

        Assert.Contains("it is a character device", refused.Message, StringComparison.Ordinal);
        Assert.False(Ringfence.Sources.Libc.Stat(device).Facts.IsRegular);
    }

    [Fact]
    public void What_says_that_it_has_no_bytes_and_has_many_is_read_no_further_than_allowed()
    {
        // Of /proc, where every size is 0.
        var refused = Assert.Throws<IOException>(() => new StateFile("/proc/self/smaps", 100).Read());

        Assert.Contains("it has more than 100 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_keeps_what_is_in_it_under_another_name()
    {
        File.WriteAllText(FilePath, "damaged");

        var aside = new StateFile(FilePath, 100).MoveAside(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal($"{FilePath}.damaged-20260701T120000Z", aside);
        Assert.Equal("damaged", File.ReadAllText(aside));
        Assert.False(File.Exists(FilePath));
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int MakeFifo(string path, uint mode);
}
