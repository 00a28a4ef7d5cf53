using System.Text;

namespace Ringfence.Core.Pbx;

/// <summary>Text out of a configuration, made fit for a message on a terminal.</summary>
internal static class Shown
{
    /// <returns>The first <paramref name="maxCharacters"/> of it, control characters as \u001b, so that a file from a stranger's archive can't steer the terminal.</returns>
    public static string Text(string text, int maxCharacters = 80)
    {
        var shown = new StringBuilder(Math.Min(text.Length, maxCharacters) + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, maxCharacters)))
        {
            // U+2028, U+2029 and the bidirectional marks are not control characters to .NET and move text all the same.
            if (char.IsControl(c) || c is '\u2028' or '\u2029' || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.Surrogate)
            {
                shown.Append($"\\u{(int)c:x4}");
            }
            else
            {
                shown.Append(c);
            }
        }

        return text.Length > maxCharacters ? shown.Append("...").ToString() : shown.ToString();
    }
}
