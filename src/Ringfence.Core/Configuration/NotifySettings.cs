using System.Net;
using Ringfence.Core.Notices;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Configuration;

/// <summary>Whom to tell. Nobody, unless the operator says so.</summary>
internal sealed record NotifySettings
{
    /// <summary>The server's name in subjects; null: the machine's.</summary>
    public string? Server { get; init; }

    /// <value>10 in 15 minutes if unset.</value>
    public DigestRules Digest { get; init; } = new(10, TimeSpan.FromMinutes(15));

    /// <summary>In the order of the file; names are distinct.</summary>
    public IReadOnlyList<NotifierSettings> Notifiers { get; init; } = [];
}

internal enum NotifierKind
{
    Mail,
    Webhook,
    Syslog,
    Command,
}

internal enum MailTls
{
    /// <summary>In clear: only to this machine itself when a password is sent.</summary>
    None,

    /// <summary>RFC 3207; refused where the server does not offer it.</summary>
    StartTls,

    /// <summary>RFC 8314: TLS from the first byte, port 465.</summary>
    Implicit,
}

internal enum SyslogTransport
{
    /// <summary>RFC 5426.</summary>
    Udp,

    /// <summary>RFC 6587 section 3.4.1, octet counting.</summary>
    Tcp,

    /// <summary>RFC 5425.</summary>
    Tls,
}

/// <summary>One receiver of notices. Which members count depends on <see cref="Kind"/>; the reader has checked that they are there.</summary>
internal sealed record NotifierSettings
{
    /// <summary>Letters, digits, hyphens and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>null until the reader has seen it.</summary>
    public NotifierKind? Kind { get; init; }

    public NoticeFilter Filter { get; init; } = new(Severity.Low, [NoticeKind.Ban, NoticeKind.Spare, NoticeKind.Alert, NoticeKind.Alarm, NoticeKind.Fraud, NoticeKind.Report]);

    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>null: ringfence@ the server's name.</summary>
    public string? From { get; init; }

    /// <summary>Of mail: null is the program /usr/sbin/sendmail.</summary>
    public ServerAddress? Server { get; init; }

    /// <summary>null: StartTls, and None to a server on loopback.</summary>
    public MailTls? Tls { get; init; }

    /// <summary>PEM file of the authorities that the server's certificate must come from; null: the system's.</summary>
    public string? CaFile { get; init; }

    public string? User { get; init; }

    /// <summary>Secret.</summary>
    public string? Password { get; init; }

    /// <summary>Whether a mail carries what whois says; that asks servers outside.</summary>
    public bool Whois { get; init; }

    /// <summary>Secret: people put tokens into it.</summary>
    public Uri? Url { get; init; }

    /// <summary>Secret: the key of the webhook's signature.</summary>
    public string? Secret { get; init; }

    /// <summary>Secret: sent as Authorization: Bearer.</summary>
    public string? Token { get; init; }

    public SyslogTransport Transport { get; init; } = SyslogTransport.Udp;

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];
}

/// <param name="Host">A DNS name or an address.</param>
/// <param name="Port">null: the usual one.</param>
internal sealed record ServerAddress(string Host, int? Port)
{
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <returns>null: neither "host", "host:port", "192.0.2.1:25" nor "[2001:db8::1]:25".</returns>
    public static ServerAddress? Parse(string text)
    {
        if (IPAddress.TryParse(text.Trim('[', ']'), out var alone) && (text.StartsWith('[') || !text.Contains('.', StringComparison.Ordinal) || alone.ToString() == text))
        {
            return new ServerAddress(alone.ToString(), null);
        }

        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        if (colon >= 0 && !(int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out var number) && number is > 0 and < 65_536))
        {
            return null;
        }

        int? port = colon < 0 ? null : int.Parse(text.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture);
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            return IPAddress.TryParse(host[1..^1], out var inside) ? new ServerAddress(inside.ToString(), port) : null;
        }

        return IsName(host) ? new ServerAddress(host, port) : null;
    }

    private static bool IsName(string host) => host.Length is > 0 and <= 253 && host[0] != '-' && host[0] != '.'
        && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
