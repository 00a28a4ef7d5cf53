namespace Ringfence.Core.Audit;

/// <summary>Options whose value is nobody's business: their lines are shown without it, whatever rule found them.</summary>
internal static class SecretOptions
{
    // pjsip.conf, manager.conf, ari.conf, iax.conf, sip.conf, cdr and database backends, voicemail's IMAP. "register" holds user:secret@host.
    private static readonly string[] Names =
        ["password", "secret", "md5_cred", "md5secret", "inbound_auth/password", "outbound_auth/password", "inbound_auth/md5_cred", "outbound_auth/md5_cred", "remotesecret", "oauth_secret",
            "refresh_token", "dbpass", "dbpassword", "imappassword", "authpassword", "register", "capture_password", "priv_key_password", "password_digest", "digest", "pin", "agent", "readsql", "writesql", "pw", "auth_pw"];

    // What a slip of the finger makes of the names above is a secret all the same.
    private static readonly string[] Marks = ["pass", "pwd", "secret", "sercet", "secrt", "pasw", "psw", "md5", "token", "credential"];

    public static bool Contains(string option) =>
        Names.Contains(option, StringComparer.OrdinalIgnoreCase)
        || (Array.Exists(Marks, mark => option.Contains(mark, StringComparison.OrdinalIgnoreCase)) && !option.StartsWith("min", StringComparison.OrdinalIgnoreCase))
        || option.EndsWith("_pin", StringComparison.OrdinalIgnoreCase);

    /// <summary>The line as it may be shown: without its comment, where a password is often noted, and without what could be one. Of a comment that hides an option the name is left.</summary>
    public static string WithoutSecret(string line)
    {
        var text = line.TrimStart(' ', '\t', ';');
        var start = line[..(line.Length - text.Length)];
        var equals = text.AsSpan().IndexOfAny('=', ':', ' ');
        if (equals > 0 && Contains(text[..equals].TrimEnd(' ', '\t', '+')))
        {
            return text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && text[equals..at].Trim().Length == 0 ? $"{start}{text[..at]}= (not shown)" : $"{start}{text[..equals]} (not shown)";
        }

        if (text.Contains("://", StringComparison.Ordinal) && text.Contains('@', StringComparison.Ordinal))
        {
            return $"{start}{text[..Math.Max(equals, 0)]} (not shown)";
        }

        text = WithoutComment(text);
        if (CallSecrets.In(text) is not { } secret)
        {
            return text.Length + start.Length == line.Length ? line : (start + text).TrimEnd();
        }

        var open = text.AsSpan(0, Math.Min(secret + 1, text.Length)).IndexOf('(');
        return open >= 0 ? $"{start}{text[..open]}(not shown)" : $"{start}{text[..Math.Max(equals, 0)]} (not shown)";
    }

    // A comment that allows something is the reason why somebody looks at it; "\;" is a semicolon of the value.
    private static string WithoutComment(string text)
    {
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == ';' && text[at - 1] != '\\')
            {
                return text.AsSpan(at).TrimStart("; \t").StartsWith("ringfence: allow ", StringComparison.OrdinalIgnoreCase) ? text : text[..at];
            }
        }

        return text;
    }
}
