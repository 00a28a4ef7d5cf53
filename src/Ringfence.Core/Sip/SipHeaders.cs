using System.Buffers;

namespace Ringfence.Core.Sip;

/// <summary>The headers of a message one after the other, each from its name to where the PBX ends it.</summary>
/// <remarks>
/// Where a header ends depends on what it holds. Each of these was answered by Asterisk 22.10.1 (CredentialReadingTests): a CR inside quotes, any byte inside
/// the brackets of a host or a comment of Via, whole headers and an empty line too, end nothing; a LF inside quotes drops the message. An ampersand behind a
/// value that is not any text begins another header.
/// </remarks>
internal ref struct SipHeaders(ReadOnlySpan<byte> text)
{
    private static readonly SearchValues<byte> NameEnds = SearchValues.Create(":\r\n"u8);
    private static readonly SearchValues<byte> WordMarks = SearchValues.Create("\"&\r\n"u8);
    private static readonly SearchValues<byte> AddressMarks = SearchValues.Create("\"&,\r\n"u8);
    private static readonly SearchValues<byte> CommentMarks = SearchValues.Create("\"&(\r\n"u8);
    private static readonly SearchValues<byte> ViaMarks = SearchValues.Create("\"&,(\r\n"u8);
    private static readonly SearchValues<byte> HostMarks = SearchValues.Create("\"&,(;[\r\n"u8);
    private static readonly SearchValues<byte> AddressBeginnings = SearchValues.Create(":<\r\n"u8);
    private static readonly SearchValues<byte> AddressEnds = SearchValues.Create("\">\r\n"u8);
    private static readonly SearchValues<byte> Token = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_`'~+"u8);
    private static readonly SearchValues<byte> UserEnds = SearchValues.Create("@ >\n"u8);

    private static readonly string[] Words =
    [
        "cseq", "expires", "content-length", "l", "max-forwards", "min-expires", "authorization", "proxy-authorization", "www-authenticate",
        "proxy-authenticate", "event", "o", "session-expires", "x", "min-se", "subscription-state",
    ];

    private static readonly string[] Addresses = ["from", "f", "to", "t", "contact", "m", "route", "record-route"];

    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    // Each looked for once, and not for each of the 20,000 headers that have room in one line.
    private int _line = -1;
    private int _userEnd = -1;
    private int _beginning = -1;
    private int _scheme = -1;

    public ReadOnlySpan<byte> Name { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>A line end stood where it ends no line for the PBX and no phone writes one: in a host's brackets (its answer has it without them, so that headers begin there), in the
    /// Call-ID of Replaces, in place of the slash of Content-Type.</summary>
    public bool HasHiddenLineEnd { get; private set; }

    /// <summary>Authorization and Proxy-Authorization.</summary>
    public readonly bool IsCredentials => Name.Length is 13 or 19 && (Is("authorization"u8) || Is("proxy-authorization"u8));

    /// <summary>WWW-Authenticate and Proxy-Authenticate.</summary>
    public readonly bool IsChallenge => Name.Length is 16 or 18 && (Is("www-authenticate"u8) || Is("proxy-authenticate"u8));

    private static ReadOnlySpan<byte> Blank => " \t\r\n"u8;

    /// <returns>false: they ended, at an empty line or with the text.</returns>
    public bool Next()
    {
        for (var from = _at; _at < _text.Length; from = _at)
        {
            var end = Find(from, NameEnds);
            while (end > from && end < _text.Length && FoldAt(end) is > 0 and var fold)
            {
                end = Find(end + fold, NameEnds);
            }

            if (end == from && _text[end] != ':')
            {
                _at = _text.Length;
                return false;
            }

            if (end == _text.Length || _text[end] != ':' || end == from)
            {
                // No header.
                _at = LineEnd(EndOfText(end));
                continue;
            }

            Name = _text[from..end].Trim(Blank);
            var stop = EndOfValue(end + 1);
            Value = _text[(end + 1)..stop].Trim(Blank);
            _at = stop < _text.Length && _text[stop] == '&' ? stop + 1 : LineEnd(stop);
            return true;
        }

        return false;
    }

    private readonly bool Is(ReadOnlySpan<byte> lower) => System.Text.Ascii.EqualsIgnoreCase(Name, lower);

    private readonly bool IsOne(string[] names)
    {
        foreach (var name in names)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(Name, name))
            {
                return true;
            }
        }

        return false;
    }

    private int EndOfValue(int from)
    {
        if (Is("replaces"u8))
        {
            return EndOfMarked(BehindCallId(from), WordMarks, WordMarks);
        }

        // What neither ends a value nor hides an end needs no closer look.
        var line = _line = _line < from ? EndOfText(from) : _line;
        if (_text[from..line].IndexOfAny((byte)'"', (byte)'[', (byte)'&') < 0 && !_text[from..line].Contains((byte)'('))
        {
            return line;
        }

        return Is("via"u8) || Is("v"u8) ? EndOfMarked(from, HostMarks, ViaMarks)
            : IsOne(Addresses) ? EndOfMarked(BehindAddress(from), AddressMarks, AddressMarks)
            : Is("content-type"u8) || Is("c"u8) ? EndOfMarked(BehindType(from), WordMarks, WordMarks)
            : Is("retry-after"u8) ? EndOfMarked(from, CommentMarks, CommentMarks)
            : IsOne(Words) ? EndOfMarked(from, WordMarks, WordMarks)
            : line;
    }

    // The Call-ID of Replaces goes on to its semicolon, over lines and empty ones too (pjsip, sip_replaces.c). No phone leaves the semicolon out, for tags stand behind it (RFC 3891).
    private int BehindCallId(int from)
    {
        var end = _text[from..].IndexOf((byte)';') is >= 0 and var at ? from + at + 1 : _text.Length;
        SeeHidden(from, end);
        return end;
    }

    // Between type and subtype stands any one character (pjsip, sip_parser.c), a quote or a line end too.
    private int BehindType(int from)
    {
        var at = BehindBlanks(from);
        at = BehindBlanks(_text[at..].IndexOfAnyExcept(Token) is >= 0 and var end ? at + end : _text.Length);
        HasHiddenLineEnd |= at < _text.Length && _text[at] is (byte)'"' or (byte)'\r' or (byte)'\n' or (byte)'&';
        return Math.Min(at + 1, _text.Length);
    }

    // The next line end behind which the header does not go on.
    private readonly int EndOfText(int from)
    {
        while (true)
        {
            var rest = _text[from..].IndexOfAny((byte)'\r', (byte)'\n');
            if (rest < 0)
            {
                return _text.Length;
            }

            if (FoldAt(from + rest) is not (> 0 and var fold))
            {
                return from + rest;
            }

            from += rest + fold;
        }
    }

    /// <param name="host">What means something before and in a host: of Via alone.</param>
    /// <param name="marks">The same behind it.</param>
    private int EndOfMarked(int from, SearchValues<byte> host, SearchValues<byte> marks)
    {
        for (var sought = host; ;)
        {
            var at = Find(from, sought);
            if (at == _text.Length)
            {
                return at;
            }

            switch (_text[at])
            {
                case (byte)'"':
                    from = BehindQuotes(at);
                    break;
                case (byte)'[':
                    from = Behind(at, (byte)']');
                    SeeHidden(at, from);
                    sought = marks;
                    break;
                case (byte)'(':
                    from = Behind(at, (byte)')');
                    break;
                case (byte)';':
                    from = at + 1;
                    sought = marks;
                    break;
                case (byte)',':
                    from = ReferenceEquals(marks, AddressMarks) ? BehindAddress(at + 1) : at + 1;
                    sought = host;
                    break;
                case (byte)'&':
                    return at;
                default:
                    if (FoldAt(at) is not (> 0 and var fold))
                    {
                        return at;
                    }

                    from = at + fold;
                    break;
            }
        }
    }

    // "name" <sip:user@host>, name <sip:user@host>, sip:user@host: behind the host, and where there are angle brackets behind these.
    private int BehindAddress(int from)
    {
        from = BehindBlanks(from);
        if (from < _text.Length && _text[from] == '"')
        {
            from = BehindBlanks(BehindQuotes(from));
        }

        if (from < _text.Length && _text[from] == '*')
        {
            // All contacts.
            return from + 1;
        }

        var at = _beginning = _beginning < from ? FindOverFolds(from, AddressBeginnings) : _beginning;
        var isBracketed = at < _text.Length && _text[at] == '<';
        at = isBracketed ? _scheme = _scheme <= at ? FindOverFolds(at + 1, AddressBeginnings) : _scheme : at;
        if (at == _text.Length || _text[at] != ':')
        {
            return Math.Min(from, at);
        }

        at++;
        _userEnd = _userEnd < at ? Find(at, UserEnds) : _userEnd;
        at = _userEnd < _text.Length && _text[_userEnd] == '@' ? _userEnd + 1 : at;
        if (at < _text.Length && _text[at] == '[')
        {
            var host = at;
            at = Behind(at, (byte)']');
            SeeHidden(host, at);
        }

        if (!isBracketed)
        {
            return at;
        }

        // A parameter's value may stand in quotes.
        var close = FindOverFolds(at, AddressEnds);
        while (close < _text.Length && _text[close] == '"')
        {
            close = FindOverFolds(BehindQuotes(close), AddressEnds);
        }

        return close < _text.Length && _text[close] == '>' ? close + 1 : close;
    }

    private void SeeHidden(int from, int behind) => HasHiddenLineEnd |= _text[from..behind].IndexOfAny((byte)'\r', (byte)'\n') >= 0;

    // Behind the quote that closes; where there is none before a LF, there: the PBX drops such a message.
    private readonly int BehindQuotes(int open)
    {
        for (var at = open + 1; at < _text.Length; at++)
        {
            var next = _text[at..].IndexOfAny((byte)'"', (byte)'\\', (byte)'\n');
            if (next < 0 || _text[at += next] == '\n')
            {
                return next < 0 ? _text.Length : at;
            }

            if (_text[at] == '"')
            {
                return at + 1;
            }

            at += at + 1 < _text.Length && _text[at + 1] == '\n' ? 0 : 1;
        }

        return _text.Length;
    }

    // Where nothing closes, all is inside: the PBX drops such a message.
    private readonly int Behind(int open, byte close) => _text[open..].IndexOf(close) is >= 0 and var at ? open + at + 1 : _text.Length;

    private readonly int BehindBlanks(int from)
    {
        while (from < _text.Length && (_text[from] is (byte)' ' or (byte)'\t' || FoldAt(from) > 0))
        {
            from += Math.Max(1, FoldAt(from));
        }

        return from;
    }

    private readonly int FindOverFolds(int from, SearchValues<byte> marks)
    {
        var at = Find(from, marks);
        while (at < _text.Length && FoldAt(at) is > 0 and var fold)
        {
            at = Find(at + fold, marks);
        }

        return at;
    }

    private readonly int Find(int from, SearchValues<byte> marks) => _text[from..].IndexOfAny(marks) is >= 0 and var at ? from + at : _text.Length;

    // The bytes of a line end behind which the header goes on; 0: there is none.
    private readonly int FoldAt(int at) => LineEnd(at) is var next && next > at && next < _text.Length && _text[next] is (byte)' ' or (byte)'\t' ? next - at : 0;

    private readonly int LineEnd(int at) =>
        at >= _text.Length ? _text.Length : _text[at] == '\n' ? at + 1 : _text[at] != '\r' ? at : at + 1 < _text.Length && _text[at + 1] == '\n' ? at + 2 : at + 1;
}
