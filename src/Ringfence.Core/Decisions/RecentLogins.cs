using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>From where somebody logged in lately, with the right password.</summary>
/// <param name="remembered">So long.</param>
/// <param name="capacity">More at once are not remembered.</param>
internal sealed class RecentLogins(TimeSpan remembered, int capacity = 4_096)
{
    private readonly Dictionary<Network, long> _lastBySubject = [];

    /// <returns>Until when a login spares the subject; null if nobody logged in from there shortly before that moment.</returns>
    public DateTimeOffset? SparedUntil(Network subject, DateTimeOffset time) =>
        _lastBySubject.TryGetValue(subject, out var last) && (time.UtcTicks - last) is var ago && ago <= remembered.Ticks && ago >= -remembered.Ticks
            ? new DateTimeOffset(last, TimeSpan.Zero) + remembered
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
        if (_lastBySubject.Count >= capacity && !_lastBySubject.ContainsKey(subject))
        {
            foreach (var old in _lastBySubject.Where(pair => pair.Value < timeTicks - remembered.Ticks).Select(pair => pair.Key).ToList())
            {
                _lastBySubject.Remove(old);
            }
        }

        if (_lastBySubject.Count < capacity || _lastBySubject.ContainsKey(subject))
        {
            _lastBySubject[subject] = timeTicks;
        }
    }
}
