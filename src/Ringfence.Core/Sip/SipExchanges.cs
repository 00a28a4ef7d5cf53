using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Core.Sip;

/// <summary>Ties the PBX's answers to the requests, and tells what was refused, to whom, and whether he proved his address.</summary>
/// <remarks>
/// What a request says of itself is an attacker's word; what the PBX answered is not. An answer counts against the source of its request, by Call-ID,
/// CSeq and branch: where the answer goes is the sender's choice (maddr, RFC 3261 section 18.2.2). A UDP request proves its source if it
/// echoes a nonce that the PBX was seen to send to that very address, and to no other. A request that was let in is a login if it echoes a nonce that the PBX
/// was seen to send to that address and user: credentials that it did not ask for it need not have looked at (an endpoint named anonymous, a trunk that
/// is known by its address).
/// An answer is the PBX's if it comes from where its request went, or from an address of the PBX, and not from outside.
/// One for all sources: what HEP and the wire both carry is one attempt, as is what is sent again.
/// All tables are rings of a fixed size: what a flood pushes out is not known, and so neither counts nor proves anything.
/// </remarks>
/// <param name="key">A secret of the process, so that entries can't be chosen to collide.</param>
/// <param name="isOwn">Whether an address is the PBX's: requests from there are its own.</param>
internal sealed class SipExchanges(ulong key, Func<Address, bool> isOwn)
{
    // A challenge is answered within seconds; a flood of forged requests draws as many of them.
    private const int Challenges = 1 << 16;

    // A request is answered within milliseconds: at 25,000 a second these are more than a second's. Twice as many held 5 MB more.
    private const int Requests = 1 << 15;

    private const int AgentBytes = 64;

    private const int DialledBytes = 32;

    // Calls are the fewest of the requests: places for all of them held 2 MB.
    private const int Calls = 1 << 14;

    // No hash of a request is 0.
    private const ulong ByItself = 0;

    // Longer than timer F/H (64 * T1 = 32 s, RFC 3261 section 17): an answer that late belongs to no request.
    private const long LongestTicks = 60 * TimeSpan.TicksPerSecond;

    /// <summary>Who sent requests, of whatever kind.</summary>
    public Senders Senders { get; } = new(key);

    private readonly Request[] _requests = new Request[Requests];
    private readonly Asker[] _askers = new Asker[Requests];

    // Who was asked for a password in which call, for what, and has not answered yet.
    private readonly ulong[] _unanswered = new ulong[Challenges];
    private readonly SentNonces _sent = new();

    // To which address, and in the name of which user, each nonce went.
    private readonly ulong[] _challenges = new ulong[Challenges];

    // A length and as much of the User-Agent as fits, for each request.
    private readonly byte[] _agents = new byte[Requests * AgentBytes];

    /// <summary>Tell of the PBX's answers to the guard's own requests, as events of no kind.</summary>
    public bool TellsCanaries { get; init; }

    /// <summary>By what scanners are known.</summary>
    public Fingerprints Fingerprints { get; init; } = Fingerprints.BuiltIn;

    // The same of the number that an INVITE dials, and of which request it is.
    private readonly byte[] _dialled = new byte[Calls * DialledBytes];
    private readonly ulong[] _calls = new ulong[Calls];

    /// <summary>Every answer of the PBX is seen. Else of no nonce is known that it went to one address alone, and nobody proves his by one.</summary>
    public bool SeesAnswers
    {
        get;
        set
        {
            // What is added meanwhile says of itself that it is not sure.
            if (field && !value)
            {
                _sent.Forget();
            }

            field = value;
        }
    } = true;

    /// <summary>Refusals by the PBX since start.</summary>
    public long Refusals { get; private set; }

    /// <summary>Of these: those whose request nobody saw. It was pushed out, or came by where nobody looks, or its sender knows how to write what the PBX reads otherwise.</summary>
    public long Unasked { get; private set; }

    /// <summary>Of these: those whose request may have been pushed out, for a newer one has its place.</summary>
    public long Overrun { get; private set; }

