using System.CommandLine;
using Ringfence.Commands;
using Ringfence.Enforcement;
using Ringfence.Perimeter;
using Xunit;

namespace Ringfence.Tests.Enforcement;

public sealed class NftCommandTests : IDisposable
{
    // More than a pipe holds (64 KiB): one that ends without reading breaks the pipe each time, not only when it wins a race.
    private static readonly string Text = new('#', 1024 * 1024);

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-nft-").FullName;
    private readonly ManualTime _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("exit 0", null)]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("echo 'no such table' >&2; echo ^ >&2; exit 1", "no such table")]
    public async Task One_that_ends_without_reading_its_script_is_judged_by_its_exit_code_and_words(string what, string? said)
    {
        uint id = 0;

        var complaint = await new NftCommand(["sh", "-c", what]).RunAsync(Text, started => id = started, Stop);

        Assert.Equal(said, complaint);
        Assert.NotEqual(0u, id);
    }

    [Fact]
    public async Task One_that_hangs_is_a_failure_of_the_firewall_whoever_started_it()
    {
        var slow = Slow();
        var running = new NftCommand([slow], _time).RunAsync("", static _ => { }, Stop);
        _time.Advance(await _time.NextTimerAsync());
        var failure = await Assert.ThrowsAnyAsync<FirewallException>(() => running);

        Assert.Contains($"{slow} did not end within 8 s and was killed", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsLasting);
    }

    [Fact]
    public async Task A_verb_whose_nft_hangs_says_so_and_ends_with_the_code_of_a_world_that_failed()
    {
        var slow = Slow();
        await using var error = new StringWriter { NewLine = "\n" };
        var root = new RootCommand { FirewallCommand.Build((_, _) => new PolicyTable([slow], new PolicyFiles(_directory), _time)) };

        var running = root.Parse(["firewall"]).InvokeAsync(new Commands.Console().Surroundings(TextWriter.Null, error), Stop);
        _time.Advance(await _time.NextTimerAsync());

        Assert.Equal(ExitCode.WorldFailed, await running);
        Assert.Equal($"ringfence: {slow} did not end within 30 s and was killed; look what hangs: nft list ruleset\n", error.ToString());
    }

    private string Slow()
    {
        var path = Path.Combine(_directory, "nft");
        Script.Write(path, "#!/bin/sh\nexec sleep 60\n");
        return path;
    }
}
