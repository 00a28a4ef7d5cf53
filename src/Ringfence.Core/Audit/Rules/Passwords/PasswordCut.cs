using System.Text;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A password that ends where a comment begins.</summary>
/// <remarks>main/config.c: a ; begins a comment wherever it stands, unless a backslash stands before it.</remarks>
internal static class PasswordCut
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1207",
        Name = "password-cut",
        Severity = Severity.High,
        // Measured on 22.10.1: with password = Abc123;def456 a login with Abc123 was answered by 200, one with the whole by 401.
        Why = "A semicolon begins a comment, even inside a password: what stands behind it is not part of it. The password in force is shorter than the one that was chosen, and the phone that was given the whole can't log in.",
        Fix = "Choose a password without a semicolon, or write \\; for it.",
        Bad = """
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8;qR5w-77aZ ; here
            [1002]
            type = auth
            username = 1002
            password = Bq4-tT6nW1;zHcKdRw ; here
            """,
        Good = """
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8\;qR5w-77aZ
            [1002]
            type = auth
            username = 1002
            password = Bq4-tT6nW1-zH8c-93dK ; reception
            [1003]
            type = auth
            username = 1003
            password = Cr5-uU7oX2-aJ9d-04eL;reception
            """,
        Reference = new Uri("https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/Asterisk-Configuration-Files/Config-File-Format/"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    // A comment is words; what is left of a password has digits or signs in it, or letters that are no word, and no blank.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var credentials = Credential.All(pbx);
        var files = pbx.FilesRead.DistinctBy(static file => file.Name).ToDictionary(static file => file.Name, StringComparer.Ordinal);
        return from credential in credentials
               where files.TryGetValue(credential.Place.File, out var file)
                   && IsCut(Encoding.UTF8.GetString(file.Raw(credential.Place.Line)).TrimEnd(), credential.Password)
               select new Fault(credential.Place, credential.Subject, "a semicolon in the password begins a comment: what stands behind it does not count") { IsSecret = true };
    }

    private static bool IsCut(string line, string password)
    {
        var end = line.IndexOf(password + ";", StringComparison.Ordinal);
        var rest = end < 0 ? "" : line[(end + password.Length + 1)..];
        var blank = rest.IndexOfAny([' ', '\t']);
        var first = blank < 0 ? rest : rest[..blank];

        // "; here" of an example, or a comment behind the whole.
        return first.Length >= 3 && !first.StartsWith('-') && first.Any(char.IsAsciiLetterOrDigit)
            && (first.Any(static c => !char.IsAsciiLetter(c)) || (blank < 0 && !PasswordWords.IsWord(first.ToLowerInvariant()) && !PasswordWords.LooksLikeOne(first)));
    }
}
