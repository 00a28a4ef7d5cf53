namespace Ringfence.Core.Configuration;

/// <summary>Mail addresses as Ringfence takes them: the plain form, in ASCII, that can stand in a header, an SMTP command and an argument list as it is.</summary>
internal static class MailAddress
{
    /// <param name="needsDomain">false: a local user's name is enough ("root"), as sendmail takes it.</param>
    public static bool IsGood(string text, bool needsDomain)
    {
        var at = text.LastIndexOf('@');
        var local = at < 0 ? text : text[..at];
        var domain = at < 0 ? "" : text[(at + 1)..];

        // RFC 5321 section 4.5.3.1. The characters are RFC 5322's atext; a leading hyphen would be an option to some programs.
        return text.Length <= 254 && local.Length is > 0 and <= 64 && local[0] is not ('-' or '.') && local[^1] != '.'
            && local.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal))
            && (at < 0 ? !needsDomain : domain.Length > 0 && domain[0] is not ('-' or '.') && domain.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'));
    }
}
