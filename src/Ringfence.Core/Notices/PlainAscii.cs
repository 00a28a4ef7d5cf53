using System.Text;

namespace Ringfence.Core.Notices;

/// <summary>Text for a header, a subject or a name on the wire.</summary>
internal static class PlainAscii
{
    /// <returns>Printable ASCII alone, whatever came in: everything else, line ends above all, is a question mark; at most so many characters.</returns>
    public static string Of(string text, int maxCharacters)
    {
        var plain = new StringBuilder(Math.Min(text.Length, maxCharacters));
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, maxCharacters)))
        {
            plain.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return plain.ToString();
    }
}
