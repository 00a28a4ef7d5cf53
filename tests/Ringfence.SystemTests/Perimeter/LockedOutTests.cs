using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>Whatever an apply does, whoever was locked out by it gets in again without anybody's help.</summary>
public sealed class LockedOutTests : IDisposable
{
    private const string Machine = "198.51.100.1";
    private const string Admin = "198.51.100.66";
    private const int Ssh = 22;

    // Long enough to try what passes meanwhile, short enough to wait for.
    private const string Trial = "6s";

    private readonly Netns _machine;
    private readonly Netns _outside;
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-locked-").FullName;
    private readonly Socket _sshd;

    public LockedOutTests()
    {
        Requires.Root();
        Requires.Tool("nft");
        (_machine, _outside) = (Netns.Create("lock"), Netns.Create("lock"));
        _machine.Connect(_outside, [$"{Machine}/24"], [$"{Admin}/24"]);
        _sshd = _machine.Run(static () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(Machine), Ssh));
            socket.Listen();
            return socket;
        });
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _sshd.Dispose();
        _outside.Dispose();
        _machine.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task An_administrator_who_left_himself_out_keeps_his_session_and_gets_a_new_one_when_the_trial_ends()
    {
        using var session = Connect();
        using var served = await _sshd.AcceptAsync(Stop);

        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply", "--for", Trial);

        Assert.True(await AnswersAsync(session, served));
        Assert.False(Connects());
        await BackAgainAsync();
        Assert.Contains("\"state\":\"none\"", (await FirewallAsync(0, Config(admin: "203.0.113.9"), "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_policy_that_failed_stands_the_one_that_was_confirmed_before_and_not_an_open_machine()
    {
        await FirewallAsync(0, Config(admin: Admin), "apply", "--for", Trial);
        await FirewallAsync(0, Config(admin: Admin), "confirm");
        Assert.True(Connects());
        Assert.False(Connects(9090));

        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply", "--for", Trial);
        Assert.False(Connects());
        await BackAgainAsync();

        Assert.False(Connects(9090));
        Assert.Contains("\"state\":\"confirmed\"", (await FirewallAsync(0, Config(admin: Admin), "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_apply_that_is_killed_at_any_moment_leaves_the_old_rules_or_a_trial_that_ends()
    {
        var random = new Random(20_261_122);
        for (var at = 0; at < 12; at++)
        {
            var apply = Running.Start([.. _machine.Prefix, RingfenceProgram.Path, "firewall", "apply", "--for", Trial, "--config", Config(admin: "203.0.113.9")]);
            await Task.Delay(random.Next(20, 600), Stop);
            await Running.EndAsync([apply]);
        }

        await BackAgainAsync();
    }

    [Fact]
    public async Task Of_two_applies_at_once_one_holds_whole_and_what_killed_ones_left_goes()
    {
        for (var at = 0; at < 4; at++)
        {
            var killed = Running.Start([.. _machine.Prefix, RingfenceProgram.Path, "firewall", "apply", "--config", Config(admin: "203.0.113.9")]);
            await Task.Delay(100 + (at * 120), Stop);
            await Running.EndAsync([killed]);
        }

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(at => FirewallAsync(0, Config(admin: at % 2 == 0 ? Admin : "203.0.113.9"), "apply", "--for", "10m")));
        Assert.Equal(4, runs.Length);
        var listed = _machine.Execute("nft", "list", "table", "inet", "ringfence_policy");

        // One generation: its entry asks for ssh once, and one administrator is in it.
        Assert.Equal(1, listed.Split("tcp dport 22 jump").Length - 1);
        Assert.Equal(1, (listed.Contains(Admin, StringComparison.Ordinal) ? 1 : 0) + (listed.Contains("203.0.113.9", StringComparison.Ordinal) ? 1 : 0));
        Assert.Equal(listed.Contains(Admin, StringComparison.Ordinal), Connects());
    }

    [Fact]
    public async Task What_is_confirmed_is_what_was_tried_whatever_an_apply_that_failed_left_on_the_disk()
    {
        await FirewallAsync(0, Config(admin: Admin), "apply", "--for", "10m");
        var failing = Path.Combine(_directory, "bin");
        Directory.CreateDirectory(failing);
        Script.Write(Path.Combine(failing, "nft"), "#!/bin/sh\ncase \"$*\" in '-f -') exit 1 ;; esac\nexec /usr/sbin/nft \"$@\"\n");
        var failed = await RunAsync(["env", $"PATH={failing}:/usr/sbin:/usr/bin:/sbin:/bin", RingfenceProgram.Path, "firewall", "apply", "--config", Config(admin: "203.0.113.9")]);
        Assert.NotEqual(0, failed.ExitCode);

        await FirewallAsync(0, Config(admin: Admin), "confirm");
        _machine.Execute("nft", "flush", "ruleset");
        await FirewallAsync(0, Config(admin: Admin), "load");

        Assert.True(Connects());
        Assert.Contains("\"on_disk\":true", (await FirewallAsync(0, Config(admin: Admin), "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_confirm_that_the_disk_refuses_leaves_the_trial_to_its_end()
    {
        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply", "--for", Trial);

        // A directory in its way: what no user can write over.
        Directory.CreateDirectory(Path.Combine(_directory, "firewall", "confirmed.new"));
        Assert.NotEqual(0, (await RunAsync([RingfenceProgram.Path, "firewall", "confirm", "--force", "--config", Config(admin: "203.0.113.9")])).ExitCode);

        await BackAgainAsync();
    }

    [Fact]
    public async Task After_a_reboot_what_was_confirmed_holds_and_what_was_on_trial_does_not()
    {
        await FirewallAsync(0, Config(admin: Admin), "apply", "--for", Trial);
        await FirewallAsync(0, Config(admin: Admin), "confirm");
        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply", "--for", "10m");
        Assert.False(Connects());

        // What a reboot leaves of the kernel's tables, and what the unit runs then.
        _machine.Execute("nft", "flush", "ruleset");
        Assert.Contains("A confirmed one is on the disk: ringfence firewall load", (await FirewallAsync(0, Config(admin: Admin))).Output, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"none\",\"trial_seconds\":null,\"goes_back_to\":\"nothing\",\"on_disk\":false,\"loadable\":true,\"countries_missing\":[]", (await FirewallAsync(0, Config(admin: Admin), "--json")).Output, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"confirmed\"", (await FirewallAsync(0, Config(admin: "203.0.113.9"), "load", "--json")).Output, StringComparison.Ordinal);

        Assert.True(Connects());
        Assert.False(Connects(9090));
    }

    [Fact]
    public async Task A_plan_for_programs_has_each_service_and_zone()
    {
        using var plan = JsonDocument.Parse((await FirewallAsync(0, Config(admin: Admin), "plan", "--json")).Output);
        Assert.Equal(["22/tcp"], plan.RootElement.GetProperty("services").EnumerateArray().Single(static service => service.GetProperty("name").GetString() == "ssh").GetProperty("ports").EnumerateArray().Select(static port => port.GetString()));
        Assert.Equal([Admin], plan.RootElement.GetProperty("zones").EnumerateArray().Single(static zone => zone.GetProperty("name").GetString() == "admin").GetProperty("networks").EnumerateArray().Select(static network => network.GetString()));
        Assert.Equal(2, (await RunAsync([RingfenceProgram.Path, "firewall", "plan", "--json", "--output", "nft", "--config", Config(admin: Admin)])).ExitCode);
    }

    [Fact]
    public async Task After_a_reboot_in_the_first_trial_of_all_nothing_is_closed()
    {
        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply", "--for", "10m");
        Assert.False(Connects());

        _machine.Execute("nft", "flush", "ruleset");
        await FirewallAsync(0, Config(admin: "203.0.113.9"), "load");

        Assert.True(Connects());
    }

    [Fact]
    public async Task A_trial_that_is_over_can_not_be_confirmed()
    {
        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply", "--for", "5s");
        await BackAgainAsync();

        var confirm = await FirewallAsync(2, Config(admin: "203.0.113.9"), "confirm");

        Assert.Contains("the trial is over", confirm.Said, StringComparison.Ordinal);
        Assert.True(Connects());
    }

    [Fact]
    public async Task A_rollback_goes_back_at_once_and_behind_a_confirmed_policy_to_the_one_before_it()
    {
        await FirewallAsync(0, Config(admin: Admin), "apply");
        await FirewallAsync(0, Config(admin: Admin), "confirm");
        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply");
        Assert.False(Connects());
        await FirewallAsync(0, Config(admin: Admin), "rollback");
        Assert.True(Connects());

        await FirewallAsync(0, Config(admin: "203.0.113.9"), "apply");
        await FirewallAsync(0, Config(admin: "203.0.113.9"), "confirm");
        Assert.False(Connects());
        await FirewallAsync(0, Config(admin: Admin), "rollback");

        Assert.True(Connects());
    }

    [Fact]
    public async Task An_ssh_session_of_before_the_trial_can_not_confirm_it_and_a_new_one_can()
    {
        var config = Config(admin: Admin);
        var session = new[] { "env", $"SSH_CONNECTION={Admin} 40000 {Machine} {Ssh}" };

        var old = await RunAsync([.. session, "sh", "-c", "\"$0\" firewall apply --for 10m --config \"$1\" && \"$0\" firewall confirm --config \"$1\"", RingfenceProgram.Path, config]);
        Assert.Equal(2, old.ExitCode);
        Assert.Contains("began before the trial", old.Said, StringComparison.Ordinal);

        await Task.Delay(TimeSpan.FromMilliseconds(50), Stop);
        var fresh = await RunAsync([.. session, RingfenceProgram.Path, "firewall", "confirm", "--config", config]);

        Assert.True(fresh.ExitCode == 0, fresh.Said);
    }

    [Fact]
    public async Task Who_would_be_cut_off_is_named_and_nothing_changes_without_force()
    {
        var config = Config(admin: "203.0.113.9");
        var session = new[] { "env", $"SSH_CONNECTION={Admin} 40000 {Machine} {Ssh}" };

        var refused = await RunAsync([.. session, RingfenceProgram.Path, "firewall", "apply", "--config", config]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"Would be cut off: this ssh session ({Admin})", refused.Output, StringComparison.Ordinal);
        Assert.True(Connects());

        var dry = await RunAsync([.. session, RingfenceProgram.Path, "firewall", "apply", "--dry-run", "--config", config]);
        Assert.Equal(1, dry.ExitCode);
        Assert.True(Connects());

        var forced = await RunAsync([.. session, RingfenceProgram.Path, "firewall", "apply", "--force", "--config", config]);
        Assert.Equal(0, forced.ExitCode);
        Assert.False(Connects());
    }

    private string Config(string admin)
    {
        var path = Path.Combine(_directory, $"{admin}.conf");
        File.WriteAllText(path, $"[general]\nasterisk_dir = {_directory}/asterisk\n[journal]\npath = {_directory}/ringfence.db\n[zone admin]\nnetwork = {admin}\n");
        return path;
    }

    private async Task<ToolRun> FirewallAsync(int exitCode, string config, params string[] arguments)
    {
        var run = await RunAsync([RingfenceProgram.Path, "firewall", .. arguments, "--config", config]);
        Assert.True(run.ExitCode == exitCode, run.Said);
        return run;
    }

    private Task<ToolRun> RunAsync(IReadOnlyList<string> command) => ToolRun.OfAsync([.. _machine.Prefix, .. command], TimeSpan.FromSeconds(60), Stop);

    private async Task BackAgainAsync() => Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Connects()), TimeSpan.FromSeconds(30), Stop), "access did not come back");

    private Socket Connect() => _outside.Run(static () =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Parse(Machine), Ssh);
        return socket;
    });

    /// <summary>Whether a new connection is answered, be it by a refusal.</summary>
    private bool Connects(int port = Ssh) => _outside.Run(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(IPAddress.Parse(Machine), port);
        }
        catch (SocketException)
        {
            // On its way. The kernel answers within a millisecond, and repeats a SYN that was dropped after a second only.
        }

        return socket.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectWrite) || socket.Poll(TimeSpan.Zero, SelectMode.SelectError);
    });

    private static async Task<bool> AnswersAsync(Socket session, Socket served)
    {
        await session.SendAsync("ls\n"u8.ToArray(), Stop);
        var heard = new byte[8];
        var read = served.ReceiveAsync(heard.AsMemory(), SocketFlags.None, Stop).AsTask();
        return await Task.WhenAny(read, Task.Delay(TimeSpan.FromSeconds(5), Stop)) == read && await read == 3;
    }
}