    /// <summary>Answers since start that came from elsewhere than where the request went, and so are not the PBX's.</summary>
    public long Misplaced { get; private set; }

    /// <returns>Whether an address is the PBX's.</returns>
    public bool IsOwn(Address address) => isOwn(address);

    /// <summary>Takes one message as it stood on the wire.</summary>
    /// <param name="number">1-based number of the message in its source.</param>
    /// <param name="isFromOutside">The PBX's kernel says that the packet came in, so that no answer in it is the PBX's. Else nobody says.</param>
    /// <returns>false: it is no SIP.</returns>
    public bool See<TSink>(ReadOnlySpan<byte> message, Endpoint from, Endpoint to, Transport transport, long timeTicks, long number, ref TSink sink, bool isFromOutside = false)
        where TSink : IEventSink, allows ref struct
    {
        var sip = SipMessage.Parse(message);
        if (!sip.IsValid && sip.Status != 0 && isOwn(from.Address) && !isFromOutside)
        {
            // What it repeats of the request hides the rest, and whose it is: not what is the PBX's own in it.
            Refusals += IsRefusal(sip) ? 1 : 0;
            Unasked += IsRefusal(sip) ? 1 : 0;
            if (!isOwn(to.Address))
            {
                SeeNonces(sip, to.Address, timeTicks, DigestNames.Unclear);
            }

            return false;
        }

        if (!sip.IsValid)
        {
            if (!isOwn(from.Address) && !StrayPacket.Is(message))
            {
                SeeMalformed(message, from, transport, timeTicks, number, ref sink);
            }

            return false;
        }

        Senders.SeeMessage(timeTicks);
        if (TellsCanaries && sip.CallId.StartsWith(Detection.CanaryBook.Mark) && isOwn(from.Address) && isOwn(to.Address))
        {
            // Its answer alone: a source that shows requests and no answers sees no refusal.
            if (sip.Status >= 200)
            {
                sink.See(new PbxEvent { Origin = Origin.Sip, Service = Service.Pjsip, Transport = transport, Source = to.Address, TimeTicks = timeTicks, Session = sip.CallId });
            }

            return true;
        }

        if (sip.IsRequest)
        {
            Ask(message, sip, from, to, transport, timeTicks, number, ref sink);
        }
        else
        {
            Answer(message, sip, from, to, isFromOutside, transport, timeTicks, number, ref sink);
        }

        return true;
    }

    /// <summary>Takes what came to a SIP port and is no message, nor anything that strays there.</summary>
    public static void SeeMalformed<TSink>(ReadOnlySpan<byte> bytes, Endpoint from, Transport transport, long timeTicks, long number, ref TSink sink)
        where TSink : IEventSink, allows ref struct => sink.See(Event(EventKind.PacketMalformed, default(Request) with { Source = from.Address, Port = from.Port, IsProven = HasHandshake(transport) }, transport) with
        {
            TimeTicks = timeTicks,
            Detail = "no SIP"u8,
            Record = bytes,
            Line = number,
        });

