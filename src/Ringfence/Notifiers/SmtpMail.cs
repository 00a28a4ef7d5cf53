using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>Mail by SMTP to one server.</summary>
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

        // Until a mail is offered a refusal is about the server or the login, not about this mail: it is tried again when somebody has mended that.
        if (await OpenAsync(smtp, ownName, stop) is { } problem)
        {
            return Answer.TryAgain($"{where}: {problem}");
        }

        if (await smtp.AskAsync($"MAIL FROM:<{from}>", stop) is { IsGood: false } refusedFrom)
        {
            return Of(where, $"MAIL FROM:<{from}>", refusedFrom);
        }

        var refused = new List<(string To, SmtpReply Reply)>();
        foreach (var to in settings.To)
        {
            if (await smtp.AskAsync($"RCPT TO:<{to}>", stop) is { IsGood: false } reply)
            {
                refused.Add((to, reply));
            }
        }

        if (refused.Count == settings.To.Count)
        {
            // One that may be taken later is reason enough to come again.
            var (to, reply) = refused.Find(one => one.Reply.IsTemporary) is { To: not null } later ? later : refused[0];
            return Of(where, $"RCPT TO:<{to}>", reply);
        }

        if (await smtp.AskAsync("DATA", stop) is { Code: not 354 } refusedData)
        {
            return Of(where, "DATA", refusedData);
        }

        await smtp.SendAsync(mail, stop);
        var end = await smtp.AskAsync(".", stop);
        if (!end.IsGood)
        {
            return Of(where, "the mail", end);
        }

        // It has the mail; how it says goodbye changes nothing.
        await smtp.SendAsync("QUIT\r\n"u8.ToArray(), stop);
        var others = refused.Count == 0 ? "" : $"; not for {string.Join(", ", refused.Select(one => $"{one.To}: {one.Reply.Words}"))}";
        return Answer.Taken($"{where}: {end.Words}{others}");
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

    private static Answer Of(string where, string step, SmtpReply reply) =>
        new(reply is { IsTemporary: true } or { IsGood: true } ? AnswerKind.TryAgain : AnswerKind.Refused, $"{where}: {step}: {reply.Words}");
}
