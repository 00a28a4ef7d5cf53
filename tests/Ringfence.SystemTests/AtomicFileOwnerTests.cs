using System.Diagnostics;
using Xunit;

namespace Ringfence.SystemTests;

public sealed class AtomicFileOwnerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-atomic-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_file_keeps_its_owner_and_group()
    {
        Requires.Root();
        var path = Path.Combine(_directory, "owned.conf");
        AtomicFile.WriteAllText(path, "old");
        await RunAsync("chown", "1234:4321", path);

        AtomicFile.WriteAllText(path, "new");

        Assert.Equal("1234:4321", await RunAsync("stat", "--format=%u:%g", path));
        Assert.Equal("new", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
