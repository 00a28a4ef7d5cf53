using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>What a NOTICE, WARNING or ERROR line says about somebody's address.</summary>
/// <remarks>
/// Each grammar is anchored on the side that only Asterisk writes: PJSIP's from the left as far as the address (<see cref="RefusedRequest"/>),
/// chan_sip's from the right, IAX2's and the manager's on the address that starts the message. Where an attacker could stand on both sides,
/// a line with a second copy of the anchor is refused. Sources: Asterisk's res_pjsip_session.c, res_pjsip_acl.c, chan_sip.c, chan_iax2.c, manager.c.
/// </remarks>
internal static class NoticeRecord
{
    private static LogRecord Broken => new() { IsBroken = true };

    /// <param name="escaped">The message is whole, whatever stands in it: line ends are escaped ([json]).</param>
    public static LogRecord Read(ReadOnlySpan<byte> module, ReadOnlySpan<byte> message, bool escaped = false)
    {
        if (module.SequenceEqual(RefusedRequest.Module))
        {
            return message.StartsWith("Request "u8) ? RefusedRequest.Read(message[8..], escaped) : default;
        }

        if (module.SequenceEqual("res_pjsip_session.c"u8))
        {
            return PjsipCall(message);
        }

        if (module.SequenceEqual("res_pjsip_acl.c"u8))
        {
            return GlobalAcl(message);
        }

        if (module.SequenceEqual("manager.c"u8))
        {
            return Manager(message);
        }

        if (module.SequenceEqual("chan_sip.c"u8))
        {
            return ChanSip(message);
        }

        if (module.SequenceEqual("chan_iax2.c"u8))
        {
            return Iax2(message);
        }

        return module.SequenceEqual("pjproject"u8) ? Dropped(message) : default;
    }

    //  1001: Call (UDP:10.99.1.2:5060) to extension '7777777' rejected because extension not found in context 'internal'.
    private static LogRecord PjsipCall(ReadOnlySpan<byte> message)
    {
        // Asterisk 13 to 16, in the words of chan_sip.
        if (message.StartsWith("Call from '"u8))
        {
            return CallFrom(message, Service.Pjsip);
        }

        var text = message.TrimStart((byte)' ');
        var call = text.IndexOf(": Call ("u8);
        if (call < 0)
        {
            return default;
        }

        var at = call + 8;
        var close = text[at..].IndexOf((byte)')');
        var colon = close < 0 ? -1 : text.Slice(at, close).IndexOf((byte)':');
        if (colon <= 0)
        {
            return Broken;
        }

        var (source, port) = AddressAndPort(text.Slice(at + colon + 1, close - colon - 1), portAlways: true);
        if (source is not { } sender)
        {
            return Broken;
        }

        var transport = TransportNamed(text.Slice(at, colon));
        var rest = text[(at + close)..];
        var opening = ") to extension '"u8;
        var end = rest.LastIndexOf("' rejected because extension not found in context '"u8);
        return rest.StartsWith(opening) && end >= opening.Length
            ? new LogRecord
            {
                Kind = EventKind.CallRefused,
                Service = Service.Pjsip,
                Transport = transport,
                Source = sender,
                Port = port,
                Account = text[..call],
                Detail = rest[opening.Length..end],
            }
            : Broken;
    }

    // Incoming SIP message from 198.51.100.7:5060 did not pass ACL test
    private static LogRecord GlobalAcl(ReadOnlySpan<byte> message)
    {
        const int Start = 26;
        if (!message.StartsWith("Incoming SIP message from "u8))
        {
            return default;
        }

        var blank = message[Start..].IndexOf((byte)' ');
        var (source, port) = blank < 0 ? default : AddressAndPort(message.Slice(Start, blank), portAlways: true);
        return source is { } sender && message[(Start + blank)..].StartsWith(" did not pass ACL test"u8)
            ? new LogRecord { Kind = EventKind.AclRefused, Service = Service.Pjsip, Source = sender, Port = port, Detail = "global ACL"u8 }
            : Broken;
    }

