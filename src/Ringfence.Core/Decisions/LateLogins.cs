using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>From where a login came that was a banned guesser's own (<see cref="JustCutOff"/>): what Asterisk holds of it makes nobody trusted. From any thread.</summary>
/// <remarks>Until somebody logs in from there again, whom no ban stops: that is a login like any other. After a restart, while the ban is in force, the journal says it, by the alert that each was told with.</remarks>
internal sealed class LateLogins
{
    /// <summary>Longer than any registration lasts: Asterisk grants no more than maximum_expiration, 7,200 s if unset.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private const int Most = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<Network, Entry> _late = [];

    /// <summary>The rule of the alerts that tell of one.</summary>
    public static string Rule => StolenCredentials.Rule.Id;

    /// <param name="sinceTicks">The time of his ban.</param>
    /// <param name="ticks">The time of the login.</param>
    public void Add(Network subject, long sinceTicks, long ticks)
    {
        lock (_lock)
        {
            var last = _late.TryGetValue(subject, out var known) ? Math.Max(known.LastTicks, ticks) : ticks;
            Set(subject, new Entry(sinceTicks, last, BanEndsTicks: null));
        }
    }

    /// <summary>There may have been one that nobody lived to see: so it is while the ban lasts.</summary>
    public void Presume(Ban ban)
    {
        lock (_lock)
        {
            if (!_late.ContainsKey(ban.Subject))
            {
                Set(ban.Subject, new Entry(ban.Time.UtcTicks, ban.Time.UtcTicks, (ban.Until ?? DateTimeOffset.MaxValue).UtcTicks));
            }
        }
    }

    public bool Has(Network subject, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _late.TryGetValue(subject, out var late) && (late.BanEndsTicks is { } end ? now.UtcTicks < end : now.UtcTicks - late.LastTicks <= Memory.Ticks);
        }
    }

    /// <summary>Whether a login that is told again was one: between the ban and the last of them.</summary>
    public bool Holds(in PbxEvent login)
    {
        lock (_lock)
        {
            return _late.TryGetValue(login.Source.Subject, out var late) && login.TimeTicks > late.SinceTicks - JustCutOff.Grain && login.TimeTicks <= late.LastTicks;
        }
    }

    /// <summary>The ban is over before its time: what was presumed for it goes with it.</summary>
    public void EndBan(Network subject)
    {
        lock (_lock)
        {
            if (_late.TryGetValue(subject, out var late) && late.BanEndsTicks is not null)
            {
                _late.Remove(subject);
            }
        }
    }

    public void Remove(Network subject)
    {
        lock (_lock)
        {
            _late.Remove(subject);
        }
    }

    // To look for the oldest is cheap beside what a new one costs: a ban, and a right password.
    private void Set(Network subject, Entry late)
    {
        if (_late.Count >= Most && !_late.ContainsKey(subject))
        {
            _late.Remove(_late.MinBy(static old => old.Value.LastTicks).Key);
        }

        _late[subject] = late;
    }

    /// <param name="BanEndsTicks">Of one that is presumed alone.</param>
    private readonly record struct Entry(long SinceTicks, long LastTicks, long? BanEndsTicks);
}
