namespace Ringfence.Core.Sip;

/// <summary>One SIP message, as little of it as a defender needs; spans into the sender's bytes, any bytes.</summary>
/// <remarks>
/// RFC 3261 section 7.3: names in any case, compact forms, values that go on in lines that begin with a space. Lenient where PBXs are
/// (a bare LF ends a line, spaces before the colon): what Asterisk reads must be read here too, or an attacker writes what only one of the
/// two understands. Of a header that stands twice the first counts, as in pjsip.
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

    public ReadOnlySpan<byte> UserAgent { get; private init; }

    /// <summary>The number of the CSeq header; -1: none.</summary>
    public long CSeq { get; private init; }

    /// <summary>The method of the CSeq header.</summary>
    public ReadOnlySpan<byte> CSeqMethod { get; private init; }

    /// <summary>From the value of the first Authorization or Proxy-Authorization to that of the last: a PBX looks for the one of its realm.</summary>
    public ReadOnlySpan<byte> Credentials { get; private init; }

    /// <summary>The value of WWW-Authenticate or Proxy-Authenticate.</summary>
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
        var rest = message.TrimStart("\r\n"u8);
        var line = TakeLine(ref rest);
        ReadOnlySpan<byte> method = default;
        ReadOnlySpan<byte> uri = default;
        var status = 0;
        if (line.StartsWith("SIP/2.0 "u8))
        {
            status = line.Length >= 11 ? (int)Number(line.Slice(8, 3)) : -1;
            status = status is >= 100 and <= 699 ? status : 0;
        }
        else if (line.EndsWith(" SIP/2.0"u8))
        {
            var space = line.IndexOf((byte)' ');
            method = line[..space];
            uri = space < line.Length - 8 ? line[(space + 1)..^8] : default;
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

            var colon = line.IndexOf((byte)':');
            if (colon > 0)
            {
                headers.Take(line[..colon].TrimEnd(" \t"u8), line[(colon + 1)..].Trim(" \t\r\n"u8));
            }
        }

        var blank = headers.CSeq.IndexOfAny((byte)' ', (byte)'\t');
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
            UserAgent = headers.UserAgent,
            Credentials = Range(message, headers.FirstCredentials, headers.LastCredentials),
            Challenge = headers.Challenge,
            CSeq = Number(blank < 0 ? headers.CSeq : headers.CSeq[..blank]),
            CSeqMethod = blank < 0 ? default : headers.CSeq[blank..].Trim(" \t\r\n"u8),
            Expires = Number(headers.Expires),
        };
    }

    // One header with the lines that continue it, without its line end.
    private static ReadOnlySpan<byte> TakeLine(scoped ref ReadOnlySpan<byte> rest)
    {
        var from = 0;
        while (true)
        {
            var end = rest[from..].IndexOf((byte)'\n');
            if (end < 0)
            {
                var last = rest;
                rest = default;
                return last.TrimEnd("\r"u8);
            }

            end += from;
            var isFirstEmpty = from == 0 && rest[..end].TrimEnd("\r"u8).IsEmpty;
            if (!isFirstEmpty && end + 1 < rest.Length && rest[end + 1] is (byte)' ' or (byte)'\t')
            {
                from = end + 1;
                continue;
            }

            var line = rest[..end];
            rest = rest[(end + 1)..];
            return line.TrimEnd("\r"u8);
        }
    }

    private static ReadOnlySpan<byte> Range(ReadOnlySpan<byte> message, ReadOnlySpan<byte> first, ReadOnlySpan<byte> last) =>
        message.Overlaps(first, out var from) && message.Overlaps(last, out var to) ? message[from..(to + last.Length)] : default;

    private static long Number(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > 10)
        {
            return -1;
        }

        long number = 0;
        foreach (var digit in text)
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
        public ReadOnlySpan<byte> UserAgent;
        public ReadOnlySpan<byte> CSeq;
        public ReadOnlySpan<byte> FirstCredentials;
        public ReadOnlySpan<byte> LastCredentials;
        public ReadOnlySpan<byte> Challenge;
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
                    LastCredentials = value;
                    break;
                case 16 when Is(name, "www-authenticate"u8):
                case 18 when Is(name, "proxy-authenticate"u8):
                    First(ref Challenge, value);
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
                    break;
            }
        }

        private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower) => System.Text.Ascii.EqualsIgnoreCase(name, lower);

        private static void First(ref ReadOnlySpan<byte> header, ReadOnlySpan<byte> value)
        {
            if (header.IsEmpty)
            {
                header = value;
            }
        }
    }
}
