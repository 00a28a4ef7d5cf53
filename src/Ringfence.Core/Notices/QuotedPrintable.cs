using System.Globalization;
using System.Text;

namespace Ringfence.Core.Notices;

/// <summary>Text as a mail carries it: lines of at most 76 ASCII characters, whatever the text. Readable in a log of the mail server, unlike base64.</summary>
/// <remarks>RFC 2045 section 6.7.</remarks>
internal static class QuotedPrintable
{
    private const int MaxLine = 76;

    /// <param name="text">Lines end with LF.</param>
    /// <returns>Lines end with CRLF. No line is a lone dot and none begins with one, so that nothing needs stuffing (RFC 5321 section 4.5.2).</returns>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + (text.Length / 8));
        foreach (var line in text.Split('\n'))
        {
            EncodeLine(encoded, Encoding.UTF8.GetBytes(line));
            encoded.Append("\r\n");
        }

        return encoded.ToString();
    }

    private static void EncodeLine(StringBuilder encoded, byte[] line)
    {
        var column = 0;
        for (var i = 0; i < line.Length; i++)
        {
            // A blank at the end of a line may be taken away on the way; "From " and a dot at its beginning mean something to old programs.
            var isLast = i == line.Length - 1;
            var isPlain = line[i] is >= (byte)'!' and <= (byte)'~' and not (byte)'='
                ? column > 0 || line[i] is not ((byte)'.' or (byte)'F')
                : line[i] == (byte)' ' && !isLast;
            var width = isPlain ? 1 : 3;

            // Room for the "=" of a soft line break.
            if (column + width > MaxLine - 1)
            {
                encoded.Append("=\r\n");
                column = 0;
                isPlain &= line[i] is not ((byte)'.' or (byte)'F');
                width = isPlain ? 1 : 3;
            }

            if (isPlain)
            {
                encoded.Append((char)line[i]);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"={line[i]:X2}");
            }

            column += width;
        }
    }
}
