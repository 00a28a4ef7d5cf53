using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>
/// A SecurityEvent message: <c>SecurityEvent="InvalidAccountID",EventTV="...",...,AccountID="5555",SessionID="...",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"</c>.
/// </summary>
/// <remarks>
/// Hot path (bench: replay). AccountID and SessionID are an attacker's raw text, quotes and line ends included, so
/// nothing is looked for behind them from the left. The record is read from its end: the fields that may follow
/// RemoteAddress are few, known for each event, and have their quotes escaped; before them stand RemoteAddress and,
/// directly, LocalAddress, both written by Asterisk.
/// Source: Asterisk main/security_events.c and the corpus of a real Asterisk 22.10.1.
/// </remarks>
internal static class SecurityRecord
{
    /// <summary>PJSIP cuts an account name to 36 bytes (AST_UUID_STR_LEN less the final zero).</summary>
    public const int LongestPjsipAccount = 36;

    public static ReadOnlySpan<byte> Opening => "SecurityEvent=\""u8;

    // Fields behind RemoteAddress that may hold a sender's text. PJSIP's were quoted strings or are cut to tokens, so their quotes are
    // escaped; manager.c and chan_sip.c pass what was sent, and res_security_log.c escapes nothing.
    private const SecurityField SenderText = SecurityField.Response | SecurityField.ReceivedChallenge | SecurityField.ReceivedHash | SecurityField.AuthMethod | SecurityField.RequestType | SecurityField.RequestParams | SecurityField.Account;

