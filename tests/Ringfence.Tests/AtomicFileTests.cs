using Xunit;

namespace Ringfence.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private const UnixFileMode Mode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Mode640 = Mode600 | UnixFileMode.GroupRead;
    private const UnixFileMode Mode644 = Mode640 | UnixFileMode.OtherRead;

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-atomic-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_new_file_holds_the_text_and_is_closed_to_others()
    {
        var path = Path.Combine(_directory, "new.conf");

        AtomicFile.WriteAllText(path, "größer\n");

        Assert.Equal("größer\n"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Equal(Mode640, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData(Mode600)]
    [InlineData(Mode644)]
    public void An_old_file_keeps_its_mode(UnixFileMode mode)
    {
        var path = Old("old.conf", "old, and longer than what follows");
        File.SetUnixFileMode(path, mode);

        AtomicFile.WriteAllText(path, "new");

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(mode, File.GetUnixFileMode(path));
    }

    [Fact]
    public void The_old_text_is_replaced_and_not_overwritten()
    {
        var path = Old("old.conf", "old");
        using var reader = new StreamReader(path);

        AtomicFile.WriteAllText(path, "new");

        Assert.Equal("old", reader.ReadToEnd());
    }

    [Fact]
    public void A_link_stays_a_link_and_its_target_is_replaced()
    {
        var target = Old("target.conf", "old");
        var link = Path.Combine(_directory, "link.conf");
        File.CreateSymbolicLink(link, target);

        AtomicFile.WriteAllText(link, "new");

        Assert.Equal(target, File.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName);
        Assert.Equal("new", File.ReadAllText(target));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        // A directory with something in it can't be renamed over.
        var path = Path.Combine(_directory, "taken");
        Directory.CreateDirectory(Path.Combine(path, "inside"));

        Assert.ThrowsAny<SystemException>(() => AtomicFile.WriteAllText(path, "new"));

        Assert.Equal([path], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void A_write_leaves_no_temporary_file()
    {
        var path = Old("old.conf", "old");

        AtomicFile.WriteAllText(path, "new");

        Assert.Equal([path], Directory.GetFileSystemEntries(_directory));
    }

    private string Old(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        AtomicFile.WriteAllText(path, text);
        return path;
    }
}
