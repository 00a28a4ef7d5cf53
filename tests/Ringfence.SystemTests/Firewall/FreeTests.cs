using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests;
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
            ip saddr 203.0.113.5 reject
            ip saddr != 203.0.113.5 accept
          }
        }

        """;

    // Each of these refuses 203.0.113.5; the first three can be lifted for it alone, and none refuses 203.0.113.200.
    private const string Verdicts = """
        table inet mine {
          map m { type ipv4_addr : verdict; elements = { 203.0.113.5 : drop, 203.0.113.6 : drop, 203.0.113.7 : accept }; }
          map timed { type ipv4_addr : verdict; flags timeout; elements = { 203.0.113.5 timeout 1h : jump refuse }; }
          chain refuse { drop; }
          chain in {
            type filter hook input priority 0;
            ip saddr vmap @m
            ip saddr vmap @timed
            ip saddr vmap { 203.0.113.5 : drop }
            ip saddr vmap { 203.0.113.5 : drop, 10.0.0.0/8 : accept }
            ip saddr 203.0.113.0-203.0.113.99 drop
            ip saddr { 203.0.113.5, 203.0.113.9 } reject
            ip saddr 203.0.113.0/25 drop
          }
        }

        """;

    // An IPv6 address is banned, throttled and counted as its /64; who is only counted is not blocked.
    private const string OwnTable6 = """
        table inet ringfence {
          set banned6 { type ipv6_addr; flags timeout; elements = { 2001:db8:1:2:: timeout 1h, 2001:db8:1:3:: timeout 1h }; }
          set throttled6 { type ipv6_addr; flags timeout; elements = { 2001:db8:1:2:: timeout 1h, 2001:db8:1:3:: timeout 1h }; }
          set seen6 { type ipv6_addr; size 64; flags dynamic,timeout; timeout 1h; elements = { 2001:db8:1:2::, 2001:db8:1:4:: }; }
          set rated6 { type ipv6_addr; size 64; flags dynamic,timeout; timeout 1h; }
          chain withheld { counter; drop; }
          chain throttle { goto withheld; }
          chain excess { drop; }
          chain again {
            update @seen6 { ip6 saddr & ffff:ffff:ffff:ffff:: }
            update @rated6 { ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over 5/second } goto excess
            limit rate over 500/second drop
          }
          chain refuse { counter; drop; }
          chain arriving {
            type filter hook prerouting priority -10;
            ip6 saddr & ffff:ffff:ffff:ffff:: @banned6 jump refuse
            meta l4proto udp ip6 saddr & ffff:ffff:ffff:ffff:: @throttled6 goto throttle
            ip6 saddr & ffff:ffff:ffff:ffff:: @seen6 goto again
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
    public async Task An_IPv6_address_that_a_guard_left_banned_as_its_64_is_freed_with_it()
    {
        _ns.ExecuteWithInput(OwnTable6, "nft", "-f", "-");

        var run = await FreeAsync("free", "2001:db8:1:2::5", "--json");

        Assert.True(run.ExitCode == 0, run.Said);
        Assert.Equal(
            ["nftables, set banned6 of inet ringfence 2001:db8:1:2::/64 lifted", "nftables, set throttled6 of inet ringfence 2001:db8:1:2::/64 lifted"],
            Blocks(run).Select(block => $"{block.Where} {block.Subject} {block.Result}"));
        Assert.DoesNotContain("2001:db8:1:2::", _ns.Execute("nft", "list", "set", "inet", "ringfence", "banned6"), StringComparison.Ordinal);
        Assert.DoesNotContain("2001:db8:1:2::", _ns.Execute("nft", "list", "set", "inet", "ringfence", "throttled6"), StringComparison.Ordinal);
        Assert.Contains("2001:db8:1:3::", _ns.Execute("nft", "list", "set", "inet", "ringfence", "banned6"), StringComparison.Ordinal);

        var counted = await FreeAsync("free", "2001:db8:1:4::5");
        Assert.Contains("Nothing on this machine blocks", counted.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_of_the_operator_s_that_drops_is_followed_and_a_rate_limit_is_no_block()
    {
        Requires.Tool("iptables");
        foreach (var command in (string[])[
            "iptables -N LOGDROP", "iptables -A LOGDROP -m limit --limit 5/min -j LOG", "iptables -A LOGDROP -j DROP", $"iptables -A INPUT -s {Address} -j LOGDROP",
            "iptables -A INPUT -s 203.0.113.7 -m hashlimit --hashlimit-above 5/sec --hashlimit-name x -j DROP", "iptables -A INPUT -s 203.0.113.7 -m limit --limit 5/sec -j DROP"])
        {
            var words = command.Split(' ');
            _ns.Execute(words[0], words[1..]);
        }

        var told = await FreeAsync("free", Address, "--json");
        var freed = await FreeAsync("free", Address, "--rules", "--json");
        var limited = await FreeAsync("free", "203.0.113.7");

        Assert.Equal(3, told.ExitCode);
        Assert.Equal([("iptables, chain INPUT", Address, "left")], Blocks(told));
        Assert.Equal(0, freed.ExitCode);
        Assert.DoesNotContain(Address, _ns.Execute("iptables-save"), StringComparison.Ordinal);
        Assert.Contains("Nothing on this machine blocks", limited.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_in_the_kernel_s_old_tables_are_told_and_lifted_too()
    {
        Requires.Tool("iptables-legacy");
        _ns.Execute("iptables-legacy", "-A", "INPUT", "-s", Address, "-j", "DROP");

        var run = await FreeAsync("free", Address, "--rules", "--json");

        Assert.True(run.ExitCode == 0, run.Said);
        Assert.Equal([("iptables-legacy, chain INPUT", Address, "lifted")], Blocks(run));
        Assert.DoesNotContain(Address, _ns.Execute("iptables-legacy-save"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_real_lists_of_xt_recent_those_are_written_to_that_keep_somebody_out()
    {
        Requires.Tool("iptables");
        foreach (var command in (string[])[
            "iptables -N attacker", "iptables -A attacker -m recent --set --name ATTACKER -j DROP",
            "iptables -A INPUT -p udp -m recent --set --name REPEAT", "iptables -A INPUT -p udp -m recent --rcheck --seconds 10 --hitcount 5 --name REPEAT -j attacker",
            "iptables -A INPUT -m recent --rcheck --seconds 86400 --name ATTACKER -j attacker", "iptables -A INPUT -m recent --rcheck --seconds 600 --name KNOCKED -j ACCEPT"])
        {
            var words = command.Split(' ');
            _ns.Execute(words[0], words[1..]);
        }

        foreach (var list in (string[])["ATTACKER", "REPEAT", "KNOCKED"])
        {
            _ns.Execute("sh", "-c", $"echo +{Address} > /proc/net/xt_recent/{list}");
        }

        var run = await FreeAsync("free", Address, "--json");

        Assert.True(run.ExitCode == 0, run.Said);
        Assert.Equal([("xt_recent, list ATTACKER", Address, "lifted")], Blocks(run));
        Assert.DoesNotContain(Address, _ns.Execute("cat", "/proc/net/xt_recent/ATTACKER"), StringComparison.Ordinal);
        Assert.Contains(Address, _ns.Execute("cat", "/proc/net/xt_recent/REPEAT"), StringComparison.Ordinal);
        Assert.Contains(Address, _ns.Execute("cat", "/proc/net/xt_recent/KNOCKED"), StringComparison.Ordinal);
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
    public async Task Verdict_maps_ranges_and_lists_in_rules_are_told_and_only_what_is_the_address_s_alone_is_lifted()
    {
        _ns.ExecuteWithInput(Verdicts, "nft", "-f", "-");

        var freed = await FreeAsync("free", Address, "--rules", "--json");

        Assert.Equal(3, freed.ExitCode);
        using var report = JsonDocument.Parse(freed.Output);
        var blocks = report.RootElement.GetProperty("blocks").EnumerateArray().ToList();
        Assert.Equal(["lifted", "lifted", "lifted", "left", "left", "left", "left"], blocks.Select(block => block.GetProperty("result").GetString()));
        Assert.Equal(["nftables, map m of inet mine", "nftables, map timed of inet mine"], blocks.Take(2).Select(block => block.GetProperty("where").GetString()));
        Assert.Contains("203.0.113.0-203.0.113.99", freed.Output, StringComparison.Ordinal);
        var left = _ns.Execute("nft", "list", "ruleset");
        Assert.Contains("203.0.113.6 : drop", left, StringComparison.Ordinal);
        Assert.Contains("10.0.0.0/8 : accept", left, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.5 timeout", left, StringComparison.Ordinal);

        var other = await FreeAsync("free", "203.0.113.200", "--json");
        Assert.Equal(0, other.ExitCode);
    }

    [Fact]
    public async Task A_real_ipset_that_a_rule_of_iptables_names_is_told_and_lifted()
    {
        Requires.Tool("ipset");
        Requires.Tool("iptables");
        foreach (var command in (string[])[
            "ipset create blocklist hash:net timeout 3600", "ipset add blocklist 203.0.113.5", "ipset add blocklist 198.51.100.0/24", "ipset add blocklist 198.51.100.7 nomatch",
            "ipset create all list:set", "ipset create one hash:ip", "ipset add one 203.0.113.5", "ipset add all one", "ipset create white hash:ip", "ipset add white 203.0.113.5",
            "iptables -A INPUT -m set --match-set blocklist src -j DROP", "iptables -A FORWARD -m set --match-set blocklist src -j DROP", "iptables -A INPUT -m set --match-set all src -j DROP",
            "iptables -A INPUT -m set ! --match-set white src -j DROP", "iptables -A INPUT -m iprange --src-range 203.0.113.0-203.0.113.99 -j DROP"])
        {
            var words = command.Split(' ');
            _ns.Execute(words[0], words[1..]);
        }

        var freed = await FreeAsync("free", Address, "--rules", "--json");

        using var report = JsonDocument.Parse(freed.Output);
        Assert.Equal(
            ["ipset blocklist, iptables, chain INPUT lifted", "ipset one, iptables, chain INPUT lifted", "iptables, chain INPUT left"],
            report.RootElement.GetProperty("blocks").EnumerateArray().Select(block => $"{block.GetProperty("where").GetString()} {block.GetProperty("result").GetString()}"));
        var left = _ns.Execute("ipset", "save");
        Assert.DoesNotContain("add one", left, StringComparison.Ordinal);
        Assert.DoesNotContain("add blocklist 203.0.113.5", left, StringComparison.Ordinal);
        Assert.Contains("add blocklist 198.51.100.0/24", left, StringComparison.Ordinal);

        var exempted = await FreeAsync("free", "198.51.100.7", "--json");
        Assert.Equal(0, exempted.ExitCode);
        var wider = await FreeAsync("free", "198.51.100.8", "--rules", "--json");
        Assert.Contains("it blocks all of 198.51.100.0/24", wider.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nftables", "nft list ruleset")]
    [InlineData("iptables-multiport", "iptables-save")]
    [InlineData("iptables-ipset-proto6", "ipset save")]
    public async Task A_real_fail2ban_s_bans_are_told_and_lifted_in_every_jail(string action, string look)
    {
        Requires.Tool("ipset");
        await StartFail2banAsync(action);
        try
        {
            await Fail2banAsync("set", "sshd", "banip", Address, "203.0.113.9");
            await Fail2banAsync("set", "asterisk", "banip", Address);

            // Its action runs behind the command: the kernel's part is an echo of the ban and is not told twice.
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(_ns.Execute(look.Split(' ')[0], look.Split(' ')[1..]).Split(Address).Length > 2), TimeSpan.FromSeconds(30), Stop));
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

    private static List<(string Where, string Subject, string Result)> Blocks(ToolRun run)
    {
        using var report = JsonDocument.Parse(run.Output);
        return [.. report.RootElement.GetProperty("blocks").EnumerateArray().Select(block => (block.GetProperty("where").GetString()!, block.GetProperty("subject").GetString()!, block.GetProperty("result").GetString()!))];
    }

    private string At(string name) => Path.Combine(_directory.FullName, name);

    // The distribution's fail2ban, unpacked, with its own jails and actions, all that it writes in this test's directory.
    private async Task StartFail2banAsync(string action)
    {
        var got = await ToolRun.OfAsync([Repository.File("lab", "servers"), "install", "fail2ban"], TimeSpan.FromMinutes(5), Stop);
        if (got.ExitCode != 0)
        {
            Requires.Missing($"needs fail2ban: {got.Said}");
        }

        var root = got.Output.Trim();
        await ToolRun.OfAsync(["cp", "-r", $"{root}/etc/fail2ban", At("f2b")], TimeSpan.FromSeconds(30), Stop);
        foreach (var jail in Directory.GetFiles(At("f2b/jail.d")))
        {
            File.Delete(jail);
        }

        await File.WriteAllLinesAsync(
            At("f2b/jail.local"),
            ["[DEFAULT]", $"banaction = {action}", $"banaction_allports = {action}", "backend = polling", "[sshd]", "enabled = true", $"logpath = {At("auth.log")}", "[asterisk]", "enabled = true", $"logpath = {At("asterisk.log")}"],
            Stop);
        await File.WriteAllLinesAsync(
            At("f2b/fail2ban.local"), ["[Definition]", $"logtarget = {At("f2b.log")}", $"socket = {At("f2b.sock")}", $"pidfile = {At("f2b.pid")}", $"dbfile = {At("f2b.db")}"], Stop);
        await File.WriteAllTextAsync(At("auth.log"), "", Stop);
        await File.WriteAllTextAsync(At("asterisk.log"), "", Stop);

        // Who asks fail2ban-client asks this one.
        Directory.CreateDirectory(At("bin"));
        Script.Write(At("bin/fail2ban-client"), $"#!/bin/sh\nexport PYTHONPATH='{root}/usr/lib/python3/dist-packages' PYTHONDONTWRITEBYTECODE=1\nexec '{root}/usr/bin/fail2ban-client' -c {At("f2b")} -s {At("f2b.sock")} -p {At("f2b.pid")} \"$@\"\n");
        var started = await Fail2banAsync("start");
        Assert.True(started.ExitCode == 0, started.Said);
    }

    private Task<ToolRun> Fail2banAsync(params string[] arguments) => ToolRun.OfAsync([.. _ns.Prefix, At("bin/fail2ban-client"), .. arguments], TimeSpan.FromSeconds(20), Stop);

    private Task<ToolRun> FreeAsync(params string[] arguments) => ToolRun.OfAsync(
        [.. _ns.Prefix, "env", $"PATH={At("bin")}:{Environment.GetEnvironmentVariable("PATH")}", RingfenceProgram.Path, .. arguments, "--config", Config], TimeSpan.FromSeconds(30), Stop);
}
