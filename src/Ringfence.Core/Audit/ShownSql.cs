using System.Buffers;
using System.Text;
using Ringfence.Core.Dialplan;

namespace Ringfence.Core.Audit;

/// <summary>A statement of SQL without the texts and numbers that stand in it: what is put in by variables stays.</summary>
internal static class ShownSql
{
    // "LIMIT 100", an id, a state; a PIN is longer.
    private const int ShortNumber = 3;

    private static readonly SearchValues<char> Marks = SearchValues.Create("%_ ,.-/@");

    public static string Of(string sql)
    {
        var shown = new StringBuilder(sql.Length);
        var quote = '\0';
        for (var at = 0; at < sql.Length;)
        {
            if (TextParts.EndOfPart(sql, at) is { } end)
            {
                shown.Append(sql, at, end - at);
                at = end;
            }
            else if (quote != '\0' && sql[at] != quote)
            {
                var length = sql.AsSpan(at).IndexOfAny(quote, '$') is > 0 and var found ? found : sql[at] == '$' ? 1 : sql.Length - at;
                shown.Append(IsTold(sql.AsSpan(at, length)) ? sql.Substring(at, length) : ShownValues.NotShown);
                at += length;
            }
            else if (sql[at] is '\'' or '"' or '`')
            {
                quote = quote == '\0' ? sql[at] : '\0';
                shown.Append(sql[at++]);
            }
            else
            {
                var length = Word(sql, at);
                var word = sql.AsSpan(at, Math.Max(length, 1));
                shown.Append(word.Length > ShortNumber && char.IsAsciiDigit(word[0]) ? ShownValues.NotShown : word);
                at += word.Length;
            }
        }

        return shown.ToString();
    }

    // %, commas and blanks around what is put in.
    private static bool IsTold(ReadOnlySpan<char> constant) => constant.Length <= ShortNumber || constant.IndexOfAnyExcept(Marks) < 0;

    private static int Word(string sql, int from)
    {
        var end = from;
        while (end < sql.Length && (char.IsAsciiLetterOrDigit(sql[end]) || sql[end] == '_'))
        {
            end++;
        }

        return end - from;
    }
}
