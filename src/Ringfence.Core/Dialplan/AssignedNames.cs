namespace Ringfence.Core.Dialplan;

/// <summary>The names of variables that a dialplan, or Asterisk itself, gives values.</summary>
internal static class AssignedNames
{
    // What Asterisk sets on a channel, as far as it says who calls or where from; names that begin so.
    private static readonly string[] Asterisks =
    [
        "CHANNEL", "CALLERID", "CALLING", "ACCOUNTCODE", "CONTEXT", "EXTEN", "PRIORITY", "DNID", "RDNIS", "SIP", "PJSIP", "IAX", "PEER", "ARG", "MACRO", "GOSUB", "BLINDTRANSFER", "ATTENDEDTRANSFER",
        "TRANSFER", "FORWARD", "LOCAL", "INVALID", "ENV", "AST", "HOST", "SYSTEM", "USER", "AUTH", "REDIRECT", "MEETME", "CONF", "QUEUE", "AGENT", "MEMBER", "DB", "ODBC", "HASH", "VM", "DISA", "AGI", "CURL", "DUNDI", "ENUM", "SRV", "RTP", "SMDI", "FAX", "DAHDI", "FEATURE", "DYNAMIC", "PARK", "TOUCH", "MIXMONITOR", "MONITOR", "UNIQUE", "LANGUAGE", "TIMEOUT", "DIALED",
    ];

    /// <summary>Every word before an equals sign, and every argument of what reads into a variable: rather too many than too few.</summary>
    public static HashSet<string> Of(Plan plan)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var priority in plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities))
        {
            var isSetting = priority.Application.Contains("Set", StringComparison.OrdinalIgnoreCase) || priority.Application.StartsWith("Exec", StringComparison.OrdinalIgnoreCase)
                || priority.Application.Contains("Read", StringComparison.OrdinalIgnoreCase) || priority.Application.Contains("ImportVar", StringComparison.OrdinalIgnoreCase)
                || priority.Application.Contains("Parse", StringComparison.OrdinalIgnoreCase) || priority.Application.Contains("MYSQL", StringComparison.OrdinalIgnoreCase);
            if (isSetting || priority.Arguments.Contains("Set", StringComparison.OrdinalIgnoreCase))
            {
                names.UnionWith(Words(priority.Arguments));
            }
        }

        return names;
    }

    public static bool AreAsterisks(string name) => Asterisks.Any(begin => name.StartsWith(begin, StringComparison.OrdinalIgnoreCase));

    // Those that are not only looked at: ${NAME}.
    private static IEnumerable<string> Words(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            {
                at++;
            }

            if (at > start && !(start >= 2 && text[start - 1] == '{' && text[start - 2] == '$'))
            {
                yield return text[start..at].TrimStart('_');
            }

            at = Math.Max(at, start + 1);
        }
    }
}
