using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>How many bans are in force, and which of them ends first: the bound on what forged sources can make the guard and the kernel hold.</summary>
internal sealed class BanRoom(int max)
{
    private readonly Dictionary<Network, Place> _places = [];

    // What was lifted or got another end is still in here, and is passed over when its turn comes.
    private readonly PriorityQueue<Network, long> _counting = new();
    private readonly PriorityQueue<Network, long> _short = new();
    private int _intervals;

    /// <summary>The most subjects that are no plain host: the kernel keeps them in a set of intervals, where adding to 100,000 takes 12 to 14 ms each
    /// and not microseconds.</summary>
    public const int MostIntervals = 1_000;

    public int Count => _places.Count;

    /// <summary>Whether no more of those fit at that moment.</summary>
    public bool IsFullOfIntervalsAt(DateTimeOffset at)
    {
        if (_intervals >= MostIntervals)
        {
            Free(counts: false, at);
            Free(counts: true, at);
        }

        return _intervals >= MostIntervals;
    }

    /// <summary>Whether no more bans fit at that moment.</summary>
    public bool IsFullAt(DateTimeOffset at)
    {
        if (_places.Count < max)
        {
            return false;
        }

        Free(counts: false, at);
        Free(counts: true, at);
        return _places.Count >= max;
    }

    public void Set(Network subject, long endTicks, bool counts)
    {
        _intervals += subject.IsHost || _places.ContainsKey(subject) ? 0 : 1;
        _places[subject] = new Place(endTicks, counts);
        Queue(counts).Enqueue(subject, endTicks);
        if (_counting.Count + _short.Count > 2 * _places.Count + 1024)
        {
            Sweep();
        }
    }

    /// <summary>Gives a ban that is in here another end.</summary>
    public void Move(Network subject, long endTicks)
    {
        if (_places.TryGetValue(subject, out var place))
        {
            Set(subject, endTicks, place.Counts);
        }
    }

    public void Remove(Network subject) => _intervals -= _places.Remove(subject) && !subject.IsHost ? 1 : 0;

    /// <returns>The subject whose ban ends first, of those that count or of those that do not; null if none is banned.</returns>
    public Network? First(bool counts)
    {
        var queue = Queue(counts);
        while (queue.TryPeek(out var subject, out var end))
        {
            if (_places.TryGetValue(subject, out var place) && place == new Place(end, counts))
            {
                return subject;
            }

            queue.Dequeue();
        }

        return null;
    }

    private PriorityQueue<Network, long> Queue(bool counts) => counts ? _counting : _short;

    private void Free(bool counts, DateTimeOffset at)
    {
        while (First(counts) is { } first && _places[first].EndTicks <= at.UtcTicks)
        {
            Remove(first);
        }
    }

    private void Sweep()
    {
        _counting.Clear();
        _short.Clear();
        foreach (var (subject, place) in _places)
        {
            Queue(place.Counts).Enqueue(subject, place.EndTicks);
        }
    }

    private readonly record struct Place(long EndTicks, bool Counts);
}
