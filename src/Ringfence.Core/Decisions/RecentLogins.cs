using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>From where accounts logged in lately: what proves whose address a registered contact is, and what spares a phone until Asterisk
/// lists its contact.</summary>
/// <param name="capacity">The oldest is forgotten beyond it.</param>
internal sealed class RecentLogins(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Account, string CallId), Address> _sources = [];
    private readonly Queue<(string Account, string CallId)> _order = new();
    private readonly Dictionary<Network, long> _lastBySubject = [];

    /// <summary>So long a login spares its address: longer than the guard takes to learn of the contact, and what FreePBX's firewall grants.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    /// <returns>Whether somebody logged in from there, with the right password, shortly before that moment.</returns>
    public bool SparesAt(Network subject, DateTimeOffset time)
    {
        lock (_lock)
        {
            return _lastBySubject.TryGetValue(subject, out var last) && (time.UtcTicks - last) is var ago && ago <= Grace.Ticks && ago >= -Grace.Ticks;
        }
    }

    public void Add(ReadOnlySpan<byte> account, ReadOnlySpan<byte> callId, Address source, long timeTicks)
    {
        lock (_lock)
        {
            if (_lastBySubject.Count >= capacity && !_lastBySubject.ContainsKey(source.Subject))
            {
                foreach (var subject in _lastBySubject.Where(pair => pair.Value < timeTicks - Grace.Ticks).Select(pair => pair.Key).ToList())
                {
                    _lastBySubject.Remove(subject);
                }
            }

            if (_lastBySubject.Count < capacity || _lastBySubject.ContainsKey(source.Subject))
            {
                _lastBySubject[source.Subject] = timeTicks;
            }
        }

        // A contact's Call-ID comes back from Asterisk as text of at most a few hundred bytes; a longer one is nobody's phone.
        if (callId.Length > 256 || account.Length > 256)
        {
            return;
        }

        var key = (Encoding.UTF8.GetString(account), Encoding.UTF8.GetString(callId));
        lock (_lock)
        {
            if (_sources.TryAdd(key, source))
            {
                _order.Enqueue(key);
            }
            else
            {
                _sources[key] = source;
            }

            if (_order.Count > capacity)
            {
                _sources.Remove(_order.Dequeue());
            }
        }
    }

    /// <returns>null if no such login was seen. From any thread.</returns>
    public Address? Find(string account, string callId)
    {
        lock (_lock)
        {
            return _sources.TryGetValue((account, callId), out var source) ? source : null;
        }
    }
}
