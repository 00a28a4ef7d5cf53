using System.Globalization;
using System.Text;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>A notice as a syslog server wants it: one line, the facts as structured data.</summary>
/// <remarks>RFC 5424 section 6.</remarks>
internal static class SyslogText
{
    // authpriv, where sshd's and sudo's messages are (RFC 5424 section 6.2.1).
    private const int Facility = 10;

    /// <param name="maxBytes">The whole message; a longer one loses its last facts.</param>
    public static byte[] Of(NoticeMessage message, int processId, int maxBytes)
    {
        var text = new StringBuilder();

        // 32473 is the enterprise number that RFC 5612 sets aside; the project has none of its own.
        var data = new StringBuilder("[ringfence@32473");
        var head = string.Create(CultureInfo.InvariantCulture,
            $"<{(Facility * 8) + Level(message.Severity)}>1 {message.Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Name(message.Host, 255)} ringfence {processId} {Name(message.Kind, 32)} ");
        var tail = $"] {message.Subject}";
        var room = maxBytes - head.Length - tail.Length - data.Length;
        foreach (var (name, value) in Facts(message))
        {
            var fact = $" {name}=\"{Escaped(value)}\"";
            var bytes = Encoding.UTF8.GetByteCount(fact);
            if (value.Length > 0 && bytes <= room)
            {
                data.Append(fact);
                room -= bytes;
            }
        }

        return Encoding.UTF8.GetBytes(text.Append(head).Append(data).Append(tail).ToString());
    }

    private static IEnumerable<(string Name, string Value)> Facts(NoticeMessage message)
    {
        yield return ("id", message.Id);
        yield return ("severity", NoticeText.Name(message.Severity));
        if (message.Notice is { } notice)
        {
            yield return ("address", notice.Address);
            yield return ("rule", notice.Rule);
            yield return ("outcome", notice.Outcome);
            yield return ("until", notice.Until?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "");
            yield return ("reason", notice.Reason);
            yield return ("trust", notice.Trust);
            yield return ("detail", notice.Detail);
        }
        else if (message.Digest is { } digest)
        {
            yield return ("count", digest.Count.ToString(CultureInfo.InvariantCulture));
            yield return ("addresses", digest.DistinctAddresses.ToString(CultureInfo.InvariantCulture));
            yield return ("rules", string.Join(", ", digest.Rules.Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule.Name} {rule.Count}"))));
        }
    }

    // RFC 5424 section 6.3.3: these three are escaped. Line ends are none of its business, but of every reader's: there are none in safe text.
    private static string Escaped(string value)
    {
        var escaped = new StringBuilder(value.Length + 8);
        foreach (var c in value)
        {
            if (c is '"' or '\\' or ']')
            {
                escaped.Append('\\');
            }

            escaped.Append(char.IsControl(c) ? '?' : c);
        }

        return escaped.ToString();
    }

    // Printable ASCII without blanks; "-" for nothing (NILVALUE).
    private static string Name(string text, int max)
    {
        var name = string.Concat(text.Where(c => c is > ' ' and <= '~').Take(max));
        return name.Length == 0 ? "-" : name;
    }

    private static int Level(Severity severity) => severity switch
    {
        Severity.Critical => 2,
        Severity.High => 4,
        Severity.Medium => 4,
        Severity.Low => 5,
        _ => 6,
    };
}
