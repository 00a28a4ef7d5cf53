using Xunit;

namespace Ringfence.Tests;

public sealed class KeptCopyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-kept-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Copies_within_one_second_are_counted_up_and_none_is_overwritten()
    {
        var clock = new ManualTime();
        var file = Path.Combine(_directory, "manager.conf");
        List<string> copies = [];
        foreach (var text in (string[])["first", "second", "third"])
        {
            AtomicFile.WriteAllText(file, text);
            copies.Add(KeptCopy.Of(file, clock));
        }

        Assert.Equal([$"{file}.20261120T080000Z", $"{file}.20261120T080000Z-2", $"{file}.20261120T080000Z-3"], copies);
        Assert.Equal(["first", "second", "third"], copies.Select(File.ReadAllText));
    }

    [Fact]
    public void A_copy_is_open_to_whom_the_file_is_open_and_to_nobody_else()
    {
        var file = Path.Combine(_directory, "manager.conf");
        const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        AtomicFile.WriteAllText(file, "secret", Closed);

        var copy = KeptCopy.Of(file, TimeProvider.System);

        Assert.Equal(Closed, File.GetUnixFileMode(copy));
    }
}
