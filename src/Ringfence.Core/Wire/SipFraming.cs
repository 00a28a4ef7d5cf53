using System.Buffers;

namespace Ringfence.Core.Wire;

/// <summary>Where SIP messages begin and end in a stream, and how far it is read.</summary>
/// <remarks>
/// RFC 3261 sections 7.5 and 18.3. As pjsip does it: the headers end at LF CR LF, the first Content-Length that is a number counts, and a message
/// that is longer than 65,535 bytes is dropped. What does not begin with a start line is passed over, line by line: the middle of a stream.
/// </remarks>
internal struct SipFraming
{
    /// <summary>PJSIP_MAX_PKT_LEN of Asterisk's pjproject.</summary>
    public const int LongestMessage = ushort.MaxValue;

    private static readonly SearchValues<byte> Newlines = SearchValues.Create("\r\n"u8);

    // Of the bytes that are not taken yet: the end of the headers is not in the first so many; the message has so many, or 0: nobody knows yet.
    private int _searched;
    private int _needed;
    private bool _isLost;

    /// <summary>Runs of bytes that are no SIP.</summary>
    public int Invalid { get; private set; }

    /// <summary>Takes the next message off a stream.</summary>
    /// <param name="rest">What is not taken yet; the beginning of a message that is not whole stays in it.</param>
    /// <returns>Empty: there is no whole one.</returns>
    public ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest)
    {
        while (true)
        {
            if (_needed == 0 && !FindHead(ref rest))
            {
                return default;
            }

            if (rest.Length < _needed)
            {
                return default;
            }

            var message = rest[.._needed];
            rest = rest[_needed..];
            _searched = 0;
            _needed = 0;
            _isLost = false;
            return message;
        }
    }

    /// <summary>What was left of the stream was thrown away.</summary>
    public void Forget() => this = new SipFraming { Invalid = Invalid };

    /// <returns>Whether both stand at the same place of what is not taken yet.</returns>
    public readonly bool IsAs(in SipFraming other) => _needed == other._needed && _searched == other._searched && _isLost == other._isLost;

    private bool FindHead(scoped ref ReadOnlySpan<byte> rest)
    {
        while (true)
        {
            if (_searched == 0)
            {
                // Line ends keep a connection open (RFC 5626 section 4.4.1).
                rest = rest.TrimStart("\r\n"u8);
                var end = rest.IndexOfAny(Newlines);
                if (end < 0)
                {
                    return false;
                }

                if (!IsStart(rest[..end]))
                {
                    Lose();
                    rest = rest[end..];
                    continue;
                }

                _searched = end;
            }

            // The three bytes may have come in two pieces.
            var from = Math.Max(0, _searched - 2);
            var at = rest[from..].IndexOf("\n\r\n"u8);
            if (at < 0)
            {
                _searched = Math.Max(1, rest.Length);
                return false;
            }

            var head = from + at + 3;
            var body = BodyLength(rest[..head]);
            if (body >= 0 && head + (long)body <= LongestMessage)
            {
                _needed = head + body;
                return true;
            }

            Lose();
            _searched = 0;
            rest = rest[head..];
        }
    }

    private void Lose()
    {
        Invalid += _isLost ? 0 : 1;
        _isLost = true;
    }

    private static bool IsStart(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t"u8);
        return line.Length >= 10
            && (System.Text.Ascii.EqualsIgnoreCase(line[..7], "sip/2.0"u8)
                || (System.Text.Ascii.EqualsIgnoreCase(line[^7..], "sip/2.0"u8) && line[^8] is (byte)' ' or (byte)'\t' or (byte)'>'));
    }

    private static int BodyLength(ReadOnlySpan<byte> head)
    {
        while (head.IndexOf((byte)'\n') is >= 0 and var end)
        {
            head = head[(end + 1)..];
            var value = head.Length == 0 ? default : (head[0] | 0x20) switch
            {
                'c' when head.Length > 14 && System.Text.Ascii.EqualsIgnoreCase(head[..14], "content-length"u8) => head[14..],
                'l' when head.Length > 1 && head[1] is (byte)' ' or (byte)'\t' or (byte)':' => head[1..],
                _ => default,
            };
            value = value.TrimStart(" \t"u8);
            if (value.IsEmpty || value[0] != ':')
            {
                continue;
            }

            value = value[1..].TrimStart(" \t\r\n"u8);
            var digits = value.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits > 0 && value[digits..].TrimStart(" \t"u8) is [(byte)'\r' or (byte)'\n', ..])
            {
                return Number(value[..digits]);
            }
        }

        return -1;
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        long number = 0;
        foreach (var digit in digits)
        {
            number = Math.Min((number * 10) + (digit - '0'), int.MaxValue);
        }

        return (int)number;
    }
}
