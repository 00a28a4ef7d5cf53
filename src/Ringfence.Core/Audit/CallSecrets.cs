namespace Ringfence.Core.Audit;

/// <summary>Secrets in the arguments of dialplan applications, whatever the line is taken for: one that Asterisk ignores, AEL, or a feature's.</summary>
internal static class CallSecrets
{
    private const int Longest = 2_000;

    // Before a login in an address; "sip:1001@host" has no password.
    private static readonly string[] Schemes = ["sip:", "sips:", "pjsip:", "tel:", "iax2:"];

    /// <summary>The text without what is a secret in it, or may be one.</summary>
    /// <param name="isAel">A condition stands in parentheses alone.</param>
    /// <param name="knows">Whether a word may be told; null: those that Asterisk has everywhere.</param>
    /// <param name="takesAll">As of <see cref="ShownCall"/>.</param>
    public static string Without(string text, bool isAel = false, Func<string, bool>? knows = null, bool takesAll = false)
    {
        // No report shows more of a line.
        text = text.Length > Longest ? text[..Longest] : text;
        var known = knows ?? ShownValues.IsCommon;
        var shown = text.Contains('(', StringComparison.Ordinal) || text.Contains("$[", StringComparison.Ordinal) ? new ShownCall(known, takesAll).Of(text) : text;
        if (Login(shown) is var (start, end))
        {
            shown = $"{shown[..start]}{ShownValues.NotShown}{Without(shown[end..], isAel, knows, takesAll)}";
        }

        return ConditionSecrets.Without(AssignedSecrets.Without(shown), isAel, known);
    }

    /// <summary>Where user:secret stands before an @, the @ not counted; null: nowhere.</summary>
    public static (int Start, int End)? Login(string text)
    {
        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            if (LoginBefore(text, at) is { } start)
            {
                return (start, at);
            }
        }

        return null;
    }

    // user:secret@host. What stands in ${...} is no secret, and [name] is that of a key; ${EXTEN:1}@trunk has its colon inside.
    private static int? LoginBefore(string text, int end)
    {
        var (depth, start, secret) = (0, end, -1);
        for (; start > 0 && (depth > 0 || text[start - 1] is not (' ' or '\t' or '/' or '(' or ',' or '&' or '=' or '"' or '\'' or '<' or '>' or '|' or '@')); start--)
        {
            depth += text[start - 1] switch { '}' => 1, '{' => -1, _ => 0 };
            if (depth < 0)
            {
                break;
            }

            if (text[start - 1] == ':' && depth == 0)
            {
                secret = start;
            }
        }

        var login = text[start..end];
        if (Array.Find(Schemes, scheme => login.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) is { } scheme)
        {
            secret = ColonBehind(login, scheme.Length) is { } colon ? start + colon + 1 : -1;
            start += scheme.Length;
        }

        return secret > start + 1 && secret < end && text[secret] is not ('[' or '$') ? start : null;
    }

    // That of sip:${EXTEN:1}@host is the variable's own.
    private static int? ColonBehind(string login, int from)
    {
        var depth = 0;
        for (var at = from; at < login.Length; at++)
        {
            depth += login[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (login[at] == ':' && depth == 0)
            {
                return at;
            }
        }

        return null;
    }
}
