namespace Ringfence.Core.Audit;

/// <summary>Options whose value is nobody's business: their lines are shown without it, whatever rule found them.</summary>
internal static class SecretOptions
{
    // pjsip.conf, manager.conf, ari.conf, iax.conf, sip.conf, cdr and database backends, voicemail's IMAP. "register" holds user:secret@host.
    private static readonly string[] Names =
        ["password", "secret", "md5_cred", "md5secret", "inbound_auth/password", "outbound_auth/password", "inbound_auth/md5_cred", "outbound_auth/md5_cred", "remotesecret", "oauth_secret",
            "refresh_token", "dbpass", "dbpassword", "imappassword", "authpassword", "register", "capture_password", "priv_key_password", "password_digest", "digest"];

    public static bool Contains(string option) =>
        Names.Contains(option, StringComparer.OrdinalIgnoreCase) || option.Contains("pass", StringComparison.OrdinalIgnoreCase) || option.Contains("secret", StringComparison.OrdinalIgnoreCase);

    /// <summary>The line as it may be shown, comments included: a password that was commented out is often still in force elsewhere.</summary>
    public static string WithoutSecret(string line)
    {
        var text = line.TrimStart(' ', '\t', ';');
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && Contains(text[..equals].TrimEnd(' ', '\t', '+'))
            ? $"{line[..(line.Length - text.Length)]}{text[..equals]}= (not shown)"
            : line;
    }
}
