namespace Ringfence.Daemon;

/// <summary>Whether so many refusals of a log can't be laid to anybody that somebody may be hiding so. A line that is understood between two of them changes nothing: the
/// sender can write as many as he likes.</summary>
internal sealed class UnsureRefusals
{
    /// <summary>In one window: fewer are a phone or two that write their From in such a form.</summary>
    public const int Many = 20;

    /// <summary>One in so many of all that the log told of.</summary>
    public const int Share = 20;

    /// <summary>Length of a window, and how long it is told that there were many in one.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private DateTimeOffset _begun;
    private DateTimeOffset _toldUntil;
    private long _unsure;
    private long _events;

    /// <param name="unsure">Refusals that were just read and can't be laid to anybody.</param>
    /// <param name="events">What else was just read and understood.</param>
    public void See(long unsure, long events, DateTimeOffset now)
    {
        if (now - _begun >= Window || now < _begun)
        {
            (_begun, _unsure, _events) = (now, 0, 0);
        }

        _unsure += unsure;
        _events += events;
        if (unsure > 0 && _unsure > Many && _unsure * Share >= _unsure + _events)
        {
            _toldUntil = now + Window;
        }
    }

    public bool AreMany(DateTimeOffset now) => now < _toldUntil;
}
