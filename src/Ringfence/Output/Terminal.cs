using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ringfence.Output;

/// <summary>Text that somebody else wrote, made safe to print: nothing in it moves the cursor, changes colours, hides or reorders what stands beside it.</summary>
internal static class Terminal
{
    /// <returns>One line. Control characters (C0, C1, DEL), line ends, formatting characters (bidi overrides, zero widths, tags), combining marks,
    /// private use and lone surrogates are written as \n, \xNN or \u{N}. A backslash stays: evidence comes escaped already, and twice is as good as once.</returns>
    public static string Safe(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        AppendSafe(safe, text);
        return safe.ToString();
    }

    /// <summary>As <see cref="Safe"/>, but line ends stay: for messages of our own that quote others' text.</summary>
    public static string SafeLines(string text) => string.Join('\n', text.Split('\n').Select(Safe));

    private static void AppendSafe(StringBuilder safe, string text)
    {
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != OperationStatus.Done)
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)rest[0]:x}}}");
                rest = rest[1..];
                continue;
            }

            Append(safe, rune);
            rest = rest[length..];
        }
    }

    private static void Append(StringBuilder safe, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n':
                safe.Append(@"\n");
                break;
            case '\r':
                safe.Append(@"\r");
                break;
            case '\t':
                safe.Append(@"\t");
                break;
            case < 0x20 or (>= 0x7f and < 0xa0):
                safe.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                break;
            default:
                if (IsShown(rune))
                {
                    safe.Append(rune.ToString());
                }
                else
                {
                    safe.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
                }

                break;
        }
    }

    // A combining mark draws over its neighbour, and a hundred of them over the lines above.
    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark)
        && (rune.Value == ' ' || Rune.GetUnicodeCategory(rune) != UnicodeCategory.SpaceSeparator);
}
