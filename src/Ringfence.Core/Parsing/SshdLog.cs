using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>What OpenSSH's server logs: sshd, from 9.8 on sshd-session, in auth.log, secure or systemd's journal.</summary>
/// <remarks>
/// The name that somebody tries to log in as is his own text of up to 100 bytes, blanks and " from 192.0.2.1 port 22 ssh2" included; line ends and
/// control characters sshd writes as \n and \033 (strnvis in log.c; measured with 9.2), so a line is a record. Address and port stand behind the name, and behind them
/// nothing of the sender's: read from the end. Counted is what a password or a name was refused for, once for each try: neither keys
/// that did not fit (an agent offers all it has) nor the lines that tell the same try again (pam_unix, "Invalid user", "maximum authentication attempts exceeded").
/// </remarks>
internal sealed class SshdLog : SyslogDoor
{
    private readonly ulong[] _refused = new ulong[256];
    private int _next;

    protected override bool IsOwn(ReadOnlySpan<byte> tag) => tag.SequenceEqual("sshd"u8) || tag.SequenceEqual("sshd-session"u8) || tag.SequenceEqual("sshd-auth"u8);

    protected override LogRecord Message(ReadOnlySpan<byte> message)
    {
        // rsyslog with $RepeatedMsgReduction: one line for several, of which one is counted, for it does not say over what time.
        if (message.StartsWith("message repeated "u8) && message.EndsWith("]"u8) && message.IndexOf(": [ "u8) is >= 0 and var repeated)
        {
            message = message[(repeated + 4)..^1];
        }

        // PAM's answers come with "error: PAM: " from older servers; they are the second telling of a "Failed keyboard-interactive/pam".
        if (message.StartsWith("Failed "u8))
        {
            return Failed(message["Failed "u8.Length..]);
        }

        if (message.StartsWith("Accepted "u8))
        {
            return Accepted(message["Accepted "u8.Length..]);
        }

        // With passwords turned off this is all that a name which does not exist leaves; where a password was tried, that has been counted.
        return message.StartsWith("Connection "u8) || message.StartsWith("Disconnected from "u8) ? Gone(message) : default;
    }

    // "password for invalid user NAME from 198.51.100.7 port 40022 ssh2"
    private LogRecord Failed(ReadOnlySpan<byte> rest)
    {
        var method = rest.IndexOf(" for "u8);
        if (method < 0 || !(rest[..method].SequenceEqual("password"u8) || rest[..method].StartsWith("keyboard-interactive"u8)))
        {
            return default;
        }

        rest = rest[(method + 5)..];
        if (!rest.EndsWith(" ssh2"u8) || SplitEnd(rest[..^5]) is not { Source: { } source } end)
        {
            return new LogRecord { IsBroken = true };
        }

        var name = rest[..end.NameLength];
        var isInvalid = name.StartsWith("invalid user "u8);
        Remember(source, end.Port);
        return Record(isInvalid ? EventKind.AccountUnknown : EventKind.PasswordRefused, source, end.Port, isInvalid ? name["invalid user "u8.Length..] : name, rest: "password"u8);
    }

    // "password for root from 198.51.100.7 port 40022 ssh2", "publickey for root from 198.51.100.7 port 40022 ssh2: ED25519 SHA256:..."
    private static LogRecord Accepted(ReadOnlySpan<byte> rest)
    {
        var method = rest.IndexOf(" for "u8);
        var end = rest.LastIndexOf(" ssh2"u8);
        return method > 0 && end > method + 5 && SplitEnd(rest[(method + 5)..end]) is { Source: { } source } place
            ? Record(EventKind.LoginSucceeded, source, place.Port, rest[(method + 5)..][..place.NameLength], rest[..method])
            : default;
    }

    // "Connection closed by invalid user NAME 198.51.100.7 port 40022 [preauth]", "Connection reset by ...", "Disconnected from invalid user ..."
    private LogRecord Gone(ReadOnlySpan<byte> message)
    {
        var name = message.IndexOf("invalid user "u8);
        if (!message.EndsWith(" [preauth]"u8) || name < 0
            || !(message[..name].SequenceEqual("Connection closed by "u8) || message[..name].SequenceEqual("Connection reset by "u8) || message[..name].SequenceEqual("Disconnected from "u8)))
        {
            return default;
        }

        // A line that was cut: the space behind "user" is the one before "[preauth]".
        var text = message[(name + "invalid user "u8.Length)..];
        text = text.EndsWith(" [preauth]"u8) ? text[..^" [preauth]"u8.Length] : default;
        return SplitEnd(text, " "u8) is not { Source: { } source } end ? new LogRecord { IsBroken = true }
            : IsRemembered(source, end.Port) ? default
            : Record(EventKind.AccountUnknown, source, end.Port, text[..end.NameLength], "gone"u8);
    }

    private static LogRecord Record(EventKind kind, Address source, ushort port, ReadOnlySpan<byte> account, ReadOnlySpan<byte> rest) => new()
    {
        Kind = kind,
        Service = Service.Ssh,
        Transport = Transport.Tcp,
        Source = source,
        Port = port,
        Account = account,
        Detail = rest,
    };

    private readonly record struct End(Address? Source, ushort Port, int NameLength);

    // "NAME from 198.51.100.7 port 40022": the last " port " and the last " from " are sshd's own.
    private static End SplitEnd(ReadOnlySpan<byte> text) => SplitEnd(text, " from "u8);

    private static End SplitEnd(ReadOnlySpan<byte> text, ReadOnlySpan<byte> before)
    {
        var portAt = text.LastIndexOf(" port "u8);
        var port = portAt < 0 ? -1 : Digits.ReadPort(text[(portAt + 6)..]);
        if (port < 0)
        {
            return default;
        }

        var from = text[..portAt].LastIndexOf(before);
        return from < 0 ? default : new End(Address.Parse(text[(from + before.Length)..portAt]), (ushort)port, from);
    }

    private void Remember(Address source, ushort port)
    {
        _refused[_next] = Key(source, port);
        _next = (_next + 1) % _refused.Length;
    }

    private bool IsRemembered(Address source, ushort port) => Array.IndexOf(_refused, Key(source, port)) >= 0;

    // Never 0, which is an empty place.
    private static ulong Key(Address source, ushort port) => ((ulong)(uint)source.GetHashCode() << 32) | ((ulong)port << 1) | 1;
}
