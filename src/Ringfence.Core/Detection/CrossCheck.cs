using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;

namespace Ringfence.Core.Detection;

/// <summary>Holds what the logs tell against the messages themselves, where HEP or the wire shows them.</summary>
/// <remarks>
/// The messages are the better source: what they show is decided on at once. A refusal in a log whose sender sent nothing is written by somebody else
/// (Asterisk writes callers' text into its logs); a refusal that no log tells is hidden by its sender (a byte that is not UTF-8 keeps it out of all of
/// them). Both are told, and neither leads to a ban. Logs are written and read later than messages: a line waits for its message, in turns in which the
/// sources have read all that had come. By the clock it would have waited while the guard stood still (a suspended machine), and its message be the next to be read.
/// That an address sent nothing is known only where nothing is missed. Else the line counts as the log says: who comes by an interface that nobody
/// reads, or makes the kernel drop packets, must not go free.
/// </remarks>
/// <param name="covers">Whether messages of a transport are shown.</param>
/// <param name="isEverywhere">Whether messages of a transport are shown from wherever they come, and not on some of several interfaces.</param>
/// <param name="isWhole">Whether every message of a transport is shown, and none was missed lately: asked when a line comes, and when it has waited; of a record that no sender
/// can have written more is asked (<see cref="PbxEvent.IsEnclosed"/>).</param>
/// <param name="startTicks">Since when they are.</param>
internal sealed class CrossCheck(Senders senders, Func<Transport, bool> covers, Func<Transport, bool> isEverywhere, Func<Transport, bool, bool> isWhole, long startTicks)
{
    /// <summary>So many turns a line waits for its message: three seconds at least.</summary>
    public const int Patience = 4;

    /// <summary>So many a refusal waits for its line: Asterisk's own queues hold a log back by seconds under a flood.</summary>
    public const int LogPatience = 60;

    private const int MostWaiting = 1_024;
    private const int HiddenEnough = 3;
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(60);

    private readonly Queue<(HeldEvent Event, long Since)> _lines = new();
    private readonly Queue<Unlogged> _refused = new();
    private readonly RememberedTable<Address, Unlogged> _unlogged = new(MostWaiting, static key => new Unlogged(key));
    private readonly RememberedTable<Address, Named> _named = new(MostWaiting, static key => new Named(key));
    private readonly long _startTicks = startTicks;
    private long _turn;
    private bool _isLogged;

    /// <summary>Is called with the source of a record about a message that HEP can't have told (true), or of which it told nothing yet (false).</summary>
    public Action<ushort, bool> SeeUntold { get; init; } = static (_, _) => { };

    /// <summary>Asked once a turn: whether the sources of messages have read all that had come, at some time since the last.</summary>
    public Func<bool> HasCaughtUp { get; init; } = static () => true;

    /// <summary>Lines of logs since start whose sender sent nothing.</summary>
    public long ForgedLines { get; private set; }

    /// <returns>Whether the event is one of SIP over UDP (a line that names no transport may be, where those of all are shown), and its messages were seen shortly before: those of its sender, where not all can be.</returns>
    public bool Shows(in PbxEvent seen) => MayShow(seen) && Shows(seen.Transport, seen.Source, seen.TimeTicks);

    /// <inheritdoc cref="Shows(in PbxEvent)"/>
    public bool Shows(Transport transport, Address source, long ticks) => senders.LastMessageTicks > ticks - Alive.Ticks
        && (isEverywhere(transport) || senders.Sent(source, ticks, Alive) != false);

    /// <returns>Whether its messages are to be shown by a source, which may have told none yet.</returns>
    public bool MayShow(in PbxEvent seen) => seen is { Service: Service.Pjsip, Transport: Transport.Udp or Transport.Unknown } && covers(seen.Transport);

    /// <returns>Whether the event waits for its message; <see cref="Tend"/> gives it back.</returns>
    public bool Holds(in PbxEvent seen, ushort log)
    {
        if (seen.Service != Service.Pjsip || seen.Proof == Proof.Forgeable)
        {
            return false;
        }

        if (seen.Origin == Origin.Sip)
        {
            SeeRefusal(seen, log);
            return false;
        }

        _isLogged = true;
        _unlogged.Find(seen.Source)?.Clear();
        var isUntold = UntoldByHep.Is(seen);
        if (isUntold || (UntoldByHep.MayBe(seen) && senders.Sent(seen.Source, seen.TimeTicks, Near) == false))
        {
            SeeUntold(log, isUntold);
        }

        if (!IsRefusal(seen.Kind) || seen.TimeTicks < _startTicks + Near.Ticks || senders.Sent(seen.Source, seen.TimeTicks, Near) != false || !isWhole(seen.Transport, seen.IsEnclosed))
        {
            return false;
        }

        if (_lines.Count < MostWaiting)
        {
            _lines.Enqueue((HeldEvent.Of(seen, log), _turn));
        }
        else
        {
            // A flood of forged lines. What was truly refused is known from its message.
            ForgedLines++;
        }

        return true;
    }

