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

    /// <summary>From the first Authorization or Proxy-Authorization to the last, as <see cref="SipHeaders"/>: a PBX looks for the one of its realm.</summary>
    public ReadOnlySpan<byte> Credentials { get; private init; }

    /// <summary>The same of WWW-Authenticate and Proxy-Authenticate: an endpoint may have auths of several realms.</summary>
    /// <remarks>Of those that stand behind CSeq, where the PBX writes its own words. Before it stands what it repeats of the request.</remarks>
    public ReadOnlySpan<byte> Challenge { get; private init; }

    /// <summary>The seconds of the Expires header; -1: none, or no number.</summary>
    public long Expires { get; private init; }

    /// <inheritdoc cref="SipHeaders.HasHiddenLineEnd"/>
    public bool HasHiddenLineEnd { get; private init; }

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
        var lines = new SipHeaders(rest);
        while (lines.Next())
        {
            headers.Take(lines);
        }

        if (status >= 300 && message.LastIndexOf(OwnWords) is >= 0 and var own)
        {
            headers.TakeOwnWords(message[(own + 1)..]);
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
            HasHiddenLineEnd = lines.HasHiddenLineEnd,
        };
    }

    // Asterisk writes Via, Record-Route, Call-ID, From, To and CSeq of the request, and behind them what is its own: nothing of a 3xx to 6xx stands there that the sender
    // wrote. In what stands before it he can hide line ends, and so a CSeq or a challenge.
    private static ReadOnlySpan<byte> OwnWords => "\nCSeq: "u8;

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

        public void TakeOwnWords(ReadOnlySpan<byte> text)
        {
            CSeq = FirstChallenge = LastChallenge = default;
            for (var lines = new SipHeaders(text); lines.Next();)
            {
                if (lines.IsChallenge || (CSeq.IsEmpty && Is(lines.Name, "cseq"u8)))
                {
                    Take(lines);
                }
            }
        }

        public void Take(scoped in SipHeaders header)
        {
            var name = header.Name;
            var value = header.Value;
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
                    First(ref FirstCredentials, value.IsEmpty ? value : name);
                    Last(ref LastCredentials, value);
                    break;
                case 16 when Is(name, "www-authenticate"u8):
                case 18 when Is(name, "proxy-authenticate"u8):
                    First(ref FirstChallenge, value.IsEmpty ? value : name);
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
