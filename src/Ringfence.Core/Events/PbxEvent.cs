namespace Ringfence.Core.Events;

/// <summary>What can happen at a PBX, as far as a defender cares. The numbers are kept by the journal; never reuse one.</summary>
internal enum EventKind : byte
{
    None = 0,

    /// <summary>The PBX asked for a password: the normal first step of every login, never an offence.</summary>
    ChallengeSent = 1,

    /// <summary>A login with the right password. Over HEP and on the wire: the PBX let in a request that echoes a nonce which it was seen to send to
    /// that address and user; credentials for which nobody asked prove nothing, and are no login.</summary>
    LoginSucceeded = 2,

    /// <summary>A known account, a wrong password.</summary>
    PasswordRefused = 3,

    /// <summary>An account that does not exist.</summary>
    AccountUnknown = 4,

    /// <summary>An access list of the account, or of the manager, refused the address.</summary>
    AclRefused = 5,

    /// <summary>A request that the PBX refused for what it asks: an AOR that is not there, an action without the permission, a bad format.</summary>
    RequestRefused = 6,

    /// <summary>A call to an extension that the caller's context does not have. From a known account: a misdialled number.</summary>
    CallRefused = 7,

    /// <summary>A phone registered more contacts than its AOR allows: a phone after a reboot, not an attack
    /// (ACLName registrar_attempt_exceeds_maximum_configured_contacts).</summary>
    ContactLimit = 8,

    /// <summary>The PBX dropped a packet that is not SIP.</summary>
    PacketMalformed = 9,

    /// <summary>The PBX's own limits were reached: sessions, memory, load.</summary>
    LimitReached = 10,

    /// <summary>The second half of a refusal already told as <see cref="AccountUnknown"/>: a wrong answer for an account that does not exist.</summary>
    UnknownAccountFailed = 11,

    /// <summary>A caller accepted by its address alone, without a password, or with one for which nobody asked: a trunk, a guest, or somebody who forged a
    /// trunk's address over UDP.</summary>
    AddressAccepted = 12,

    /// <summary>Text of a sender that tries to be more than a value: headers or events of his own, behind line ends in a name.</summary>
    Injection = 13,

    /// <summary>A request with the mark of a tool that attackers use; <see cref="PbxEvent.Detail"/> names it.</summary>
    ScannerSeen = 14,

    /// <summary>The PBX answered a request that answers its challenge: same call and method, with a nonce that it sent to that address. Each challenge is
    /// answered once; whether rightly, another event says.</summary>
    ChallengeAnswered = 15,

    /// <summary>With an account's password somebody asked to be registered as a number that is not that account's; <see cref="PbxEvent.Account"/> is the number,
    /// <see cref="PbxEvent.Detail"/> the account.</summary>
    NumberRefused = 16,

    /// <summary>A connection to the manager interface that ended without a login.</summary>
    LoginOmitted = 17,

    /// <summary>The PBX said of credentials that their nonce is too old, which Asterisk says only where the password is right: no login, the phone answers the challenge that comes with it.</summary>
    NonceStale = 18,

    /// <summary>The PBX's HTTP server refused a password that a web page from elsewhere made its visitor's browser send.</summary>
    CrossSiteRefused = 19,

    /// <summary>A failure that another door of the machine told and whose kind only its own text says: a line that a pattern of the operator found,
    /// a flood that a SIP proxy stopped.</summary>
    DoorFailed = 30,
}

internal enum Transport : byte
{
    Unknown = 0,
    Udp = 1,
    Tcp = 2,
    Tls = 3,
    Ws = 4,
    Wss = 5,
}

internal enum Service : byte
{
    Unknown = 0,
    Pjsip = 1,
    Sip = 2,
    Iax2 = 3,
    Ami = 4,
    Other = 5,

    /// <summary>sshd.</summary>
    Ssh = 6,

    /// <summary>The logins of FreePBX's pages: administrator and user control panel.</summary>
    FreePbx = 7,