    /// <summary>Once a second.</summary>
    /// <param name="release">Takes an event that waited, and is to be counted after all.</param>
    /// <param name="tell">Takes a disagreement.</param>
    public void Tend(Action<HeldEvent> release, Action<Disagreement> tell)
    {
        _turn += HasCaughtUp() ? 1 : 0;
        while (_lines.TryPeek(out var line) && _turn - line.Since >= Patience)
        {
            _lines.Dequeue();
            if (!IsForged(line.Event))
            {
                release(line.Event);
                continue;
            }

            ForgedLines++;
            var source = line.Event.Source;
            if (_named.Use(source.Subject.First).IsToBeTold(line.Event.TimeTicks))
            {
                tell(new Disagreement(ForgedLine.Rule.Id, source, $"a line of a log names {source}, which sent nothing: somebody else wrote it, and it does not count", [line.Event]));
            }
        }

        while (_refused.TryPeek(out var refused) && _turn - refused.Queued >= LogPatience)
        {
            _refused.Dequeue();
            refused.IsQueued = false;
            if (!refused.IsEmpty && _turn - refused.Since < LogPatience)
            {
                // A log told of those before.
                Enqueue(refused);
                continue;
            }

            if (_isLogged && refused.Take() is { Count: >= HiddenEnough } refusals)
            {
                tell(new Disagreement(HiddenRefusals.Rule.Id, refused.Key, "refusals that no log tells: the sender hides from whoever reads logs", refusals));
            }
        }
    }

    // Where no message at all came at that time, nobody can say: HEP may be down, and the log alone be right.
    private bool IsForged(HeldEvent line) =>
        senders.LastMessageTicks > line.TimeTicks - Alive.Ticks && senders.Sent(line.Source, line.TimeTicks, Near) == false && isWhole(line.Transport, line.IsEnclosed);

    private void SeeRefusal(in PbxEvent seen, ushort log)
    {
        if (seen.Kind != EventKind.PasswordRefused)
        {
            return;
        }

        var unlogged = _unlogged.Use(seen.Source);
        unlogged.Add(seen, log, _turn);
        if (!unlogged.IsQueued && _refused.Count < MostWaiting)
        {
            Enqueue(unlogged);
        }
    }

    private void Enqueue(Unlogged refused)
    {
        (refused.IsQueued, refused.Queued) = (true, refused.Since);
        _refused.Enqueue(refused);
    }

    private static bool IsRefusal(EventKind kind) =>
        kind is EventKind.PasswordRefused or EventKind.AccountUnknown or EventKind.AclRefused or EventKind.RequestRefused or EventKind.CallRefused or EventKind.Injection;

    /// <summary>Refusals of one sender, until a log tells of him.</summary>
    private sealed class Unlogged(Address key) : Remembered<Address>(key)
    {
        private List<HeldEvent> _refusals = [];

        public bool IsQueued { get; set; }

        public long Queued { get; set; }

        /// <summary>In which turn the first of them came.</summary>
        public long Since { get; private set; }

        public bool IsEmpty => _refusals.Count == 0;

        public void Add(in PbxEvent seen, ushort log, long turn)
        {
            Since = IsEmpty ? turn : Since;
            if (_refusals.Count < HiddenEnough)
            {
                _refusals.Add(HeldEvent.Of(seen, log));
            }
        }

        public void Clear() => _refusals.Clear();

        public List<HeldEvent> Take()
        {
            var taken = _refusals;
            _refusals = [];
            return taken;
        }
    }

    /// <summary>Whom a forged line named.</summary>
    private sealed class Named(Address key) : Remembered<Address>(key)
    {
        private static readonly long Again = TimeSpan.TicksPerHour;
        private long _toldTicks;

        public bool IsToBeTold(long timeTicks)
        {
            var isAgain = _toldTicks != 0 && Math.Abs(timeTicks - _toldTicks) < Again;
            _toldTicks = isAgain ? _toldTicks : timeTicks;
            return !isAgain;
        }
    }
}
