namespace Ringfence.Core.Audit;

/// <summary>Secrets in the arguments of dialplan applications, whatever the line is taken for: one that Asterisk ignores, AEL, or a feature's.</summary>
internal static class CallSecrets
{
    private static readonly string[] TakePin = ["Authenticate(", "DISA(", "VMAuthenticate("];
    private static readonly string[] RunProgram = ["System(", "TrySystem(", "SHELL("];

    // mysql -p..., curl -u name:..., --password=...
    private static readonly string[] Hands = [" -p", " -u", "--pass", "--user", "pwd", "secret", "token"];

    // Before a login in an address; "sip:1001@host" has no password.
    private static readonly string[] Schemes = ["sip:", "sips:", "pjsip:", "tel:", "iax2:"];

    /// <summary>What may be shown of an application's arguments.</summary>
    public static string Arguments(string application, string arguments) => In($"{application}({arguments})") is null ? arguments : "not shown";

    /// <returns>Where what holds the secret begins; null: there is none.</returns>
    public static int? In(string text)
    {
        foreach (var name in TakePin)
        {
            // Of an empty parenthesis and of a variable nobody learns anything, and a file is named by its path.
            if (text.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && at + name.Length < text.Length && text[at + name.Length] is not (')' or '$' or '/'))
            {
                return at + name.Length - 1;
            }
        }

        foreach (var name in RunProgram)
        {
            if (text.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && Array.Exists(Hands, hand => text.AsSpan(at).Contains(hand, StringComparison.OrdinalIgnoreCase)))
            {
                return at + name.Length - 1;
            }
        }

        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            if (LoginBefore(text, at) is { } start)
            {
                return start;
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
            secret = login.IndexOf(':', scheme.Length) is >= 0 and var colon ? start + colon + 1 : -1;
            start += scheme.Length;
        }

        return secret > start + 1 && secret < end && text[secret] is not ('[' or '$') ? start : null;
    }
}
