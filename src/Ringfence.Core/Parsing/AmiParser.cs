using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>Counts since the parser began.</summary>
/// <param name="Unmatched">Security events of a name or shape that is not known here.</param>
/// <param name="Injected">Messages in which somebody has tried to write headers or events of his own.</param>
/// <param name="Distrusted">Events that could be somebody's invention: shown, never counted.</param>
internal record struct AmiCounts(long Messages, long Events, long Unmatched, long Injected, long Distrusted);

/// <summary>Reads what a session of the manager interface is told that gets the class "security" alone.</summary>
/// <remarks>
/// Asterisk writes attackers' text into events as it is, so whole events can be forged inside values. What holds all the same, for a session that logged in
/// with "Events: security":
/// * Asterisk sends it no event of another class (main/manager.c, set_eventmask), so callers' numbers and dialled extensions (79 bytes each, line ends
///   included: enough for an event), variables and UserEvents (any length) never reach it. Forged in them, an event goes where those go.
/// * Of what PJSIP tells here the account alone can hold line ends, and has at most 36 bytes: <see cref="AmiFrame"/> knows where each message ends.
/// * What can hold more are two: the manager's own events where it may be asked over HTTP (webenabled), and those of chan_sip, which Asterisk 21 and
///   later do not have. From such a message on, for as long as that text can be, nothing counts.
/// * A message that is none of these, or not whole, is of no known kind: nothing behind it counts either, for as long.
/// </remarks>
internal sealed class AmiParser
{
    // As in the log: a manager's name over HTTP, or a number that chan_sip decoded.
    private const int LongestSenderText = 8_192;

    private readonly EventClock _clock = new();
    private AmiCounts _counts;
    private long _offset;
    private long _distrustUntil;

    /// <inheritdoc cref="LogParser.ManagerOverHttp"/>
    public bool ManagerOverHttp { get; init; } = true;

    public AmiCounts Counts => _counts;

    /// <summary>A new connection: what was sent over another can't reach into this one.</summary>
    public void Begin() => _distrustUntil = _offset;

    /// <summary>Takes one message, its empty line included.</summary>
    public void Read<TSink>(ReadOnlySpan<byte> message, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        _counts.Messages++;
        var start = _offset;
        _offset += message.Length;
        var text = message.EndsWith(AmiFrame.End) ? message[..^AmiFrame.End.Length] : message;
        var record = AmiSecurityEvent.Read(text);
        var time = record.Kind == EventKind.None ? null : _clock.Read(record.EventTime);
        if (time is not { } ticks)
        {
            _counts.Unmatched++;
            Distrust(_offset);
            sink.Unmatched(text, _counts.Messages);
            return;
        }

        if (MayHoldLines(record) || (record.IsInjected && record.Service != Service.Pjsip))
        {
            Distrust(_offset);
        }

        var isDistrusted = start < _distrustUntil;
        _counts.Events++;
        _counts.Distrusted += isDistrusted ? 1 : 0;
        Tell(record.Kind, record, ticks, isDistrusted, text, ref sink);
        if (record.IsInjected)
        {
            _counts.Injected++;
            Tell(EventKind.Injection, record, ticks, isDistrusted, text, ref sink);
        }
    }

    /// <summary>Bytes were lost: what comes next may begin anywhere, and so be anybody's.</summary>
    public void Skip(long bytes)
    {
        _offset += bytes;
        Distrust(_offset);
    }

    private void Tell<TSink>(EventKind kind, in LogRecord record, long ticks, bool isDistrusted, ReadOnlySpan<byte> text, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        sink.See(new PbxEvent
        {
            Kind = kind,
            Origin = Origin.SecurityEvent,
            Service = record.Service,
            Transport = record.Transport,
            Proof = isDistrusted ? Proof.Forgeable : record.Transport == Transport.Udp ? Proof.Unproven : Proof.Proven,
            Source = record.Source,
            Port = record.Port,
            TimeTicks = ticks,
            Account = record.Account,
            Session = record.Session,
            Detail = record.Detail,
            Record = text,
            Line = _counts.Messages,
            IsEnclosed = true,
        });
    }

    // Whose text may hold line ends, and be as long as it likes. A name that the manager knows is configured; one that it does not know, an action and
    // the key of a login are the sender's. A service that is not known here may write anything.
    private bool MayHoldLines(in LogRecord record) => record.Service switch
    {
        Service.Pjsip => false,
        Service.Ami => ManagerOverHttp && record.Kind is not (EventKind.LoginSucceeded or EventKind.AclRefused or EventKind.LimitReached),
        _ => true,
    };

    private void Distrust(long from) => _distrustUntil = Math.Max(_distrustUntil, from + LongestSenderText);
}
