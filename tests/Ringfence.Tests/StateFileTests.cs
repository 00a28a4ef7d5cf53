using Xunit;

namespace Ringfence.Tests;

public sealed class StateFileTests : IDisposable
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
    public void A_damaged_file_keeps_what_is_in_it_under_another_name()
    {
        File.WriteAllText(FilePath, "damaged");

        var aside = new StateFile(FilePath, 100).MoveAside(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal($"{FilePath}.damaged-20260701T120000Z", aside);
        Assert.Equal("damaged", File.ReadAllText(aside));
        Assert.False(File.Exists(FilePath));
    }
}
