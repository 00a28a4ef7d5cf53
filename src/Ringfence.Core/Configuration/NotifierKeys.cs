using Ringfence.Core.Notices;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Configuration;

/// <summary>One key of a section [notify NAME].</summary>
internal sealed record NotifierKey
{
    public required string Name { get; init; }

    /// <summary>For which kinds it is: "mail", "mail, syslog", "all".</summary>
    public required string For { get; init; }

    public required string Type { get; init; }

    public required string Default { get; init; }

    public required string Meaning { get; init; }

    public required string Example { get; init; }

    public bool IsList { get; init; }

    /// <summary>Its value is shown to nobody, not even in the message about a mistake.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Takes one value (of a list: all of them); what it expected in place of a bad one, or null.</summary>
    public required Func<NotifierSettings, IReadOnlyList<string>, (NotifierSettings? Settings, string? Expected)> Set { get; init; }
}

/// <summary>Every key of [notify NAME], once: the reader and the reference page come from here.</summary>
internal static class NotifierKeys
{
    /// <summary>What such a section's name begins with.</summary>
    public const string Prefix = "notify ";

    public const string Meaning =
        "A receiver of notices, such as `[notify boss]`; as many as you like, each with a name of its own. Nothing is sent unless there is one. "
        + "Each has its own place in the queue on disk, so one that is down holds up no other; what it does not take is tried again, after 5 s at first and each 15 min at last, "
        + "for 4 days. After a crash the last message may come twice: its id is the same. Try it with `ringfence notify test`.";

