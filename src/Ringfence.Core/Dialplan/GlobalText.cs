using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Substitution while extensions.conf is loaded, when there is no channel yet: of global variables alone.</summary>
/// <remarks>main/pbx_variables.c of Asterisk 22: pbx_substitute_variables_helper, substring.</remarks>
internal static class GlobalText
{
    private const int MaxDepth = 15;

    // A1=${A0}${A0} sixty times is a text that no memory holds.
    private const int MostCharacters = 8_192;

    /// <returns>null: it calls a function or has an expression, whose value was not read, or is very long.</returns>
    public static string? Substitute(string text, IReadOnlyDictionary<string, string?> globals, int depth = 0)
    {
        var result = "";
        var at = 0;
        while (at < text.Length)
        {
            var dollar = text.IndexOf('$', at);
            if (dollar < 0 || dollar + 1 == text.Length)
            {
                break;
            }

            result += text[at..dollar];
            if (text[dollar + 1] == '[')
            {
                return null;
            }

            if (text[dollar + 1] != '{')
            {
                result += '$';
                at = dollar + 1;
                continue;
            }

            var end = TextParts.EndOfVariable(text, dollar);
            if (depth >= MaxDepth || Substitute(text[(dollar + 2)..(end - (text[end - 1] == '}' ? 1 : 0))], globals, depth + 1) is not { } inner || inner.Contains('(', StringComparison.Ordinal))
            {
                return null;
            }

            var (name, offset, length) = TextParts.Name(inner);
            if (globals.TryGetValue(name, out var value) && value is null)
            {
                return null;
            }

            result += Substring(value ?? "", offset, length);
            if (result.Length > MostCharacters)
            {
                return null;
            }

            at = end;
        }

        return result + text[at..];
    }

    /// <summary>${NAME:offset:length}</summary>
    public static string Substring(string value, int offset, int length)
    {
        if (offset < 0)
        {
            offset = Math.Max(value.Length + offset, 0);
        }

        if (offset >= value.Length)
        {
            return "";
        }

        var rest = value[offset..];
        return length >= 0 ? rest[..Math.Min(length, rest.Length)]
            : rest.Length > -(long)length ? rest[..(rest.Length + length)]
            : "";
    }
}

/// <summary>Where the parts of a text with ${...} and $[...] begin and end.</summary>
internal static class TextParts
{
    /// <param name="start">Of the dollar sign of <c>${</c>.</param>
    /// <returns>The index behind its closing brace; the end of the text where there is none.</returns>
    public static int EndOfVariable(string text, int start) => EndOf(text, start, '{', '}');

    /// <param name="start">Of the dollar sign of <c>$[</c>.</param>
    /// <inheritdoc cref="EndOfVariable"/>
    public static int EndOfExpression(string text, int start) => EndOf(text, start, '[', ']');

    /// <summary>The index behind the ${...} or $[...] that begins here; null: none does.</summary>
    public static int? EndOfPart(string text, int start) =>
        start + 1 >= text.Length || text[start] != '$' ? null
        : text[start + 1] == '{' ? EndOfVariable(text, start)
        : text[start + 1] == '[' ? EndOfExpression(text, start)
        : null;

    /// <summary>What stands in a ${...} or $[...]; where it is not closed, all that follows (measured).</summary>
    public static string Inside(string part) => part.Length < 3 ? "" : part[^1] == (part[1] == '{' ? '}' : ']') ? part[2..^1] : part[2..];

    /// <returns>What stands in each $[...], also in those inside of ${...}; those in another expression are part of that one.</returns>
    public static IEnumerable<string> Expressions(string text)
    {
        for (var at = text.IndexOf("$[", StringComparison.Ordinal); at >= 0; at = at < text.Length ? text.IndexOf("$[", at, StringComparison.Ordinal) : -1)
        {
            var end = EndOfExpression(text, at);
            yield return Inside(text[at..end]);
            at = Math.Max(end, at + 2);
        }
    }

    /// <summary>Splits "NAME:offset:length"; a colon inside of parentheses belongs to a function.</summary>
    public static (string Name, int Offset, int Length) Name(string text)
    {
        var depth = 0;
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    break;
                case ':' when depth == 0:
                    var (offset, length) = Numbers(text[(at + 1)..]);
                    return (text[..at], offset, length);
                default:
                    break;
            }
        }

        return (text, 0, int.MaxValue);
    }

    // sscanf("%30d:%30d")
    private static (int Offset, int Length) Numbers(string text)
    {
        var (offset, rest) = Leading(text);
        if (offset is null)
        {
            return (0, int.MaxValue);
        }

        return (offset.Value, rest.StartsWith(':') ? Leading(rest[1..]).Number ?? int.MaxValue : int.MaxValue);
    }

    private static (int? Number, string Behind) Leading(string text)
    {
        var trimmed = text.TrimStart();
        var end = trimmed.Length > 0 && trimmed[0] is '-' or '+' ? 1 : 0;
        while (end < trimmed.Length && char.IsAsciiDigit(trimmed[end]))
        {
            end++;
        }

        return int.TryParse(trimmed[..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? (number, trimmed[end..]) : (null, trimmed);
    }

    // Braces nest with any opening brace, as Asterisk counts them; brackets likewise.
    private static int EndOf(string text, int start, char open, char close)
    {
        var depth = 1;
        var at = start + 2;
        for (; at < text.Length && depth > 0; at++)
        {
            if (text[at] == open)
            {
                depth++;
            }
            else if (text[at] == close)
            {
                depth--;
            }
        }

        return at;
    }
}
