using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Ringfence.Notifiers;
using Ringfence.Tests.Notices;
using Xunit;

namespace Ringfence.Tests.Notifiers;

/// <summary>Mail servers and webhooks on loopback that say what no good one would.</summary>
public sealed class HostileServerTests
{
    private static readonly NoticeMessage Message = NoticeMessage.Of("pbx1", NoticeTextTests.NoticeOf(NoticeTextTests.BanOf(text: NoticeTextTests.Injected)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_is_taken_when_the_server_says_so_and_has_exactly_the_commands_that_it_should()
    {
        var (answer, asked) = await MailAsync("220 hi\r\n", "250-x\r\n250 8BITMIME\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 2.0.0 id=7\r\n");

        Assert.Equal(AnswerKind.Taken, answer.Kind);
        Assert.EndsWith("250 2.0.0 id=7", answer.Words, StringComparison.Ordinal);
        Assert.StartsWith("EHLO pbx1\r\nMAIL FROM:<ringfence@pbx1>\r\nRCPT TO:<admin@example.com>\r\nDATA\r\nFrom: Ringfence <ringfence@pbx1>\r\n", asked, StringComparison.Ordinal);
        Assert.EndsWith("\r\n.\r\nQUIT\r\n", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("\nBcc:", asked, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(nameof(AnswerKind.TryAgain), "421 busy\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "554 go away\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "220 hi\r\n", "250 x\r\n", "250 ok\r\n", "451 greylisted\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "220 hi\r\n", "250 x\r\n", "250 ok\r\n", "550 no such user\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "220 hi\r\n", "250 x\r\n", "550 no such domain\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "220 hi\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "554 no valid recipients\r\n")]
    [InlineData(nameof(AnswerKind.Refused), "220 hi\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "554 spam\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "220 hi\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "452 full\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "220-a\r\n220-b\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "")]
    public async Task What_a_server_says_decides_whether_it_is_tried_again(string kind, params string[] replies)
    {
        var (answer, _) = await MailAsync(replies);

        Assert.Equal(kind, answer.Kind.ToString());
        Assert.DoesNotContain(answer.Words, char.IsControl);
    }

    [Fact]
    public async Task A_server_without_end_or_line_end_is_left_after_a_bounded_number_of_bytes()
    {
        var (endless, _) = await MailAsync($"220 {new string('x', 100_000)}");
        var (lines, _) = await MailAsync(string.Concat(Enumerable.Repeat("220-more\r\n", 10_000)));

        Assert.Contains("line of more than", endless.Words, StringComparison.Ordinal);
        Assert.Contains("more than 200 lines", lines.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_replies_end_in_an_answer_that_can_be_shown()
    {
        var random = new Random(20261121);
        string[] good = ["220 hi\r\n", "250-x\r\n250 AUTH PLAIN\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"];
        for (var round = 0; round < 200; round++)
        {
            var replies = string.Concat(good).Select(c => random.Next(25) == 0 ? (char)random.Next(256) : c);

            // All at once: a server that waits for the end of a line that it broke itself would only wait.
            var (answer, _) = await MailAsync(string.Concat(replies));

            Assert.DoesNotContain(answer.Words, char.IsControl);
            Assert.InRange(answer.Words.Length, 1, 500);
        }
    }

    [Theory]
    [InlineData(nameof(AnswerKind.Taken), "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData(nameof(AnswerKind.Taken), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 404 x\r\nContent-Length: 9\r\n\r\n\u001b[31mred\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 410 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.Refused), "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.Refused), "HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.Refused), "HTTP/1.1 422 x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "HTTP/1.1 302 x\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "220 mail.example.com\r\n")]
    [InlineData(nameof(AnswerKind.TryAgain), "")]
    public async Task What_a_webhook_answers_decides_whether_it_is_tried_again(string kind, string answered)
    {
        var (answer, asked) = await HookAsync(answered);

        Assert.Equal(kind, answer.Kind.ToString());
        Assert.DoesNotContain(answer.Words, char.IsControl);
        Assert.DoesNotContain("hush", answer.Words, StringComparison.Ordinal);
        var body = asked[(asked.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains($"X-Ringfence-Signature: sha256={Convert.ToHexStringLower(HMACSHA256.HashData("key"u8, Encoding.UTF8.GetBytes(body)))}", asked, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer token", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("\nBcc:", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_answers_without_end_is_left_after_a_kilobyte()
    {
        var (answer, _) = await HookAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + new string('x', 200_000));

        Assert.Equal(AnswerKind.Taken, answer.Kind);
        Assert.InRange(answer.Words.Length, 1, 300);
    }

    [Fact]
    public async Task A_command_gets_the_JSON_and_its_exit_code_counts()
    {
        var taken = await Command("/usr/bin/grep", "-c", "ban-42");
        var later = await Command("/bin/false");
        var absent = await Command("/nowhere/x");

        Assert.Equal(Answer.Taken("/usr/bin/grep took it: 1"), taken);
        Assert.Equal(AnswerKind.TryAgain, later.Kind);
        Assert.Equal(AnswerKind.TryAgain, absent.Kind);
    }

    [Fact]
    public async Task No_attackers_text_is_in_a_commands_environment()
    {
        var answer = await Command("/usr/bin/env");

        Assert.Contains("RINGFENCE", $"{answer.Words}RINGFENCE", StringComparison.Ordinal);
        Assert.DoesNotContain("victim", answer.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_resets_the_connection_once_it_has_the_mail_has_it()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = ResetAfterMailAsync(server);

        var answer = await SendMailAsync(server);
        await serving;

        Assert.Equal(AnswerKind.Taken, answer.Kind);
    }

    [Fact]
    public async Task What_a_command_leaves_in_the_background_holds_up_nobody_and_its_exit_code_counts()
    {
        var clock = TimeProvider.System;
        var begun = clock.GetTimestamp();

        var answer = await Command("/bin/sh", "-c", "echo begun; sleep 20 &");

        Assert.Equal(Answer.Taken("/bin/sh took it: begun"), answer);
        Assert.InRange(clock.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(18));
    }

    [Fact]
    public async Task A_command_that_does_not_end_is_ended_with_those_whom_nobody_waits_for_any_more()
    {
        var pids = Path.GetTempFileName();
        var time = new ManualTime();
        try
        {
            var running = new CommandNotifier(
                new NotifierSettings { Name = "x", Command = ["/bin/sh", "-c", $"(sleep 60 & echo $! > {pids}); sleep 60"] }, time).SendAsync(Message, Stop);
            var orphan = await NumberAsync(pids);
            time.Advance(await time.NextTimerAsync());

            Assert.Equal("/bin/sh: no answer within 30 s", (await running).Words);
            await GoneAsync(orphan);
        }
        finally
        {
            File.Delete(pids);
        }
    }

    [Fact]
    public async Task A_syslog_server_that_keeps_the_connection_open_has_the_message_once_its_kernel_has_it()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var settings = new NotifierSettings { Name = "x", Kind = NotifierKind.Syslog, Transport = SyslogTransport.Tcp, Server = new ServerAddress("127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port) };

        // Real time: a kernel acknowledges after up to 40 ms.
        var sending = new SyslogServer(settings, TimeProvider.System).SendAsync(Message, Stop);
        using var client = await server.AcceptTcpClientAsync(Stop);
        var answer = await sending;

        Assert.Equal(AnswerKind.Taken, answer.Kind);
        Assert.EndsWith("the server keeps the connection open", answer.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_syslog_server_that_resets_the_connection_has_nothing()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var settings = new NotifierSettings { Name = "x", Kind = NotifierKind.Syslog, Transport = SyslogTransport.Tcp, Server = new ServerAddress("127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port) };
        var sending = new SyslogServer(settings, TimeProvider.System).SendAsync(Message, Stop);
        using (var client = await server.AcceptSocketAsync(Stop))
        {
            // TcpClient would say goodbye first.
            client.Close(0);
        }

        Assert.Equal(AnswerKind.TryAgain, (await sending).Kind);
    }

    private static Task<Answer> Command(params string[] command) =>
        new CommandNotifier(new NotifierSettings { Name = "x", Command = command }, TimeProvider.System).SendAsync(Message, Stop);

    private static async Task<(Answer Answer, string Asked)> MailAsync(params string[] replies)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = ServeMailAsync(server, replies);
        var answer = await SendMailAsync(server);
        return (answer, await serving);
    }

    private static Task<Answer> SendMailAsync(TcpListener server)
    {
        var settings = new NotifierSettings { Name = "x", Kind = NotifierKind.Mail, To = ["admin@example.com"], Server = new ServerAddress("127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port) };
        return new SmtpMail(settings, "ringfence@pbx1", new Whois(TimeProvider.System), TimeProvider.System).SendAsync(Message, Stop);
    }

    private static async Task ResetAfterMailAsync(TcpListener server)
    {
        using var client = await server.AcceptTcpClientAsync(Stop);
        await using var stream = client.GetStream();
        var asked = new StringBuilder();
        foreach (var (reply, end) in ((string, string)[])[("220 hi", "\r\n"), ("250 x", "\r\n"), ("250 ok", "\r\n"), ("250 ok", "\r\n"), ("354 go", "\r\n.\r\n")])
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"{reply}\r\n"), Stop);
            await ReadToAsync(stream, asked.Clear(), end);
        }

        // The answer and the reset arrive together.
        await stream.WriteAsync("250 ok\r\n"u8.ToArray(), Stop);
        client.Client.Close(0);
    }

    private static async Task<int> NumberAsync(string file)
    {
        string text;
        while (!(text = await File.ReadAllTextAsync(file, Stop)).EndsWith('\n'))
        {
            await Task.Yield();
        }

        return int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    // A zombie is gone: whoever is process 1 here may be slow to hear of it.
    private static async Task GoneAsync(int pid)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (File.Exists($"/proc/{pid}/stat") && !(await ReadOrEmptyAsync($"/proc/{pid}/stat")).Contains(") Z ", StringComparison.Ordinal))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<string> ReadOrEmptyAsync(string path)
    {
        try
        {
            return await File.ReadAllTextAsync(path, Stop);
        }
        catch (IOException)
        {
            return ") Z ";
        }
    }

    // One reply to begin with, and one after each command; after DATA one for the whole mail. Then it hangs up.
    private static async Task<string> ServeMailAsync(TcpListener server, string[] replies)
    {
        using var client = await server.AcceptTcpClientAsync(Stop);
        await using var stream = client.GetStream();
        var asked = new StringBuilder();
        try
        {
            foreach (var (reply, i) in replies.Select((reply, i) => (reply, i)))
            {
                if (i > 0)
                {
                    await ReadToAsync(stream, asked, i == 5 ? "\r\n.\r\n" : "\r\n");
                }

                await stream.WriteAsync(Encoding.Latin1.GetBytes(reply), Stop);
            }

            client.Client.Shutdown(SocketShutdown.Send);
            await ReadToAsync(stream, asked, "\0never");
        }
        catch (IOException)
        {
            // The client had enough.
        }

        return asked.ToString();
    }

    private static async Task ReadToAsync(NetworkStream stream, StringBuilder asked, string end)
    {
        var one = new byte[1];
        while (!asked.ToString().EndsWith(end, StringComparison.Ordinal) && await stream.ReadAsync(one, Stop) > 0)
        {
            asked.Append((char)one[0]);
        }
    }

    private static async Task<(Answer Answer, string Asked)> HookAsync(string answered)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = ServeHookAsync(server, answered);
        var settings = new NotifierSettings
        {
            Name = "x",
            Kind = NotifierKind.Webhook,
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/hush"),
            Secret = "key",
            Token = "token",
        };
        var answer = await new Webhook(settings, TimeProvider.System).SendAsync(Message, Stop);
        return (answer, await serving);
    }

    private static async Task<string> ServeHookAsync(TcpListener server, string answered)
    {
        using var client = await server.AcceptTcpClientAsync(Stop);
        await using var stream = client.GetStream();
        var asked = new StringBuilder();
        await ReadToAsync(stream, asked, "\"digest\":null}");
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answered), Stop);
        }
        catch (IOException)
        {
            // The client had enough.
        }

        return asked.ToString();
    }
}
