namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>How many guesses a password takes that is made of words, years and signs, as the programs that guess put them together.</summary>
internal static class PasswordParts
{
    /// <summary>A password of a hundred characters is a key; taking it apart costs time and finds nothing.</summary>
    private const int Longest = 64;

    // What each kind of part costs to guess, in bits: a list of two thousand words, eighty years, thirty signs of which one is everybody's favourite. Each part is one of about two kinds.
    private const double Word = 11;
    private const double SmallWord = 6;
    private const double SaidBefore = 2;
    private const double Year = 6.3;
    private const double Run = 5;
    private const double Digit = 3.32;
    private const double Sign = 5;
    private const double Favourite = 2;
    private const double Kind = 1;

    /// <summary>A word that is in no list here, of a dictionary.</summary>
    private const double AnyWord = 17;

    /// <returns>Bits; null: there is no word in it, and how it is made is not known.</returns>
    public static double? Bits(string password)
    {
        if (password.Length > Longest)
        {
            return null;
        }

        var text = password.ToLowerInvariant();
        var plain = string.Create(text.Length, text, static (plain, text) =>
        {
            for (var at = 0; at < text.Length; at++)
            {
                plain[at] = Plain(text[at]);
            }
        });
        var asWord = WordAndYear(password);
        return !PasswordWords.StandsIn(text) && !PasswordWords.StandsIn(plain) ? asWord : Math.Min(Fewest(password, text, plain), asWord ?? double.MaxValue);
    }

    // The cheapest way to put it together, part by part.
    private static double Fewest(string password, string text, string plain)
    {
        var letter = Math.Log2(password.Any(char.IsAsciiLetterUpper) && password.Any(char.IsAsciiLetterLower) ? 52 : 26);
        Span<double> bits = stackalloc double[Longest + 1];
        bits.Fill(double.MaxValue);
        bits[0] = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            Take(bits, at, 1, char.IsAsciiDigit(c) ? Digit + Kind : char.IsLetter(c) ? letter : (c is '!' ? Favourite : Sign) + Kind);
            for (var length = 2; length <= PasswordWords.LongestWord && at + length <= text.Length; length++)
            {
                if (WordAt(text, plain, at, length) is { } word)
                {
                    Take(bits, at, length, Math.Min(word, text.IndexOf(text.Substring(at, length), StringComparison.Ordinal) < at ? SaidBefore : word) + Case(password.AsSpan(at, length)) + Kind);
                }
            }

            if (char.IsAsciiDigit(c))
            {
                for (var length = 2; at + length <= text.Length && char.IsAsciiDigit(text[at + length - 1]); length++)
                {
                    Take(bits, at, length, (length == 4 && IsYear(text.AsSpan(at, 4)) ? Year : Digit * length) + Kind);
                }
            }

            if (PasswordRuns.LengthAt(text, at) is > 2 and var run)
            {
                Take(bits, at, run, Run + Kind);
            }

            var same = 1;
            while (at + same < text.Length && text[at + same] == c)
            {
                same++;
            }

            if (!char.IsLetterOrDigit(c) && same > 1)
            {
                Take(bits, at, same, (c is '!' ? Favourite : Sign) + Math.Log2(same) + Kind);
            }
        }

        return bits[text.Length];
    }

    private static void Take(Span<double> bits, int at, int length, double cost) => bits[at + length] = Math.Min(bits[at + length], bits[at] + cost);

    private static double? WordAt(string text, string plain, int at, int length) =>
        length < PasswordWords.ShortestWord ? PasswordWords.IsSmallWord(text.AsSpan(at, length)) ? SmallWord : null
            : PasswordWords.IsWord(text.AsSpan(at, length)) ? Word
            : PasswordWords.IsWord(plain.AsSpan(at, length)) ? Word + 2
            : null;

    private static double Case(ReadOnlySpan<char> written) =>
        !written.ContainsAnyInRange('A', 'Z') ? 0
            : !written[1..].ContainsAnyInRange('A', 'Z') || !written.ContainsAnyInRange('a', 'z') ? 1
            : written.Length;

    private static bool IsYear(ReadOnlySpan<char> digits) => digits is ['1', '9', >= '3', _] or ['2', '0', <= '4', _];

    // Krankenhaus2024!, kapelle_1999: what reads like a word, a year behind it, and no more than signs.
    private static double? WordAndYear(string password)
    {
        var letters = password.AsSpan().IndexOfAnyExcept(Letters);
        if (letters is < 5 or > 12 || !PasswordWords.LooksLikeOne(password.AsSpan(0, letters)))
        {
            return null;
        }

        var rest = password.AsSpan(letters);
        var signs = 0;
        if (!char.IsAsciiLetterOrDigit(rest[0]))
        {
            rest = rest[1..];
            signs++;
        }

        if (rest.Length < 4 || !IsYear(rest[..4]) || rest[4..].Length > 3 || rest[4..].IndexOfAny(LettersAndDigits) >= 0)
        {
            return null;
        }

        return AnyWord + Case(password.AsSpan(0, letters)) + Year + (2 * Kind) + ((signs + rest.Length - 4) * Sign);
    }

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create(Alphabet);
    private static readonly System.Buffers.SearchValues<char> LettersAndDigits = System.Buffers.SearchValues.Create(Alphabet + "0123456789");

    private static char Plain(char c) => c switch { '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' or '+' => 't', '8' => 'b', _ => c };
}
