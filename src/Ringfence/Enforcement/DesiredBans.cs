using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>Every ban that should be in the kernel, with its end. The kernel is made to match this, never the other way round,
/// except where somebody's own interval stands in the way of ours (<see cref="Adopt"/>).</summary>
/// <remarks>Grows with the bans in force only: what has ended is forgotten by <see cref="Forget(DateTimeOffset)"/>.</remarks>
internal sealed class DesiredBans
{
    // The kernel refuses (ERANGE) 2^64 ns and more, 584 years: a century is for ever too.
    private const long LongestMilliseconds = 100L * 365 * 24 * 60 * 60 * 1000;

    /// <summary>The kernel counts in its own ticks, and a dump takes its time: ends this near each other are the same end.</summary>
    public static readonly TimeSpan SameEnd = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Network, DateTimeOffset?> _hosts = [];
    private readonly Dictionary<Network, DateTimeOffset?> _networks = [];
    private readonly Dictionary<Network, DateTimeOffset?> _adopted = [];

    public int Count => _hosts.Count + _networks.Count;

    public IReadOnlyCollection<KeyValuePair<Network, DateTimeOffset?>> Hosts => _hosts;

    public bool Holds(Network subject, DateTimeOffset now) => Of(subject).TryGetValue(subject, out var until) && !IsOver(until, now);

    public void Set(Network subject, DateTimeOffset? until) => Of(subject)[subject] = until;

    /// <summary>Ends the ban of a subject that was asked for, and no other.</summary>
    public void End(Network subject) => Of(subject).Remove(subject);

    /// <summary>Ends the ban of a subject, and whatever was adopted inside of it: who frees a network means all of it.</summary>
    /// <returns>Whether anything adopted ended, which is in an interval set even if it is a host.</returns>
    public bool Remove(Network subject)
    {
        End(subject);
        var isAdopted = false;
        foreach (var network in _adopted.Keys)
        {
            if (subject.Contains(network))
            {
                // Removing while walking is allowed and does not disturb the walk.
                isAdopted |= _adopted.Remove(network);
            }
        }

        return isAdopted;
    }

    /// <param name="bans">Those that throttle are not among what is desired here; see <see cref="ThrottledSets"/>.</param>
    public void Replace(IReadOnlyList<ActiveBan> bans)
    {
        _hosts.Clear();
        _networks.Clear();
        _adopted.Clear();
        _hosts.EnsureCapacity(bans.Count);
        foreach (var ban in bans)
        {
            if (!ban.Throttles)
            {
                Set(ban.Subject, ban.Until);
            }
        }
    }

    /// <summary>Takes over an interval that is in the kernel and not ours. It is kept apart from the bans that were asked for, since it may be
    /// a piece of a wider one: see <see cref="Remove"/>.</summary>
    public void Adopt(Interval interval)
    {
        foreach (var network in interval.Networks())
        {
            _adopted[network] = interval.Until;
        }
    }

    /// <summary>Hosts of one set that are still banned, as the kernel wants them.</summary>
    public IEnumerable<(BanSet Set, Address Host, ulong Milliseconds)> KernelHosts(DateTimeOffset now)
    {
        foreach (var (host, until) in _hosts)
        {
            if (!IsOver(until, now))
            {
                yield return (BanSets.For(host), host.First, Milliseconds(until, now));
            }
        }
    }

    public DateTimeOffset? EndOfHost(Network host) => _hosts.GetValueOrDefault(host);

    /// <summary>What one of the interval sets should hold. Hosts that were taken over are there: they are the edges of a range that is no network.</summary>
    public List<Interval> Intervals(BanSet set, DateTimeOffset now) =>
        NetworkCover.Flatten(_networks.Concat(_adopted).Where(ban => BanSets.IntervalsOf(ban.Key) == set && !IsOver(ban.Value, now)));

    /// <summary>Whether one of the networks that were asked for holds the interval: what was taken over was not.</summary>
    public bool Covers(Interval interval, DateTimeOffset now) =>
        _networks.Any(ban => ban.Key.Contains(interval.First) && ban.Key.Contains(interval.Last) && !IsOver(ban.Value, now));

    public void Forget(DateTimeOffset now)
    {
        Forget(_hosts, now);
        Forget(_networks, now);
        Forget(_adopted, now);
    }

    /// <summary>What is left of a ban, rounded up, so that the kernel is never early; 0: for ever.</summary>
    public static ulong Milliseconds(DateTimeOffset? until, DateTimeOffset now) => until is { } end
        ? (ulong)Math.Clamp(((end - now).Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond, 1, LongestMilliseconds)
        : 0;

    public static bool IsSameEnd(DateTimeOffset? one, DateTimeOffset? other) =>
        one is { } a && other is { } b ? (a - b).Duration() <= SameEnd : one is null && other is null;

    private static bool IsOver(DateTimeOffset? until, DateTimeOffset now) => until is { } end && end <= now;

    private static void Forget(Dictionary<Network, DateTimeOffset?> bans, DateTimeOffset now)
    {
        foreach (var (subject, until) in bans)
        {
            if (IsOver(until, now))
            {
                // Removing while walking is allowed and does not disturb the walk.
                bans.Remove(subject);
            }
        }
    }

    private Dictionary<Network, DateTimeOffset?> Of(Network subject) => subject.IsHost ? _hosts : _networks;
}