    // 198.51.100.7 tried to authenticate with nonexistent user 'nobody'
    private static LogRecord Manager(ReadOnlySpan<byte> message)
    {
        var blank = message.IndexOf((byte)' ');
        if (blank <= 0 || Address.Parse(message[..blank]) is not { } source)
        {
            return default;
        }

        var text = message[(blank + 1)..];
        var unknown = "tried to authenticate with nonexistent user '"u8;
        var failed = "failed to authenticate as '"u8;
        var acl = "failed to pass IP ACL as '"u8;
        var digest = "failed MD5 authentication for '"u8;
        var (kind, opening) = text switch
        {
            _ when text.StartsWith(unknown) => (EventKind.AccountUnknown, unknown.Length),
            _ when text.StartsWith(failed) => (EventKind.PasswordRefused, failed.Length),
            _ when text.StartsWith(acl) => (EventKind.AclRefused, acl.Length),
            _ when text.StartsWith(digest) => (EventKind.PasswordRefused, digest.Length),
            _ => default,
        };
        if (kind == EventKind.None)
        {
            return default;
        }

        // The name is the peer's: over HTTP it may hold line ends, and the next lines are then its own.
        return text.Length > opening && text[^1] == '\''
            ? new LogRecord
            {
                Kind = kind,
                Service = Service.Ami,
                Transport = Transport.Tcp,
                Source = source,
                Account = text[opening..^1],
                Detail = text[..(opening - 2)],
            }
            : Broken;
    }

    // Registration from '"100" <sip:100@198.51.100.7>' failed for '198.51.100.7:5060' - Wrong password
    private static LogRecord ChanSip(ReadOnlySpan<byte> message)
    {
        if (message.StartsWith("Registration from '"u8))
        {
            return ChanSipRegistration(message);
        }

        if (message.StartsWith("Call from '"u8))
        {
            return CallFrom(message, Service.Sip);
        }

        // Failed to authenticate device "a" <sip:a@198.51.100.7>;tag=x   names no address that the peer did not write; nothing to learn.
        return default;
    }

    private static LogRecord ChanSipRegistration(ReadOnlySpan<byte> message)
    {
        // From the right: the From header is the sender's, and it may hold the words that follow it.
        var reasonAt = message.LastIndexOf("' - "u8);
        var addressAt = reasonAt < 0 ? -1 : message[..reasonAt].LastIndexOf("' failed for '"u8);
        if (addressAt < 19)
        {
            return Broken;
        }

        var reason = message[(reasonAt + 4)..];
        var kind = reason switch
        {
            _ when reason.SequenceEqual("Wrong password"u8) || reason.SequenceEqual("Username/auth name mismatch"u8) => EventKind.PasswordRefused,
            _ when reason.SequenceEqual("No matching peer found"u8) => EventKind.AccountUnknown,
            _ when reason.SequenceEqual("Device does not match ACL"u8) || reason.SequenceEqual("ACL error (permit/deny)"u8) => EventKind.AclRefused,
            _ when reason.SequenceEqual("Not a local domain"u8) || reason.SequenceEqual("Peer is not supposed to register"u8)
                || reason.SequenceEqual("Device not configured to use this transport type"u8) => EventKind.RequestRefused,
            _ => EventKind.None,
        };
        var (source, port) = AddressAndPort(message[(addressAt + 14)..reasonAt]);
        if (kind == EventKind.None || source is not { } sender)
        {
            return Broken;
        }

        return new LogRecord
        {
            Kind = kind,
            Service = Service.Sip,
            Source = sender,
            Port = port,
            Account = SipText.User(message[19..addressAt]),
            Detail = reason,
        };
    }

