using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Core.Knock;

/// <summary>What ringfence.conf has of a password: a salt of its own, and PBKDF2 (RFC 8018) of both.</summary>
/// <remarks>
/// Passwords are drawn (<see cref="Draw"/>) and have 80 bits, so that nobody guesses one, not even with this file in his hands. That is what lets the rounds be few
/// enough for a machine that carries calls: some 20 ms each, and <see cref="PageGuesses"/> bounds how often.
/// </remarks>
internal sealed class PagePassword
{
    public const int SaltBytes = 16;

    /// <summary>Of what <see cref="Draw"/> takes.</summary>
    public const int DrawnBytes = 10;

    private const int Rounds = 100_000;
    private const int HashBytes = 32;

    private const string Kind = "pbkdf2-sha256";

    // Crockford's: no letter is taken for a digit or for another letter.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PagePassword(byte[] salt, byte[] hash)
    {
        _salt = salt;
        _hash = hash;
    }

    /// <summary>What fits no password and takes as long: for users that are not there.</summary>
    public static PagePassword Nobodys { get; } = new(new byte[SaltBytes], new byte[HashBytes]);

    /// <summary>As the configuration has it; all have as many rounds, so that the time of an answer says nothing about who exists.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Kind}:{Rounds}:{Base64Url.EncodeToString(_salt)}:{Base64Url.EncodeToString(_hash)}");

    public static PagePassword Of(string password, ReadOnlySpan<byte> salt) => new(salt.ToArray(), Hash(password, salt));

    /// <returns>null: it is none of ours.</returns>
    public static PagePassword? Parse(string text) =>
        text.Split(':') is [Kind, var rounds, var salt, var hash] && rounds == Rounds.ToString(CultureInfo.InvariantCulture) && Bytes(salt, SaltBytes) is { } some && Bytes(hash, HashBytes) is { } all
            ? new PagePassword(some, all)
            : null;

    /// <summary>A password of random bytes: four groups that one can read out on the telephone.</summary>
    public static string Draw(ReadOnlySpan<byte> random)
    {
        var text = new StringBuilder();
        var (bits, held) = (0u, 0);
        foreach (var part in random[..DrawnBytes])
        {
            (bits, held) = ((bits << 8) | part, held + 8);
            for (; held >= 5; held -= 5)
            {
                text.Append(text.Length % 5 == 4 ? "-" : "").Append(Alphabet[(int)(bits >> (held - 5)) & 31]);
            }
        }

        return text.ToString();
    }

    public bool Fits(string typed) => CryptographicOperations.FixedTimeEquals(Hash(typed, _salt), _hash);

    // A phone's keyboard begins with a capital, and people leave hyphens out.
    private static byte[] Hash(string typed, ReadOnlySpan<byte> salt)
    {
        var plain = string.Concat(typed.ToLowerInvariant().Where(static c => c is not ('-' or ' ')).Select(static c => c switch { 'o' => '0', 'i' or 'l' => '1', _ => c }));
        return Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(plain), salt, Rounds, HashAlgorithmName.SHA256, HashBytes);
    }

    private static byte[]? Bytes(string text, int length)
    {
        var bytes = new byte[length];
        return text.Length == Base64Url.GetEncodedLength(length) && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == length ? bytes : null;
    }
}