    /// <summary>A web server's access log, or the PBX's own HTTP server on the wire (ARI).</summary>
    Web = 8,
    Kamailio = 9,
    OpenSips = 10,

    /// <summary>A log that the operator's own patterns read.</summary>
    Door = 11,
}

/// <summary>How strongly a piece of evidence proves its source address.</summary>
internal enum Proof : byte
{
    /// <summary>The line stands where an attacker's own text could stand (behind a packet dump in a mixed log): shown, never counted.</summary>
    Forgeable = 0,

    /// <summary>UDP: the sender may have written any source address on the packet.</summary>
    Unproven = 1,

    /// <summary>TCP, TLS, WS: the sender completed a handshake from that address, which the PBX says (HEP, its logs) or the wire shows. UDP: he echoed a nonce
    /// that the PBX sent to that address alone.</summary>
    Proven = 2,
}

/// <summary>Which of Asterisk's channels told it. The same attempt is told in several: each is counted by itself (see Detector).</summary>
internal enum Origin : byte
{
    /// <summary>A SecurityEvent record.</summary>
    SecurityEvent = 0,

    /// <summary>A NOTICE or WARNING line.</summary>
    Notice = 1,

    /// <summary>The PBX's own answer to a request: of SIP, or of HTTP.</summary>
    Sip = 2,
}

/// <summary>One thing that happened, as one record of a source told it. Spans point into the source's buffer and die with it.</summary>
internal readonly ref struct PbxEvent
{
    public EventKind Kind { get; init; }

    public Origin Origin { get; init; }

    public Service Service { get; init; }

    public Transport Transport { get; init; }

    public Proof Proof { get; init; }

    public ushort Port { get; init; }

    public Address Source { get; init; }

    /// <summary>When it happened, by the record itself; UTC ticks (100 ns since year 1).</summary>
    public long TimeTicks { get; init; }

    /// <summary>No sender can have written it: [json] escapes line ends, and a session of the manager that hears the class "security" alone knows where each message ends.
    /// false: a line of a text log, or a message itself.</summary>
    public bool IsEnclosed { get; init; }

    /// <summary>The account that was tried, as the attacker wrote it: any bytes, up to 36 of them from PJSIP.</summary>
    public ReadOnlySpan<byte> Account { get; init; }

    /// <summary>The Call-ID or session that the record belongs to: attacker's text.</summary>
    public ReadOnlySpan<byte> Session { get; init; }

    /// <summary>Asterisk's own name or reason: "InvalidAccountID", "No matching endpoint found", an ACL name, a dialled extension; of a registration whose contact it is (To).</summary>
    public ReadOnlySpan<byte> Detail { get; init; }

    /// <summary>The method of the request, over HEP or from the wire; else empty.</summary>
    public ReadOnlySpan<byte> Method { get; init; }

    /// <summary>The User-Agent of the request, at most 63 bytes of it, over HEP or from the wire; empty: there was none, or nobody told.</summary>
    public ReadOnlySpan<byte> UserAgent { get; init; }

    /// <summary>Of a registration over HEP or from the wire: where the phone is to be reached, as the PBX's answer says it; any bytes. Empty: this is none, or its end.</summary>
    public ReadOnlySpan<byte> Contact { get; init; }

    /// <summary>How long that holds, in seconds, as the PBX granted it; 0: it ended; null: this is no registration, or nobody told.</summary>
    public long? Expires { get; init; }

    /// <summary>Where the PBX's answer went, if that is another address than the source; null: it went there, or nobody told.</summary>
    public Address? AnsweredTo { get; init; }

    /// <summary>The whole record, for evidence: attacker's text in it, any bytes, without the final line end.</summary>
    public ReadOnlySpan<byte> Record { get; init; }

    /// <summary>1-based number of the record's first line in its file.</summary>
    public long Line { get; init; }

    public DateTimeOffset Time => new(TimeTicks, TimeSpan.Zero);
}