    private void Answer<TSink>(ReadOnlySpan<byte> message, in SipMessage sip, Endpoint from, Endpoint to, bool isFromOutside, Transport transport, long timeTicks, long number, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isCall = sip.CSeqMethod.SequenceEqual("INVITE"u8);
        var isToItself = isOwn(to.Address);
        if ((sip.Status < 200 && !isCall) || (isToItself && (isFromOutside || !isOwn(from.Address))))
        {
            // Provisional; or an answer to a request of the PBX. What the PBX answers to itself may be a stranger's request all the same: maddr=127.0.0.1.
            return;
        }

        // Not of other answers: a call may ring for longer than its request is remembered.
        var isRefusal = IsRefusal(sip) && !isFromOutside && isOwn(from.Address);
        Refusals += isRefusal ? 1 : 0;
        ref var request = ref RequestOf(Hash(sip), to.Address, timeTicks);
        var isKnown = !System.Runtime.CompilerServices.Unsafe.IsNullRef(ref request);

        // The PBX's own words, whoever asked for them: a forger can have one answer in another's name sent to himself, and hide whose request it was.
        // Nobody reads what it sends to itself, so that makes no nonce of another's one that two have.
        if (!isFromOutside && isOwn(from.Address) && sip.Status >= 200 && !isToItself)
        {
            SeeNonces(sip, to.Address, timeTicks, isKnown ? request.Names : DigestNames.Unclear);
        }

        if (!isKnown)
        {
            var isUnasked = isRefusal && !(isToItself && IsAskedByItself(Hash(sip), timeTicks));
            Unasked += isUnasked ? 1 : 0;
            Overrun += isUnasked && MayBeOverrun(Of(Hash(sip), to.Address), timeTicks) ? 1 : 0;
            return;
        }

        // A neighbour can send the PBX's card an answer to somebody else, with a nonce of his own. With two addresses a PBX answers from the one by which
        // its kernel routes, whichever was asked (UDP, pjproject).
        if (isFromOutside || (request.Destination != Of(from.Address) && !isOwn(from.Address)))
        {
            Misplaced++;
            return;
        }

        SeeAnswered(message, sip, request, transport, timeTicks, number, ref sink);
        if (sip.Status <= 100)
        {
            // Nothing rings yet.
            return;
        }

        var asked = request;
        if (sip.Status < 300 && isCall && !asked.IsChallenged)
        {
            request = request with { Waiting = sip.Status >= 200 ? (ushort)0 : request.Waiting, IsRung = true };
            if (!asked.IsRung && !asked.IsTold)
            {
                SeeAccepted(message, sip, asked, transport, timeTicks, number, ref sink);
            }

            return;
        }

        if (sip.Status < 200)
        {
            return;
        }

        request = request with { Waiting = (ushort)Math.Max(0, request.Waiting - 1) };
        if (!isOwn(from.Address))
        {
            SeeNonces(sip, to.Address, timeTicks, request.Names);
        }

        var kind = asked.IsTold ? EventKind.None : Judge(sip, asked);
        if (kind == EventKind.None)
        {
            return;
        }

        Address? answeredTo = to.Address == asked.Source ? null : to.Address;
        if (kind == EventKind.ChallengeSent && asked.HasCredentials)
        {
            sink.See(Event(EventKind.NonceStale, asked, transport) with
            {
                AnsweredTo = answeredTo,
                TimeTicks = timeTicks,
                Account = SipText.UserOfHeader(sip.From),
                Session = sip.CallId,
                UserAgent = Agent(Slot(asked.Hash)),
                Method = sip.CSeqMethod,
                Record = message,
                Line = number,
            });
        }

        if (kind == EventKind.ChallengeSent)
        {
            var challenge = Challenge(sip, asked.Source);
            _unanswered[ChallengeSlot(challenge)] = challenge;
        }

        if (kind == EventKind.NumberRefused)
        {
            sink.See(Event(kind, asked, transport) with
            {
                TimeTicks = timeTicks,
                Account = SipText.UserOfHeader(sip.To),
                Session = sip.CallId,
                UserAgent = Agent(Slot(asked.Hash)),
                Method = sip.CSeqMethod,
                Detail = SipText.UserOfHeader(sip.From),
                Record = message,
                Line = number,
            });
            return;
        }

        var granted = kind == EventKind.LoginSucceeded && !isCall ? Granted(sip, asked) : new Binding { Expires = -1 };
        sink.See(Event(kind, asked, transport) with
        {
            AnsweredTo = answeredTo,
            Contact = granted.Uri,
            Expires = granted.Expires < 0 ? null : granted.Expires,
            TimeTicks = timeTicks,
            Account = kind == EventKind.ChallengeSent && IsIncomingCall(sip) ? default : SipText.UserOfHeader(sip.From),
            Session = sip.CallId,
            UserAgent = Agent(Slot(asked.Hash)),
            Method = sip.CSeqMethod,
            Detail = kind == EventKind.LoginSucceeded && !isCall ? SipText.UserOfHeader(sip.To)
                : kind == EventKind.CallRefused || (kind == EventKind.ChallengeSent && sip.CSeqMethod.SequenceEqual("INVITE"u8)) ? Dialled(asked.Hash) : message[..Math.Max(0, message.IndexOfAny((byte)'\r', (byte)'\n'))],
            Record = message,
            Line = number,
        });
    }

