using System.Text;

namespace Ringfence.Core.Detection;

/// <summary>Attacker's bytes as text that can be shown anywhere a plain line can.</summary>
internal static class SafeText
{
    public const int LongestText = 1_000;

    /// <returns>Valid text, at most 1,000 characters; bytes that are not UTF-8, control characters, and characters that turn the direction
    /// of writing or can't be seen are escaped as \xNN or \u{N}; a backslash stays as it is.</returns>
    public static string From(ReadOnlySpan<byte> bytes)
    {
        // Nearly every record is plain ASCII, and a replay makes 100,000 of these (bench: replay).
        if (bytes.Length <= LongestText && bytes.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0)
        {
            return Encoding.ASCII.GetString(bytes);
        }

        var text = new StringBuilder(Math.Min(bytes.Length, LongestText));
        while (!bytes.IsEmpty && text.Length < LongestText)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var used);
            if (status != System.Buffers.OperationStatus.Done)
            {
                text.Append($"\\x{bytes[0]:x2}");
                used = 1;
            }
            else if (IsPlain(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                text.Append(rune.Value < 0x80 ? $"\\x{rune.Value:x2}" : $"\\u{{{rune.Value:x}}}");
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.PrivateUse
        or System.Globalization.UnicodeCategory.Surrogate
        or System.Globalization.UnicodeCategory.OtherNotAssigned);
}