    public static readonly IReadOnlyList<NotifierKey> All =
    [
        new()
        {
            Name = "kind", For = "all", Type = "mail, webhook, syslog or command", Default = "must be given", Example = "mail",
            Meaning = "How it is told.",
            Set = static (settings, values) => values[0] switch
            {
                "mail" => (settings with { Kind = NotifierKind.Mail }, null),
                "webhook" => (settings with { Kind = NotifierKind.Webhook }, null),
                "syslog" => (settings with { Kind = NotifierKind.Syslog }, null),
                "command" => (settings with { Kind = NotifierKind.Command }, null),
                _ => (null, "mail, webhook, syslog or command"),
            },
        },
        new()
        {
            Name = "severity", For = "all", Type = "info, low, medium, high or critical", Default = "low", Example = "high",
            Meaning = "The least that is told. Alarms are critical, bans as severe as their rule (`ringfence rules`), unbans info.",
            Set = static (settings, values) => Enum.GetValues<Severity>().Where(severity => NoticeText.Name(severity) == values[0]).Select(severity => (Severity?)severity).FirstOrDefault() is { } least
                ? (settings with { Filter = settings.Filter with { Severity = least } }, null)
                : (null, "info, low, medium, high or critical"),
        },
        new()
        {
            Name = "events", For = "all", Type = "ban, unban, spare, alert, alarm, fraud, report", Default = "ban, spare, alert, alarm, fraud, report", Example = "ban, alarm", IsList = true,
            Meaning = "What is told. spare: a rule spoke against somebody trusted. alert: policy says to tell only. alarm: what status calls a problem (a source is blind, the firewall, the journal or a part of the guard fails) for a minute; and the end of that. fraud: calls came to a limit of theirs. report: what the calls of a day came to (daily_report of [calls]).",
            Set = static (settings, values) => Events(settings, values),
        },
        new()
        {
            Name = "to", For = "mail", Type = "mail address", Default = "must be given", Example = "admin@example.com", IsList = true,
            Meaning = "Who gets the mail. With a server each gets one of his own: a mailbox that is full, or greylisted, holds up nobody else, and is told by status.",
            Set = static (settings, values) => values.FirstOrDefault(value => !MailAddress.IsGood(value, needsDomain: false)) is { } bad
                ? (null, $"mail addresses such as admin@example.com, not {Shown.Text(bad)}")
                : (settings with { To = [.. values.Distinct(StringComparer.Ordinal)] }, null),
        },
        new()
        {
            Name = "from", For = "mail", Type = "mail address", Default = "ringfence@ the server's name", Example = "ringfence@example.com",
            Meaning = "Whom the mail is from; mail servers refuse domains that do not exist.",
            Set = static (settings, values) => MailAddress.IsGood(values[0], needsDomain: true)
                ? (settings with { From = values[0] }, null)
                : (null, "a mail address such as ringfence@example.com"),
        },
        new()
        {
            Name = "server", For = "mail, syslog", Type = "host, host:port", Default = "mail: the program /usr/sbin/sendmail", Example = "mail.example.com:587",
            Meaning = "The server. Mail: port 587, with tls = tls 465, on this machine 25. Syslog: port 514, with transport = tls 6514. The service runs without the right to use set-user-id programs, as the sendmail of Postfix and Exim is: give `server = localhost` there.",
            Set = static (settings, values) => ServerAddress.Parse(values[0]) is { } server
                ? (settings with { Server = server }, null)
                : (null, "a host or host:port such as mail.example.com:587 or [2001:db8::1]:25"),
        },
        new()
        {
            Name = "tls", For = "mail", Type = "starttls, tls or none", Default = "starttls; none to this machine", Example = "tls",
            Meaning = "starttls: refused where the server does not offer it. tls: from the first byte. none: in clear; refused together with user unless the server is this machine.",
            Set = static (settings, values) => values[0] switch
            {
                "starttls" => (settings with { Tls = MailTls.StartTls }, null),
                "tls" => (settings with { Tls = MailTls.Implicit }, null),
                "none" => (settings with { Tls = MailTls.None }, null),
                _ => (null, "starttls, tls or none"),
            },
        },
        new()
        {
            Name = "ca", For = "mail, webhook, syslog", Type = "path", Default = "the system's authorities", Example = "/etc/ssl/my-ca.pem",
            Meaning = "A PEM file: the server's certificate must come from an authority in it. The server's name is checked always.",
            Set = static (settings, values) => values[0].StartsWith('/') ? (settings with { CaFile = values[0] }, null) : (null, "an absolute path, beginning with /"),
        },
        new()
        {
            Name = "user", For = "mail", Type = "text", Default = "no login", Example = "ringfence@example.com",
            Meaning = "Logs in with AUTH PLAIN or LOGIN.",
            Set = static (settings, values) => IsLine(values[0]) ? (settings with { User = values[0] }, null) : (null, "a name of at most 256 characters"),
        },
        new()
        {
            Name = "password", For = "mail", Type = "text", Default = "none", Example = "app-password", IsSecret = true,
            Meaning = "The user's password. Let ringfence.conf be readable by root and the group ringfence alone.",
            Set = static (settings, values) => IsLine(values[0]) ? (settings with { Password = values[0] }, null) : (null, "at most 256 characters"),
        },
        new()
        {
            Name = "whois", For = "mail", Type = "yes or no", Default = "no", Example = "yes",
            Meaning = "Put into mails about one address what the program whois says of it, if it is installed. That asks the registries' servers.",
            Set = static (settings, values) => AsteriskBool.Parse(values[0]) is { } yes ? (settings with { Whois = yes }, null) : (null, "yes or no"),
        },
        new()
        {
            Name = "url", For = "webhook", Type = "https:// or http:// URL", Default = "must be given", Example = "https://hooks.example.com/ringfence", IsSecret = true,
            Meaning = "Gets each message as JSON by POST (docs/json.md). 2xx: taken. 400, 413, 422: that message is dropped, and a second in a row is a problem in status. Anything else, a refused token, a wrong URL and redirections too: a problem in status, and tried again for four days.",
            Set = static (settings, values) => Uri.TryCreate(values[0], UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
                ? (settings with { Url = url }, null)
                : (null, "a URL that begins with https:// or http://, without a user in it"),
        },
        new()
        {
            Name = "secret", For = "webhook", Type = "text", Default = "no signature", Example = "a-long-random-text", IsSecret = true,
            Meaning = "Signs the body: `X-Ringfence-Signature: sha256=` and the HMAC-SHA-256 in hexadecimal digits.",
            Set = static (settings, values) => IsLine(values[0]) ? (settings with { Secret = values[0] }, null) : (null, "at most 256 characters"),
        },
        new()
        {
            Name = "token", For = "webhook", Type = "text", Default = "none", Example = "a-token", IsSecret = true,
            Meaning = "Sent as `Authorization: Bearer`.",
            Set = static (settings, values) => IsLine(values[0]) && values[0].All(c => c is > ' ' and <= '~') ? (settings with { Token = values[0] }, null) : (null, "at most 256 printable ASCII characters without blanks"),
        },
        new()
        {
            Name = "transport", For = "syslog", Type = "udp, tcp or tls", Default = "udp", Example = "tls",
            Meaning = "RFC 5424 over UDP (RFC 5426: nobody says whether it arrived), TCP (RFC 6587, octet counting) or TLS (RFC 5425).",
            Set = static (settings, values) => values[0] switch
            {
                "udp" => (settings with { Transport = SyslogTransport.Udp }, null),
                "tcp" => (settings with { Transport = SyslogTransport.Tcp }, null),
                "tls" => (settings with { Transport = SyslogTransport.Tls }, null),
                _ => (null, "udp, tcp or tls"),
            },
        },
        new()
        {
            Name = "command", For = "command", Type = "absolute path and arguments", Default = "must be given", Example = "/usr/local/bin/tell-me --now",
            Meaning = "Run for each message, without a shell, arguments apart by blanks, with the JSON of docs/json.md on its standard input, for at most 30 s, after which it is ended with all that it started. Exit code 0: taken, whatever it leaves in the background (which should write nothing to its output); else tried again. RINGFENCE_KIND, _SEVERITY, _ADDRESS, _RULE, _ID and _SUBJECT are in its environment; an attacker's text is in the JSON alone. It runs as the guard's user, with none of the service's capabilities.",
            Set = static (settings, values) => values[0].StartsWith('/')
                ? (settings with { Command = values[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) }, null)
                : (null, "an absolute path, with arguments behind it"),
        },
    ];

    private static bool IsLine(string text) => text.Length is > 0 and <= 256 && !text.Any(char.IsControl);

    private static (NotifierSettings?, string?) Events(NotifierSettings settings, IReadOnlyList<string> values)
    {
        var kinds = NoticeKinds.Chosen.Where(kind => values.Contains(NoticeKinds.Name(kind), StringComparer.Ordinal)).ToList();
        var bad = values.FirstOrDefault(value => !NoticeKinds.Chosen.Any(kind => NoticeKinds.Name(kind) == value));
        return bad is null && kinds.Count > 0
            ? (settings with { Filter = settings.Filter with { Kinds = kinds } }, null)
            : (null, $"some of {string.Join(", ", NoticeKinds.Chosen.Select(NoticeKinds.Name))}{(bad is null ? "" : $", not {Shown.Text(bad)}")}");
    }
}
