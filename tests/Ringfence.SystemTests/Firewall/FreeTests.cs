using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>An address that a real fail2ban, real firewall rules and a guard that is gone all block is found everywhere, and freed.</summary>
public sealed class FreeTests : IDisposable
{
    private const string Address = "203.0.113.5";

    // As a guard leaves it: the kernel holds the bans when the process is gone.
    private const string OwnTable = """
        table inet ringfence {
          set banned4 { type ipv4_addr; flags timeout; elements = { 203.0.113.5 timeout 1h, 203.0.113.6 timeout 1h }; }
          chain refuse { counter; drop; }
          chain arriving { type filter hook prerouting priority -10; ip saddr @banned4 jump refuse; }
        }

        """;

    private const string OwnRules = """
        table inet mine {
          set bad { type ipv4_addr; flags interval; elements = { 203.0.113.5, 198.51.100.0/24 }; }
          set good { type ipv4_addr; elements = { 203.0.113.5 }; }
          chain in {
            type filter hook input priority 0;
            ip saddr @good tcp dport 22 accept
            ip saddr @bad drop
            ip saddr 203.0.113.5 tcp dport 5060 drop comment "by hand"
            ip saddr { 203.0.113.5, 203.0.113.6 } reject
            ip saddr != 203.0.113.5 accept
          }
        }

        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-free-");
    private readonly Netns _ns;

    public FreeTests()
    {
        Requires.Root();
        Requires.Tool("nft");
        _ns = Netns.Create("free");
        File.WriteAllLines(Config, ["[general]", $"socket = {At("none.sock")}", $"asterisk_dir = {At("none")}", "[journal]", $"path = {At("ringfence.db")}"]);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Config => At("ringfence.conf");

    public void Dispose()
    {
        _ns.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task What_a_guard_that_is_gone_left_in_the_kernel_is_lifted_and_its_neighbour_stays()
    {
        _ns.ExecuteWithInput(OwnTable, "nft", "-f", "-");

        var run = await FreeAsync("free", Address);

        Assert.True(run.ExitCode == 0, run.Said);
        var left = _ns.Execute("nft", "list", "ruleset");
        Assert.DoesNotContain($"{Address} ", left, StringComparison.Ordinal);
        Assert.Contains("203.0.113.6", left, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_of_the_operator_are_shown_and_deleted_only_if_that_is_asked_for()
    {
        _ns.ExecuteWithInput(OwnRules, "nft", "-f", "-");

        var shown = await FreeAsync("free", Address, "--json");
        Assert.Equal(3, shown.ExitCode);
        using var report = JsonDocument.Parse(shown.Output);
        Assert.Equal(
            ["nftables, set bad of inet mine", "nftables, chain in of inet mine", "nftables, chain in of inet mine"],
            report.RootElement.GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("where").GetString()));
        Assert.Contains("by hand", _ns.Execute("nft", "list", "ruleset"), StringComparison.Ordinal);

        var deleted = await FreeAsync("free", Address, "--rules");
        Assert.True(deleted.ExitCode == 0, deleted.Said);
        var left = _ns.Execute("nft", "list", "ruleset");
        Assert.DoesNotContain("by hand", left, StringComparison.Ordinal);
        Assert.Contains("198.51.100.0/24", left, StringComparison.Ordinal);
        Assert.Contains("@good", left, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_fail2ban_s_bans_are_told_and_lifted_in_every_jail()
    {
        Requires.Tool("fail2ban-client");
        await StartFail2banAsync();
        try
        {
            await Fail2banAsync("set", "sshd", "banip", Address, "203.0.113.9");
            await Fail2banAsync("set", "asterisk", "banip", Address);

            // Its action runs behind the command: the kernel's part is an echo of the ban and is not told twice.
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(_ns.Execute("nft", "list", "ruleset").Split(Address).Length > 3), TimeSpan.FromSeconds(10), Stop));
            var dry = await FreeAsync("free", Address, "--dry-run", "--json");
            Assert.Equal(0, dry.ExitCode);
            using var report = JsonDocument.Parse(dry.Output);
            var blocks = report.RootElement.GetProperty("blocks").EnumerateArray().ToList();
            Assert.Equal(["fail2ban, jail asterisk", "fail2ban, jail sshd"], blocks.Select(block => block.GetProperty("where").GetString()).Order(StringComparer.Ordinal));
            Assert.All(blocks, block => Assert.Equal(JsonValueKind.String, block.GetProperty("since").ValueKind));

            var freed = await FreeAsync("free", Address);

            Assert.True(freed.ExitCode == 0, freed.Said);
            Assert.DoesNotContain($"'{Address}'", (await Fail2banAsync("banned")).Output, StringComparison.Ordinal);
            Assert.Contains("203.0.113.9", (await Fail2banAsync("banned")).Output, StringComparison.Ordinal);
        }
        finally
        {
            await Fail2banAsync("stop");
        }
    }

    private string At(string name) => Path.Combine(_directory.FullName, name);

    // The distribution's fail2ban with its own jails and actions, all that it writes in this test's directory.
    private async Task StartFail2banAsync()
    {
        await ToolRun.OfAsync(["cp", "-r", "/etc/fail2ban", At("f2b")], TimeSpan.FromSeconds(5), Stop);
        foreach (var jail in Directory.GetFiles(At("f2b/jail.d")))
        {
            File.Delete(jail);
        }

        await File.WriteAllLinesAsync(
            At("f2b/jail.local"),
            ["[DEFAULT]", "banaction = nftables", "banaction_allports = nftables[type=allports]", "backend = polling", "[sshd]", "enabled = true", $"logpath = {At("auth.log")}", "[asterisk]", "enabled = true", $"logpath = {At("asterisk.log")}"],
            Stop);
        await File.WriteAllLinesAsync(
            At("f2b/fail2ban.local"), ["[Definition]", $"logtarget = {At("f2b.log")}", $"socket = {At("f2b.sock")}", $"pidfile = {At("f2b.pid")}", $"dbfile = {At("f2b.db")}"], Stop);
        await File.WriteAllTextAsync(At("auth.log"), "", Stop);
        await File.WriteAllTextAsync(At("asterisk.log"), "", Stop);

        // Who asks fail2ban-client asks this one.
        Directory.CreateDirectory(At("bin"));
        await File.WriteAllTextAsync(At("bin/fail2ban-client"), $"#!/bin/sh\nexec /usr/bin/fail2ban-client -c {At("f2b")} -s {At("f2b.sock")} -p {At("f2b.pid")} \"$@\"\n", Stop);
        File.SetUnixFileMode(At("bin/fail2ban-client"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var started = await Fail2banAsync("start");
        Assert.True(started.ExitCode == 0, started.Said);
    }

    private Task<ToolRun> Fail2banAsync(params string[] arguments) => ToolRun.OfAsync([.. _ns.Prefix, At("bin/fail2ban-client"), .. arguments], TimeSpan.FromSeconds(20), Stop);

    private Task<ToolRun> FreeAsync(params string[] arguments) => ToolRun.OfAsync(
        [.. _ns.Prefix, "env", $"PATH={At("bin")}:{Environment.GetEnvironmentVariable("PATH")}", RingfenceProgram.Path, .. arguments, "--config", Config], TimeSpan.FromSeconds(30), Stop);
}