    // chan_sip, and PJSIP of Asterisk 13 to 16.
    // Call from '' (198.51.100.7:5060) to extension '00972...' rejected because extension not found in context 'default'.
    private static LogRecord CallFrom(ReadOnlySpan<byte> message, Service service)
    {
        // The name and the extension are the caller's: he stands on both sides, so a second copy of an anchor is his.
        const int Start = 11;
        var name = Between(message[(Start - 1)..], "'"u8, "' ("u8);
        var at = Start + name.Text.Length + 3;
        if (!name.IsValid || name.Text.Contains((byte)'\''))
        {
            return Broken;
        }

        var close = message[at..].IndexOf((byte)')');
        var where = close < 0 ? default : message.Slice(at, close);
        var named = where.IndexOfAny("UTW"u8) == 0 ? where.IndexOf((byte)':') + 1 : 0;
        var (source, port) = AddressAndPort(where[named..], portAlways: true);
        var extension = close < 0 ? default : Between(message[(at + close)..], ") to extension '"u8, "' rejected because extension not found in context '"u8);
        if (source is not { } sender || !extension.IsValid || extension.Text.Contains((byte)'\''))
        {
            return Broken;
        }

        return new LogRecord
        {
            Kind = EventKind.CallRefused,
            Service = service,
            Transport = named == 0 ? Transport.Unknown : TransportNamed(where[..(named - 1)]),
            Source = sender,
            Port = port,
            Account = name.Text,
            Detail = extension.Text,

            // chan_sip decodes the number, which is as long as a packet; PJSIP's 79 bytes do not hold this line's end and another line.
            SenderLines = service == Service.Sip ? SenderLines.BehindAddress : SenderLines.None,
        };
    }

    // Host 198.51.100.7 failed to authenticate as 'guest'
    private static LogRecord Iax2(ReadOnlySpan<byte> message)
    {
        var failed = " failed to authenticate as "u8;
        var digest = " failed MD5 authentication for "u8;
        if (message.StartsWith("Host "u8))
        {
            var text = message[5..];
            var blank = text.IndexOf((byte)' ');
            if (blank <= 0)
            {
                return Broken;
            }

            var (source, port) = AddressAndPort(text[..blank]);
            var rest = text[blank..];
            if (source is not { } sender)
            {
                return Broken;
            }

            if (rest.StartsWith(failed))
            {
                // Without quotes since Asterisk 1.4: where the name ends can't be seen, only that nothing of the line stands behind it.
                var name = rest[failed.Length..];
                return name.StartsWith("'"u8) && (name.Length < 2 || name[^1] != '\'')
                    ? Broken
                    : Iax2Event(EventKind.PasswordRefused, sender, port, name.Trim((byte)'\''), rest[1..(failed.Length - 1)]);
            }

            // ... for 'guest' (expected != received): the second is the sender's.
            var quoted = rest.StartsWith(digest) ? rest[digest.Length..] : default;
            var end = quoted.IndexOf("' ("u8);
            return quoted.StartsWith("'"u8) && end > 0 && quoted[^1] == ')'
                ? Iax2Event(EventKind.PasswordRefused, sender, port, quoted[1..end], rest[1..(digest.Length - 1)])
                : Broken;
        }

        // No registration for peer 'x' (from 198.51.100.7)
        var unknownPeer = "No registration for peer '"u8;
        if (message.StartsWith(unknownPeer))
        {
            var before = "' (from "u8;
            var at = message.LastIndexOf(before);
            var (source, port) = at < unknownPeer.Length || message[^1] != ')' ? default : AddressAndPort(message[(at + before.Length)..^1]);
            return source is { } sender
                ? Iax2Event(EventKind.AccountUnknown, sender, port, message[unknownPeer.Length..at], default, SenderLines.BeforeAddress)
                : Broken;
        }

        // Rejected connect attempt from 198.51.100.7, who was trying to reach '1000@'
        var connect = "Rejected connect attempt from "u8;
        if (message.StartsWith(connect))
        {
            var text = message[connect.Length..];
            var comma = text.IndexOf((byte)',');
            var (source, port) = comma < 0 ? default : AddressAndPort(text[..comma]);
            var who = ", who was trying to reach '"u8;
            if (source is not { } sender || !text[comma..].StartsWith(who))
            {
                return Broken;
            }

            // Number and context are the sender's, 255 raw bytes each.
            var target = text[(comma + who.Length)..];
            return target.Length > 1 && target[^1] == '\'' && target.Contains((byte)'@')
                ? Iax2Event(EventKind.CallRefused, sender, port, default, target[..^1])
                : Broken;
        }

        // "Registration of 'x' rejected: 'No secret' from: '198.51.100.7'" is our own registration, and the address our provider's.
        return default;
    }

