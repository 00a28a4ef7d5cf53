using System.Buffers;
using System.Text;

namespace Ringfence.Core.Audit;

/// <summary>Words of a text whose meaning is not known.</summary>
internal static class ShownWords
{
    // What stands around a word; anything else is part of it, for a password may hold whatever a keyboard has.
    private static readonly SearchValues<char> Separators = SearchValues.Create(" \t,\"'&|()<>");
    private static readonly SearchValues<char> Marks = SearchValues.Create(" \t,\"'&|()<>:=?^;-./_%@");
    private static readonly SearchValues<char> FlagCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-");
    private const int ShortestSecret = 4;

    /// <summary>There is more than marks in it.</summary>
    public static bool Has(string text) => text.AsSpan().IndexOfAnyExcept(Marks) >= 0 || text.Length >= ShortestSecret;

    /// <summary>The text with the words that are known, or too short to be a secret.</summary>
    public static string Of(string literal, Func<string, bool> knows)
    {
        if (literal.Length >= ShortestSecret && knows(literal.Trim()))
        {
            return literal;
        }

        var shown = new StringBuilder(literal.Length);
        var hidden = -1;
        for (var at = 0; at < literal.Length;)
        {
            var length = literal.AsSpan(at).IndexOfAny(Separators) is >= 0 and var found ? found : literal.Length - at;
            if (length == 0)
            {
                shown.Append(literal[at++]);
                continue;
            }

            var word = literal.Substring(at, length);
            if (word.Length < ShortestSecret || IsFlag(word) || knows(word) || AreKnown(word, knows))
            {
                shown.Append(word);
            }
            else if (hidden >= 0 && !Has(shown.ToString(hidden, shown.Length - hidden)))
            {
                // Several words that are hidden are one.
                shown.Length = hidden;
            }
            else
            {
                shown.Append(ShownValues.NotShown);
                hidden = shown.Length;
            }

            at += length;
        }

        return shown.ToString();
    }

    // "name=", "sales:5": of parts that are too short to be known one at most.
    private static bool AreKnown(string word, Func<string, bool> knows)
    {
        var parts = word.Split(':', '=', '^', ';', '?');
        return parts.Length > 1 && parts.Count(static part => part.Length is > 0 and < ShortestSecret) <= 1 && Array.TrueForAll(parts, part => part.Length < ShortestSecret || knows(part)) && Array.Exists(parts, static part => part.Length >= ShortestSecret);
    }

    // --header, --silent: the name of an option, which its value follows.
    private static bool IsFlag(string word) => word.StartsWith("--", StringComparison.Ordinal) && word.AsSpan(2).IndexOfAnyExcept(FlagCharacters) < 0;
}
