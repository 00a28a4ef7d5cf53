using System.Text;
using Ringfence.Core.Detection;

namespace Ringfence.Core.Notices;

/// <summary>A mail server's answer to one command. What the server writes is a stranger's text.</summary>
/// <param name="Code">200 to 599.</param>
/// <param name="Lines">Text behind the code of each line, as bytes came, not made safe.</param>
/// <remarks>RFC 5321 section 4.2.</remarks>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>RFC 5321 section 4.5.3.1.5 says 512; some servers write longer ones.</summary>
    public const int LongestLine = 2_000;

    public const int MostLines = 200;

    public bool IsGood => Code < 400;

    /// <summary>4xx: the server may take it later.</summary>
    public bool IsTemporary => Code is >= 400 and < 500;

    /// <summary>For people, safe, at most 200 characters: "550 no such user here".</summary>
    public string Words
    {
        get
        {
            var text = SafeText.From(Encoding.Latin1.GetBytes($"{Code} {string.Join(' ', Lines)}"));
            return text.Length <= 200 ? text : text[..200];
        }
    }

    /// <summary>Extensions that the answer to EHLO names, with their parameters: "AUTH PLAIN LOGIN".</summary>
    public bool Offers(string keyword, string? parameter = null) => Lines.Skip(1).Any(line =>
    {
        var words = line.Split([' ', '='], StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 && words[0].Equals(keyword, StringComparison.OrdinalIgnoreCase)
            && (parameter is null || words.Skip(1).Contains(parameter, StringComparer.OrdinalIgnoreCase));
    });

    /// <summary>Reads one line.</summary>
    /// <param name="line">Without its line end.</param>
    /// <returns>null: that is no line of a reply.</returns>
    public static SmtpReplyLine? ParseLine(ReadOnlySpan<byte> line)
    {
        if (line.Length is < 3 or > LongestLine || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
        {
            return null;
        }

        var code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        if (line.Length == 3)
        {
            return new SmtpReplyLine(code, IsLast: true, "");
        }

        return line[3] is (byte)' ' or (byte)'-' ? new SmtpReplyLine(code, line[3] == ' ', Encoding.Latin1.GetString(line[4..])) : null;
    }
}

internal readonly record struct SmtpReplyLine(int Code, bool IsLast, string Text);
