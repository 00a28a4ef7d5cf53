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

    [Flags]
    private enum Field
    {
        None = 0,
        SessionTime = 1,
        Challenge = 2,
        Response = 4,
        ExpectedResponse = 8,
        ReceivedChallenge = 16,
        ReceivedHash = 32,
        UsingPassword = 64,
        AclName = 128,
        RequestType = 256,
        RequestParams = 512,
        AuthMethod = 1024,
        Account = 2048,
        ExpectedAddress = 4096,
        Transport = 8192,
        Module = 16384,
    }

    // Fields behind RemoteAddress that may hold a sender's text. PJSIP's were quoted strings or are cut to tokens, so their quotes are
    // escaped; manager.c and chan_sip.c pass what was sent, and res_security_log.c escapes nothing.
    private const Field SenderText = Field.Response | Field.ReceivedChallenge | Field.ReceivedHash | Field.AuthMethod | Field.RequestType | Field.RequestParams | Field.Account;

    /// <param name="message">From <see cref="Opening"/> to the last quote.</param>
    public static LogRecord Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < 100 || message[^1] != '"' || !message.StartsWith(Opening))
        {
            return default;
        }

        var left = message[Opening.Length..];
        var name = left[..Math.Max(0, left[..Math.Min(32, left.Length)].IndexOf((byte)'"'))];
        var (kind, required, allowed) = Shape(name);
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
            service = ServiceNamed(Value(left, ref at, "\",Service=\""u8));
            var version = Value(left, ref at, "\",EventVersion=\""u8);
            if (at < 0 || eventTime.IsEmpty || severity.IsEmpty || version.IsEmpty)
            {
                return default;
            }
        }

        // From the right: fields behind RemoteAddress.
        var end = left.Length;
        var seen = Field.None;
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
            var field = Named(fieldName);
            if (field == Field.None || (seen & field) != Field.None || (allowed & field) == Field.None || left[end - 1] != '"')
            {
                return default;
            }

            seen |= field;
            if (field == Field.AclName)
            {
                aclName = value;
            }
            else if (field == Field.UsingPassword)
            {
                usingPassword = !value.SequenceEqual("0"u8);
            }
        }

        if ((seen & required) != required)
        {
            return default;
        }

        // LocalAddress has to stand right before: of what an attacker wrote, nothing can come between the two.
        var peer = Endpoint(value);
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
            if ((allowed & SenderText) != Field.None && HoldsAddress(left[(at + 1)..local]))
            {
                return default;
            }

            lines = Lines(service, required);
        }

        kind = Refine(kind, service, names.Account, aclName, usingPassword);
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
    private static SenderLines Lines(Service service, Field required) => service switch
    {
        Service.Sip => SenderLines.BeforeAddress,
        Service.Ami when (required & Field.Response) != Field.None => SenderLines.BehindAddress,
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

    // "IPV4/UDP/198.51.100.7/34336", "IPV6/TLS/2001:db8::7/5061", "IPV6/UDP/fe80::1%eth0/5060": the zone is this host's name of a link and no part of the address.
    private static Peer Endpoint(ReadOnlySpan<byte> text)
    {
        if (text.Length < 14 || !text.StartsWith("IPV"u8) || text[4] != '/')
        {
            return default;
        }

        var slash = text[5..].IndexOf((byte)'/');
        var transport = slash < 0 ? Transport.Unknown : TransportNamed(text.Slice(5, slash));
        if (transport == Transport.Unknown)
        {
            return default;
        }

        var at = 6 + slash;
        if (text[3] == '4')
        {
            var bits = Address.ReadIPv4(text, ref at);
            var v4Port = bits < 0 || at >= text.Length || text[at] != '/' ? -1 : Digits.ReadPort(text[(at + 1)..]);
            return v4Port < 0 ? default : new Peer(Address.FromIPv4((uint)bits), (ushort)v4Port, transport);
        }

        // An IPv6 socket may tell an IPv4 peer as ::ffff:a.b.c.d, which Address reads as IPv4.
        var last = text.LastIndexOf((byte)'/');
        var port = Digits.ReadPort(text[(last + 1)..]);
        var zone = last > at ? text[at..last].IndexOf((byte)'%') : -1;
        return text[3] == '6' && last > at && port >= 0 && Address.Parse(text[at..(zone < 0 ? last : at + zone)]) is { } address
            ? new Peer(address, (ushort)port, transport)
            : default;
    }

    /// <param name="Transport">Unknown: no endpoint could be read.</param>
    private readonly record struct Peer(Address Address, ushort Port, Transport Transport);

    private readonly ref struct TimeAndService
    {
        public ReadOnlySpan<byte> Time { get; init; }

        public Service Service { get; init; }
    }

    private static Transport TransportNamed(ReadOnlySpan<byte> name) => name switch
    {
        [(byte)'U', (byte)'D', (byte)'P'] => Transport.Udp,
        [(byte)'T', (byte)'C', (byte)'P'] => Transport.Tcp,
        [(byte)'T', (byte)'L', (byte)'S'] => Transport.Tls,
        [(byte)'W', (byte)'S'] => Transport.Ws,
        [(byte)'W', (byte)'S', (byte)'S'] => Transport.Wss,
        _ => Transport.Unknown,
    };

    private static Service ServiceNamed(ReadOnlySpan<byte> name) => name switch
    {
        [(byte)'P', (byte)'J', (byte)'S', (byte)'I', (byte)'P'] => Service.Pjsip,
        [(byte)'S', (byte)'I', (byte)'P'] => Service.Sip,
        [(byte)'A', (byte)'M', (byte)'I'] => Service.Ami,
        [(byte)'I', (byte)'A', (byte)'X', ..] => Service.Iax2,
        _ => Service.Other,
    };

    private static (EventKind Kind, Field Required, Field Allowed) Shape(ReadOnlySpan<byte> name)
    {
        const Field Answer = Field.Challenge | Field.Response | Field.ExpectedResponse;
        return name.Length switch
        {
            9 when name.SequenceEqual("FailedACL"u8) => (EventKind.AclRefused, Field.None, Field.AclName | Field.SessionTime),
            11 when name.SequenceEqual("MemoryLimit"u8) => (EventKind.LimitReached, Field.None, Field.SessionTime),
            12 when name.SequenceEqual("SessionLimit"u8) => (EventKind.LimitReached, Field.None, Field.SessionTime),
            13 when name.SequenceEqual("ChallengeSent"u8) => (EventKind.ChallengeSent, Field.Challenge, Field.Challenge | Field.SessionTime),
            14 when name.SequenceEqual("SuccessfulAuth"u8) => (EventKind.LoginSucceeded, Field.UsingPassword, Field.UsingPassword | Field.SessionTime),
            15 when name.SequenceEqual("InvalidPassword"u8) => (EventKind.PasswordRefused, Field.None,
                Field.Challenge | Field.ReceivedChallenge | Field.ReceivedHash | Field.SessionTime),
            16 when name.SequenceEqual("InvalidAccountID"u8) => (EventKind.AccountUnknown, Field.None, Field.SessionTime),
            16 when name.SequenceEqual("RequestBadFormat"u8) => (EventKind.RequestRefused, Field.RequestType,
                Field.RequestType | Field.RequestParams | Field.SessionTime | Field.Account),
            16 when name.SequenceEqual("LoadAverageLimit"u8) => (EventKind.LimitReached, Field.None, Field.SessionTime),
            16 when name.SequenceEqual("InvalidTransport"u8) => (EventKind.RequestRefused, Field.None, Field.Transport | Field.SessionTime),
            17 when name.SequenceEqual("RequestNotAllowed"u8) => (EventKind.RequestRefused, Field.RequestType,
                Field.RequestType | Field.RequestParams | Field.SessionTime),
            17 when name.SequenceEqual("UnexpectedAddress"u8) => (EventKind.AclRefused, Field.None, Field.ExpectedAddress | Field.SessionTime),
            19 when name.SequenceEqual("RequestNotSupported"u8) => (EventKind.RequestRefused, Field.RequestType, Field.RequestType | Field.SessionTime),
            20 when name.SequenceEqual("AuthMethodNotAllowed"u8) => (EventKind.RequestRefused, Field.AuthMethod, Field.AuthMethod | Field.SessionTime),
            23 when name.SequenceEqual("ChallengeResponseFailed"u8) => (EventKind.PasswordRefused, Answer, Answer | Field.SessionTime),
            _ => default,
        };
    }

    private static Field Named(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 when name.SequenceEqual("Module"u8) => Field.Module,
        7 when name.SequenceEqual("ACLName"u8) => Field.AclName,
        8 when name.SequenceEqual("Response"u8) => Field.Response,
        9 when name.SequenceEqual("Challenge"u8) => Field.Challenge,
        9 when name.SequenceEqual("SessionTV"u8) => Field.SessionTime,
        9 when name.SequenceEqual("AccountID"u8) => Field.Account,
        9 when name.SequenceEqual("Transport"u8) => Field.Transport,
        10 when name.SequenceEqual("AuthMethod"u8) => Field.AuthMethod,
        11 when name.SequenceEqual("RequestType"u8) => Field.RequestType,
        12 when name.SequenceEqual("ReceivedHash"u8) => Field.ReceivedHash,
        13 when name.SequenceEqual("UsingPassword"u8) => Field.UsingPassword,
        13 when name.SequenceEqual("RequestParams"u8) => Field.RequestParams,
        15 when name.SequenceEqual("ExpectedAddress"u8) => Field.ExpectedAddress,
        16 when name.SequenceEqual("ExpectedResponse"u8) => Field.ExpectedResponse,
        17 when name.SequenceEqual("ReceivedChallenge"u8) => Field.ReceivedChallenge,
        _ => Field.None,
    };

    private static EventKind Refine(EventKind kind, Service service, ReadOnlySpan<byte> account, ReadOnlySpan<byte> aclName, bool usingPassword) => kind switch
    {
        // PJSIP tells a wrong answer for an account that it does not know under the name of its artificial endpoint.
        EventKind.PasswordRefused when service == Service.Pjsip && account.SequenceEqual("<unknown>"u8) => EventKind.UnknownAccountFailed,
        // A phone that comes back with a new port after a reboot; fail2ban's filter bans it.
        EventKind.AclRefused when aclName.SequenceEqual("registrar_attempt_exceeds_maximum_configured_contacts"u8) => EventKind.ContactLimit,
        // A phone with a broken contact or URI: refused for what it asks, not for who it is.
        EventKind.AclRefused when aclName.StartsWith("registrar_invalid_"u8) => EventKind.RequestRefused,
        // UsingPassword="0" from PJSIP is a trunk known by its address alone, which UDP does not prove. AMI writes 0 for every login.
        EventKind.LoginSucceeded when !usingPassword && service != Service.Ami => EventKind.AddressAccepted,
        _ => kind,
    };

    private readonly ref struct AccountAndSession
    {
        public ReadOnlySpan<byte> Account { get; init; }

        public ReadOnlySpan<byte> Session { get; init; }
    }
}
