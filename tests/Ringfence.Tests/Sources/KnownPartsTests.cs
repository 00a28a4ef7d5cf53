using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class KnownPartsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-sources-known-").FullName;
    private readonly KnownParts _known = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_lay_there_when_reading_began_is_never_new_whatever_it_is_called_by_now()
    {
        Write("log.1", 'a');
        _known.AddAll(Places);

        File.Move(At("log.1"), At("log.2"));
        File.Copy(At("log.2"), At("log.3"));
        Write("log.1", 'b');

        Assert.Equal(["log.1"], Take());
        Assert.Empty(Take());
    }

    [Fact]
    public void A_part_that_could_not_be_opened_is_taken_again()
    {
        Write("log.1", 'a');
        var part = _known.TakeNew(Places).Single();

        Assert.Empty(Take());
        _known.Forget(part);

        Assert.Equal(["log.1"], Take());
    }

    [Fact]
    public void After_a_resumption_only_what_came_later_is_new()
    {
        Write("log.3", 'a', age: 30);
        Write("log.2", 'b', age: 20);
        Write("log.1", 'c', age: 10);
        var parts = RotatedFiles.List(Places)!;

        _known.AddUpTo(parts[1], parts);

        Assert.Equal(["log.1"], Take());
    }

    [Fact]
    public void A_file_system_of_which_nobody_knows_who_else_writes_to_it_is_not_called_local()
    {
        Assert.False(Libc.IsOnLocalFileSystem("/proc"));
        Assert.False(Libc.IsOnLocalFileSystem(At("missing")));
    }

    private IReadOnlyList<string> Places => [At("log")];

    private List<string> Take() => [.. _known.TakeNew(Places).Select(part => Path.GetFileName(part.Path))];

    private string At(string name) => Path.Combine(_directory, name);

    private void Write(string name, char content, int age = 0)
    {
        File.WriteAllText(At(name), new string(content, 100) + "\n");
        File.SetLastWriteTimeUtc(At(name), DateTime.UnixEpoch.AddDays(20_000).AddSeconds(-age));
    }
}
