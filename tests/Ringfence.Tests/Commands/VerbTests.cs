using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Tests.Api;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>Each verb as a shell runs it, against the real API on a real socket, with a daemon behind it that says what the test wants.</summary>
public sealed class VerbTests : IDisposable
{
    private static readonly Network Attacker = Network.Parse("203.0.113.5")!.Value;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-cli-");
    private readonly FakeDaemon _daemon = new();

    private RingfenceConfig Config => RingfenceConfig.Default with { Socket = Path.Combine(_directory.FullName, "ringfence.sock") };

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_ban_lasts_as_long_as_a_first_ban_unless_told_otherwise()
    {
        await RunAsync("ban", "203.0.113.5");
        await RunAsync("ban", "203.0.113.5", "--for", "7d", "--reason", "@scans", "--force", "--dry-run");
        var (exitCode, output, _) = await RunAsync("ban", "2001:db8::/32", "--permanent");

        Assert.Equal(
            [
                new BanRequest(Attacker, TimeSpan.FromHours(1), "banned by hand", Force: false, DryRun: false),
                new BanRequest(Attacker, TimeSpan.FromDays(7), "@scans", Force: true, DryRun: true),
                new BanRequest(Network.Parse("2001:db8::/32")!.Value, null, "banned by hand", Force: false, DryRun: false),
            ],
            _daemon.Asked);
        Assert.Equal((ExitCode.Fine, "2001:db8::/32 is banned.\n"), (exitCode, output));
    }

    [Fact]
    public async Task A_dry_run_says_that_it_was_one()
    {
        var (_, output, _) = await RunAsync("unban", "203.0.113.5", "--dry-run");

        Assert.Equal("Dry run, nothing was changed: 203.0.113.5 is unbanned.\n", output);
    }

    [Theory]
    [InlineData("ban", "203.0.113.5")]
    [InlineData("unban", "203.0.113.5")]
    [InlineData("trust", "203.0.113.5")]
    [InlineData("trust", "203.0.113.5", "--remove")]
    public async Task What_the_daemon_refuses_is_the_operators_mistake(params string[] args)
    {
        _daemon.Refuses = new RefusedException("203.0.113.5 is trusted: office; use --force");

        var (exitCode, output, error) = await RunAsync(args);

        Assert.Equal((ExitCode.Mistake, "", "ringfence: 203.0.113.5 is trusted: office; use --force\n"), (exitCode, output, error));
    }

    [Fact]
    public async Task Trust_without_an_address_lists_who_is_trusted_and_why()
    {
        _daemon.Trusted =
        [
            new TrustReport(Network.Parse("198.51.100.20")!.Value, "operator", "technician", FakeDaemon.Now.AddHours(2)),
            new TrustReport(Network.Parse("192.0.2.0/24")!.Value, "trunk", "trunk-ip in pjsip.conf:251", null),
        ];

        var (_, output, _) = await RunAsync("trust");

        Assert.Equal(
            """
            192.0.2.0/24             trunk     trunk-ip in pjsip.conf:251
            198.51.100.20  2 h left  operator  technician

            """,
            output);
    }

    [Fact]
    public async Task Trust_for_a_while_and_its_removal_reach_the_daemon()
    {
        await RunAsync("trust", "203.0.113.5", "--for", "2h", "--reason", "technician");
        await RunAsync("trust", "203.0.113.5");
        await RunAsync("trust", "203.0.113.5", "--remove");

        Assert.Equal(
            [
                new TrustRequest(Attacker, TimeSpan.FromHours(2), "technician", DryRun: false),
                new TrustRequest(Attacker, null, "trusted by hand", DryRun: false),
                ("untrust", Attacker),
            ],
            _daemon.Asked);
    }

    [Fact]
    public async Task Bans_are_listed_by_their_end_with_those_for_ever_last()
    {
        _daemon.Bans =
        [
            new BanReport(Network.Parse("192.0.2.1")!.Value, FakeDaemon.Now, null, 1, "operator", "for ever", "enforced"),
            new BanReport(Network.Parse("192.0.2.2")!.Value, FakeDaemon.Now, FakeDaemon.Now.AddHours(2), 2, "RF2001", "later", "failed"),
            new BanReport(Network.Parse("192.0.2.3")!.Value, FakeDaemon.Now, FakeDaemon.Now.AddMinutes(90), 13, "RF2002", "sooner", "observed"),
        ];

        var (exitCode, output, error) = await RunAsync("bans");

        Assert.Equal((ExitCode.Fine, ""), (exitCode, error));
        Assert.Equal(
            """
            192.0.2.3  1 h 30 min  13th ban  observed  RF2002    sooner
            192.0.2.2  2 h         2nd ban   failed    RF2001    later
            192.0.2.1  for ever    1st ban   enforced  operator  for ever

            """,
            output);
    }

    [Fact]
    public async Task Nobody_banned_prints_nothing_into_a_pipe()
    {
        var (exitCode, output, error) = await RunAsync("bans");

        Assert.Equal((ExitCode.Fine, "", "Nobody is banned.\n"), (exitCode, output, error));
    }

