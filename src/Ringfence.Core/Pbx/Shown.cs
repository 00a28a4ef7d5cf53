using System.Text;

namespace Ringfence.Core.Pbx;

/// <summary>Text out of a configuration, made fit for a message on a terminal.</summary>
internal static class Shown
{
    /// <returns>The first <paramref name="maxCharacters"/> of it, control characters as \u001b, so that a file from a stranger's archive can't steer the terminal.</returns>
    public static string Text(string text, int maxCharacters = 80)
    {
        text = WithoutSecret(text);
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

    private static readonly System.Buffers.SearchValues<char> EndsOfValue = System.Buffers.SearchValues.Create(" ,;&\t)");
    private static readonly string[] Secrets = ["secret", "password", "passwd"];

    // A name can hold one too: a trunk of the web interface whose settings were typed into its name is a context "from-trunk-sip-type=friend secret=...".
    private static string WithoutSecret(string text)
    {
        for (var at = text.IndexOf('=', StringComparison.Ordinal); at >= 0; at = text.IndexOf('=', at + 1))
        {
            if (Array.Exists(Secrets, name => text.AsSpan(0, at).TrimEnd().EndsWith(name, StringComparison.OrdinalIgnoreCase)))
            {
                var end = text.AsSpan(at + 1).IndexOfAny(EndsOfValue) is >= 0 and var length ? at + 1 + length : text.Length;
                text = end == at + 1 ? text : $"{text[..(at + 1)]}(not shown){text[end..]}";
            }
        }

        return text;
    }
}
