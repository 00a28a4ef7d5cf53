using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>From where somebody logged in lately, with the right password.</summary>
/// <param name="remembered">So long.</param>
/// <param name="capacity">More at once are not remembered.</param>
internal sealed class RecentLogins(TimeSpan remembered, int capacity = 65_536)
{
    private readonly Dictionary<Network, long> _lastBySubject = [];
    private long _tidiedTicks;

    /// <returns>Until when a login spares the subject; null if nobody logged in from there shortly before that moment.</returns>
    public DateTimeOffset? SparedUntil(Network subject, DateTimeOffset time) => SparedUntil(subject, time, remembered);

    /// <summary>The same for a login that spares for a shorter time.</summary>
    public DateTimeOffset? SparedUntil(Network subject, DateTimeOffset time, TimeSpan grace) =>
        _lastBySubject.TryGetValue(subject, out var last) && (time.UtcTicks - last) is var ago && ago <= grace.Ticks && ago >= -grace.Ticks
            ? new DateTimeOffset(last, TimeSpan.Zero) + grace
            : null;

    /// <summary>From where somebody logged in.</summary>
    public IEnumerable<Network> At(DateTimeOffset time) =>
        _lastBySubject.Where(login => (time.UtcTicks - login.Value) is var ago && ago <= remembered.Ticks && ago >= -remembered.Ticks).Select(login => login.Key);

    public void SetBack(ClockStep step)
    {
        foreach (var (subject, last) in _lastBySubject.ToList())
        {
            _lastBySubject[subject] = step.Corrected(last);
        }
    }

    public void Add(Network subject, long timeTicks)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrNullRef(_lastBySubject, subject);
        if (!Unsafe.IsNullRef(ref last))
        {
            last = timeTicks;
        }
        else if (_lastBySubject.Count < capacity || MakeRoom(timeTicks))
        {
            _lastBySubject.Add(subject, timeTicks);
        }
    }

    // By itself: what its lambdas hold would be made at each login. And not at each one that finds no room.
    private bool MakeRoom(long timeTicks)
    {
        if (Math.Abs(timeTicks - _tidiedTicks) < TimeSpan.TicksPerSecond)
        {
            return false;
        }

        _tidiedTicks = timeTicks;
        foreach (var old in _lastBySubject.Where(pair => pair.Value < timeTicks - remembered.Ticks).Select(pair => pair.Key).ToList())
        {
            _lastBySubject.Remove(old);
        }

        return _lastBySubject.Count < capacity;
    }
}
