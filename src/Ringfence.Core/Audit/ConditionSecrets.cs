using System.Buffers;
using System.Text;

namespace Ringfence.Core.Audit;

/// <summary>Texts that a condition compares something with: a PIN stands so in many a dialplan. A number of calls, a state, and what the caller dialled or shows are no secrets.</summary>
internal static class ConditionSecrets
{
    /// <summary>Shorter than that it is a prefix or a choice from a menu.</summary>
    private const int Shortest = 4;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789+*#.-_XZN[]^$|()?\\ ");

    // Of a line of AEL nobody knows where its condition ends: words outside of quotation marks are mostly its applications and variables.
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

    // What is compared with these is a number to call, a caller, a length, a time or a channel.
    private static readonly string[] OfCalls =
        ["EXTEN", "MACRO_EXTEN", "INVALID_EXTEN", "CALLERID", "CALLERIDNUM", "CALLERIDNAME", "DNID", "FROM_DID", "DIALEDPEERNUMBER", "LEN", "CHANNEL", "TIMEOUT", "STRFTIME", "EPOCH", "GROUP_COUNT", "DIALSTATUS", "HANGUPCAUSE", "CONTEXT", "REDIRECTING", "CONNECTEDLINE"];

    /// <param name="isAel">It may be a line of AEL, which writes a condition in parentheses alone.</param>
    /// <param name="knows">Whether a word is known and may be told.</param>
    public static string Without(string text, bool isAel, Func<string, bool> knows)
    {
        isAel = isAel && (text.Contains("if (", StringComparison.Ordinal) || text.Contains("if(", StringComparison.Ordinal) || text.Contains("while", StringComparison.Ordinal));
        if (!isAel && !text.Contains("$[", StringComparison.Ordinal) && !text.Contains("REGEX(", StringComparison.OrdinalIgnoreCase))
        {
            return text;
        }

        var names = Names(text);
        var isOfSecret = names.Exists(SecretOptions.Contains);
        var isOfCalls = names.TrueForAll(static name => OfCalls.Contains(name, StringComparer.OrdinalIgnoreCase));
        var shown = new StringBuilder(text.Length);
        var around = new Stack<(char Closing, bool IsQuoted)>();
        var (closing, isQuoted) = (isAel ? ']' : '\0', false);
        for (var at = 0; at < text.Length;)
        {
            if (text.AsSpan(at).StartsWith(ShownValues.NotShown))
            {
                shown.Append(ShownValues.NotShown);
                at += ShownValues.NotShown.Length;
                continue;
            }

            if (text[at] == '$' && at + 1 < text.Length && text[at + 1] is '{' or '[')
            {
                around.Push((closing, isQuoted));
                (closing, isQuoted) = (text[at + 1] == '{' ? '}' : ']', false);
                shown.Append(text, at, 2);
                at += 2;
                continue;
            }

            // A text up to its quotation mark, or to what is put in: "${PIN}" has none of its own.
            var end = isQuoted ? text.AsSpan(at).IndexOfAny('"', '$') : closing == ']' ? EndOfWord(text, at) - at : 0;
            var literal = text.AsSpan(at, end < 0 ? text.Length - at : end);
            if (!literal.IsEmpty)
            {
                shown.Append(!(isAel && !isQuoted && literal.IndexOfAnyExcept(Letters) < 0) && MayBeSecret(literal, isOfSecret, isOfCalls, knows) ? ShownValues.NotShown : literal);
                at += literal.Length;
                continue;
            }

            if (text[at] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && text[at] == closing && around.TryPop(out var outer))
            {
                (closing, isQuoted) = outer;
            }

            shown.Append(text[at++]);
        }

        return shown.ToString();
    }

    private static bool MayBeSecret(ReadOnlySpan<char> literal, bool isOfSecret, bool isOfCalls, Func<string, bool> knows)
    {
        var bare = literal.Trim("^$ ");
        return bare.Length >= Shortest - (isOfSecret ? 1 : 0) && (isOfSecret || !((isOfCalls && bare.IndexOfAnyExcept(Digits) < 0) || knows(bare.ToString())));
    }

    private static int EndOfWord(string text, int from)
    {
        var end = from;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '*' or '#' or '_' or '.' or '\''))
        {
            end++;
        }

        return end;
    }

    /// <summary>The variables and functions in it.</summary>
    private static List<string> Names(string text)
    {
        List<string> names = [];
        for (var at = text.IndexOf("${", StringComparison.Ordinal); at >= 0; at = text.IndexOf("${", at + 2, StringComparison.Ordinal))
        {
            var end = at + 2;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            // What a pattern is held against stands behind it.
            if (!text.AsSpan(at + 2, end - at - 2).Equals("REGEX", StringComparison.OrdinalIgnoreCase))
            {
                names.Add(text[(at + 2)..end]);
            }
        }

        return names;
    }
}