    private static LogRecord Iax2Event(
        EventKind kind, Address source, ushort port, ReadOnlySpan<byte> account, ReadOnlySpan<byte> detail, SenderLines lines = SenderLines.BehindAddress) => new()
        {
            Kind = kind,
            Service = Service.Iax2,
            Transport = Transport.Udp,
            Source = source,
            Port = port,
            Account = account,
            Detail = detail,
            SenderLines = lines,
        };

    //        sip_transport.c Dropping 307 bytes packet from UDP 198.51.100.9:54466 : PJSIP syntax error exception ...
    private static LogRecord Dropped(ReadOnlySpan<byte> message)
    {
        var text = message.TrimStart(" \t"u8);
        var dropping = "sip_transport.c Dropping "u8;
        var processing = "sip_endpoint.c Error processing packet from "u8;
        if (text.StartsWith(processing))
        {
            var rest = text[processing.Length..];
            var end = rest.IndexOf(": "u8);
            var (from, fromPort) = end < 0 ? default : AddressAndPort(rest[..end], portAlways: true);
            return from is { } peer ? Malformed(peer, fromPort, Transport.Unknown, rest[(end + 2)..]) : Broken;
        }

        if (!text.StartsWith(dropping))
        {
            return default;
        }

        var bytes = " bytes packet from "u8;
        var at = text[dropping.Length..].IndexOf(bytes);
        if (at is < 1 or > 10)
        {
            return Broken;
        }

        var where = text[(dropping.Length + at + bytes.Length)..];
        var blank = where.IndexOf((byte)' ');
        var stop = where.IndexOf(" : "u8);
        if (blank <= 0 || stop <= blank)
        {
            return Broken;
        }

        var (source, port) = AddressAndPort(where[(blank + 1)..stop], portAlways: true);
        return source is { } sender ? Malformed(sender, port, TransportNamed(where[..blank]), where[(stop + 3)..]) : Broken;
    }

    private static LogRecord Malformed(Address source, ushort port, Transport transport, ReadOnlySpan<byte> why) => new()
    {
        Kind = EventKind.PacketMalformed,
        Service = Service.Pjsip,
        Transport = transport,
        Source = source,
        Port = port,
        Detail = why,
    };

    // "198.51.100.7:34336", "[2001:db8::7]:5060", "198.51.100.7"; "2001:db8::7:5060" where Asterisk 13 prints %s:%d, "2001:db8::7" elsewhere.
    internal static (Address? Source, ushort Port) AddressAndPort(ReadOnlySpan<byte> text, bool portAlways = false)
    {
        if (text.Length > 2 && text[0] == '[')
        {
            var close = text.IndexOf((byte)']');
            if (close < 0)
            {
                return default;
            }

            var portText = text[(close + 1)..];
            var v6Port = portText.IsEmpty ? 0 : portText[0] == ':' ? Digits.ReadPort(portText[1..]) : -1;
            return v6Port < 0 ? default : (Address.Parse(text[1..close]), (ushort)v6Port);
        }

        var colon = text.LastIndexOf((byte)':');
        if (colon < 0 || (!portAlways && text[..colon].Contains((byte)':')))
        {
            return (Address.Parse(text), 0);
        }

        var port = Digits.ReadPort(text[(colon + 1)..]);
        return port < 0 ? default : (Address.Parse(text[..colon]), (ushort)port);
    }

    private static Transport TransportNamed(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("UDP"u8) => Transport.Udp,
        _ when name.SequenceEqual("TCP"u8) => Transport.Tcp,
        _ when name.SequenceEqual("TLS"u8) => Transport.Tls,
        _ when name.SequenceEqual("WS"u8) => Transport.Ws,
        _ when name.SequenceEqual("WSS"u8) => Transport.Wss,
        _ => Transport.Unknown,
    };

    /// <summary>The text between two anchors, each of which must occur once.</summary>
    private static Found Between(ReadOnlySpan<byte> text, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> closing)
    {
        if (!text.StartsWith(opening))
        {
            return default;
        }

        var rest = text[opening.Length..];
        var end = rest.IndexOf(closing);
        return end < 0 || rest[(end + closing.Length)..].IndexOf(closing) >= 0 ? default : new Found(rest[..end]);
    }

    private readonly ref struct Found(ReadOnlySpan<byte> text)
    {
        public ReadOnlySpan<byte> Text { get; } = text;

        public bool IsValid { get; } = true;
    }
}
