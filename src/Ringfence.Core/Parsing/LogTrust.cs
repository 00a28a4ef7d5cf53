using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>Up to where in a log a sender's own lines may stand, and of whom these can lie.</summary>
internal sealed class LogTrust
{
    // Lines of several threads, and a log's own clock beside the machine's.
    private const long OutOfOrder = TimeSpan.TicksPerMinute;

    private long _distrustUntil;
    private long _doubtUntil;
    private long _sureTicks;
    private long _aheadTicks;
    private Address? _doubtSpares;
    private Doubts _why;

    /// <summary>How far the log is read: bytes.</summary>
    public long Offset { get; set; }

    /// <inheritdoc cref="LogParser.IsMixed"/>
    public bool IsMixed { get; private set; }

    /// <summary>Why lines are distrusted here: the last reason that was met.</summary>
    public Doubts Why => IsMixed ? Doubts.Talk : _why;

    /// <summary>What was distrusted lies behind.</summary>
    public bool IsBeyondDistrust => Offset > _distrustUntil;

    /// <summary>A line of the levels at which callers' text is written. Where a sender's own lines may stand, talk may be his invention: it must not blind the log for
    /// good, only for as long as it could lie.</summary>
    /// <param name="length">The line's.</param>
    public void SeeTalk(int length)
    {
        if (Offset < _distrustUntil || Offset < _doubtUntil)
        {
            Distrust(length + PacketDump.Longest, _why);
            return;
        }

        IsMixed = true;
    }

    /// <summary>So many bytes from here on may be a sender's.</summary>
    public void Distrust(int bytes, Doubts why) => (_distrustUntil, _why) = (Math.Max(_distrustUntil, Offset + bytes), why);

    /// <summary>Behind a line that may go on with its sender's own lines: what these say of others may be his invention, what they say of him harms
    /// himself alone. A second such sender could speak of the first; then nobody is spared.</summary>
    public void Doubt(Address sender, int bytes, Doubts why)
    {
        _why = why;
        _doubtSpares = IsDistrusted(sender) ? null : sender;
        _doubtUntil = Math.Max(_doubtUntil, Offset + bytes);
    }

    /// <summary>A date in his own lines would harm others: all logs go by one clock, and three of its events far before the newest say that it was set back.</summary>
    /// <param name="referenceTicks">A moment shortly after which nothing in the log can lie.</param>
    public bool IsOutOfTime(long ticks, long referenceTicks) => Offset < _doubtUntil
        && (ticks < _sureTicks - OutOfOrder || ticks > Math.Max(_sureTicks, referenceTicks + _aheadTicks) + OutOfOrder);

    public bool IsDistrusted(Address source) => IsMixed || Offset < _distrustUntil || (Offset < _doubtUntil && _doubtSpares != source);

    /// <summary>What is nobody's invention for certain.</summary>
    public bool IsSure(Address source) => Offset >= _doubtUntil && !IsDistrusted(source);

    /// <summary>The time of an event that is not distrusted.</summary>
    /// <param name="referenceTicks">As of <see cref="IsOutOfTime"/>.</param>
    public void SeeTime(long ticks, long referenceTicks)
    {
        if (Offset < _doubtUntil)
        {
            return;
        }

        // A log whose zone is wrong runs ahead of the machine's clock by hours, all of its lines alike.
        _sureTicks = ticks;
        _aheadTicks = Math.Max(0, ticks - referenceTicks);
    }
}