    // The PBX's word, and not the sender's, that he answered its challenge: it read a request of that call and method which echoes a nonce of its own. What it
    // drops (without From, To or Via) is none, nor is one whose nonce is too old for it to look at the password, and each challenge is
    // answered once. Of a call the first word is enough: it may ring for minutes.
    private void SeeAnswered<TSink>(ReadOnlySpan<byte> message, in SipMessage sip, in Request asked, Transport transport, long timeTicks, long number, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var challenge = Challenge(sip, asked.Source);
        if (!asked.IsEcho || _unanswered[ChallengeSlot(challenge)] != challenge || IsStale(sip))
        {
            return;
        }

        _unanswered[ChallengeSlot(challenge)] = 0;
        sink.See(Event(EventKind.ChallengeAnswered, asked, transport) with
        {
            TimeTicks = timeTicks,
            Account = SipText.UserOfHeader(sip.From),
            Session = sip.CallId,
            Method = sip.CSeqMethod,
            UserAgent = Agent(Slot(asked.Hash)),
            Record = message,
            Line = number,
        });
    }

    // A call that was let in by its sender's address alone: a trunk, or a guest, whatever Authorization he wrote.
    private void SeeAccepted<TSink>(ReadOnlySpan<byte> message, in SipMessage sip, in Request asked, Transport transport, long timeTicks, long number, ref TSink sink)
        where TSink : IEventSink, allows ref struct => sink.See(Event(EventKind.AddressAccepted, asked, transport) with
        {
            TimeTicks = timeTicks,
            Session = sip.CallId,
            UserAgent = Agent(Slot(asked.Hash)),
            Detail = Dialled(asked.Hash),
            Record = message,
            Line = number,
        });

