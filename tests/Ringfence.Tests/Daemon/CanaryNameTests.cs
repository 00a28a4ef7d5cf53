using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class CanaryNameTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-canary-").FullName;

    private string File => Path.Combine(_directory, "canary_account");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Each_installation_has_an_account_of_its_own_and_keeps_it()
    {
        var first = Take(File);

        Assert.Equal(first, Take(File));
        Assert.NotEqual(first, Take(Path.Combine(_directory, "another")));
        Assert.True(CanarySettings.IsAccount(first), first);
        Assert.DoesNotContain("ringfence", first, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("canary", first, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\r\nVia: x")]
    [InlineData("0123456789012345678901234567890123456")]
    public void What_is_no_account_in_the_file_is_replaced(string text)
    {
        System.IO.File.WriteAllText(File, text);

        var taken = Take(File);

        Assert.True(CanarySettings.IsAccount(taken), taken);
        Assert.Equal(taken, Take(File));
    }

    [Fact]
    public void Where_it_cannot_be_kept_there_is_one_all_the_same() =>
        Assert.True(CanarySettings.IsAccount(Take(Path.Combine(_directory, "missing", "canary_account"))));

    private static string Take(string path) => new CanaryName(path, NullLogger<CanaryName>.Instance).Take();
}