    /// <param name="message">From <see cref="Opening"/> to the last quote.</param>
    public static LogRecord Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < 100 || message[^1] != '"' || !message.StartsWith(Opening))
        {
            return default;
        }

        var left = message[Opening.Length..];
        var name = left[..Math.Max(0, left[..Math.Min(32, left.Length)].IndexOf((byte)'"'))];
        var (kind, required, allowed) = SecurityFields.Shape(name);
        if (kind == EventKind.None)
        {
            return default;
        }

        // From the left as far as Asterisk alone has written.
        var at = name.Length;
        var usual = Usual(left, ref at);
        var eventTime = usual.Time;
        var service = usual.Service;
        if (at < 0)
        {
            at = name.Length;
            eventTime = Value(left, ref at, "\",EventTV=\""u8);
            var severity = Value(left, ref at, "\",Severity=\""u8);
            service = SecurityFields.ServiceNamed(Value(left, ref at, "\",Service=\""u8));
            var version = Value(left, ref at, "\",EventVersion=\""u8);
            if (at < 0 || eventTime.IsEmpty || severity.IsEmpty || version.IsEmpty)
            {
                return default;
            }
        }

        // From the right: fields behind RemoteAddress.
        var end = left.Length;
        var seen = SecurityField.None;
        ReadOnlySpan<byte> value;
        ReadOnlySpan<byte> aclName = default;
        var usingPassword = true;
        while (true)
        {
            var open = OpeningQuote(left, end);
            if (open <= at)
            {
                return default;
            }

            value = left[(open + 1)..(end - 1)];
            if (left[..open].EndsWith(",RemoteAddress="u8))
            {
                end = open - 15;
                break;
            }

            var comma = left[..(open - 1)].LastIndexOf((byte)',');
            if (comma <= at)
            {
                return default;
            }

            var fieldName = left[(comma + 1)..(open - 1)];
            end = comma;
            var field = SecurityFields.Named(fieldName);
            if (field == SecurityField.None || (seen & field) != SecurityField.None || (allowed & field) == SecurityField.None || left[end - 1] != '"')
            {
                return default;
            }

            seen |= field;
            if (field == SecurityField.AclName)
            {
                aclName = value;
            }
            else if (field == SecurityField.UsingPassword)
            {
                usingPassword = !value.SequenceEqual("0"u8);
            }
        }

        if ((seen & required) != required)
        {
            return default;
        }

        // LocalAddress has to stand right before: of what an attacker wrote, nothing can come between the two.
        var peer = SecurityFields.Endpoint(value);
        var localQuote = end <= at + 1 || left[end - 1] != '"' ? -1 : left[..(end - 1)].LastIndexOf((byte)'"');
        var local = localQuote - 14;
        if (peer.Transport == Transport.Unknown || local <= at || !left[local..].StartsWith(",LocalAddress=\"IPV"u8) || left[local - 1] != '"')
        {
            return default;
        }

        // What is left between is the attacker's: taken for what it is worth, to show.
        var names = Names(left[(at + 1)..local]);
        var lines = SenderLines.None;
        if (service != Service.Pjsip)
        {
            if ((allowed & SenderText) != SecurityField.None && HoldsAddress(left[(at + 1)..local]))
            {
                return default;
            }

            lines = Lines(service, required);
        }

        kind = SecurityFields.Refine(kind, service, names.Account, aclName, usingPassword);
        return new LogRecord
        {
            Kind = kind,
            Service = service,
            Transport = peer.Transport,
            Source = peer.Address,
            Port = peer.Port,
            Account = names.Account,
            Session = names.Session,
            Detail = aclName.IsEmpty ? name : aclName,
            EventTime = eventTime,
            SenderLines = lines,
        };
    }

    // Two pairs of addresses, and text of the sender may stand on either side: the Key of a manager's MD5 login was the second (Asterisk 22.10.1).
    private static bool HoldsAddress(ReadOnlySpan<byte> between) => between.IndexOf(",RemoteAddress=\""u8) >= 0 || between.IndexOf(",LocalAddress=\""u8) >= 0;

    // chan_sip's account is the decoded user of a REGISTER or the number of an INVITE, as long as a packet, whatever the event
    // (channels/sip/security_events.c, p->exten). The manager's Response is the Key of an MD5 login, decoded where that came over HTTP.
    private static SenderLines Lines(Service service, SecurityField required) => service switch
    {
        Service.Sip => SenderLines.BeforeAddress,
        Service.Ami when (required & SecurityField.Response) != SecurityField.None => SenderLines.BehindAddress,
        _ => SenderLines.None,
    };

    /// <summary>Where the account's text starts, for a record of PJSIP whose line breaks off inside it; -1 for any other.</summary>
    public static int PjsipAccountStart(ReadOnlySpan<byte> message)
    {
        var service = message[..Math.Min(message.Length, 160)].IndexOf(",Service=\"PJSIP\",EventVersion=\""u8);
        if (service < 0)
        {
            return -1;
        }

        var account = message[service..Math.Min(message.Length, service + 64)].IndexOf(",AccountID=\""u8);
        return account < 0 ? -1 : service + account + 12;
    }

    // The fields up to EventVersion="1" as PJSIP writes them since Asterisk 12; -1 in `at` for any other.
    private static TimeAndService Usual(ReadOnlySpan<byte> text, scoped ref int at)
    {
        var severity = at + 39;
        if (text.Length < severity + 80 || !text[at..].StartsWith("\",EventTV=\""u8) || !text[severity..].StartsWith("\",Severity=\""u8))
        {
            at = -1;
            return default;
        }

        var time = text.Slice(at + 11, 28);
        var error = "Error\",Service=\"PJSIP\",EventVersion=\"1\""u8;
        var informational = "Informational\",Service=\"PJSIP\",EventVersion=\"1\""u8;
        var rest = text[(severity + 12)..];
        var width = rest.StartsWith(error) ? error.Length : rest.StartsWith(informational) ? informational.Length : -1;
        at = width < 0 ? -1 : severity + 12 + width - 1;
        return new TimeAndService { Time = time, Service = Service.Pjsip };
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> text, scoped ref int at, scoped ReadOnlySpan<byte> name)
    {
        if (at < 0 || !text[at..].StartsWith(name))
        {
            at = -1;
            return default;
        }

        var start = at + name.Length;
        var length = text[start..Math.Min(text.Length, start + 48)].IndexOf((byte)'"');
        at = length < 0 ? -1 : start + length;
        return length < 0 ? default : text.Slice(start, length);
    }

    // The quote that opens the value which ends before `end`: the last one that follows '='; those inside a value follow a backslash.
    private static int OpeningQuote(ReadOnlySpan<byte> text, int end)
    {
        var quote = end - 1;
        do
        {
            quote = text[..quote].LastIndexOf((byte)'"');
            if (quote <= 0)
            {
                return -1;
            }
        }
        while (text[quote - 1] == '\\');
        return text[quote - 1] == '=' ? quote : -1;
    }

    private static AccountAndSession Names(ReadOnlySpan<byte> between)
    {
        var account = default(ReadOnlySpan<byte>);
        var session = default(ReadOnlySpan<byte>);
        if (between.StartsWith(",AccountID=\""u8))
        {
            var text = between[12..];
            var length = EndOfAccount(text);
            if (length >= 0)
            {
                account = text[..length];
                session = text[(length + 13)..];
            }
        }
        else if (between.StartsWith(",SessionID=\""u8))
        {
            session = between[12..];
        }

        return new AccountAndSession { Account = account, Session = session.IsEmpty ? session : session[..^1] };
    }

    private static int EndOfAccount(ReadOnlySpan<byte> text)
    {
        // The first quote ends nearly every account.
        var quote = text.IndexOf((byte)'"');
        return quote >= 0 && text[quote..].StartsWith("\",SessionID=\""u8) ? quote : text.IndexOf("\",SessionID=\""u8);
    }

    private readonly ref struct TimeAndService
    {
        public ReadOnlySpan<byte> Time { get; init; }

        public Service Service { get; init; }
    }

    private readonly ref struct AccountAndSession
    {
        public ReadOnlySpan<byte> Account { get; init; }

        public ReadOnlySpan<byte> Session { get; init; }
    }
}