    private void Ask<TSink>(ReadOnlySpan<byte> message, in SipMessage sip, Endpoint from, Endpoint to, Transport transport, long timeTicks, long number, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        Senders.SeeRequest(from.Address, timeTicks);
        if (isOwn(from.Address) && isOwn(to.Address))
        {
            // A program beside the PBX, or the PBX itself.
            _askers[Slot(Hash(sip))] = new Asker(Hash(sip), timeTicks, ByItself, IsTwice: true);
        }

        if (isOwn(from.Address) || sip.Method.SequenceEqual("ACK"u8))
        {
            return;
        }

        // A phone that was challenged before the guard began is no login to us for once; nobody throttles or bans it for that, and as a registered contact it
        // is trusted all the same. By address and not by port: a NAT may change that in between. By user too: a guest can have a nonce sent to himself, if
        // he asks in the name of an account first; who then calls in a name that needs no password was not asked for one. A name may stand in From or in the
        // credentials (identify_by=auth_username): what was asked of credentials in one name is no login in another.
        var isProven = false;
        var isChallenged = false;
        // Hashed once, for a datagram has room for thousands of nonces beside a long name.
        var user = UserOf(sip);
        var names = DigestNames.HashOf(sip.Credentials);
        var (asked, named) = (Mix(user, 0), Mix(user, names));
        for (var headers = new SipHeaders(sip.Credentials); !(isProven && isChallenged) && headers.Next();)
        {
            for (var rest = headers.IsCredentials ? headers.Value : default; !rest.IsEmpty && !(isProven && isChallenged);)
            {
                // Asterisk compares it as a string of C, and with one behind the NUL too the password may be right.
                var nonce = SipParameter.Next(ref rest, "nonce="u8);
                nonce = nonce.IndexOf((byte)0) is >= 0 and var end ? nonce[..end] : nonce;
                isProven |= !nonce.IsEmpty && _sent.IsOnlyOf(Hash(nonce), from.Address, timeTicks);
                isChallenged |= !nonce.IsEmpty && (WasAsked(asked, nonce, from.Address) || (names > DigestNames.Unclear && WasAsked(named, nonce, from.Address)));
            }
        }

        var exchange = Hash(sip);
        var hash = Of(exchange, from.Address);
        ref var asker = ref _askers[Slot(exchange)];
        var isTwice = asker.Exchange == exchange && timeTicks - asker.TimeTicks <= LongestTicks && (asker.IsTwice || asker.Request != hash);
        asker = new Asker(exchange, timeTicks, hash, isTwice);

        // Sent again because the answer was lost (RFC 3261 section 17.1.2.2) it is the same attempt; with another password or number it is another.
        var text = Mix(Mix(key, sip.Credentials), sip.RequestUri);
        ref var request = ref _requests[Slot(hash)];
        if (request.Hash == hash && timeTicks - request.TimeTicks <= LongestTicks && !request.IsTold && request.HasCredentials && sip.Credentials.IsEmpty)
        {
            // The same transaction once more before its answer, without the password: the PBX passes it over, and answers the one that it read.
            return;
        }

        var isAgain = request.Hash == hash && timeTicks - request.TimeTicks <= LongestTicks;
        var isSame = isAgain && request.Text == text;

        // Asterisk asks each for its password before it looks for the transaction (pjsip_distributor.c answers without one): so many passwords within one, so many answers.
        // Whoever knows a transaction began it: a decoy behind the guess does not take its proof away.
        var isProvenBefore = isAgain && request.Waiting > 0 && request.IsProven;
        var waiting = !isAgain ? 1 : isSame ? request.Waiting : Math.Min(request.Waiting + 1, ushort.MaxValue);
        request = new Request(
            hash, text, timeTicks, Of(to.Address), from.Address, names, from.Port, (ushort)waiting, !sip.Credentials.IsEmpty, isProven || isProvenBefore || HasHandshake(transport), isChallenged, isSame && request.IsRung,
            isChallenged && System.Text.Ascii.EqualsIgnoreCase(sip.Method, sip.CSeqMethod));
        Keep(sip.UserAgent, _agents.AsSpan(Slot(hash) * AgentBytes, AgentBytes));
        if (sip.Method.SequenceEqual("INVITE"u8))
        {
            _calls[CallSlot(hash)] = hash;
            Keep(SipText.UserOfHeader(sip.RequestUri), _dialled.AsSpan(CallSlot(hash) * DialledBytes, DialledBytes));
        }

        else if (isChallenged && !sip.Contact.IsEmpty && sip.Method.SequenceEqual("REGISTER"u8))
        {
            // Which of the contacts in the answer is this one's; 0: it asks for an end.
            var asks = sip.Contacts;
            var binding = Binding.Next(ref asks);
            var isEnd = sip.Contact.SequenceEqual("*"u8) || binding.Expires == 0 || (binding.Expires < 0 && sip.Expires == 0);
            Span<byte> wanted = stackalloc byte[sizeof(ulong)];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(wanted, isEnd ? 0 : Mix(key, binding.Uri) | 1);
            _calls[CallSlot(hash)] = hash;
            Keep(wanted, _dialled.AsSpan(CallSlot(hash) * DialledBytes, DialledBytes));
        }

        if (!isSame && sip.HasHiddenLineEnd)
        {
            sink.See(Event(EventKind.Injection, request, transport) with
            {
                TimeTicks = timeTicks,
                Account = SipText.UserOfHeader(sip.From),
                Session = sip.CallId,
                Method = sip.Method,
                UserAgent = sip.UserAgent,
                Record = message,
                Line = number,
            });
        }

        // No phone has its answers sent elsewhere: it would not get them (maddr is for multicast, RFC 3261 section 18.1.1). Where they go nobody may see them, or the PBX can
        // send none (a name without an address); whether the password was right shows in the contact that it registers. Over TCP the answer takes the connection. It throttles and no more.
        var isDiverted = !HasHandshake(transport) && ViaParameter.Of(sip.Via, "maddr"u8) is { IsEmpty: false } maddr && Address.Parse(maddr.Trim("[]"u8)) != from.Address;
        if (!isSame && (isDiverted ? "its answers are to go elsewhere: maddr"u8 : Fingerprints.Find(sip, message)) is { IsEmpty: false } tool)
        {
            sink.See(Event(EventKind.ScannerSeen, isDiverted ? request with { IsProven = false } : request, transport) with
            {
                TimeTicks = timeTicks,
                Account = SipText.UserOfHeader(sip.From),
                Session = sip.CallId,
                Method = sip.Method,
                Detail = tool,
                UserAgent = sip.UserAgent,
                Record = message,
                Line = number,
            });
        }
    }

