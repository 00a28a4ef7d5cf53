using System.Text;

namespace Ringfence.Core.Dialplan;

/// <summary>Takes the arguments of an application apart, before variables are put in: what a variable brings is not looked into.</summary>
/// <remarks>main/app.c of Asterisk 22: __ast_app_separate_args, parse_options.</remarks>
internal static class CallArguments
{
    /// <param name="keepsQuotes">As AST_STANDARD_RAW_ARGS: quotes and backslashes stay.</param>
    public static List<string> Split(string text, char delimiter = ',', bool keepsQuotes = false, int limit = int.MaxValue)
    {
        var arguments = new List<string>();
        var current = new StringBuilder();
        var (parentheses, brackets, isQuoted) = (0, 0, false);
        for (var at = 0; at < text.Length; at++)
        {
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                current.Append(text, at, end - at);
                at = end - 1;
                continue;
            }

            var c = text[at];
            if (c == '"' && delimiter != '"')
            {
                isQuoted = !isQuoted;
                current.Append(keepsQuotes ? "\"" : "");
                continue;
            }

            if (c == '\\' && at + 1 < text.Length)
            {
                current.Append(keepsQuotes ? "\\" : "").Append(text[++at]);
                continue;
            }

            parentheses = c == '(' ? parentheses + 1 : c == ')' ? Math.Max(parentheses - 1, 0) : parentheses;
            brackets = c == '[' ? brackets + 1 : c == ']' ? Math.Max(brackets - 1, 0) : brackets;
            if (c == delimiter && parentheses == 0 && brackets == 0 && !isQuoted && arguments.Count < limit - 1)
            {
                arguments.Add(current.ToString());
                current.Clear();
                continue;
            }

            current.Append(c);
        }

        arguments.Add(current.ToString());
        return arguments;
    }

    /// <summary>The text before and behind a character that stands in no ${...} or $[...]; Behind is null where there is none.</summary>
    public static (string First, string? Behind) Cut(string text, char at)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (TextParts.EndOfPart(text, i) is { } end)
            {
                i = end - 1;
            }
            else if (text[i] == at)
            {
                return (text[..i], text[(i + 1)..]);
            }
        }

        return (text, null);
    }

    /// <summary>Splits "tTL(60000)g" into letters and their arguments; a letter that stands twice has the last one.</summary>
    public static Dictionary<char, string?> Options(string? text)
    {
        var options = new Dictionary<char, string?>();
        for (var at = 0; at < (text?.Length ?? 0); at++)
        {
            var letter = text![at];
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                at = end - 1;
                continue;
            }

            if (at + 1 == text.Length || text[at + 1] != '(')
            {
                options[letter] = null;
                continue;
            }

            var depth = 1;
            var close = at + 2;
            for (; close < text.Length && depth > 0; close++)
            {
                if (TextParts.EndOfPart(text, close) is { } inner)
                {
                    close = inner - 1;
                    continue;
                }

                depth += text[close] == '(' ? 1 : text[close] == ')' ? -1 : 0;
            }

            options[letter] = text[(at + 2)..(depth == 0 ? close - 1 : close)];
            at = close - 1;
        }

        return options;
    }
}
