using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>Mail by SMTP to one server, as a rule for one recipient; of several all get it or none.</summary>
/// <remarks>RFC 5321; STARTTLS RFC 3207; AUTH RFC 4954, PLAIN RFC 4616.</remarks>
internal sealed class SmtpMail(NotifierSettings settings, string from, Whois whois, TimeProvider clock) : INotifier
{
    // RFC 5321 section 4.5.3.2 allows minutes for each step, for relays that look up the world; a submission server answers in seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly MailTls _tls = settings.Tls ?? (settings.Server!.IsLoopback ? MailTls.None : MailTls.StartTls);

    public async Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop)
    {
        var server = settings.Server!;
        var port = server.Port ?? (_tls == MailTls.Implicit ? 465 : server.IsLoopback ? 25 : 587);
        var said = settings.Whois ? await whois.AskAsync(message.Notice, stop) : "";
        var mail = MailText.Of(message, from, settings.To, NoticeText.Body(message, said), clock.GetUtcNow());
        var where = $"{server.Host}:{port}";
        return await Attempt.RunAsync(where, Limit, clock, token => TalkAsync(where, server.Host, port, message.Host, mail, token), stop);
    }

    private async Task<Answer> TalkAsync(string where, string host, int port, string ownName, byte[] mail, CancellationToken stop)
    {
        await using var smtp = new SmtpConnection(host);
        await smtp.ConnectAsync(port, stop);
        if (_tls == MailTls.Implicit)
        {
            await smtp.EncryptAsync(settings.CaFile, stop);
        }

        // Until the mail itself is there a refusal, also one for good, is about the server, the login, the sender or the recipient, and would meet the next
        // mail too: it is tried again, and told, until somebody has mended that.
        if (await OpenAsync(smtp, ownName, stop) is { } problem)
        {
            return Answer.TryAgain($"{where}: {problem}");
        }

        foreach (var command in (string[])[$"MAIL FROM:<{from}>", .. settings.To.Select(to => $"RCPT TO:<{to}>")])
        {
            if (await smtp.AskAsync(command, stop) is { IsGood: false } refused)
            {
                return Answer.TryAgain($"{where}: {command}: {refused.Words}");
            }
        }

        if (await smtp.AskAsync("DATA", stop) is { Code: not 354 } refusedData)
        {
            return Answer.TryAgain($"{where}: DATA: {refusedData.Words}");
        }

        await smtp.SendAsync(mail, stop);
        var end = await smtp.AskAsync(".", stop);
        if (!end.IsGood)
        {
            return new Answer(end.IsTemporary ? AnswerKind.TryAgain : AnswerKind.Refused, $"{where}: the mail: {end.Words}");
        }

        await LeaveAsync(smtp, stop);
        return Answer.Taken($"{where}: {end.Words}");
    }

    // It has the mail (RFC 5321 section 6.1); how it says goodbye changes nothing.
    private static async Task LeaveAsync(SmtpConnection smtp, CancellationToken stop)
    {
        try
        {
            await smtp.SendAsync("QUIT\r\n"u8.ToArray(), stop);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // It hung up, or time is up.
        }
    }

    /// <returns>null: the server waits for a mail.</returns>
    private async Task<string?> OpenAsync(SmtpConnection smtp, string ownName, CancellationToken stop)
    {
        if (await smtp.ReplyAsync(stop) is { IsGood: false } greeting)
        {
            return greeting.Words;
        }

        var hello = await smtp.AskAsync($"EHLO {ownName}", stop);
        if (_tls == MailTls.StartTls)
        {
            if (!hello.Offers("STARTTLS"))
            {
                return "the server offers no STARTTLS; give tls = tls or tls = none";
            }

            if (await smtp.AskAsync("STARTTLS", stop) is { IsGood: false } refused)
            {
                return $"STARTTLS: {refused.Words}";
            }

            // What it said before, in clear, does not count any more (RFC 3207 section 4.2).
            await smtp.EncryptAsync(settings.CaFile, stop);
            hello = await smtp.AskAsync($"EHLO {ownName}", stop);
        }

        return !hello.IsGood ? $"EHLO: {hello.Words}" : settings.User is { } user ? await LogInAsync(smtp, hello, user, settings.Password!, stop) : null;
    }

    private async Task<string?> LogInAsync(SmtpConnection smtp, SmtpReply hello, string user, string password, CancellationToken stop)
    {
        if (!smtp.IsEncrypted && !settings.Server!.IsLoopback)
        {
            return "the password would go out in clear; give tls = starttls or tls = tls";
        }

        SmtpReply reply;
        if (hello.Offers("AUTH", "PLAIN"))
        {
            reply = await smtp.AskAsync($"AUTH PLAIN {Base64($"\0{user}\0{password}")}", stop);
        }
        else if (hello.Offers("AUTH", "LOGIN"))
        {
            reply = await smtp.AskAsync("AUTH LOGIN", stop);
            reply = reply.Code == 334 ? await smtp.AskAsync(Base64(user), stop) : reply;
            reply = reply.Code == 334 ? await smtp.AskAsync(Base64(password), stop) : reply;
        }
        else
        {
            return "the server offers neither AUTH PLAIN nor AUTH LOGIN";
        }

        return reply.Code == 235 ? null : $"login refused for user {Attempt.Safe(user)}: {reply.Words}; check user and password";
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