    // Of the contacts that the PBX lists the one that was asked for; or, where the PBX writes it otherwise (rewrite_contact), the one of its sender, or the only one.
    private Binding Granted(scoped in SipMessage answer, scoped in Request asked)
    {
        var wanted = Dialled(asked.Hash);
        if (wanted.Length != sizeof(ulong))
        {
            return new Binding { Expires = -1 };
        }

        var uri = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(wanted);
        if (uri == 0)
        {
            return new Binding { Expires = 0 };
        }

        Binding found = default;
        Binding only = default;
        var (isFound, count) = (false, 0);
        for (var rest = answer.Contacts; Binding.Next(ref rest) is { Uri.IsEmpty: false } binding; count++)
        {
            only = binding;
            if ((Mix(key, binding.Uri) | 1) == uri)
            {
                found = binding;
                isFound = true;
                break;
            }

            if (!isFound && binding.Host == asked.Source)
            {
                found = binding;
                isFound = true;
            }
        }

        found = !isFound && count == 1 ? only : found;
        return found.Uri.IsEmpty ? new Binding { Expires = -1 } : new Binding { Uri = found.Uri, Expires = found.Expires < 0 ? answer.Expires : found.Expires };
    }

    private static void Keep(ReadOnlySpan<byte> text, Span<byte> room)
    {
        var length = Math.Min(text.Length, room.Length - 1);
        room[0] = (byte)length;
        text[..length].CopyTo(room[1..]);
    }

    private ReadOnlySpan<byte> Dialled(ulong request)
    {
        var at = CallSlot(request) * DialledBytes;
        return _calls[CallSlot(request)] == request ? _dialled.AsSpan(at + 1, _dialled[at]) : default;
    }

    private ReadOnlySpan<byte> Agent(int slot) => _agents.AsSpan((slot * AgentBytes) + 1, _agents[slot * AgentBytes]);

    // The request that came from where the answer goes; or, where the sender had it sent elsewhere, the only one that there was. If there were two
    // from different sources, one of them is forged, and nobody can say which.
    private ref Request RequestOf(ulong exchange, Address to, long timeTicks)
    {
        var hash = Of(exchange, to);
        ref var request = ref _requests[Slot(hash)];
        if (request.Hash == hash && timeTicks - request.TimeTicks <= LongestTicks)
        {
            return ref request;
        }

        ref var asker = ref _askers[Slot(exchange)];
        if (asker.Exchange != exchange || asker.IsTwice)
        {
            return ref System.Runtime.CompilerServices.Unsafe.NullRef<Request>();
        }

        hash = asker.Request;
        request = ref _requests[Slot(hash)];
        return ref request.Hash == hash && timeTicks - request.TimeTicks <= LongestTicks
            ? ref request
            : ref System.Runtime.CompilerServices.Unsafe.NullRef<Request>();
    }

    // An answer comes within milliseconds of its request: what has the place for longer did not push it out.
    private bool MayBeOverrun(ulong hash, long timeTicks) => _requests[Slot(hash)] is { Hash: not 0 } taken && taken.Hash != hash && timeTicks - taken.TimeTicks <= 2 * TimeSpan.TicksPerSecond;

    private bool IsAskedByItself(ulong exchange, long timeTicks) =>
        _askers[Slot(exchange)] is { Request: ByItself } asker && asker.Exchange == exchange && timeTicks - asker.TimeTicks <= LongestTicks;

    private static ulong Of(ulong exchange, Address source) => Mix(Mix(exchange, source.High), source.Low) | 1;

    private static PbxEvent Event(EventKind kind, Request asked, Transport transport) => new()
    {
        Kind = kind,
        Origin = Origin.Sip,
        Service = Service.Pjsip,
        Transport = transport,
        Proof = asked.IsProven ? Proof.Proven : Proof.Unproven,
        Source = asked.Source,
        Port = asked.Port,
    };

