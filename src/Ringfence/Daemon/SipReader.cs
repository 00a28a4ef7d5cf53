using Ringfence.Core.Decisions;
using Ringfence.Core.Sip;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>What the sources of SIP messages have in common: a batch is read packet by packet, the messages in it are counted, and silence is a
/// problem while a log tells of what they should have shown.</summary>
/// <param name="name">For people and evidence.</param>
/// <param name="log">The number by which the detector knows the source.</param>
internal abstract class SipReader<TBatch>(string name, ushort log, SipExchanges exchanges, TimeProvider clock)
    where TBatch : SourceBatch
{
    /// <summary>So long a silence is one; so long ago is not lately.</summary>
    protected static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _lastLost;
    private bool _isBehind;
    private bool _hasCaughtUp = true;
    private DateTimeOffset? _lastLostAnswer;

    public string Name => name;

    /// <summary>One for all sources.</summary>
    protected SipExchanges Exchanges { get; } = exchanges;

    public DateTimeOffset Since { get; } = clock.GetUtcNow();

    /// <summary>Packets since start, whatever was in them.</summary>
    public long Packets { get; private set; }

    /// <summary>Messages of SIP since start.</summary>
    public abstract long Messages { get; }

    public DateTimeOffset? LastMessage { get; private set; }

    /// <summary>Whether the source misses messages, by what its receiver knows: an interface that is not read, packets that the kernel dropped.</summary>
    public Func<bool> Misses { get; set; } = static () => false;

    /// <summary>Pieces since start that came and could not be followed.</summary>
    public virtual long Lost => 0;

    /// <summary>Of these: those that the PBX sent.</summary>
    public virtual long LostAnswers => 0;

    /// <summary>When another source last told of a message, and so of an answer, that this one can't show; null: none did.</summary>
    protected virtual DateTimeOffset? LastUntold => null;

    public RateMeter Rate { get; } = new(clock);

    /// <summary>Answers since start that came from elsewhere than where the request went, and say nothing.</summary>
    public long Misplaced { get; private set; }

    /// <summary>Refusals by the PBX whose request the source did not show, for no reason that is known.</summary>
    public UnaskedMeter Unasked { get; } = new(clock);

    /// <param name="lastLogged">The last event of PJSIP that a log told.</param>
    /// <returns>Why the source is blind, for people; null: all is well.</returns>
    public virtual string? ProblemAt(DateTimeOffset now, DateTimeOffset? lastLogged) =>
        // Silence is no fault of a PBX that nobody calls: its log is silent then too.
        lastLogged is { } logged && logged - (LastMessage ?? Since) > Long && now - logged < Long
            ? Silence(LastMessage is { } last ? $"since {last:yyyy-MM-dd HH:mm:ss}" : "at all")
            : Unasked.Problem(Exchanges.Refusals);

    /// <returns>Whether a message came within the last minute.</returns>
    public bool IsAlive(DateTimeOffset now) => IsLately(LastMessage, now);

    /// <returns>Whether it shows every message: one came within the last minute, and nothing was lost within it, nor was anybody answered whose request was not seen.</returns>
    public bool IsWhole(DateTimeOffset now) => IsAlive(now) && !IsLately(_lastLost, now) && !IsLately(LastUntold, now) && !Misses();

    // Not what is to come: the clock was set back since, and nothing else would be "lately" for as long.
    private static bool IsLately(DateTimeOffset? time, DateTimeOffset now) => time is { } then && (now - then).Duration() <= Lately;

    /// <returns>Whether it missed no answer of the PBX within the last minute.</returns>
    public bool SeesAnswers(DateTimeOffset now) => !Misses() && !IsLately(_lastLostAnswer, now) && !IsLately(LastUntold, now);

    /// <returns>Whether all that had come was read at some time since the last call: else who sent what waits is not known. A source that has fallen silent holds up nobody.</returns>
    public bool TakeCaughtUp()
    {
        var has = _hasCaughtUp || !IsAlive(clock.GetUtcNow());
        _hasCaughtUp = !_isBehind;
        return has;
    }

    /// <summary>Reads a batch; what it leads to is then in <see cref="Judge.Decisions"/>.</summary>
    public void Read(TBatch batch, Judge judge)
    {
        judge.Log = log;
        var before = Messages;
        var lostBefore = Lost;
        var answersBefore = LostAnswers;
        var (unaskedBefore, overrunBefore, misplacedBefore) = (Exchanges.Unasked, Exchanges.Overrun, Exchanges.Misplaced);
        var sink = new Judge.Sink(judge);
        var now = clock.GetUtcNow();
        for (var at = 0; ReadNext(batch, ref at, now, ref sink);)
        {
            Packets++;
        }

        _isBehind = batch.LeavesMore;
        _hasCaughtUp |= !_isBehind;
        Misplaced += Exchanges.Misplaced - misplacedBefore;

        // Where the reason is known (packets that the kernel dropped, a flood that pushed requests out, what was asked before the start) they are no sign of another.
        var unasked = Exchanges.Unasked - unaskedBefore;
        if (!Misses() && now - Since >= Lately)
        {
            Unasked.Add(unasked - (Exchanges.Overrun - overrunBefore), Exchanges.Refusals);
        }

        if (Lost != lostBefore || unasked > 0)
        {
            _lastLost = now;
        }

        if (LostAnswers != answersBefore)
        {
            _lastLostAnswer = now;
        }

        if (Messages != before)
        {
            LastMessage = now;
            Rate.Add(Messages - before);
        }
    }

    /// <param name="since">"at all", or since when.</param>
    /// <returns>What is wrong when nothing is heard, and what to look at.</returns>
    protected abstract string Silence(string since);

    /// <summary>Reads the packet that begins at <paramref name="at"/>, which is moved behind it.</summary>
    /// <returns>false: the batch has ended.</returns>
    protected abstract bool ReadNext(TBatch batch, ref int at, DateTimeOffset now, ref Judge.Sink sink);
}
