namespace Ringfence.Core.Sip;

/// <summary>One SIP message, as little of it as a defender needs; spans into the sender's bytes, any bytes.</summary>
/// <remarks>
/// RFC 3261 section 7.3: names in any case, compact forms, values that go on in lines that begin with a space. Lenient where pjsip is: what
/// Asterisk reads must be read here too, or an attacker writes what only one of the two understands (each was answered by Asterisk 22.10.1 and
/// is a test): CR, LF and CRLF end a line; blanks and folds before the start line, in it, around the colon; "sip/2.0"; a CSeq without a blank
/// or with any number of zeros; an ampersand behind most values begins another header. Of a header that stands twice the first counts: it is
/// what the PBX's answer repeats.
/// </remarks>
internal readonly ref struct SipMessage
{
    private static readonly string[] Structured =
    [
        "via", "v", "from", "f", "to", "t", "cseq", "contact", "m", "expires", "content-length", "l", "content-type", "c", "max-forwards", "route", "record-route",
        "min-expires", "retry-after", "authorization", "proxy-authorization", "event", "o", "session-expires", "x", "min-se", "subscription-state", "replaces",
    ];

    /// <summary>"REGISTER"; empty for an answer.</summary>
    public ReadOnlySpan<byte> Method { get; private init; }

    public ReadOnlySpan<byte> RequestUri { get; private init; }

    /// <summary>100 to 699; 0 for a request.</summary>
    public int Status { get; private init; }

    public ReadOnlySpan<byte> CallId { get; private init; }

    public ReadOnlySpan<byte> From { get; private init; }

    public ReadOnlySpan<byte> To { get; private init; }

    public ReadOnlySpan<byte> Via { get; private init; }

    public ReadOnlySpan<byte> Contact { get; private init; }

    /// <summary>From the value of the first Contact to that of the last.</summary>
    public ReadOnlySpan<byte> Contacts { get; private init; }

    public ReadOnlySpan<byte> UserAgent { get; private init; }

    /// <summary>The number of the CSeq header; -1: none.</summary>
    public long CSeq { get; private init; }

    /// <summary>The method of the CSeq header, in whatever case it was written.</summary>
    public ReadOnlySpan<byte> CSeqMethod { get; private init; }

    /// <summary>From the value of the first Authorization or Proxy-Authorization to that of the last: a PBX looks for the one of its realm.</summary>
    public ReadOnlySpan<byte> Credentials { get; private init; }

    /// <summary>The same of WWW-Authenticate and Proxy-Authenticate: an endpoint may have auths of several realms.</summary>
    public ReadOnlySpan<byte> Challenge { get; private init; }

    /// <summary>The seconds of the Expires header; -1: none, or no number.</summary>
    public long Expires { get; private init; }

    public bool IsRequest => !Method.IsEmpty;

    /// <summary>A start line, and the headers that tie an answer to its request.</summary>
    public bool IsValid => (IsRequest || Status != 0) && !CallId.IsEmpty && CSeq >= 0;

    /// <returns>Not <see cref="IsValid"/> for what is no SIP.</returns>
    public static SipMessage Parse(ReadOnlySpan<byte> message)
    {
        // Line ends before the start line are allowed and often sent to keep a connection open (RFC 3261 section 7.5).
        var rest = message.TrimStart(Blank);
        var line = TakeLine(ref rest).TrimEnd(Blank);
        ReadOnlySpan<byte> method = default;
        ReadOnlySpan<byte> uri = default;
        var status = 0;
        if (line.Length >= 7 && System.Text.Ascii.EqualsIgnoreCase(line[..7], "sip/2.0"u8))
        {
            var code = line[7..].TrimStart(Blank);
            status = code.Length >= 3 ? (int)Number(code[..3]) : 0;
            status = status is >= 100 and <= 699 ? status : 0;
        }
        else if (BeforeVersion(line) is { IsEmpty: false } request && request.IndexOfAny(Blank) is > 0 and var end)
        {
            method = request[..end];
            uri = request[end..].Trim(Blank);
        }

        if (method.IsEmpty && status == 0)
        {
            return default;
        }

        var headers = default(Headers);
        while (!rest.IsEmpty)
        {
            line = TakeLine(ref rest);
            if (line.IsEmpty)
            {
                break;
            }

            line = line.TrimEnd(Blank);
            var marks = new LineMarks(line);
            while (line.IndexOf((byte)':') is > 0 and var colon)
            {
                var name = line[..colon].Trim(Blank);
                var value = line[(colon + 1)..].Trim(Blank);
                var next = IndexOfNextHeader(name, value, ref marks);
                headers.Take(name, next < 0 ? value : value[..next].TrimEnd(Blank));
                line = next < 0 ? default : value[(next + 1)..];
            }
        }

        var digits = headers.CSeq.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return new SipMessage
        {
            Method = method,
            RequestUri = uri,
            Status = status,
            CallId = headers.CallId,
            From = headers.From,
            To = headers.To,
            Via = headers.Via,
            Contact = headers.Contact,
            Contacts = Range(message, headers.Contact, headers.LastContact),
            UserAgent = headers.UserAgent,
            Credentials = Range(message, headers.FirstCredentials, headers.LastCredentials),
            Challenge = Range(message, headers.FirstChallenge, headers.LastChallenge),
            CSeq = digits <= 0 ? -1 : Number(headers.CSeq[..digits]),
            CSeqMethod = digits <= 0 ? default : headers.CSeq[digits..].TrimStart(Blank),
            Expires = Number(headers.Expires),
        };
    }

    private static ReadOnlySpan<byte> Blank => " \t\r\n"u8;

    // What stands before the version at the end of a request line; empty: there is none. Blanks may stand around the slash.
    private static ReadOnlySpan<byte> BeforeVersion(ReadOnlySpan<byte> line)
    {
        if (!line.EndsWith("2.0"u8))
        {
            return default;
        }

        line = line[..^3].TrimEnd(Blank);
        if (!line.EndsWith("/"u8))
        {
            return default;
        }

        line = line[..^1].TrimEnd(Blank);
        return line.Length > 3 && System.Text.Ascii.EqualsIgnoreCase(line[^3..], "sip"u8) ? line[..^3] : default;
    }

    // pjsip ends the value of a header that it knows at an ampersand, as in the headers of a URI, and reads on in the same line; values that
    // are any text (Call-ID, User-Agent, headers of unknown names) go on to the line's end.
    private static int IndexOfNextHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref LineMarks marks)
    {
        if (value.IndexOf((byte)'&') < 0 || !IsStructured(name))
        {
            return -1;
        }

        // Behind the address, in which it may stand; never inside quotes.
        var from = marks.BehindAddress(value);
        var isQuoted = false;
        for (var at = from; at < value.Length; at++)
        {
            if (value[at] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (value[at] == '\\' && isQuoted)
            {
                at++;
            }
            else if (value[at] == '&' && !isQuoted)
            {
                return at;
            }
        }

        return -1;
    }

    private static bool IsStructured(ReadOnlySpan<byte> name)
    {
        foreach (var structured in Structured)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(name, structured))
            {
                return true;
            }
        }

        return false;
    }

    // One header with the lines that continue it, without its line end.
    private static ReadOnlySpan<byte> TakeLine(scoped ref ReadOnlySpan<byte> rest)
    {
        for (var from = 0; ;)
        {
            var end = rest[from..].IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                var last = rest;
                rest = default;
                return last;
            }

            end += from;
            var next = end + (rest[end..].StartsWith("\r\n"u8) ? 2 : 1);
            if (end > 0 && next < rest.Length && rest[next] is (byte)' ' or (byte)'\t')
            {
                from = next;
                continue;
            }

            var line = rest[..end];
            rest = rest[next..];
            return line;
        }
    }

    private static ReadOnlySpan<byte> Range(ReadOnlySpan<byte> message, ReadOnlySpan<byte> first, ReadOnlySpan<byte> last) =>
        message.Overlaps(first, out var from) && message.Overlaps(last, out var to) ? message[from..(to + last.Length)] : default;

    private static long Number(ReadOnlySpan<byte> text)
    {
        // Leading zeros are allowed, any number of them.
        var significant = text.TrimStart((byte)'0');
        if (text.IsEmpty || significant.Length > 10)
        {
            return -1;
        }

        long number = 0;
        foreach (var digit in significant)
        {
            if ((uint)(digit - '0') > 9)
            {
                return -1;
            }

            number = (number * 10) + (digit - '0');
        }

        return number;
    }

    /// <summary>Where the addresses of a line's headers end. A line has room for 20,000 headers: each mark is looked for once, and not once for each of them.</summary>
    /// <param name="line">All of it. Each header's value is an end of it.</param>
    private struct LineMarks(ReadOnlySpan<byte> line)
    {
        private const int Unknown = int.MaxValue;

        // As distances from the line's end, which all values share.
        private readonly int _close = line.LastIndexOf((byte)'>') is >= 0 and var at ? line.Length - at : 0;
        private int _at = Unknown;

        public int BehindAddress(ReadOnlySpan<byte> value)
        {
            if (_close > 0 && _close <= value.Length)
            {
                return value.Length - _close;
            }

            if (_at > value.Length)
            {
                _at = value.IndexOf((byte)'@') is >= 0 and var at ? value.Length - at : 0;
            }

            return _at == 0 ? 0 : value.Length - _at;
        }
    }

    private ref struct Headers
    {
        public ReadOnlySpan<byte> CallId;
        public ReadOnlySpan<byte> From;
        public ReadOnlySpan<byte> To;
        public ReadOnlySpan<byte> Via;
        public ReadOnlySpan<byte> Contact;
        public ReadOnlySpan<byte> LastContact;
        public ReadOnlySpan<byte> UserAgent;
        public ReadOnlySpan<byte> CSeq;
        public ReadOnlySpan<byte> FirstCredentials;
        public ReadOnlySpan<byte> LastCredentials;
        public ReadOnlySpan<byte> FirstChallenge;
        public ReadOnlySpan<byte> LastChallenge;
        public ReadOnlySpan<byte> Expires;

        public void Take(scoped ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            switch (name.Length)
            {
                case 1:
                    TakeCompact((byte)(name[0] | 0x20), value);
                    break;
                case 2 when Is(name, "to"u8):
                    First(ref To, value);
                    break;
                case 3 when Is(name, "via"u8):
                    First(ref Via, value);
                    break;
                case 4 when Is(name, "from"u8):
                    First(ref From, value);
                    break;
                case 4 when Is(name, "cseq"u8):
                    First(ref CSeq, value);
                    break;
                case 7 when Is(name, "call-id"u8):
                    First(ref CallId, value);
                    break;
                case 7 when Is(name, "contact"u8):
                    First(ref Contact, value);
                    LastContact = value;
                    break;
                case 7 when Is(name, "expires"u8):
                    First(ref Expires, value);
                    break;
                case 10 when Is(name, "user-agent"u8):
                    First(ref UserAgent, value);
                    break;
                case 13 when Is(name, "authorization"u8):
                case 19 when Is(name, "proxy-authorization"u8):
                    First(ref FirstCredentials, value);
                    Last(ref LastCredentials, value);
                    break;
                case 16 when Is(name, "www-authenticate"u8):
                case 18 when Is(name, "proxy-authenticate"u8):
                    First(ref FirstChallenge, value);
                    Last(ref LastChallenge, value);
                    break;
            }
        }

        private void TakeCompact(byte name, ReadOnlySpan<byte> value)
        {
            switch (name)
            {
                case (byte)'i':
                    First(ref CallId, value);
                    break;
                case (byte)'f':
                    First(ref From, value);
                    break;
                case (byte)'t':
                    First(ref To, value);
                    break;
                case (byte)'v':
                    First(ref Via, value);
                    break;
                case (byte)'m':
                    First(ref Contact, value);
                    LastContact = value;
                    break;
            }
        }

        private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower) => System.Text.Ascii.EqualsIgnoreCase(name, lower);

        // One that is empty says nothing, and must not hide those before it.
        private static void Last(ref ReadOnlySpan<byte> header, ReadOnlySpan<byte> value) => header = value.IsEmpty ? header : value;

        private static void First(ref ReadOnlySpan<byte> header, ReadOnlySpan<byte> value)
        {
            if (header.IsEmpty)
            {
                header = value;
            }
        }
    }
}
