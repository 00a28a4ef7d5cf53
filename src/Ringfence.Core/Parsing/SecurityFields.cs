using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>The fields that may stand behind RemoteAddress in a SecurityEvent.</summary>
[Flags]
internal enum SecurityField
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

/// <summary>What a SecurityEvent is made of, in whatever form it is told: which fields each event has, and what their values mean.</summary>
/// <remarks>Source: Asterisk main/security_events.c, sec_events: required_ies and optional_ies.</remarks>
internal static class SecurityFields
{
    // "IPV4/UDP/198.51.100.7/34336", "IPV6/TLS/2001:db8::7/5061", "IPV6/UDP/fe80::1%eth0/5060": the zone is this host's name of a link and no part of the address.
    public static Peer Endpoint(ReadOnlySpan<byte> text)
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
    public readonly record struct Peer(Address Address, ushort Port, Transport Transport);

    private static Transport TransportNamed(ReadOnlySpan<byte> name) => name switch
    {
        [(byte)'U', (byte)'D', (byte)'P'] => Transport.Udp,
        [(byte)'T', (byte)'C', (byte)'P'] => Transport.Tcp,
        [(byte)'T', (byte)'L', (byte)'S'] => Transport.Tls,
        [(byte)'W', (byte)'S'] => Transport.Ws,
        [(byte)'W', (byte)'S', (byte)'S'] => Transport.Wss,
        _ => Transport.Unknown,
    };

    public static Service ServiceNamed(ReadOnlySpan<byte> name) => name switch
    {
        [(byte)'P', (byte)'J', (byte)'S', (byte)'I', (byte)'P'] => Service.Pjsip,
        [(byte)'S', (byte)'I', (byte)'P'] => Service.Sip,
        [(byte)'A', (byte)'M', (byte)'I'] => Service.Ami,
        [(byte)'I', (byte)'A', (byte)'X', ..] => Service.Iax2,
        _ => Service.Other,
    };

    public static (EventKind Kind, SecurityField Required, SecurityField Allowed) Shape(ReadOnlySpan<byte> name)
    {
        const SecurityField Answer = SecurityField.Challenge | SecurityField.Response | SecurityField.ExpectedResponse;
        return name.Length switch
        {
            9 when name.SequenceEqual("FailedACL"u8) => (EventKind.AclRefused, SecurityField.None, SecurityField.AclName | SecurityField.SessionTime),
            11 when name.SequenceEqual("MemoryLimit"u8) => (EventKind.LimitReached, SecurityField.None, SecurityField.SessionTime),
            12 when name.SequenceEqual("SessionLimit"u8) => (EventKind.LimitReached, SecurityField.None, SecurityField.SessionTime),
            13 when name.SequenceEqual("ChallengeSent"u8) => (EventKind.ChallengeSent, SecurityField.Challenge, SecurityField.Challenge | SecurityField.SessionTime),
            14 when name.SequenceEqual("SuccessfulAuth"u8) => (EventKind.LoginSucceeded, SecurityField.UsingPassword, SecurityField.UsingPassword | SecurityField.SessionTime),
            15 when name.SequenceEqual("InvalidPassword"u8) => (EventKind.PasswordRefused, SecurityField.None,
                SecurityField.Challenge | SecurityField.ReceivedChallenge | SecurityField.ReceivedHash | SecurityField.SessionTime),
            16 when name.SequenceEqual("InvalidAccountID"u8) => (EventKind.AccountUnknown, SecurityField.None, SecurityField.SessionTime),
            16 when name.SequenceEqual("RequestBadFormat"u8) => (EventKind.RequestRefused, SecurityField.RequestType,
                SecurityField.RequestType | SecurityField.RequestParams | SecurityField.SessionTime | SecurityField.Account),
            16 when name.SequenceEqual("LoadAverageLimit"u8) => (EventKind.LimitReached, SecurityField.None, SecurityField.SessionTime),
            16 when name.SequenceEqual("InvalidTransport"u8) => (EventKind.RequestRefused, SecurityField.None, SecurityField.Transport | SecurityField.SessionTime),
            17 when name.SequenceEqual("RequestNotAllowed"u8) => (EventKind.RequestRefused, SecurityField.RequestType,
                SecurityField.RequestType | SecurityField.RequestParams | SecurityField.SessionTime),
            17 when name.SequenceEqual("UnexpectedAddress"u8) => (EventKind.AclRefused, SecurityField.None, SecurityField.ExpectedAddress | SecurityField.SessionTime),
            19 when name.SequenceEqual("RequestNotSupported"u8) => (EventKind.RequestRefused, SecurityField.RequestType, SecurityField.RequestType | SecurityField.SessionTime),
            20 when name.SequenceEqual("AuthMethodNotAllowed"u8) => (EventKind.RequestRefused, SecurityField.AuthMethod, SecurityField.AuthMethod | SecurityField.SessionTime),
            23 when name.SequenceEqual("ChallengeResponseFailed"u8) => (EventKind.PasswordRefused, Answer, Answer | SecurityField.SessionTime),
            _ => default,
        };
    }

    public static SecurityField Named(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 when name.SequenceEqual("Module"u8) => SecurityField.Module,
        7 when name.SequenceEqual("ACLName"u8) => SecurityField.AclName,
        8 when name.SequenceEqual("Response"u8) => SecurityField.Response,
        9 when name.SequenceEqual("Challenge"u8) => SecurityField.Challenge,
        9 when name.SequenceEqual("SessionTV"u8) => SecurityField.SessionTime,
        9 when name.SequenceEqual("AccountID"u8) => SecurityField.Account,
        9 when name.SequenceEqual("Transport"u8) => SecurityField.Transport,
        10 when name.SequenceEqual("AuthMethod"u8) => SecurityField.AuthMethod,
        11 when name.SequenceEqual("RequestType"u8) => SecurityField.RequestType,
        12 when name.SequenceEqual("ReceivedHash"u8) => SecurityField.ReceivedHash,
        13 when name.SequenceEqual("UsingPassword"u8) => SecurityField.UsingPassword,
        13 when name.SequenceEqual("RequestParams"u8) => SecurityField.RequestParams,
        15 when name.SequenceEqual("ExpectedAddress"u8) => SecurityField.ExpectedAddress,
        16 when name.SequenceEqual("ExpectedResponse"u8) => SecurityField.ExpectedResponse,
        17 when name.SequenceEqual("ReceivedChallenge"u8) => SecurityField.ReceivedChallenge,
        _ => SecurityField.None,
    };

    public static EventKind Refine(EventKind kind, Service service, ReadOnlySpan<byte> account, ReadOnlySpan<byte> aclName, bool usingPassword) => kind switch
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
}
