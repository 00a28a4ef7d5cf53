using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>Passwords of which a file holds the digest (HA1) alone: the guesses that everybody begins with are tried on it, as whoever reads the file does.</summary>
/// <remarks>RFC 7616, section 3.4.2: the digest of username, realm and password with colons between.</remarks>
internal static class PasswordDigest
{
    /// <summary>Digests made for one PBX, some 50 ms: of twenty thousand accounts the first guesses are tried, of a hundred all.</summary>
    private const int MostDigests = 100_000;

    // What people put behind a word, most liked first.
    private static readonly string[] Tails = ["", "1", "123", "!", "1234", "12", "2026", "2025", "2024", "01", "1!", "123!", "2023"];

    private sealed record Digest(string Subject, IReadOnlyList<string> Names, string Realm, string Algorithm, byte[] Value, Place Place, Func<bool> IsOpen);

    /// <returns>Those that were found, without the password.</returns>
    public static IEnumerable<(Credential Credential, PasswordFlaw Flaw)> Guessed(PbxSnapshot pbx)
    {
        var digests = Pjsip(pbx).Concat(Sip(pbx)).ToList();
        var most = digests.Count == 0 ? 0 : Math.Max(20, MostDigests / digests.Count);
        foreach (var digest in digests)
        {
            var own = OfNames(digest.Names).ToList();
            var found = own.Concat(Usual()).Take(most).Select((guess, at) => (Guess: guess, At: at)).FirstOrDefault(guess => IsIt(digest, guess.Guess), (Guess: "", At: -1));
            if (found.At >= 0)
            {
                yield return (new Credential(digest.Subject, digest.Names, "", digest.Place) { IsOpen = digest.IsOpen }, found.At < own.Count ? PasswordFlaw.IsAccount : PasswordFlaw.Common);
            }
        }
    }

    private static IEnumerable<Digest> Pjsip(PbxSnapshot pbx)
    {
        var isOpen = Credential.OpenAuths(pbx);
        var realm = pbx.Pjsip.Of("global").Select(static global => global["default_realm"]).LastOrDefault(static realm => !string.IsNullOrEmpty(realm)) ?? "asterisk";
        return from auth in Credential.Auths(pbx)
               let user = auth["username"] ?? auth.Name
               from setting in auth.Section.All("md5_cred").Concat(auth.Section.All("password_digest"))
               let parts = setting.Name.Equals("md5_cred", StringComparison.OrdinalIgnoreCase) ? ["MD5", setting.Value] : setting.Value.Split(':', 2, StringSplitOptions.TrimEntries)
               where parts.Length == 2
               let value = Bytes(parts[1])
               where value is not null
               select new Digest($"auth {Shown.Text(auth.Name)}", [user, auth.Name], string.IsNullOrEmpty(auth["realm"]) ? realm : auth["realm"]!, parts[0].ToUpperInvariant(), value, setting.Place, () => isOpen(auth));
    }

    private static IEnumerable<Digest> Sip(PbxSnapshot pbx) =>
        from peer in OldPeers.Sip(pbx)
        where OldPeers.IsUser(peer) || OldPeers.IsDynamic(peer)
        let setting = peer.Find("md5secret")
        where setting is not null
        let value = Bytes(setting.Value)
        where value is not null
        select new Digest($"sip account {Shown.Text(peer.Name)}", [peer["defaultuser"] ?? peer["username"] ?? peer.Name, peer.Name], OldPeers.General(pbx, "sip.conf", "realm")?.Value ?? "asterisk", "MD5", value, setting.Place, () => !OldPeers.MayRefuse(peer));

    private static IEnumerable<string> OfNames(IReadOnlyList<string> names) =>
        names.Distinct(StringComparer.Ordinal).SelectMany(static name => ((string[])[name, new string([.. name.Reverse()]), name + name]).Concat(Tails.Skip(1).Select(tail => name + tail)));

    private static IEnumerable<string> Usual()
    {
        IEnumerable<string> firsts = ["1234", "12345", "123456", "12345678", "123456789", "1234567890", "0000", "1111", "111111", "000000", "123123", "654321", "4321", "112233", "121212", "666666", "123321", "11111111", "00000000", "qwerty123", "1q2w3e4r", "abc123"];
        return firsts.Concat(CommonPasswords.ToTry).Concat(from tail in Tails.Skip(1) from word in CommonPasswords.ToTry where tail.Length > 0 select word + tail)
            .Concat(from tail in Tails from word in CommonPasswords.ToTry select string.Create(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(word[0])}{word[1..]}{tail}"));
    }

    // MD5 is what SIP's digests are made with, and is not chosen here.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "RFC 2617 names it")]
    private static bool IsIt(Digest digest, string guess)
    {
        var text = Encoding.UTF8.GetBytes($"{digest.Names[0]}:{digest.Realm}:{guess}");
        return digest.Algorithm switch
        {
            "MD5" => MD5.HashData(text).AsSpan().SequenceEqual(digest.Value),
            "SHA-256" => SHA256.HashData(text).AsSpan().SequenceEqual(digest.Value),
            _ => false,
        };
    }

    private static byte[]? Bytes(string hex) => hex.Length is 32 or 64 && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : null;
}
