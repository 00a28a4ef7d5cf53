namespace Ringfence.Core.Audit;

/// <summary>Options whose value is nobody's business: their lines are shown without it, whatever rule found them.</summary>
internal static class SecretOptions
{
    // pjsip.conf, manager.conf, ari.conf, iax.conf, sip.conf, cdr and database backends, voicemail's IMAP. "register" holds user:secret@host.
    private static readonly string[] Names =
        ["password", "secret", "md5_cred", "md5secret", "inbound_auth/password", "outbound_auth/password", "inbound_auth/md5_cred", "outbound_auth/md5_cred", "remotesecret", "oauth_secret",
            "refresh_token", "dbpass", "dbpassword", "imappassword", "authpassword", "register", "capture_password", "priv_key_password", "password_digest", "digest", "pin", "agent", "pw", "auth_pw"];

    // What a slip of the finger makes of the names above is a secret all the same.
    private static readonly string[] Marks = ["pass", "pwd", "secret", "sercet", "secrt", "pasw", "psw", "md5", "token", "credential"];

    public static bool Contains(string option) =>
        Names.Contains(option, StringComparer.OrdinalIgnoreCase)
        || (Array.Exists(Marks, mark => option.Contains(mark, StringComparison.OrdinalIgnoreCase)) && !option.StartsWith("min", StringComparison.OrdinalIgnoreCase) && !option.Contains("calltoken", StringComparison.OrdinalIgnoreCase))
        || IsPin(option.AsSpan().TrimStart('_'));

    // "pin", "admin_pin", "PIN1", "pincode", "USERPIN": not "ping", "shipping", "pinned".
    private static bool IsPin(ReadOnlySpan<char> name)
    {
        name = name.TrimEnd("0123456789_");
        return name.EndsWith("pin", StringComparison.OrdinalIgnoreCase) || name.EndsWith("pins", StringComparison.OrdinalIgnoreCase) || name.StartsWith("pincode", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A line of no file of Asterisk's syntax as it may be shown, such as AEL's and fail2ban's.</summary>
    public static string WithoutSecret(string line)
    {
        var text = line.Trim();
        var equals = text.AsSpan().IndexOfAny('=', ':', ' ');
        if (equals > 0 && Contains(text[..equals].TrimEnd(' ', '\t', '+')))
        {
            return $"{text[..equals]} {ShownValues.NotShown}";
        }

        return text.Contains("://", StringComparison.Ordinal) && text.Contains('@', StringComparison.Ordinal) ? $"{text[..Math.Max(equals, 0)]} {ShownValues.NotShown}" : CallSecrets.Without(text, isAel: true);
    }
}
