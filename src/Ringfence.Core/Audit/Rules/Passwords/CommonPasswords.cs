using System.Buffers;
using System.Collections.Frozen;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>What guessers try first: words of every list, words of telephony, and the examples that guides print and people copy.</summary>
internal static class CommonPasswords
{
    // Examples of the guides are long, and no rule about length finds them.
    private static readonly FrozenSet<string> Printed = new[]
    {
        "xk9#mp2vl8@qr5w", "mysupersecretpassword", "unsecurepassword", "supersecret", "verysecret", "secretpassword", "strongpassword", "a-very-strong-password", "yourpassword", "your_password",
        "your-password", "yourpasswordhere", "your_strong_password", "your-strong-password", "mypassword", "mysecret", "mysecretpassword", "changeme", "changeme123", "change_me", "change-me", "replaceme",
        "passw0rd", "p@ssw0rd", "p@ssword", "amp111", "amp109", "fpbxfirewall*secret", "1234abcd", "abcd1234", "letmein", "notvalid", "not very secure", "not_very_secure", "insecurepassword", "password1234",
        "welcome1", "test1234", "temp1234", "admin1234", "asteriskpassword", "peekaboo", "unsecure", "t0p53cr3t", "s3cr3t",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Words =
    [
        "password", "passwort", "passwd", "passw0rd", "p@ssw0rd", "contrase", "motdepasse", "secret", "geheim", "changeme", "letmein", "welcome", "willkommen", "default", "example", "beispiel", "sample",
        "admin", "administrator", "root", "test", "demo", "temp", "guest", "user", "master", "login", "access", "server", "system", "office", "company", "asterisk", "freepbx", "elastix", "issabel", "trixbox",
        "vicidial", "fusionpbx", "extension", "phone", "telefon", "telephone", "voip", "sip", "pjsip", "trunk", "polycom", "yealink", "grandstream", "snom", "cisco", "sangoma", "digium", "pbx", "voicemail",
        "iloveyou", "monkey", "dragon", "football", "baseball", "princess", "sunshine", "shadow", "superman", "batman", "michael", "summer", "sommer", "winter", "spring", "autumn", "qwerty", "azerty",
        "qwertz", "abc123", "trustno1", "hello", "hallo", "google", "linux", "debian", "ubuntu", "centos", "raspberry",
    ];

    private static readonly FrozenSet<string> Whole = Words.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Three letters stand in a good password by chance.</summary>
    private const int ShortestWord = 4;

    private static readonly SearchValues<string> Longer = SearchValues.Create([.. Words.Where(static word => word.Length >= ShortestWord)], StringComparison.OrdinalIgnoreCase);

    /// <summary>What is tried first, in lower case.</summary>
    public static IEnumerable<string> ToTry => Words.Concat(Printed.Select(static printed => printed.ToLowerInvariant()));

    public static bool Contains(string password) => Printed.Contains(password) || Whole.Contains(password);

    /// <returns>How long the longest of the words is that stands in the password; 0: none does.</returns>
    public static int LongestWordIn(string password) =>
        password.AsSpan().ContainsAny(Longer) ? Words.Where(word => word.Length >= ShortestWord && password.Contains(word, StringComparison.OrdinalIgnoreCase)).Max(static word => word.Length) : 0;
}
