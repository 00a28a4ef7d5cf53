using System.Diagnostics;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The guard on a terminal, as a script runs it.</summary>
public sealed class TerminalTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-terminal-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_guard_that_timeout_ends_in_the_background_of_a_terminal_ends()
    {
        var config = Path.Combine(_directory, "ringfence.conf");
        await File.WriteAllTextAsync(Path.Combine(_directory, "log"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            config,
            $"[general]\nlog = {_directory}/log\nasterisk_dir = {_directory}\nsocket = {_directory}/r.sock\ncanary = 0\n[journal]\npath = {_directory}/r.db\n",
            TestContext.Current.CancellationToken);

        // script(1) makes the terminal; timeout(1), in a script, a process group that is not its foreground. 124: ended in time; 137: it took kill -9.
        var command = $"timeout -k 20 15 {RingfenceProgram.Path} guard --observe --config {config}; echo code=$?";
        using var process = Process.Start(new ProcessStartInfo("script", ["-qec", $"bash -c '{command}'", "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains("observing, banning nobody", output, StringComparison.Ordinal);
        Assert.Contains("code=124", output, StringComparison.Ordinal);
    }
}
