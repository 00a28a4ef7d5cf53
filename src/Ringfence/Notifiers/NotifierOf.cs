using Ringfence.Core.Configuration;

namespace Ringfence.Notifiers;

/// <summary>The notifier that a section of the configuration means.</summary>
internal static class NotifierOf
{
    public static INotifier Settings(NotifierSettings settings, string server, TimeProvider clock)
    {
        var whois = new Whois(clock);
        var from = settings.From ?? $"ringfence@{server}";
        return settings.Kind switch
        {
            NotifierKind.Mail when settings.Server is null => new SendmailMail(settings, from, whois, clock),
            NotifierKind.Mail => new SmtpMail(settings, from, whois, clock),
            NotifierKind.Webhook => new Webhook(settings, clock),
            NotifierKind.Syslog => new SyslogServer(settings, clock),
            NotifierKind.Command => new CommandNotifier(settings, clock),
            _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Kind, "not a kind of notifier"),
        };
    }

    public static string Name(NotifierKind? kind) => kind switch
    {
        NotifierKind.Mail => "mail",
        NotifierKind.Webhook => "webhook",
        NotifierKind.Syslog => "syslog",
        NotifierKind.Command => "command",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind of notifier"),
    };
}
