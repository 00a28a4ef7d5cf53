using System.Globalization;
using System.Text;

namespace Ringfence.Core.Notices;

/// <summary>A whole mail, headers and body.</summary>
/// <remarks>RFC 5322. Every header is ASCII of our own making, so none can hold a line end; the body is quoted-printable.</remarks>
internal static class MailText
{
    /// <param name="from">An address that the configuration has checked, as each of <paramref name="to"/>.</param>
    public static byte[] Of(NoticeMessage message, string from, IReadOnlyList<string> to, string body, DateTimeOffset now)
    {
        var mail = new StringBuilder();
        Header(mail, "From", $"Ringfence <{from}>");

        // Folded: RFC 5322 section 2.1.1 allows 998 characters a line.
        Header(mail, "To", string.Join(",\r\n ", to.Select(address => PlainAscii.Of(address, 320))));
        Header(mail, "Subject", message.Subject);
        Header(mail, "Date", now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));

        // The same each time it is tried: who gets it twice is shown it once.
        Header(mail, "Message-ID", $"<{Atom(message.Id)}@{Atom(message.Host)}.ringfence>");
        Header(mail, "MIME-Version", "1.0");
        Header(mail, "Content-Type", "text/plain; charset=utf-8");
        Header(mail, "Content-Transfer-Encoding", "quoted-printable");

        // RFC 3834: nobody's holiday answers it.
        Header(mail, "Auto-Submitted", "auto-generated");
        mail.Append("\r\n").Append(QuotedPrintable.Encode(body));
        return Encoding.ASCII.GetBytes(mail.ToString());
    }

    private static void Header(StringBuilder mail, string name, string value)
    {
        var plain = string.Join("\r\n ", value.Split("\r\n ").Select(line => PlainAscii.Of(line, 900)));
        mail.Append(name).Append(": ").Append(plain).Append("\r\n");
    }

    private static string Atom(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-'));
}
