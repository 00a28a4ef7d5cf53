using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>From where each account logged in under which Call-ID: what proves whose address a registered contact is. From any thread.</summary>
/// <param name="capacity">The oldest is forgotten beyond it.</param>
internal sealed class LoginSessions(int capacity = 4_096)
{
    // A contact's Call-ID comes back from Asterisk as text of at most a few hundred bytes; a longer one is nobody's phone.
    private const int LongestName = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Account, string CallId), (Address Source, bool IsLate)> _sources = [];
    private readonly Queue<(string Account, string CallId)> _order = new();

    /// <param name="isLate">Its sender had been banned before the PBX answered; see <see cref="JustCutOff"/>.</param>
    public void Add(ReadOnlySpan<byte> account, ReadOnlySpan<byte> callId, Address source, bool isLate = false)
    {
        if (callId.Length > LongestName || account.Length > LongestName)
        {
            return;
        }

        var key = (Encoding.UTF8.GetString(account), Encoding.UTF8.GetString(callId));
        lock (_lock)
        {
            if (_sources.TryAdd(key, (source, isLate)))
            {
                _order.Enqueue(key);
            }
            else
            {
                _sources[key] = (source, isLate);
            }

            if (_order.Count > capacity)
            {
                _sources.Remove(_order.Dequeue());
            }
        }
    }

    /// <returns>null if no such login was seen.</returns>
    public Address? Find(string account, string callId)
    {
        lock (_lock)
        {
            return _sources.TryGetValue((account, callId), out var login) ? login.Source : null;
        }
    }

    /// <summary>Whether the login was a banned guesser's last: his contact makes nobody trusted.</summary>
    public bool IsLate(string account, string callId)
    {
        lock (_lock)
        {
            return _sources.TryGetValue((account, callId), out var login) && login.IsLate;
        }
    }
}
