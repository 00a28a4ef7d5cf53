namespace Ringfence.Core.Audit;

/// <summary>Secrets in the arguments of dialplan applications, whatever the line is taken for: one that Asterisk ignores, AEL, or a feature's.</summary>
internal static class CallSecrets
{
    private static readonly string[] TakePin = ["Authenticate(", "DISA(", "VMAuthenticate(", "MYSQL(Connect"];
    private static readonly string[] Subroutines = ["Macro(", "Gosub("];
    private static readonly string[] RunProgram = ["System(", "TrySystem(", "SHELL(", "CURL(", "AGI("];

    // mysql -p..., curl -u name:..., --password=...
    private static readonly string[] Hands = [" -p", " -u", " -k", " -a", " -h ", "--pass", "--user", "--header", "pwd", "secret", "token", "key=", "key:", "key ", "auth", "bearer", "code="];

    // Before a login in an address; "sip:1001@host" has no password.
    private static readonly string[] Schemes = ["sip:", "sips:", "pjsip:", "tel:", "iax2:"];

    /// <summary>The text without what is a secret in it, or may be one: PINs that a condition compares, and what is put into a variable of such a name.</summary>
    /// <param name="isAel">A condition stands in parentheses alone.</param>
    public static string Without(string text, bool isAel = false)
    {
        if (In(text) is not { } secret)
        {
            return ConditionSecrets.Without(AssignedSecrets.Without(text), isAel);
        }

        var open = text.AsSpan(0, Math.Min(secret + 1, text.Length)).LastIndexOf('(');
        return Without(open < 0 ? text[..secret] : text[..open], isAel) + ShownValues.NotShown;
    }

    /// <returns>Where what holds the secret begins; null: there is none.</returns>
    private static int? In(string text)
    {
        foreach (var name in TakePin)
        {
            // Of an empty parenthesis and of a variable nobody learns anything, and a file is named by its path.
            if (text.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && at + name.Length < text.Length && text[at + name.Length] is not (')' or '$' or '/') && !text.AsSpan(at + name.Length).StartsWith("no-password", StringComparison.OrdinalIgnoreCase))
            {
                return at + name.Length - 1;
            }
        }

        // MeetMe(room,options,pin)
        if (text.IndexOf("MeetMe(", StringComparison.OrdinalIgnoreCase) is >= 0 and var conference && text.AsSpan(conference).Count(',') > 1)
        {
            return conference + "MeetMe(".Length - 1;
        }

        // Macro(check-pin,4711), Gosub(check-pin,s,1(4711))
        foreach (var name in Subroutines)
        {
            if (text.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && IsOfPin(text.AsSpan(at + name.Length)))
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

    private static bool IsOfPin(ReadOnlySpan<char> arguments)
    {
        var name = arguments[..(arguments.IndexOfAny(',', ')') is >= 0 and var end ? end : arguments.Length)];
        foreach (var range in name.SplitAny("-_"))
        {
            if (name[range].StartsWith("pin", StringComparison.OrdinalIgnoreCase) || SecretOptions.Contains(name[range].ToString()))
            {
                return true;
            }
        }

        return false;
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
