using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>From where a login came that was a banned guesser's own (<see cref="JustCutOff"/>): what Asterisk holds of it makes nobody trusted. From any thread.</summary>
/// <remarks>Until somebody logs in from there again, whom no ban stops: that is a login like any other. After a restart the journal says it, by the alert that each was told with.</remarks>
internal sealed class LateLogins
{
    /// <summary>Longer than any registration lasts: Asterisk grants no more than maximum_expiration, 7,200 s if unset.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private const int Most = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<Network, long> _lastBySubject = [];

    /// <summary>The rule of the alerts that tell of one.</summary>
    public static string Rule => StolenCredentials.Rule.Id;

    public void Add(Network subject, long ticks)
    {
        lock (_lock)
        {
            if (_lastBySubject.TryGetValue(subject, out var last))
            {
                _lastBySubject[subject] = Math.Max(last, ticks);
            }
            else if (_lastBySubject.Count < Most || MakeRoom(ticks))
            {
                _lastBySubject.Add(subject, ticks);
            }
        }
    }

    public bool Has(Network subject)
    {
        lock (_lock)
        {
            return _lastBySubject.ContainsKey(subject);
        }
    }

    /// <summary>Whether a login that is told again was one, or came before one.</summary>
    public bool Holds(in PbxEvent login)
    {
        lock (_lock)
        {
            return _lastBySubject.TryGetValue(login.Source.Subject, out var last) && login.TimeTicks <= last;
        }
    }

    public void Remove(Network subject)
    {
        lock (_lock)
        {
            _lastBySubject.Remove(subject);
        }
    }

    private bool MakeRoom(long nowTicks)
    {
        foreach (var old in _lastBySubject.Where(late => Math.Abs(nowTicks - late.Value) > Memory.Ticks).Select(late => late.Key).ToList())
        {
            _lastBySubject.Remove(old);
        }

        return _lastBySubject.Count < Most;
    }
}
