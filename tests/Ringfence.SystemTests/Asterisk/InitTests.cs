using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What `init` writes into a real Asterisk's configuration works at both ends.</summary>
public sealed class InitTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-init-").FullName;
    private AsteriskLab _lab = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // An Asterisk that knows of no Ringfence yet.
    public async ValueTask InitializeAsync()
    {
        var conf = Directory.CreateDirectory(Path.Combine(_directory, "conf")).FullName;
        foreach (var path in Directory.GetFiles(Repository.File("lab", "conf"), "*.conf"))
        {
            var lines = await File.ReadAllLinesAsync(path, Stop);
            await File.WriteAllLinesAsync(Path.Combine(conf, Path.GetFileName(path)), lines.Where(line => !line.StartsWith("load = res_hep", StringComparison.Ordinal)), Stop);
        }

        File.Delete(Path.Combine(conf, "hep.conf"));
        await File.WriteAllTextAsync(Path.Combine(conf, "manager.conf"), "[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = 5038\n", Stop);
        _lab = new AsteriskLab(conf);
        await _lab.InitializeAsync();
        _lab.Require();
        Requires.Tool("nft");
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Hep_and_the_manager_that_init_writes_show_a_brute_force_that_no_log_does()
    {
        var output = Path.Combine(_directory, "ringfence.conf");
        var init = await InitAsync(output);
        Assert.True(init.ExitCode == 0, init.Said);
        Assert.Contains("Restart Asterisk when it holds no call", init.Output, StringComparison.Ordinal);
        await RestartAsync();
        Assert.Equal(2, (await _lab.CliAsync("module show like res_hep", Stop)).Split("Running").Length - 1);

        await using var guard = await GuardProcess.StartWrittenAsync(_lab, await File.ReadAllTextAsync(output, Stop), Stop);
        Assert.True(await Eventually.HoldsAsync(async () => await IsAliveAsync(guard, "hep 127.0.0.1:9060") && await IsAliveAsync(guard, "ami 127.0.0.1:5038"), TimeSpan.FromSeconds(20), Stop), guard.Said);
        var source = AsteriskLab.Attacker(59);
        await Guesses.UntilBannedAsync(_lab, guard, source, SipTransport.Udp, Stop, "a)\xff");

        await Guesses.AssertBannedAsync(guard, source, "proven", "hep 127.0.0.1:9060", Stop);
    }

    // The laboratory's Asterisk has its modules in a root of its own; here they are seen where its asterisk.conf says.
    private Task<ToolRun> InitAsync(string output)
    {
        var root = Path.GetFullPath(Path.Combine(_lab.Directory, "../../asterisk/root/usr/lib"));
        var libraries = Path.GetFileName(Directory.GetDirectories(root).Single(path => Directory.Exists(Path.Combine(path, "asterisk", "modules"))));
        var layer = Directory.CreateDirectory(Path.Combine(_directory, "layer")).FullName;
        File.CreateSymbolicLink(Path.Combine(layer, "asterisk"), Path.Combine(root, libraries, "asterisk"));
        return ToolRun.OfAsync(
            [
                "ip", "netns", "exec", _lab.Namespace("pbx"), "env", $"PATH={_lab.Directory}/bin:{Environment.GetEnvironmentVariable("PATH")}", "unshare", "--mount", "--propagation", "private", "sh", "-c",
                $"mount -t overlay overlay -o lowerdir={layer}:/usr/lib/{libraries} /usr/lib/{libraries} && exec \"$@\"", "sh",
                RingfenceProgram.Path, "init", "--asterisk", Path.Combine(_lab.Directory, "etc"), "--output", output, "--write-hep", "--write-ami",
            ],
            TimeSpan.FromSeconds(60),
            Stop);
    }

    // As the operator is told to. It was not loaded before, so that what is seen is the Asterisk that comes back.
    private async Task RestartAsync()
    {
        Assert.DoesNotContain("Running", await SaysAsync("module show like res_hep"), StringComparison.Ordinal);
        await SaysAsync("core restart now");
        Assert.True(
            await Eventually.HoldsAsync(
                async () => (await SaysAsync("module show like res_hep")).Contains("Running", StringComparison.Ordinal)
                    && (await SaysAsync("core waitfullybooted")).Contains("fully booted", StringComparison.Ordinal),
                TimeSpan.FromSeconds(90),
                Stop),
            "Asterisk did not come back");
    }

    // Whatever the console ends with: while Asterisk starts, nobody answers.
    private async Task<string> SaysAsync(string command) =>
        (await ToolRun.OfAsync([Path.Combine(_lab.Directory, "bin", "asterisk"), "-rx", command], TimeSpan.FromSeconds(10), Stop)).Output;

    private static async Task<bool> IsAliveAsync(GuardProcess guard, string source)
    {
        using var status = await guard.AskJsonAsync(Stop, "status");
        return status.RootElement.GetProperty("sources").EnumerateArray().Any(one => one.GetProperty("name").GetString() == source && one.GetProperty("alive").GetBoolean());
    }
}