    [Fact]
    public async Task Why_tells_what_led_to_each_decision_in_order()
    {
        _daemon.Why = Why();

        var (exitCode, output, _) = await RunAsync("why", "203.0.113.5");

        Assert.Equal(ExitCode.Fine, exitCode);
        Assert.Equal(
            """
            203.0.113.5 is banned until 2026-11-20 08:59:30 +00:00 (59 min 30 s left).

            2026-11-20 07:59:10 +00:00  wrong password for 1001, sender not proven, told by /var/log/asterisk/security
            2026-11-20 07:59:30 +00:00  ban  RF2001: 5 wrong passwords in 20 s; 1st ban, 1 h, until 2026-11-20 08:59:30 +00:00
            2026-11-20 07:59:31 +00:00  enforced

            2026-11-20 07:59:40 +00:00  spare 203.0.113.0/24  RF2003: 4 accounts in 5 s; spared: trunk trunk-ip in pjsip.conf:251

            Sender not proven: over UDP anybody can write any address as his own, and a log does not always say what it came over.
            The records themselves: ringfence why 203.0.113.5 --full

            """,
            output);
        var (_, full, _) = await RunAsync("why", "203.0.113.5", "--full");
        Assert.Contains("account 1001  /var/log/asterisk/security:17\n    SecurityEvent=\"InvalidPassword\"\n2026-11-20 07:59:30", full, StringComparison.Ordinal);
        Assert.DoesNotContain("--full", full, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_alike_is_one_line_of_why_with_its_number_its_accounts_and_its_time()
    {
        var one = Why().Decisions[0].Evidence[0] with { Log = "hep 127.0.0.1:9060" };
        var guesses = Enumerable.Range(0, 5).Select(i => one with { Time = one.Time.AddMilliseconds(50 * i), Line = i, Account = $"100{i}" });
        var scan = one with { Event = "scanner_seen", Proof = "proven", Account = "" };
        _daemon.Why = Why() with { Decisions = [Why().Decisions[0] with { Evidence = [.. guesses, scan] }] };

        var (_, output, _) = await RunAsync("why", "203.0.113.5");
        var (_, full, _) = await RunAsync("why", "203.0.113.5", "--full");

        Assert.Contains(
            """

            2026-11-20 07:59:10 +00:00  5 x wrong password for 1000, 1001, 1002 and 2 more in 200 ms, sender not proven, told by hep 127.0.0.1:9060
            2026-11-20 07:59:10 +00:00  request of a scanner, sender proven, told by hep 127.0.0.1:9060
            2026-11-20 07:59:30 +00:00  ban
            """,
            output, StringComparison.Ordinal);
        Assert.Equal((2, 2), (output.Split("Sender proven:").Length, output.Split("Sender not proven:").Length));
        Assert.Equal(6, full.Split("password_refused, unproven").Length);
    }

    [Fact]
    public async Task Why_of_somebody_banned_with_his_network_says_whose_the_events_are()
    {
        var network = Network.Parse("203.0.113.0/24")!.Value;
        var other = Why().Decisions[0].Evidence[0] with { Source = Network.Parse("203.0.113.4")!.Value };
        _daemon.Why = Why() with
        {
            Ban = Why().Ban! with { Subject = network, Rule = "RF2011" },
            Decisions = [Why().Decisions[0] with { Subject = network, Rule = "RF2011", Evidence = [other, other with { Line = 18, Source = Attacker }] }],
        };

        var (_, output, _) = await RunAsync("why", "203.0.113.5");

        Assert.Contains(
            "\n2026-11-20 07:59:10 +00:00  203.0.113.4  wrong password for 1001, sender not proven, told by /var/log/asterisk/security\n2026-11-20 07:59:10 +00:00  wrong password for 1001, sender not proven, told by /var/log/asterisk/security\n2026-11-20 07:59:30 +00:00  ban 203.0.113.0/24",
            output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_in_force_is_told_first_and_no_event_twice()
    {
        var network = Why().Decisions[0] with { Id = 9, Subject = Network.Parse("203.0.113.0/24")!.Value, Rule = "RF2011" };
        var earlier = Why().Decisions[1] with { Time = FakeDaemon.Now.AddDays(-1) };
        _daemon.Why = Why() with { Decisions = [earlier, Why().Decisions[0], network] };

        var (_, output, _) = await RunAsync("why", "203.0.113.5");

        Assert.Equal(2, output.Split("wrong password for").Length);
        Assert.Equal(
            ["enforced", "Also decided, the oldest first:", "spare 203.0.113.0/24", "The same event as above:", "ban 203.0.113.0/24"],
            output.Split('\n').Select(line => ((string[])["Also decided, the oldest first:", "The same event as above:", "spare 203.0.113.0/24", "ban 203.0.113.0/24", "enforced"]).FirstOrDefault(word => line.Contains(word, StringComparison.Ordinal))).OfType<string>().SkipLast(1));
    }

    [Fact]
    public async Task A_ban_that_counts_for_no_later_one_says_why()
    {
        _daemon.Why = Why() with { Decisions = [Why().Decisions[0] with { Ordinal = 0 }] };

        var (_, output, _) = await RunAsync("why", "203.0.113.5");

        Assert.Contains("5 wrong passwords in 20 s; for 1 h only: over UDP anybody can write any sender; until 2026-11-20 08:59:30 +00:00\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_typing_error_in_the_configuration_keeps_nobody_from_asking_or_freeing()
    {
        var file = Path.Combine(_directory.FullName, "ringfence.conf");
        await File.WriteAllTextAsync(file, $"[general]\nsocket = {Config.Socket}\n[trust]\nobsreve = yes\n", TestContext.Current.CancellationToken);

        foreach (var args in new string[][] { ["status"], ["bans"], ["why", "203.0.113.5"], ["free", "203.0.113.5"], ["ban", "203.0.113.5"], ["unban", "203.0.113.5"], ["trust"], ["notify", "test"] })
        {
            var (exitCode, output, error) = await RunAsync(new Console(), [.. args, "--config", file]);

            Assert.Equal(args[0] == "status" ? ExitCode.Found : ExitCode.Fine, exitCode);
            Assert.Contains($"{file}:4: obsreve is no key of [trust]: did you mean", error, StringComparison.Ordinal);
            Assert.Contains("goes on with what could be read", error, StringComparison.Ordinal);
            Assert.True(args[0] is "bans" or "trust" || output.Length > 0);
        }

        Assert.Equal(ExitCode.Mistake, (await RunAsync(new Console(), "guard", "--config", file)).ExitCode);
    }

    [Fact]
    public async Task A_configuration_that_is_not_for_this_user_sends_a_verb_to_the_usual_socket()
    {
        var console = new Console { ReadConfig = _ => throw new UnreadableConfigException("/etc/ringfence/ringfence.conf", new IOException()) };

        var asked = await console.RunAsync("unban", "203.0.113.5");
        var guard = await console.RunAsync("guard");

        Assert.Equal((ExitCode.WorldFailed, ExitCode.WorldFailed), (asked.ExitCode, guard.ExitCode));
        Assert.StartsWith("ringfence: /etc/ringfence/ringfence.conf: not readable by you: try sudo; this goes on with the usual places.\n", asked.Error, StringComparison.Ordinal);
        Assert.Contains(RingfenceConfig.Default.Socket, asked.Error, StringComparison.Ordinal);
        Assert.Equal("ringfence: /etc/ringfence/ringfence.conf: not readable by you: try sudo\n", guard.Error);
    }

    [Fact]
    public async Task Of_a_SIP_message_why_shows_the_lines_that_tell_who_and_what()
    {
        var message = @"REGISTER sip:pbx SIP/2.0\x0d\x0aVia: SIP/2.0/UDP 203.0.113.5;branch=z9\x0d\x0aFrom: <sip:1001@pbx>;tag=1\x0d\x0aTO : <sip:1001@pbx>\x0d\x0aUser-Agent: \x1b[2J\x0d\x0aMax-Forwards: 70\x0d\x0a\x0d\x0aFrom: body";
        _daemon.Why = Why() with { Decisions = [Why().Decisions[0] with { Evidence = [Why().Decisions[0].Evidence[0] with { Text = message }] }] };

        var (_, output, _) = await RunAsync("why", "203.0.113.5", "--full");

        Assert.Contains(
            """
            :17
                REGISTER sip:pbx SIP/2.0
                  From: <sip:1001@pbx>;tag=1
                  TO : <sip:1001@pbx>
                  User-Agent: \x1b[2J
                  (2 more, with --json)
            2026-11-20
            """,
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_of_80_columns_no_line_is_longer()
    {
        _daemon.Status = FullStatus(string.Concat(Enumerable.Repeat("a problem of many words, ", 20)));
        _daemon.Why = Why() with { Decisions = [Why().Decisions[0] with { Evidence = [Why().Decisions[0].Evidence[0] with { Text = new string('x', 600) }] }] };

        foreach (var args in new string[][] { ["status"], ["why", "203.0.113.5", "--full"], ["explain", "RF2001"], ["explain", "RF2014"] })
        {
            var (_, output, _) = await RunAsync(new Console { Config = Config, IsTerminal = true, Width = 80 }, args);
            var (_, piped, _) = await RunAsync(args);

            Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));
            Assert.Contains(piped.Split('\n'), line => line.Length > 80);
        }
    }

    [Fact]
    public async Task Status_tells_what_was_only_observed_what_is_weak_and_who_is_silent()
    {
        var well = FullStatus("x") with { Sources = [FullStatus("x").Sources[0]], Firewall = new FirewallStatus("nftables", 3, 99, 1, null), Journal = null, Parts = [] };
        _daemon.Status = well with { Weak = "no security_json, no HEP", Stale = "ringfence.conf has changed", Latest = [Why().Decisions[0] with { Outcomes = [new OutcomeReport(FakeDaemon.Now, "observed", "")] }, Why().Decisions[0]] };
        var (code, weak, _) = await RunAsync("status");
        _daemon.Status = well with { Canary = new CanaryReport("127.0.0.1:5060", "x", FakeDaemon.Now, 401, 1, null) { Silent = ["hep 127.0.0.1:9060"] } };
        var (_, silent, _) = await RunAsync("status");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains(": enforcing: well, but weak: no security_json, no HEP\nConfig    ringfence.conf has changed\n", weak, StringComparison.Ordinal);
        Assert.Contains("  ban (observed)  203.0.113.5", weak, StringComparison.Ordinal);
        Assert.Contains("  ban             203.0.113.5", weak, StringComparison.Ordinal);
        Assert.Contains("enforcing: not known yet whether all is well: hep 127.0.0.1:9060 did not tell of the guard's own request yet\n", silent, StringComparison.Ordinal);
        Assert.Contains("told by 0 of 1 source, not by hep 127.0.0.1:9060\n", silent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_canary_is_asked_of_those_alone_who_can_tell_and_the_next_one_is_announced()
    {
        var sent = FakeDaemon.Now.AddMinutes(-3);
        var log = FullStatus("x").Sources[0];
        _daemon.Status = FullStatus("x") with
        {
            Sources =
            [
                log with { Canary = new CanaryBackReport(sent.AddMilliseconds(2), 2) },
                log with { Name = "/var/log/asterisk/full", Canary = new CanaryBackReport(sent.AddMinutes(-15), 2) },
                log with { Name = "hep 127.0.0.1:9060" },
                log with { Name = "/var/log/auth.log" },
            ],
            Canary = new CanaryReport("127.0.0.1:5060", "x", sent, 401, 1, null) { Silent = ["hep 127.0.0.1:9060"], Next = FakeDaemon.Now.AddMinutes(12) },
        };

        var (_, output, _) = await RunAsync("status");

        Assert.Contains("Canary    x to 127.0.0.1:5060, 3 min ago: answered 401 in 1 ms, told by 1 of 3 sources, not by hep 127.0.0.1:9060, /var/log/asterisk/full; next in 12 min\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_Asterisk_does_not_answer_stands_first_and_says_what_else_comes_of_it()
    {
        var log = FullStatus("x").Sources[0];
        _daemon.Status = FullStatus("x") with
        {
            Sources = [log, log with { Name = "ami 127.0.0.1:5038", Alive = false, Problem = "not logged in" }],
            Canary = new CanaryReport("127.0.0.1:5060", "x", FakeDaemon.Now, null, null, "Asterisk does not answer on 127.0.0.1:5060 (UDP): is it running?"),
            Parts = [new PartReport("ami", "waiting", FakeDaemon.Now, 3, null, "connection refused")],
        };

        var (code, output, _) = await RunAsync("status");

        Assert.Equal(ExitCode.Found, code);
        var lines = output.Split('\n');
        Assert.Equal("Asterisk  ! does not answer on 127.0.0.1:5060 (UDP): is it running? It explains what is wrong with ami 127.0.0.1:5038, part ami.", lines[1]);
        Assert.Equal("canary", StatusProblems.Of(_daemon.Status)[0].What);
    }

    [Fact]
    public async Task A_configuration_is_checked_and_nothing_is_started()
    {
        var file = Path.Combine(_directory.FullName, "checked.conf");
        await File.WriteAllTextAsync(file, "[bans]\nfirst_ban = soon\n[trust]\nobsreve = yes\n", TestContext.Current.CancellationToken);
        var wrong = await new Console().RunAsync("guard", "--check", "--config", file);
        await File.WriteAllTextAsync(file, "[bans]\nfirst_ban = 2h\n", TestContext.Current.CancellationToken);
        var right = await new Console().RunAsync("guard", "--check", "--config", file);

        Assert.Equal(ExitCode.Mistake, wrong.ExitCode);
        Assert.Contains("checked.conf:2: first_ban", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("checked.conf:4: obsreve", wrong.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Fine, ""), (right.ExitCode, right.Error));
        Assert.StartsWith("No mistake", right.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_door_without_its_log_is_noted_by_the_check_and_no_mistake()
    {
        var file = Path.Combine(_directory.FullName, "checked.conf");
        await File.WriteAllTextAsync(file, $"[door ssh]\nkind = sshd\nlog = {file}\n[door ftp]\nkind = freepbx\nlog = {file}.none\n", TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await new Console().RunAsync("guard", "--check", "--config", file);

        Assert.Equal((ExitCode.Fine, ""), (exitCode, error));
        Assert.EndsWith($"\n  ! [door ftp]: {file}.none is not there\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("[door ssh]", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_that_was_changed_after_it_was_read_is_said_to_be()
    {
        var path = Path.Combine(_directory.FullName, "ringfence.conf");
        File.WriteAllText(path, "");
        var read = new ReadFile(path);

        var before = read.Staleness;
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));

        Assert.Null(before);
        Assert.Equal($"{path} has changed since the guard read it: ringfence guard --check, then kill {Environment.ProcessId}, then start it again as before", read.Staleness);
    }

    [Fact]
    public async Task Nothing_known_is_said()
    {
        var (_, output, _) = await RunAsync("why", "203.0.113.5");

        Assert.Equal("203.0.113.5 is not banned.\nNothing was ever decided about it.\n", output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_account_name_that_holds_escape_sequences_reaches_no_terminal(bool isTerminal)
    {
        var nasty = "\e]0;owned\a\u202e[red]x\r\n";
        var evidence = Why().Decisions[0].Evidence[0] with { Account = nasty, Text = nasty, Log = nasty };
        _daemon.Why = Why() with { Trust = nasty, Decisions = [Why().Decisions[0] with { Reason = nasty, Rule = nasty, Evidence = [evidence] }] };
        _daemon.Bans = [new BanReport(Attacker, FakeDaemon.Now, null, 1, nasty, nasty, nasty)];
        _daemon.Trusted = [new TrustReport(Attacker, nasty, nasty, null)];
        _daemon.Status = FullStatus(nasty);

        foreach (var args in new string[][] { ["why", "203.0.113.5"], ["why", "203.0.113.5", "--full"], ["bans"], ["trust"], ["status"], ["why", "203.0.113.5", "--json"], ["status", "--json"] })
        {
            var (exitCode, output, error) = await RunAsync(new Console { Config = Config, IsTerminal = isTerminal, Width = 2000 }, args);

            Assert.Equal(args[0] == "status" ? ExitCode.Found : ExitCode.Fine, exitCode);
            Assert.DoesNotContain(output + error, letter => letter is '\e' or '\a' or '\r' or '\u202e' or '\t');
            Assert.Contains("[red]x", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ExitCode.WorldFailed, "lifted")]
    [InlineData(ExitCode.Fine, "would_lift", "--dry-run")]
    public async Task Whoever_is_banned_with_his_network_still_is_not_free(int exitCode, string result, params string[] options)
    {
        _daemon.StillBannedWith = Network.Parse("203.0.113.0/24");

        var unban = await RunAsync(["unban", "203.0.113.5", .. options]);
        var (code, output, _) = await RunAsync(["free", "203.0.113.5", "--json", .. options]);

        Assert.Equal((exitCode, exitCode), (unban.ExitCode, code));
        using var report = JsonDocument.Parse(output);
        Assert.False(report.RootElement.GetProperty("free").GetBoolean());
        Assert.Equal(
            [("203.0.113.5", result, "ringfence unban 203.0.113.5"), ("203.0.113.0/24", "left", "ringfence unban 203.0.113.0/24")],
            report.RootElement.GetProperty("blocks").EnumerateArray().Select(block => (block.GetProperty("subject").GetString(), block.GetProperty("result").GetString(), block.GetProperty("command").GetString())));
    }

    [Fact]
    public async Task Colour_is_there_only_where_it_is_wanted()
    {
        _daemon.Status = FullStatus("broken");
        _daemon.Bans = [new BanReport(Attacker, FakeDaemon.Now, null, 1, "RF2001", "x", "enforced")];

        foreach (var verb in new[] { "status", "bans" })
        {
            var (_, coloured, _) = await RunAsync(new Console { Config = Config, IsTerminal = true, IsColoured = true }, verb);
            var (_, plain, _) = await RunAsync(new Console { Config = Config, IsTerminal = true }, verb);

            Assert.Contains("\e[", coloured, StringComparison.Ordinal);
            Assert.DoesNotContain("\e", plain, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Status_shows_each_source_alive_or_blind_and_every_problem()
    {
        _daemon.Status = FullStatus("broken");

        var (exitCode, output, _) = await RunAsync("status");

        Assert.Equal(ExitCode.Found, exitCode);
        Assert.Equal(
            """
            ringfence 1.2.3, up 2 h: enforcing: 4 problems
            Source    /var/log/asterisk/security  alive since 2026-11-20 06:00:00 +00:00  13 events/s, last event 3 s ago, 2 KiB behind
                      since start 100000 lines, 90000 events, 2 not understood
            Source    /var/log/asterisk/full  BLIND since 2026-11-20 07:00:00 +00:00  0 events/s, no event yet
                      since start 0 lines, 0 events, 0 not understood
                      ! broken
            Source    hep 127.0.0.1:9060  alive since 2026-11-20 07:00:00 +00:00  0 events/s, no event yet
                      since start 1 packet, 1 event, 0 not understood
            Source    ami 127.0.0.1:5038  alive since 2026-11-20 07:00:00 +00:00  0 events/s, no event yet
                      since start 2 messages, 0 events, 0 not understood
            Firewall  nftables, 3 elements, 99 packets dropped, put back once
                      ! broken
            Journal   7 decisions, 3 MiB, 4 not written yet
                      ! broken
            Part      ! api failed 2 times: broken; next try in 8 s
            Bans      3 in force, 17 addresses watched (ringfence bans --watched), 13 events/s, 90000 since start

            2026-11-20 07:59:30 +00:00  ban  203.0.113.5  RF2001  broken

            """,
            output);
    }

    [Fact]
    public async Task All_is_well_is_said_only_where_a_log_is_read_and_nothing_is_odd()
    {
        var well = FullStatus(null!) with { Sources = [FullStatus(null!).Sources[0]], Latest = [] };
        StatusReport[] odd =
        [
            well with { Sources = [] },
            well with { Sources = [well.Sources[0] with { Problem = "its times are 8 h behind the clock" }] },
            well with { Firewall = well.Firewall! with { Problem = "no nft" } },
            well with { Canary = new CanaryReport("127.0.0.1:5060", "nobody", FakeDaemon.Now, null, null, "the PBX does not answer") },
            well with { Parts = [new PartReport("trust", "running", FakeDaemon.Now, 0, null, "registered phones are not known")] },
        ];

        _daemon.Status = well;
        var (fineCode, fine, _) = await RunAsync("status");

        Assert.Equal(ExitCode.Fine, fineCode);
        Assert.Contains("up 2 h: enforcing: all is well\n", fine, StringComparison.Ordinal);
        foreach (var status in odd)
        {
            _daemon.Status = status;
            var (exitCode, output, _) = await RunAsync("status");
            Assert.Contains("up 2 h: enforcing: 1 problem\n", output, StringComparison.Ordinal);
            Assert.Single(output.Split('\n'), line => line.Contains("  ! ", StringComparison.Ordinal));
            Assert.Equal(ExitCode.Found, exitCode);
        }

        Assert.Contains("Part      ! trust: registered phones are not known\n", (await RunAsync("status")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_says_first_that_nobody_is_banned_and_what_an_earlier_guard_left()
    {
        var well = FullStatus(null!) with { Sources = [FullStatus(null!).Sources[0]], Latest = [], Parts = [] };
        _daemon.Status = well with { Firewall = new FirewallStatus("observe", 0, 0, 0, null), Bans = 3, Observed = 3, Throttles = 2, ObservedThrottles = 2, Watched = 0 };
        var (exitCode, output, _) = await RunAsync("status");
        _daemon.Status = well with { Firewall = new FirewallStatus("observe", 2, 856, 0, null), Bans = 5, Observed = 4, Throttles = 2, ObservedThrottles = 1 };
        var (_, after, _) = await RunAsync("status");

        Assert.Equal(ExitCode.Fine, exitCode);
        Assert.StartsWith("ringfence 1.2.3, up 2 h: OBSERVING, bans nobody: all is well\n", output, StringComparison.Ordinal);
        Assert.Contains("\nFirewall  observe: nobody is blocked\n", output, StringComparison.Ordinal);
        Assert.Contains("\nBans      3 observed, 2 throttles observed, nobody watched, ", output, StringComparison.Ordinal);
        Assert.Contains("\nFirewall  observe: nobody is banned anew; 2 bans of an earlier enforcing guard still block, 856 packets dropped: ringfence unban ADDRESS lifts one\n", after, StringComparison.Ordinal);
        Assert.Contains("\nBans      1 in force, 4 observed, 1 throttled, 1 throttle observed, ", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_daemon_each_ban_is_told_as_the_kernel_holds_it()
    {
        Ban Ban(long id, string subject) => new(id, FakeDaemon.Now, Network.Parse(subject)!.Value, "RF2001", "x", FakeDaemon.Now.AddHours(id), 1);
        ActiveBan Held(string subject) => new(Network.Parse(subject)!.Value, FakeDaemon.Now.AddHours(9));
        var console = new Console
        {
            Config = Config,
            Journal = new FakeJournal((Ban(1, "203.0.113.5"), []), (Ban(2, "203.0.113.6"), []), (Ban(3, "192.0.2.0/24"), [])),
            Standing = [Held("203.0.113.5"), Held("192.0.2.0/25"), Held("192.0.2.128/25"), Held("198.51.100.9")],
        };

        var (_, output, _) = await console.RunAsync("bans");
        var (_, unasked, _) = await (console with { Standing = null }).RunAsync("bans");

        Assert.Equal(
            """
            203.0.113.5   1 h  1st ban  enforced       RF2001   x
            203.0.113.6   2 h  1st ban  not in kernel  RF2001   x
            192.0.2.0/24  3 h  1st ban  enforced       RF2001   x
            198.51.100.9  9 h           kernel only    unknown  in the kernel, not in the journal

            """,
            output);
        Assert.Equal(3, unasked.Split("decided").Length - 1);
    }

    [Fact]
    public async Task What_is_spared_or_told_ends_with_no_outcome_and_trust_by_hand_is_said_once()
    {
        var spare = Why().Decisions[1] with { Outcomes = [new OutcomeReport(FakeDaemon.Now, "observed", "")] };
        var freed = Why().Decisions[0] with { Action = "unban", Rule = "trust", Reason = "trusted by hand: Graz", Evidence = [], Outcomes = [new OutcomeReport(FakeDaemon.Now, "enforced", "")] };
        _daemon.Why = Why() with { Decisions = [spare, freed] };

        var (_, output, _) = await RunAsync("why", "203.0.113.5");

        Assert.DoesNotContain("observed", output, StringComparison.Ordinal);
        Assert.Contains("  unban  trusted by hand: Graz\n2026-11-20 08:00:00 +00:00  enforced\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_the_running_guard_has_not_read_yet_is_told_with_what_to_do()
    {
        var settings = new NotifySettings { Notifiers = [new NotifierSettings { Name = "boss", Kind = NotifierKind.Command, Command = ["/bin/true"] }] };
        _daemon.Refuses = new RefusedException("nobody is to be told");

        var (exitCode, _, error) = await RunAsync(new Console { Config = Config with { Notify = settings } }, "notify", "test", "boss");
        var (_, _, other) = await RunAsync(new Console { Config = Config with { Notify = settings } }, "notify", "test", "chief");

        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.Equal("ringfence: nobody is to be told\nringfence.conf has it: the guard has not read the file since it changed; restart it: systemctl restart ringfence\n", error);
        Assert.DoesNotContain("restart", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_under_watch_is_told_by_why_and_listed()
    {
        WatchedReport[] watched =
        [
            new(Attacker, "password_refused", "proven", 3, 5, 600, FakeDaemon.Now.AddMinutes(-1), FakeDaemon.Now.AddSeconds(-10), ["1002"], null),
            new(Attacker, "account_unknown", "unproven", 1, 5, 600, FakeDaemon.Now.AddMinutes(-1), FakeDaemon.Now.AddMinutes(-1), ["\e[2Ja", "b"], "ftp"),
        ];
        _daemon.Watched = watched;
        _daemon.Why = new WhyReport("daemon", FakeDaemon.Now, Attacker, null, null, []) { Watched = watched };

        var (_, why, _) = await RunAsync("why", "203.0.113.5");
        var (_, list, _) = await RunAsync("bans", "--watched");
        _daemon.Watched = [];
        var none = await RunAsync("bans", "--watched");

        Assert.Equal(
            """
            203.0.113.5 is not banned.
            Under watch: 3 of 5 wrong passwords within 10 min, the last 10 s ago, account 1002: not banned
            Under watch: 1 of 5 tries of accounts that do not exist (ftp) within 10 min, the last 1 min ago, accounts \x1b[2Ja, b: not banned
            Nothing was decided about it yet.

            """,
            why);
        Assert.Equal(
            """
            203.0.113.5  10 s ago   3 of 5 wrong passwords within 10 min, account 1002
            203.0.113.5  1 min ago  1 of 5 tries of accounts that do not exist (ftp) within 10 min, accounts \x1b[2Ja, b

            """,
            list);
        Assert.Equal((ExitCode.Fine, "", "Nobody is under watch.\n"), none);
    }

    [Theory]
    [InlineData("bans --watched", "watched")]
    [InlineData("status", "from")]
    [InlineData("bans", "bans")]
    [InlineData("trust", "trust")]
    [InlineData("why 203.0.113.5", "decisions")]
    [InlineData("ban 203.0.113.5", "change")]
    [InlineData("unban 203.0.113.5", "change")]
    [InlineData("trust 203.0.113.5", "change")]
    [InlineData("notify test", "results")]
    [InlineData("rules", "rules")]
    public async Task Json_is_one_document_on_one_line(string commandLine, string member)
    {
        var (exitCode, output, error) = await RunAsync([.. commandLine.Split(' '), "--json"]);

        // Nothing is watched here.
        Assert.Equal((commandLine == "status" ? ExitCode.Found : ExitCode.Fine, ""), (exitCode, error));
        Assert.Equal(1, output.Count(letter => letter == '\n'));
        using var document = JsonDocument.Parse(output);
        Assert.True(document.RootElement.TryGetProperty(member, out _));
    }

    [Fact]
    public async Task Without_a_daemon_the_journal_answers_and_it_is_said()
    {
        var ban = new Ban(3, FakeDaemon.Now.AddMinutes(-1), Attacker, "RF2001", "5 wrong passwords in 20 s", FakeDaemon.Now.AddHours(1), 1)
        {
            Evidence = [new Evidence(FakeDaemon.Now.AddMinutes(-2), "/var/log/asterisk/security", 17, EventKind.PasswordRefused, Proof.Unproven, "1001", "the line")],
        };
        var console = new Console { Config = Config, Journal = new FakeJournal((ban, [new Outcome(3, FakeDaemon.Now, OutcomeKind.Enforced, "")])) };

        var bans = await console.RunAsync("bans");
        var why = await console.RunAsync("why", "203.0.113.5", "--full");
        var status = await console.RunAsync("status");
        var json = await console.RunAsync("bans", "--json");

        Assert.All([bans, why, json], run => Assert.Equal(ExitCode.Fine, run.ExitCode));
        Assert.Equal(ExitCode.WorldFailed, status.ExitCode);
        Assert.All([bans, why, status, json], run => Assert.Contains("the daemon does not run", run.Error, StringComparison.Ordinal));
        Assert.Equal("203.0.113.5  1 h  1st ban  decided  RF2001  5 wrong passwords in 20 s\n", bans.Output);
        Assert.Contains("is banned until", why.Output, StringComparison.Ordinal);
        Assert.Contains("the line", why.Output, StringComparison.Ordinal);
        Assert.Contains("the guard does not run", status.Output, StringComparison.Ordinal);
        Assert.Contains("\"from\":\"journal\"", json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guard_that_runs_without_its_socket_is_told_with_its_process()
    {
        var console = new Console { Config = Config, Journal = new FakeJournal(), Guard = new GuardProcess(4711, IsService: false, Config: null) };

        var status = await console.RunAsync("status");
        var unban = await console.RunAsync("unban", "203.0.113.5");

        Assert.Equal((ExitCode.WorldFailed, ExitCode.WorldFailed), (status.ExitCode, unban.ExitCode));
        Assert.Contains("the guard (process 4711) can't be asked\n", status.Output, StringComparison.Ordinal);
        Assert.All([status, unban], run => Assert.Contains($"a guard runs (process 4711) and nobody answers on {Config.Socket}: the socket was removed", run.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("does not run", status.Output + status.Error + unban.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, "another one; restart it: systemctl restart ringfence\n")]
    [InlineData(false, null, "another one; restart it: kill 4711, then start it again as before\n")]
    [InlineData(false, "/tmp/theirs.conf", "another configuration; ask it with --config /tmp/theirs.conf\n")]
    [InlineData(false, "/tmp/ours.conf", "another one; restart it: kill 4711, then start it again as before\n")]
    public async Task A_guard_that_does_not_answer_is_asked_elsewhere_or_restarted_by_whoever_started_it(bool isService, string? config, string advice)
    {
        var console = new Console
        {
            ReadConfig = path => path == "/tmp/theirs.conf" ? Config with { Socket = "/nowhere/theirs.sock" } : Config,
            Journal = new FakeJournal(),
            Guard = new GuardProcess(4711, isService, config),
        };

        var (_, _, error) = await console.RunAsync("unban", "203.0.113.5");

        Assert.EndsWith(advice, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/bin/ringfence guard --observe ", true)]
    [InlineData("ringfence guard ", true)]
    [InlineData("ringfence guards ", false)]
    [InlineData("ringfence status ", false)]
    [InlineData("vi ringfence guard ", false)]
    [InlineData("/usr/bin/notringfence guard ", false)]
    [InlineData("ringfence", false)]
    [InlineData("", false)]
    public void A_guard_is_known_by_its_command_line(string commandLine, bool expected) =>
        Assert.Equal(expected, RunningGuard.IsGuard(System.Text.Encoding.ASCII.GetBytes(commandLine.Replace(' ', '\0'))));

    [Fact]
    public async Task Without_a_daemon_nothing_is_changed()
    {
        var console = new Console { Config = Config, Journal = new FakeJournal() };

        foreach (var verb in new[] { "ban", "unban", "trust" })
        {
            var (exitCode, output, error) = await console.RunAsync(verb, "203.0.113.5");

            Assert.Equal((ExitCode.WorldFailed, ""), (exitCode, output));
            Assert.Contains("systemctl start ringfence", error, StringComparison.Ordinal);
            Assert.Equal(verb == "unban", error.Contains("Without a guard: ringfence free 203.0.113.5\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Notify_test_asks_the_daemon_and_says_who_took_it_and_who_did_not()
    {
        var (taken, all, _) = await RunAsync("notify", "test");
        _daemon.Told = [new NotifyTestResult("boss", "mail", Taken: true, "250 ok"), new NotifyTestResult("hook", "webhook", Taken: false, "x:443: HTTP 503")];
        var (missed, some, _) = await RunAsync("notify", "test", "hook");

        Assert.Equal((ExitCode.Fine, "told      boss (mail): 250 ok\n"), (taken, all));
        Assert.Equal((ExitCode.WorldFailed, "told      boss (mail): 250 ok\nNOT told  hook (webhook): x:443: HTTP 503\n"), (missed, some));
        Assert.Equal([("notify test", (string?)null), ("notify test", "hook")], _daemon.Asked);
    }

    [Fact]
    public async Task A_receiver_that_is_not_configured_is_the_operators_mistake_with_and_without_a_daemon()
    {
        var settings = new NotifySettings { Notifiers = [new NotifierSettings { Name = "boss", Kind = NotifierKind.Command, Command = ["/bin/true"] }] };
        var alone = new Console { Config = Config with { Notify = settings } };
        _daemon.Refuses = new RefusedException("there is no [notify chief]; there is boss");

        var (exitCode, output, error) = await RunAsync("notify", "test", "chief");
        var without = await alone.RunAsync("notify", "test", "chief");
        var told = await alone.RunAsync("notify", "test", "boss");

        Assert.Equal((ExitCode.Mistake, "", "ringfence: there is no [notify chief]; there is boss\n"), (exitCode, output, error));
        Assert.Equal(ExitCode.Mistake, without.ExitCode);
        Assert.EndsWith("ringfence: there is no [notify chief]; there is boss\n", without.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Fine, "told      boss (command): /bin/true took it\n"), (told.ExitCode, told.Output));
        Assert.Contains("no guard runs", told.Error, StringComparison.Ordinal);
    }

    private static WhyReport Why() => new(
        "daemon",
        FakeDaemon.Now,
        Attacker,
        new BanReport(Attacker, FakeDaemon.Now.AddSeconds(-30), FakeDaemon.Now.AddSeconds(3570), 1, "RF2001", "5 wrong passwords in 20 s", "enforced"),
        null,
        [
            new DecisionReport(
                1,
                FakeDaemon.Now.AddSeconds(-30),
                "ban",
                Attacker,
                "RF2001",
                "5 wrong passwords in 20 s",
                FakeDaemon.Now.AddSeconds(3570),
                1,
                null,
                [new OutcomeReport(FakeDaemon.Now.AddSeconds(-29), "enforced", "")],
                [
                    new EvidenceReport(
                        FakeDaemon.Now.AddSeconds(-50), "/var/log/asterisk/security", 17, "password_refused", "unproven", "1001", "SecurityEvent=\"InvalidPassword\""),
                ]),
            new DecisionReport(
                2,
                FakeDaemon.Now.AddSeconds(-20),
                "spare",
                Network.Parse("203.0.113.0/24")!.Value,
                "RF2003",
                "4 accounts in 5 s",
                null,
                null,
                "trunk trunk-ip in pjsip.conf:251",
                [],
                []),
        ]);

    private static StatusReport FullStatus(string problem) => new()
    {
        From = "daemon",
        Version = "1.2.3",
        Now = FakeDaemon.Now,
        Started = FakeDaemon.Now.AddHours(-2),
        Events = 90_000,
        EventsPerSecond = 12.5,
        Bans = 3,
        Watched = 17,
        Sources =
        [
            new SourceReport("/var/log/asterisk/security", true, FakeDaemon.Now.AddHours(-2), FakeDaemon.Now.AddSeconds(-3), 90_000, 12.5, 2, 2048, null) { Seen = 100_000 },
            new SourceReport("/var/log/asterisk/full", false, FakeDaemon.Now.AddHours(-1), null, 0, 0, 0, 0, problem),
            new SourceReport("hep 127.0.0.1:9060", true, FakeDaemon.Now.AddHours(-1), null, 1, 0, 0, 0, null) { Seen = 1 },
            new SourceReport("ami 127.0.0.1:5038", true, FakeDaemon.Now.AddHours(-1), null, 0, 0, 0, 0, null) { Seen = 2 },
        ],
        Firewall = new FirewallStatus("nftables", 3, 99, 1, problem),
        Journal = new JournalStatus(7, 3 * 1024 * 1024, 4, problem),
        Parts = [new PartReport("api", "waiting", FakeDaemon.Now, 2, FakeDaemon.Now.AddSeconds(8), problem), new PartReport("tail", "running", FakeDaemon.Now, 0, null, null)],
        Latest = [Why().Decisions[0] with { Reason = problem }],
    };

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) => RunAsync(new Console { Config = Config }, args);

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(Console console, params string[] args)
    {
        await using var api = await ApiServer.StartAsync(_daemon, Config.Socket, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        return await console.RunAsync(args);
    }
}
