using Ringfence.Core.Events;

namespace Ringfence.Core.Knock;

/// <summary>What becomes of a try.</summary>
internal enum PageTurn
{
    /// <summary>It may be looked at now.</summary>
    Now,

    /// <summary>It stands in the line: ask again for its place.</summary>
    InLine,

    /// <summary>Strangers took all that there is for them; this source did nothing.</summary>
    Busy,

    /// <summary>This source has failed too often.</summary>
    OwnWait,
}

/// <param name="Wait">After which another try has a chance; of the two that have to come again.</param>
internal readonly record struct PageDecision(PageTurn Turn, TimeSpan Wait, PagePlace? Place);

/// <summary>A try that waits for its turn.</summary>
internal sealed class PagePlace(Address source, long number)
{
    public Address Source => source;

    public long Number => number;
}

/// <summary>Who may try a password at the page now. Each try costs the machine a hash, and the attacker one of few.</summary>
/// <remarks>
/// By source, never by user: whoever could lock a user out by guessing at him would. A source that has failed <see cref="Free"/> times waits a minute, then two, up to an
/// hour. All strangers together have one try a second; who came in before does not wait for them. Who has to wait stands in a line in which the network that failed least goes first, for
/// whoever has a network has as many addresses in it as he wants; half of <see cref="Burst"/> is for networks that never failed. One caller at a time.
/// </remarks>
internal sealed class PageGuesses
{
    /// <summary>Tries of one source before it has to wait.</summary>
    public const int Free = 5;

    /// <summary>Tries of all strangers at once, before there is one a second.</summary>
    public const int Burst = 20;

    /// <summary>Tries in the line.</summary>
    public const int MostInLine = 32;

    /// <summary>Tries in the line of one /24 (IPv6: /48).</summary>
    public const int MostOfNetwork = 4;

    /// <summary>Sources that are remembered; beyond it the one that was quiet for longest is forgotten, and last who came in.</summary>
    public const int MostSources = 4096;

    private const int Reserve = Burst / 2;

    // A /16 (IPv6: /32) is many people's: some of them mistype. One that has failed more often may be an attacker's who has all of it.
    private const int FreeOfProvider = 8;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Network, Source> _sources = [];
    private readonly PageFailures _failures = new();
    private readonly List<PagePlace> _line = [];
    private long _number;

    // When the strangers' tries will all be there again.
    private DateTimeOffset _full = DateTimeOffset.MinValue;

    public int Sources => _sources.Count;

    public int InLine => _line.Count;

    /// <summary>Takes a try, or a place in the line; who has a place has to <see cref="Leave"/> it.</summary>
    public PageDecision Try(Address source, DateTimeOffset now)
    {
        if (OwnWait(source, now) is { } wait)
        {
            return new PageDecision(PageTurn.OwnWait, wait, null);
        }

        var place = new PagePlace(source, _number++);
        if (_sources.GetValueOrDefault(source.Subject) is { HasComeIn: true } || (IsThereOne(source, now) && _line.TrueForAll(other => IsBefore(place, other, now))))
        {
            Take(source, now);
            return new PageDecision(PageTurn.Now, TimeSpan.Zero, null);
        }

        if (_line.Count(other => PageFailures.NetworkOf(other.Source) == PageFailures.NetworkOf(source)) >= MostOfNetwork)
        {
            return Busy(place, now);
        }

        if (_line.Count == MostInLine)
        {
            var last = _line.Aggregate((one, other) => IsBefore(one, other, now) ? other : one);
            if (!IsBefore(place, last, now))
            {
                return Busy(place, now);
            }

            _line.Remove(last);
        }

        _line.Add(place);
        return new PageDecision(PageTurn.InLine, Refill, place);
    }

    /// <summary>Asks whether it is this one's turn. Who is told anything but <see cref="PageTurn.InLine"/> has left the line.</summary>
    public PageDecision Again(PagePlace place, DateTimeOffset now)
    {
        if (!_line.Contains(place))
        {
            return Busy(place, now);
        }

        if (OwnWait(place.Source, now) is { } wait)
        {
            _line.Remove(place);
            return new PageDecision(PageTurn.OwnWait, wait, null);
        }

        if (!IsThereOne(place.Source, now) || _line.Exists(other => other != place && IsBefore(other, place, now)))
        {
            return new PageDecision(PageTurn.InLine, Refill, place);
        }

        _line.Remove(place);
        Take(place.Source, now);
        return new PageDecision(PageTurn.Now, TimeSpan.Zero, null);
    }

    /// <summary>Has waited for long enough, or has gone.</summary>
    public PageDecision Leave(PagePlace place, DateTimeOffset now)
    {
        _line.Remove(place);
        return Busy(place, now);
    }

    /// <summary>The try was right.</summary>
    public void Succeed(Address source)
    {
        if (_sources.TryGetValue(source.Subject, out var known))
        {
            (known.Failures, known.NotBefore, known.HasComeIn) = (0, DateTimeOffset.MinValue, true);
            _failures.Forgive(source);
        }
    }

    private static TimeSpan Wait(int doublings) => doublings >= 6 ? LongestWait : FirstWait * (1 << doublings);

    // A clock that was set back would make him wait for longer than there is.
    private TimeSpan? OwnWait(Address source, DateTimeOffset now) =>
        _sources.GetValueOrDefault(source.Subject) is { } known && known.NotBefore > now && known.NotBefore - now <= LongestWait ? known.NotBefore - now : null;

    private bool IsThereOne(Address source, DateTimeOffset now)
    {
        _full = _full < now || _full - now > Burst * Refill ? now : _full;
        return _full + Refill - now <= (IsUnsuspected(source, now) ? Burst : Burst - Reserve) * Refill;
    }

    private bool IsUnsuspected(Address source, DateTimeOffset now) => _failures.Of(source, now) is { Network: 0, Provider: < FreeOfProvider };

    private (int Network, int Provider, int Source, long Number) RankOf(PagePlace place, DateTimeOffset now)
    {
        var (network, provider) = _failures.Of(place.Source, now);
        return (network, provider < FreeOfProvider ? 0 : provider, _sources.GetValueOrDefault(place.Source.Subject)?.Failures ?? 0, place.Number);
    }

    private bool IsBefore(PagePlace one, PagePlace other, DateTimeOffset now) => RankOf(one, now).CompareTo(RankOf(other, now)) < 0;

    // One second for each that goes first.
    private PageDecision Busy(PagePlace place, DateTimeOffset now) => new(PageTurn.Busy, Refill * (1 + _line.Count(other => IsBefore(other, place, now))), null);

    private void Take(Address source, DateTimeOffset now)
    {
        if (!_sources.TryGetValue(source.Subject, out var known))
        {
            if (_sources.Count == MostSources)
            {
                _sources.Remove(_sources.MinBy(static pair => (pair.Value.HasComeIn, pair.Value.Last)).Key);
            }

            _sources[source.Subject] = known = new Source();
        }

        _full += known.HasComeIn ? TimeSpan.Zero : Refill;
        _failures.Add(source, now);
        known.Last = now;
        known.Failures = Math.Min(known.Failures + 1, 100);
        known.NotBefore = known.Failures < Free ? DateTimeOffset.MinValue : now + Wait(known.Failures - Free);
    }

    private sealed class Source
    {
        public int Failures { get; set; }

        public DateTimeOffset NotBefore { get; set; }

        public DateTimeOffset Last { get; set; }

        public bool HasComeIn { get; set; }
    }
}