    // By how the request came: an answer goes where the sender wants it.
    private static bool HasHandshake(Transport transport) => transport is not (Transport.Udp or Transport.Unknown);

    // A provider or another PBX that nobody named as a trunk: From is the caller's number and no account of ours. Scanners call from whom they call.
    private static bool IsIncomingCall(in SipMessage sip) => sip.CSeqMethod.SequenceEqual("INVITE"u8) && !SipText.UserOfHeader(sip.From).SequenceEqual(SipText.UserOfHeader(sip.To));

    // Not so where the section of an account's own number has the wrong name: a whole office asks for what is not there then, each for its own.
    private static bool IsForAnother(in SipMessage sip) => sip.CSeqMethod.SequenceEqual("REGISTER"u8) && !SipText.UserOfHeader(sip.From).SequenceEqual(SipText.UserOfHeader(sip.To));

    private static bool IsRefusal(in SipMessage answer) => answer.Status is 401 or 403 or 404 or 407;

    private static bool IsStale(in SipMessage answer)
    {
        var headers = new SipHeaders(answer.Challenge);
        while (headers.Next())
        {
            if (headers.IsChallenge && System.Text.Ascii.EqualsIgnoreCase(SipParameter.First(headers.Value, "stale="u8), "true"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static EventKind Judge(in SipMessage answer, in Request asked)
    {
        var isCall = answer.CSeqMethod.SequenceEqual("INVITE"u8);
        switch (answer.Status)
        {
            case 401 or 407:
                // A nonce that is too old is no wrong password: the phone answers the next one.
                return asked.HasCredentials && !IsStale(answer) ? EventKind.PasswordRefused : EventKind.ChallengeSent;
            case 403:
                // With the right password it is the PBX's word on what was asked (too many contacts), not on who asks.
                return asked.HasCredentials ? EventKind.RequestRefused : EventKind.AclRefused;
            case 404:
                return isCall ? EventKind.CallRefused : asked.HasCredentials && IsForAnother(answer) ? EventKind.NumberRefused : EventKind.RequestRefused;
            case >= 200 and < 300:
                return asked.IsChallenged && (isCall || answer.CSeqMethod.SequenceEqual("REGISTER"u8)) ? EventKind.LoginSucceeded : EventKind.None;
            default:
                return EventKind.None;
        }
    }

    // The same for a request and its answer: an answer holds the request's topmost Via, whose other parameters the PBX adds to.
    private ulong Hash(in SipMessage sip)
    {
        var hash = MixEscaped(Mix(key, sip.CallId), ViaParameter.Of(sip.Via, "branch"u8));
        return MixMethod(Mix(hash, (ulong)sip.CSeq), sip.CSeqMethod) | 1;
    }

    // Asterisk writes %NN for what may not stand in a token, where the request has the character, or has it escaped too.
    private static ulong MixEscaped(ulong hash, ReadOnlySpan<byte> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var value = text[at];
            if (value == '%' && at + 2 < text.Length && Uri.IsHexDigit((char)text[at + 1]) && Uri.IsHexDigit((char)text[at + 2]))
            {
                value = (byte)((Uri.FromHex((char)text[at + 1]) << 4) | Uri.FromHex((char)text[at + 2]));
                at += 2;
            }

            hash = (hash ^ value) * 0x9e3779b97f4a7c15;
            hash ^= hash >> 29;
        }

        return Mix(hash, 0);
    }

    // "register" is answered as "REGISTER".
    private static ulong MixMethod(ulong hash, ReadOnlySpan<byte> method)
    {
        foreach (var letter in method)
        {
            hash = (hash ^ (letter | 0x20UL)) * 0x9e3779b97f4a7c15;
        }

        return Mix(hash, 0);
    }

    private ulong Challenge(in SipMessage sip, Address source) => Of(MixMethod(MixEscaped(Mix(~key, 1), sip.CallId), sip.CSeqMethod), source);

    private ulong Hash(ReadOnlySpan<byte> nonce) => Mix(~key, nonce) | 1;

    /// <param name="names">Of the request that it answers, by <see cref="DigestNames"/>: in these he who is named in From logs in by what he was asked for.</param>
    private void SeeNonces(scoped in SipMessage answer, Address to, long timeTicks, ulong names)
    {
        if (answer.Status is not (401 or 407))
        {
            return;
        }

        var user = names == DigestNames.Unclear ? 0 : Mix(UserOf(answer), names);
        for (var headers = new SipHeaders(answer.Challenge); headers.Next();)
        {
            for (var rest = headers.IsChallenge ? headers.Value : default; !rest.IsEmpty;)
            {
                var nonce = SipParameter.Next(ref rest, "nonce="u8);
                if (nonce.IsEmpty)
                {
                    continue;
                }

                _sent.Add(Hash(nonce), to, isSure: SeesAnswers, timeTicks);
                if (names != DigestNames.Unclear)
                {
                    var challenge = Challenged(user, nonce, to);
                    _challenges[ChallengeSlot(challenge)] = challenge;
                }
            }
        }
    }

    // As Asterisk writes the user into its answer, escaped. Whoever names none (a gateway without a caller's number) is not the account that his host is called
    // like: the PBX lets him in as a guest, if it does.
    private ulong UserOf(in SipMessage sip) => MixEscaped(~key, SipText.HasUser(sip.From) ? SipText.UserOfHeader(sip.From) : default);

    private bool WasAsked(ulong user, ReadOnlySpan<byte> nonce, Address address) =>
        Challenged(user, nonce, address) is var challenge && _challenges[ChallengeSlot(challenge)] == challenge;

    private static ulong Challenged(ulong user, ReadOnlySpan<byte> nonce, Address address) => Mix(Mix(Mix(user, nonce), address.High), address.Low) | 1;

    private ulong Of(Address destination) => Of(key, destination);

    private static int Slot(ulong hash) => (int)(hash >> 49);

    private static int ChallengeSlot(ulong hash) => (int)(hash >> 48);

    private static int CallSlot(ulong hash) => (int)(hash >> 50);

    private static ulong Mix(ulong hash, ReadOnlySpan<byte> text)
    {
        while (text.Length >= 8)
        {
            hash = Mix(hash, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[8..];
        }

        ulong tail = 0;
        foreach (var character in text)
        {
            tail = (tail << 8) | character;
        }

        return Mix(hash, tail ^ ((ulong)text.Length << 56));
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        hash = (hash ^ value) * 0x9e3779b97f4a7c15;
        hash = (hash ^ (hash >> 32)) * 0xbf58476d1ce4e5b9;
        return hash ^ (hash >> 29);
    }

    /// <param name="Text">What is tried: credentials and number.</param>
    /// <param name="Destination">A hash of the address where it went.</param>
    /// <param name="IsChallenged">It echoes a nonce that the PBX sent to its source and user.</param>
    /// <param name="Names">Whom its credentials name; see <see cref="DigestNames"/>.</param>
    /// <param name="Waiting">So many different ones of that transaction have no answer yet.</param>
    /// <param name="IsRung">A call without a password that was let in, which was told.</param>
    /// <param name="IsEcho">It is <paramref name="IsChallenged"/>, and its CSeq has its own method.</param>
    /// <remarks>The port beside the address and not as an <see cref="Endpoint"/>: 8 bytes less, 32,768 times.</remarks>
    private readonly record struct Request(
        ulong Hash, ulong Text, long TimeTicks, ulong Destination, Address Source, ulong Names, ushort Port, ushort Waiting, bool HasCredentials, bool IsProven, bool IsChallenged, bool IsRung,
        bool IsEcho)
    {
        /// <summary>Its answers were seen, all of them.</summary>
        public bool IsTold => Waiting == 0;
    }

    /// <summary>Who asked last, of those who asked the same.</summary>
    /// <param name="Request">The hash of his request; or <see cref="ByItself"/>.</param>
    private readonly record struct Asker(ulong Exchange, long TimeTicks, ulong Request, bool IsTwice);
}
