using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>Mail by the machine's own program.</summary>
internal sealed class SendmailMail(NotifierSettings settings, string from, Whois whois, TimeProvider clock, string program = SendmailMail.Program) : INotifier
{
    public const string Program = "/usr/sbin/sendmail";

    public async Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop)
    {
        var said = settings.Whois ? await whois.AskAsync(message.Notice, stop) : "";
        var mail = MailText.Of(message, from, settings.To, NoticeText.Body(message, said), clock.GetUtcNow());

        // No -t: who gets it is what the configuration says, and not what a header says. -i: a lone dot does not end it.
        // Lines end with LF here: the programs that are called sendmail expect a Unix file, and some keep a CR as text.
        var lines = mail.Where(octet => octet != (byte)'\r').ToArray();
        var answer = await FedCommand.RunAsync(program, ["-i", "-f", from, "--", .. settings.To], lines, [], clock, stop);
        return answer.Kind == AnswerKind.Taken ? answer : answer with { Words = $"{answer.Words}{Cure()}" };
    }

    // The sendmail of Postfix hands over by a set-group-id program, that of Exim is set-user-id: our service may use neither.
    private static string Cure() => MayUseSetId() ? "" : "; this service may not run set-user-id programs: give server = localhost, where a mail server listens";

    private static bool MayUseSetId()
    {
        const string Status = "/proc/self/status";
        return !File.Exists(Status) || !File.ReadLines(Status).Any(line => line.StartsWith("NoNewPrivs:", StringComparison.Ordinal) && line.EndsWith('1'));
    }
}
