namespace Ringfence.Core.Wire;

/// <summary>An answer of the PBX's HTTP server.</summary>
internal readonly ref struct HttpAnswer
{
    /// <value>0: there is no whole one yet.</value>
    public int Status { get; init; }

    /// <summary>Status line and headers.</summary>
    public ReadOnlySpan<byte> Head { get; init; }

    /// <summary>How its body begins.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    public ReadOnlySpan<byte> StatusLine => Head[..Math.Max(0, Head.IndexOf((byte)'\r'))];
}

/// <summary>Where answers of Asterisk's HTTP server begin and end in the stream that it sends.</summary>
/// <remarks>
/// RFC 9112 section 6. Asterisk gives each answer a Content-Length. Where the place in the stream is lost, the next segment that begins with a status line
/// is where it goes on: Asterisk writes an answer at once. No body of Asterisk's begins with a status line, so one that seems to was left out (HEAD).
/// </remarks>
internal struct HttpAnswers
{
    private const int LongestHead = 8_192;
    private const int ShortestLine = 12; // "HTTP/1.1 200"
    private const int MostBody = 1_200;

    private long _skip;
    private bool _hasGap;

    /// <summary>The stream goes on in frames of WebSocket.</summary>
    public bool IsUpgraded { get; private set; }

    /// <summary>Some of the stream is missing.</summary>
    public void Forget() => this = new HttpAnswers { _hasGap = true };

    /// <returns>Whether some of the stream was missing since the last call.</returns>
    public bool TakeGap()
    {
        var hasGap = _hasGap;
        _hasGap = false;
        return hasGap;
    }

    /// <summary>Takes the next answer off a stream.</summary>
    /// <param name="rest">What is not taken yet; the beginning of an answer that is not whole stays in it.</param>
    public HttpAnswer Take(scoped ref ReadOnlySpan<byte> rest)
    {
        var skipped = (int)Math.Min(_skip, rest.Length);
        _skip -= skipped;
        rest = rest[skipped..];
        if (rest.IsEmpty || IsUpgraded)
        {
            rest = default;
            return default;
        }

        var end = rest.IndexOf("\r\n\r\n"u8);
        if (!Begins(rest) || end is >= 0 and < ShortestLine || (end < 0 && rest.Length > LongestHead))
        {
            rest = default;
            return default;
        }

        if (end < 0)
        {
            return default;
        }

        var head = rest[..(end + 4)];
        var status = Number(head.Slice(9, 3));
        var body = rest[head.Length..];
        var length = status is < 200 or 204 or 304 || (body.Length >= 7 && Begins(body)) ? 0 : Length(head);
        if (body.Length < Math.Min(length, MostBody))
        {
            return default;
        }

        var there = (int)Math.Min(length, body.Length);
        _skip = length - there;
        rest = body[there..];
        IsUpgraded = status == 101;
        return new HttpAnswer { Status = status, Head = head, Body = body[..Math.Min(there, MostBody)] };
    }

    private static bool Begins(ReadOnlySpan<byte> bytes) => bytes.Length < ShortestLine ? "HTTP/1.1 200"u8.StartsWith(bytes[..Math.Min(bytes.Length, 7)]) : bytes.StartsWith("HTTP/1."u8) && bytes[8] == ' ';

    // Without one the body lasts until the end of the connection.
    private static long Length(ReadOnlySpan<byte> head)
    {
        foreach (var range in head.Split("\r\n"u8))
        {
            var line = head[range];
            if (line.Length > 15 && System.Text.Ascii.EqualsIgnoreCase(line[..15], "content-length:"u8))
            {
                return Number(line[15..].Trim(" \t"u8));
            }
        }

        return int.MaxValue;
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        long number = 0;
        foreach (var digit in digits)
        {
            number = digit is >= (byte)'0' and <= (byte)'9' ? Math.Min((number * 10) + (digit - '0'), int.MaxValue) : int.MaxValue;
        }

        return (int)number;
    }
}
