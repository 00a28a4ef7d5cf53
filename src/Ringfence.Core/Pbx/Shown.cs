using System.Text;

namespace Ringfence.Core.Pbx;

/// <summary>Text out of a configuration, made fit for a message on a terminal.</summary>
internal static class Shown
{
    /// <returns>The first <paramref name="maxCharacters"/> of it, control characters as \u001b, so that a file from a stranger's archive can't steer the terminal.</returns>
    public static string Text(string text, int maxCharacters = 80) => Whole(WithoutSecret(text.Length > Looked ? text[..Looked] : text), maxCharacters);

    // Nothing shows so much of a line, and each password that is taken out is a copy.
    private const int Looked = 8_192;

    /// <summary>The same with all that stands there, for what is a name to the program too: two files must not be one because a password in their names is left out.</summary>
    public static string Whole(string text, int maxCharacters = int.MaxValue)
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

    private static readonly System.Buffers.SearchValues<char> EndsOfValue = System.Buffers.SearchValues.Create(" ,;&\t)");
    private static readonly string[] Secrets = ["secret", "password", "passwd"];

    // A name can hold one too: a trunk of the web interface whose settings were typed into its name is a context "from-trunk-sip-type=friend secret=...".
    private static string WithoutSecret(string text)
    {
        for (var at = text.IndexOf('=', StringComparison.Ordinal); at >= 0; at = text.IndexOf('=', at + 1))
        {
            if (Array.Exists(Secrets, name => text.AsSpan(0, at).TrimEnd().EndsWith(name, StringComparison.OrdinalIgnoreCase)))
            {
                var start = text.Length - text.AsSpan(at + 1).TrimStart().Length;
                var end = text.AsSpan(start).IndexOfAny(EndsOfValue) is >= 0 and var length ? start + length : text.Length;
                text = end == start ? text : $"{text[..start]}(not shown){text[end..]}";
            }
        }

        return text;
    }
}
