using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>How many bans are in force, and which of them ends first: the bound on what forged sources can make the guard and the kernel hold.</summary>
internal sealed class BanRoom(int max)
{
    private readonly Dictionary<Network, long> _ends = [];

    // What was lifted or got another end is still in here, and is passed over when its turn comes.
    private readonly PriorityQueue<Network, long> _order = new();

    public int Count => _ends.Count;

    /// <summary>Whether no more bans fit at that moment.</summary>
    public bool IsFullAt(DateTimeOffset at)
    {
        if (_ends.Count < max)
        {
            return false;
        }

        while (First() is { } first && _ends[first] <= at.UtcTicks)
        {
            Remove(first);
        }

        return _ends.Count >= max;
    }

    public void Set(Network subject, long endTicks)
    {
        if (_order.Count > 2 * _ends.Count + 1024)
        {
            _order.Clear();
            _order.EnqueueRange(_ends.Select(pair => (pair.Key, pair.Value)));
        }

        _ends[subject] = endTicks;
        _order.Enqueue(subject, endTicks);
    }

    public void Remove(Network subject) => _ends.Remove(subject);

    /// <returns>The subject whose ban ends first; null if none is banned.</returns>
    public Network? First()
    {
        while (_order.TryPeek(out var subject, out var end))
        {
            if (_ends.TryGetValue(subject, out var current) && current == end)
            {
                return subject;
            }

            _order.Dequeue();
        }

        return null;
    }
}
