using Ringfence.Core.Events;

namespace Ringfence.Core.Knock;

/// <summary>Who may try a password at the page now. Each try costs the machine a hash, and the attacker one of few.</summary>
/// <remarks>
/// By source, never by user: whoever could lock a user out by guessing at him would. A source that has failed <see cref="Free"/> times waits a minute, then two, up to an
/// hour. All strangers together have one try a second; who came in before does not wait for them. One caller at a time.
/// </remarks>
internal sealed class PageGuesses
{
    /// <summary>Tries of one source before it has to wait.</summary>
    public const int Free = 5;

    /// <summary>Tries of all strangers at once, before there is one a second.</summary>
    public const int Burst = 20;

    /// <summary>Sources that are remembered; beyond it the one that was quiet for longest is forgotten.</summary>
    public const int MostSources = 4096;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Network, Source> _sources = [];

    // When the strangers' tries will all be there again.
    private DateTimeOffset _full = DateTimeOffset.MinValue;

    public int Sources => _sources.Count;

    /// <summary>Takes a try.</summary>
    /// <param name="source">An address, or the /64 of one (<see cref="Address.Subject"/>).</param>
    /// <returns>How long he has to wait instead; null: he may.</returns>
    public TimeSpan? Try(Network source, DateTimeOffset now)
    {
        var known = _sources.GetValueOrDefault(source);

        // A clock that was set back would make him wait for longer than there is.
        if (known is not null && known.NotBefore > now && known.NotBefore - now <= LongestWait)
        {
            return known.NotBefore - now;
        }

        if (known is not { HasComeIn: true })
        {
            _full = _full < now || _full - now > Burst * Refill ? now : _full;
            if (_full + Refill - now > Burst * Refill)
            {
                return _full + Refill - now - (Burst * Refill);
            }

            _full += Refill;
        }

        if (known is null)
        {
            if (_sources.Count == MostSources)
            {
                _sources.Remove(_sources.MinBy(static pair => pair.Value.Last).Key);
            }

            _sources[source] = known = new Source();
        }

        known.Last = now;
        known.Failures = Math.Min(known.Failures + 1, 100);
        known.NotBefore = known.Failures < Free ? DateTimeOffset.MinValue : now + Wait(known.Failures - Free);
        return null;
    }

    /// <summary>The try was right.</summary>
    public void Succeed(Network source)
    {
        if (_sources.TryGetValue(source, out var known))
        {
            (known.Failures, known.NotBefore, known.HasComeIn) = (0, DateTimeOffset.MinValue, true);
        }
    }

    private static TimeSpan Wait(int doublings) => doublings >= 6 ? LongestWait : FirstWait * (1 << doublings);

    private sealed class Source
    {
        public int Failures { get; set; }

        public DateTimeOffset NotBefore { get; set; }

        public DateTimeOffset Last { get; set; }

        public bool HasComeIn { get; set; }
    }
}
