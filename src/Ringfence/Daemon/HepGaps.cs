namespace Ringfence.Daemon;

/// <summary>What HEP did not tell, by what other sources say: messages too long for a datagram of its own (<see cref="Core.Sip.UntoldByHep"/>).</summary>
internal sealed class HepGaps(TimeProvider clock)
{
    // So long ago is not lately, and a message that explains a record is no longer about the same attempt.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Near = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    // Beside such a Call-ID a security record does not fit into the 8,191 bytes of Asterisk's logger.
    private const int LongMessage = 7_000;

    private long _unsent;
    private long _cut;
    private long _unexplained;
    private DateTimeOffset _cutAt;
    private long _records;
    private long _doubtful;
    private DateTimeOffset _doubtfulAt;
    private DateTimeOffset? _counted;
    private DateTimeOffset? _longTold;

    /// <summary>When a message was missed last, or may have been; null: never.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Messages since start, at least: each is told once by up to three sources.</summary>
    public long Total => Math.Max(_unsent, Math.Max(_cut, _records));

    /// <summary>When the last of them was missed; null: none was lately.</summary>
    public DateTimeOffset? Lately(DateTimeOffset now) => Total > 0 && _counted is { } time && (now - time).Duration() <= Long ? time : null;

    /// <summary>A log says it, or has security records that were cut.</summary>
    public void SeeLogged(long unsent, long cut)
    {
        var now = clock.GetUtcNow();
        Last = now;
        _unsent += unsent;

        // What has a Call-ID of 8 KB is cut, and told.
        var untold = _longTold is { } told && (now - told).Duration() <= Near ? 0 : cut;
        _cut += untold;
        _unexplained = untold + (now - _cutAt <= Soon ? _unexplained : 0);
        _cutAt = untold > 0 ? now : _cutAt;
        _counted = unsent + untold > 0 ? now : _counted;
    }

    /// <summary>A record is about such a message.</summary>
    /// <param name="isSure">false: it may be, and HEP tells it a moment later then.</param>
    public void SeeRecord(bool isSure)
    {
        var now = clock.GetUtcNow();
        _records++;
        if (!isSure)
        {
            _doubtful = 1 + (now - _doubtfulAt <= Soon ? _doubtful : 0);
            _doubtfulAt = now;
        }

        _counted = Last = now;
    }

    /// <summary>HEP told a message.</summary>
    public void SeeTold(int bytes, DateTimeOffset now)
    {
        if (bytes < LongMessage)
        {
            return;
        }

        // The log was quicker.
        _cut -= now - _cutAt <= Soon ? _unexplained : 0;
        _unexplained = 0;
        _records -= now - _doubtfulAt <= Soon ? _doubtful : 0;
        _doubtful = 0;
        _longTold = now;
    }
}
