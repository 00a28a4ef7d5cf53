using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>From where somebody logged in lately, with the right password: that spares a phone until Asterisk lists its contact.</summary>
/// <param name="capacity">More addresses at once are not remembered.</param>
internal sealed class RecentLogins(int capacity = 4_096)
{
    private readonly Dictionary<Network, long> _lastBySubject = [];

    /// <summary>So long a login spares its address: longer than the guard takes to learn of the contact, and what FreePBX's firewall grants.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    /// <returns>Until when a login spares the subject; null if nobody logged in from there shortly before that moment.</returns>
    public DateTimeOffset? SparedUntil(Network subject, DateTimeOffset time) =>
        _lastBySubject.TryGetValue(subject, out var last) && (time.UtcTicks - last) is var ago && ago <= Grace.Ticks && ago >= -Grace.Ticks
            ? new DateTimeOffset(last, TimeSpan.Zero) + Grace
            : null;

    public void SetBack(ClockStep step)
    {
        foreach (var (subject, last) in _lastBySubject.ToList())
        {
            _lastBySubject[subject] = step.Corrected(last);
        }
    }

    public void Add(Address source, long timeTicks)
    {
        var subject = source.Subject;
        if (_lastBySubject.Count >= capacity && !_lastBySubject.ContainsKey(subject))
        {
            foreach (var old in _lastBySubject.Where(pair => pair.Value < timeTicks - Grace.Ticks).Select(pair => pair.Key).ToList())
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
