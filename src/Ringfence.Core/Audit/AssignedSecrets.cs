using System.Text;

namespace Ringfence.Core.Audit;

/// <summary>Values that a line of the dialplan puts where the name says what they are: <c>Set(PIN=...)</c>, <c>Set(DB(pin/1001)=...)</c>.</summary>
internal static class AssignedSecrets
{
    public static string Without(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return text;
        }

        var shown = new StringBuilder();
        var from = 0;
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == '=' && at > from && text[at - 1] is not ('!' or '<' or '>' or '=') && IsOfSecret(text.AsSpan(from, at - from)))
            {
                var end = EndOfValue(text, at + 1);
                shown.Append(text.AsSpan(from, at + 1 - from)).Append(ShownValues.NotShown);
                (from, at) = (end, end);
            }
        }

        return from == 0 ? text : shown.Append(text.AsSpan(from)).ToString();
    }

    // What stands before the equals sign: a name, or a function with its arguments. A comparison has a brace or a quote there.
    private static bool IsOfSecret(ReadOnlySpan<char> before)
    {
        var text = before.TrimEnd();
        var start = text.Length;
        for (var depth = 0; start > 0; start--)
        {
            var c = text[start - 1];
            depth += c switch { ')' => 1, '(' => -1, _ => 0 };
            if (depth < 0 || (depth == 0 && c != '(' && !char.IsAsciiLetterOrDigit(c) && c != '_'))
            {
                break;
            }
        }

        foreach (var range in text[start..].SplitAny("(),/${}"))
        {
            var name = text[start..][range].Trim();
            if (!name.IsEmpty && SecretOptions.Contains(name.ToString()))
            {
                return true;
            }
        }

        return false;
    }

    // To the comma or the parenthesis that ends the argument.
    private static int EndOfValue(string text, int from)
    {
        var depth = 0;
        for (var at = from; at < text.Length; at++)
        {
            depth += text[at] switch { '(' or '{' or '[' => 1, ')' or '}' or ']' => -1, _ => 0 };
            if (depth < 0 || (depth == 0 && text[at] is ',' or ';'))
            {
                return at;
            }
        }

        return text.Length;
    }
}
