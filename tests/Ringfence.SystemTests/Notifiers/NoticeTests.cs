using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests;
using Xunit;

namespace Ringfence.SystemTests.Notifiers;

/// <summary>The real program tells real servers.</summary>
public sealed class NoticeTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-notices-").FullName;
    private RealServers _servers = null!;
    private Netns _pbx = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_directory, "security_json");

    private string Config => Path.Combine(_directory, "ringfence.conf");

    public async ValueTask InitializeAsync()
    {
        _servers = await RealServers.GetAsync(_directory, Stop);
        _pbx = Netns.Create("notify");
        File.WriteAllText(Log, "");
    }

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }

        _pbx?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Exim_takes_mail_in_clear_by_STARTTLS_with_a_login_and_by_TLS_from_the_first_byte()
    {
        await _servers.StartEximAsync(_pbx, Stop);
        Configure(
            "[mail](!)", "kind = mail", "to = admin@example.com, second@example.com", $"ca = {_servers.CaFile}",
            "[notify clear](mail)", "server = 127.0.0.1:2525",
            "[notify starttls](mail)", "server = localhost:2525", "tls = starttls", "user = pbx", "password = test-password",
            "[notify tls](mail)", "server = localhost:2465", "tls = tls", "user = pbx", "password = test-password");

        var run = await TestAsync();

        Assert.True(run.ExitCode == 0, run.Said);
        Assert.Equal(6, run.Output.Split("250 OK id=").Length - 1);
        var mails = _servers.Mails();
        Assert.Equal(6, mails.Count);
        Assert.Equal(3, mails.Count(mail => mail.Recipients.Contains("\n1\nadmin@example.com", StringComparison.Ordinal)));
        Assert.Equal(3, mails.Count(mail => mail.Recipients.Contains("\n1\nsecond@example.com", StringComparison.Ordinal)));
        Assert.Equal(4, mails.Count(mail => mail.Recipients.Contains("-auth_id pbx", StringComparison.Ordinal) && mail.Headers.Contains("with esmtpsa", StringComparison.Ordinal)));
        Assert.All(mails, mail => Assert.Contains("Subject: Ringfence pbx1: test notice, nothing has happened\n", mail.Headers, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_Exim_refuses_is_told_in_its_words_and_a_certificate_that_is_not_believed_is_no_server()
    {
        await _servers.StartEximAsync(_pbx, Stop);
        Configure(
            "[mail](!)", "kind = mail", "to = admin@example.com", $"ca = {_servers.CaFile}", "tls = starttls",
            "[notify login](mail)", "server = localhost:2525", "user = pbx", "password = wrong-password",
            "[notify nobody](mail)", "server = localhost:2525", "to = nobody@example.com",
            "[notify name](mail)", "server = 127.0.0.1:2525",
            "[notify system](mail)", "server = localhost:2525", "ca = /etc/ssl/certs/ca-certificates.crt",
            "[notify absent](mail)", "server = localhost:2999");

        var run = await TestAsync();

        var answers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, run.ExitCode);
        Assert.All(answers, answer => Assert.StartsWith("NOT told", answer, StringComparison.Ordinal));
        Assert.Contains("login refused for user pbx: 535", answers[0], StringComparison.Ordinal);
        Assert.Contains("RCPT TO:<nobody@example.com>: 550", answers[1], StringComparison.Ordinal);
        Assert.Contains("its certificate is not believed", answers[2], StringComparison.Ordinal);
        Assert.Contains("its certificate is not believed", answers[3], StringComparison.Ordinal);
        Assert.Contains("Connection refused", answers[4], StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", run.Said, StringComparison.Ordinal);
        Assert.Empty(_servers.Mails());
    }

    [Fact]
    public async Task Rsyslog_understands_what_comes_by_UDP_TCP_and_TLS()
    {
        await _servers.StartRsyslogAsync(_pbx, Stop);
        Configure(
            "[log](!)", "kind = syslog", $"ca = {_servers.CaFile}",
            "[notify udp](log)", "server = 127.0.0.1:2514",
            "[notify tcp](log)", "server = 127.0.0.1:2514", "transport = tcp",
            "[notify tls](log)", "server = localhost:2614", "transport = tls");

        var run = await TestAsync();

        Assert.True(run.ExitCode == 0, run.Said);
        await UntilAsync(() => Syslog().Length == 3);
        Assert.All(Syslog(), line => Assert.Matches("^info\\|pbx1\\|ringfence\\|test\\|\\[ringfence@32473 id=\"test-[0-9]+\" severity=\"info\" reason=\"[a-z: ]+\"\\]\\| ?Ringfence pbx1: test notice, nothing has happened$", line));
    }

    [Fact]
    public async Task A_guard_that_is_killed_and_a_webhook_that_fails_for_a_while_lose_nothing_and_an_account_with_a_Bcc_in_it_writes_no_header()
    {
        await _servers.StartEximAsync(_pbx, Stop);
        await _servers.StartRsyslogAsync(_pbx, Stop);
        await using var hook = new FailingWebhook(_pbx, 2580);
        Configure(
            "digest_after = 1000",
            "[notify mail]", "kind = mail", "to = admin@example.com", "server = 127.0.0.1:2525",
            "[notify log]", "kind = syslog", "server = 127.0.0.1:2514", "transport = tcp",
            "[notify hook]", "kind = webhook", "url = http://127.0.0.1:2580/x");
        using (var guard = await StartAsync())
        {
            await File.AppendAllTextAsync(Log, string.Concat(Enumerable.Range(0, 20).Select(number => Line(number, "1001\r\nBcc: victim@example.com"))), Stop);
            await UntilAsync(() => _servers.Mails().Count >= 5 && hook.Failed > 0);
            guard.Kill();
            await guard.WaitForExitAsync(Stop);
        }

        hook.IsWell = true;
        using (var guard = await StartAsync())
        {
            // By their ids: the death may have one told twice, which does not stand for one that is missing yet.
            await UntilAsync(() => hook.Ids.Distinct().Count() >= 20 && MessageIds().Distinct().Count() >= 20 && SyslogIds().Distinct().Count() >= 20);
            guard.Kill();
            await guard.WaitForExitAsync(Stop);
        }

        var wanted = Enumerable.Range(1, 20).Select(id => $"ban-{id}").ToList();
        Assert.Equal(wanted, hook.Ids.Distinct());
        Assert.InRange(hook.Taken.Count, 20, 21);
        Assert.InRange(_servers.Mails().Count, 20, 21);
        Assert.Equal(20, MessageIds().Distinct().Count());
        Assert.Equal(wanted, SyslogIds().Distinct());
        Assert.All(_servers.Mails(), mail =>
        {
            Assert.Contains("\n1\nadmin@example.com", mail.Recipients, StringComparison.Ordinal);
            Assert.DoesNotContain("victim", mail.Recipients + mail.Headers, StringComparison.Ordinal);
            Assert.DoesNotContain("\nBcc", mail.Body, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("victim@example.com", mail.Body.Replace("=\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Of_ten_thousand_bans_in_a_minute_ten_are_mails_and_the_rest_is_in_digests()
    {
        await _servers.StartEximAsync(_pbx, Stop);
        Configure("digest_within = 40s", "[notify mail]", "kind = mail", "to = admin@example.com", "server = 127.0.0.1:2525");
        using var guard = await StartAsync();

        await File.AppendAllTextAsync(Log, string.Concat(Enumerable.Range(0, 10_000).Select(number => Line(number, "1001"))), Stop);
        await UntilAsync(() => Digests().Sum(digest => digest.Bans) >= 9_990);
        guard.Kill();
        await guard.WaitForExitAsync(Stop);

        // One, where all were decided within its 40 s.
        Assert.Equal(9_990, Digests().Sum(digest => digest.Bans));
        Assert.InRange(Digests().Count, 1, 4);
        Assert.All(Digests(), digest => Assert.Contains($"{digest.Bans}  RF2001 password-guessing", digest.Body, StringComparison.Ordinal));
        Assert.Equal(10 + Digests().Count, _servers.Mails().Count);
    }

    [Fact]
    public async Task A_greylisted_recipient_a_revoked_token_and_a_child_in_the_background_lose_nothing_and_nobody_is_told_twice()
    {
        await _servers.StartEximAsync(_pbx, Stop);
        await using var hook = new FailingWebhook(_pbx, 2580, "401 Unauthorized");
        var told = Path.Combine(_directory, "told");
        var script = Path.Combine(_directory, "tell");
        Script.Write(script, $"#!/bin/sh\ncat > /dev/null\necho $RINGFENCE_ID >> {told}\nsleep 45 &\n");
        Configure(
            "digest_after = 1000",
            "[notify mail]", "kind = mail", "to = admin@example.com, later@example.com", "server = 127.0.0.1:2525",
            "[notify hook]", "kind = webhook", "url = http://127.0.0.1:2580/x",
            "[notify command]", "kind = command", $"command = {script}");
        using var guard = await StartAsync();

        await File.AppendAllTextAsync(Log, string.Concat(Enumerable.Range(0, 5).Select(number => Line(number, "1001"))), Stop);
        await UntilAsync(() => For("admin").Count() == 5 && hook.Failed > 0 && File.Exists(told) && File.ReadAllLines(told).Length == 5);
        var status = await ToolRun.OfAsync([RingfenceProgram.Path, "status", "--config", Config], TimeSpan.FromSeconds(20), Stop);
        await File.WriteAllTextAsync(Path.Combine(_directory, "later"), "", Stop);
        hook.IsWell = true;
        await UntilAsync(() => For("later").Count() >= 5 && hook.Taken.Count >= 5);
        var after = await ToolRun.OfAsync([RingfenceProgram.Path, "status", "--config", Config], TimeSpan.FromSeconds(20), Stop);
        guard.Kill();
        await guard.WaitForExitAsync(Stop);

        var wanted = Enumerable.Range(1, 5).Select(id => $"ban-{id}").ToList();
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("RCPT TO:<later@example.com>: 451", status.Output, StringComparison.Ordinal);
        Assert.Contains("HTTP 401; check token, secret and url", status.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("no answer within", status.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("RCPT TO", after.Output, StringComparison.Ordinal);
        Assert.Equal(wanted, hook.Ids);
        Assert.Equal(wanted, await File.ReadAllLinesAsync(told, Stop));
        Assert.Equal((5, 5), (For("admin").Distinct().Count(), For("admin").Count()));
        Assert.Equal((5, 5), (For("later").Distinct().Count(), For("later").Count()));
    }

    [Fact]
    public async Task A_full_disk_is_told_in_status_and_when_it_has_room_again_all_that_was_decided_meanwhile_is_told_once()
    {
        await using var hook = new FailingWebhook(_pbx, 2580) { IsWell = true };
        Configure("digest_after = 1000", "[notify hook]", "kind = webhook", "url = http://127.0.0.1:2580/x");
        var state = Path.Combine(_directory, "state");
        Directory.CreateDirectory(state);
        using var guard = await StartAsync("unshare", "--mount", "--propagation", "private", "sh", "-c", $"mount -t tmpfs -o size=16m tmpfs {state} && exec \"$@\"", "sh");
        await File.AppendAllTextAsync(Log, Line(0, "1001"), Stop);
        await UntilAsync(() => hook.Taken.Count == 1);

        // Seen through the guard's own mount, which has room for the write-ahead logs of both databases: SQLite empties one at 4 MB.
        var filler = $"/proc/{guard.Id}/root{state}/filler";
        await ToolRun.OfAsync(["dd", "if=/dev/zero", $"of={filler}", "bs=4k", "count=8000"], TimeSpan.FromSeconds(20), Stop);
        await File.AppendAllTextAsync(Log, string.Concat(Enumerable.Range(1, 200).Select(number => Line(number, "1001"))), Stop);
        var isSaid = await Eventually.HoldsAsync(
            async () => (await ToolRun.OfAsync([RingfenceProgram.Path, "status", "--config", Config], TimeSpan.FromSeconds(20), Stop)) is { ExitCode: 1 } run && run.Output.Contains("full", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60), Stop);
        File.Delete(filler);
        await UntilAsync(() => hook.Ids.Distinct().Count() >= 201);
        guard.Kill();
        await guard.WaitForExitAsync(Stop);

        // The bans, and that somebody goes through passwords of 1001.
        Assert.True(isSaid);
        Assert.Equal(hook.Ids.Distinct().Count(), hook.Taken.Count);
        Assert.InRange(hook.Taken.Count, 201, 202);
    }

    private IEnumerable<string> For(string recipient) =>
        _servers.Mails().Where(mail => mail.Recipients.Contains($"\n1\n{recipient}@example.com", StringComparison.Ordinal)).Select(mail => mail.Headers.Split("Message-ID: ")[1].Split('\n')[0]);

    private void Configure(params string[] notify)
    {
        var sections = notify.TakeWhile(line => line[0] != '[').ToList();
        File.WriteAllLines(Config,
        [
            "[general]", $"log = {Log}", $"asterisk_dir = {_directory}", $"socket = {_directory}/ringfence.sock", "timezone = UTC",
            "[detect]", "refusals = 1", "disable = RF2009, RF2010, RF2011", "[trust]", "contacts = no", "ssh = no", "[journal]", $"path = {_directory}/state/ringfence.db",
            "[notify]", "server_name = pbx1", .. sections, .. notify.Skip(sections.Count),
        ]);
    }

    private Task<ToolRun> TestAsync() => ToolRun.OfAsync([.. _pbx.Prefix, RingfenceProgram.Path, "notify", "test", "--config", Config], TimeSpan.FromSeconds(30), Stop);

    private List<(int Bans, string Body)> Digests() =>
        [.. _servers.Mails().Select(mail => (Of: Regex.Match(mail.Headers, "\\b(?<bans>[0-9]+) bans\\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)), mail.Body))
            .Where(mail => mail.Of.Success).Select(mail => (int.Parse(mail.Of.Groups["bans"].ValueSpan, CultureInfo.InvariantCulture), mail.Body))];

    private IEnumerable<string> MessageIds() => _servers.Mails().Select(mail => mail.Headers.Split("Message-ID: ")[1].Split('\n')[0]);

    private IEnumerable<string> SyslogIds() => Syslog().Select(line => line.Split("id=\"")[1].Split('"')[0]);

    // The last may be half written yet.
    private string[] Syslog() => File.Exists(_servers.SyslogFile) ? File.ReadAllText(_servers.SyslogFile).Split('\n')[..^1] : [];

    /// <param name="wrapper">What stands before the guard.</param>
    private async Task<Process> StartAsync(params string[] wrapper)
    {
        var process = Running.Start([.. _pbx.Prefix, .. wrapper, RingfenceProgram.Path, "guard", "--config", Config, "--observe"]);
        var ready = await Eventually.HoldsAsync(
            async () => (await ToolRun.OfAsync([RingfenceProgram.Path, "status", "--json", "--config", Config], TimeSpan.FromSeconds(20), Stop)).Output.Contains("\"alive\":true", StringComparison.Ordinal),
            TimeSpan.FromSeconds(30), Stop);
        Assert.True(ready && !process.HasExited, "the guard did not start");
        return process;
    }

    private static async Task UntilAsync(Func<bool> holds) =>
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(holds()), TimeSpan.FromSeconds(150), Stop), "not within 150 s");

    // As [json] writes it: line ends in an account are escaped there, and come out again when it is read.
    private static string Line(int number, string account)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var message = string.Create(CultureInfo.InvariantCulture,
            $"SecurityEvent=\"InvalidPassword\",EventTV=\"{now:yyyy-MM-dd'T'HH:mm:ss.fff}+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"2\",AccountID=\"{account}\",SessionID=\"s{number}\",LocalAddress=\"IPV4/TCP/10.0.0.1/5060\",RemoteAddress=\"IPV4/TCP/198.18.{number >> 8}.{number & 255}/5060\",Challenge=\"1751371080/0123456789abcdef\",ReceivedChallenge=\"1751371080/0123456789abcdef\",ReceivedHash=\"{number:x32}\"");
        return string.Create(CultureInfo.InvariantCulture,
            $$$$"""{"hostname":"","timestamp":"{{{{now:yyyy-MM-dd HH:mm:ss.fff}}}}","identifiers":{"lwp":22978,"callid":""},"logmsg":{"location":{"filename":"res_security_log.c","function":"security_event_stasis_cb","line":114},"level":"SECURITY","message":"{{{{JsonEncodedText.Encode(message)}}}}"}}""") + "\n";
    }
}
