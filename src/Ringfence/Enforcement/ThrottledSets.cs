using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>The kernel's sets of those whose SIP over UDP comes through in drops: just those that should be in there. Hosts alone.</summary>
/// <param name="isUsed">The table has limits.</param>
internal sealed class ThrottledSets(KernelTable kernel, bool isUsed, TimeProvider time)
{
    private const int MaxTries = 4;

    private readonly Dictionary<Network, DateTimeOffset?> _wanted = [];

    /// <summary>How many are in there, and were some seconds ago.</summary>
    public int Count => _wanted.Count;

    public void Replace(IEnumerable<ActiveBan> bans)
    {
        _wanted.Clear();
        foreach (var ban in bans.Where(ban => isUsed && ban.Subject.IsHost))
        {
            _wanted[ban.Subject] = ban.Until;
        }
    }

    /// <summary>Takes decisions, one for each subject: a ban that throttles puts it in, any other and an unban take it out.</summary>
    /// <returns>Why the kernel refused; what it refused is wanted all the same, and tried again by <see cref="Place"/>. null: it did not.</returns>
    public string? Apply(IReadOnlyCollection<Decision> decisions)
    {
        var now = time.GetUtcNow();
        var changes = new List<ElementChange>();
        foreach (var decision in decisions.Where(decision => isUsed && decision.Subject.IsHost))
        {
            var host = decision.Subject;
            if (_wanted.Remove(host, out var until) && !(until <= now))
            {
                changes.Add(Delete(host));
            }

            if (decision is Ban { Throttles: true } ban)
            {
                _wanted[host] = ban.Until;
                changes.Add(Add(host, ban.Until, now));
            }
        }

        // Not as it was believed to be: then all of it is put right.
        return changes.Count == 0 || kernel.SendAll(changes) is null ? null : Look();
    }

    /// <summary>Puts right what differs.</summary>
    /// <returns>Whether anything did.</returns>
    /// <exception cref="FirewallException">The kernel refused.</exception>
    public bool Place()
    {
        if (!isUsed)
        {
            return false;
        }

        string? why = null;
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var changes = Difference(time.GetUtcNow());
            if (changes.Count == 0)
            {
                return attempt > 0;
            }

            why = kernel.SendAll(changes);
        }

        throw new FirewallException($"nftables: throttled addresses can't be put into the kernel: {why ?? "another program changes them"}");
    }

    private string? Look()
    {
        try
        {
            Place();
            return null;
        }
        catch (FirewallException e)
        {
            return e.Message;
        }
    }

    private List<ElementChange> Difference(DateTimeOffset now)
    {
        var changes = new List<ElementChange>();
        var missing = _wanted.Where(entry => !(entry.Value <= now)).ToDictionary();
        foreach (var set in BanSets.Throttled)
        {
            foreach (var element in kernel.Elements(set))
            {
                var host = element.Key.Subject;
                if (element.Key == host.First && missing.TryGetValue(host, out var until) && DesiredBans.IsSameEnd(now + element.Remaining, until))
                {
                    missing.Remove(host);
                }
                else
                {
                    changes.Add(new ElementChange(set, ElementVerb.Delete, element.Key, element.Key, 0));
                }
            }
        }

        changes.AddRange(missing.Select(entry => Add(entry.Key, entry.Value, now)));
        return changes;
    }

    private static BanSet SetOf(Network host) => host.IsIPv4 ? BanSet.Throttled4 : BanSet.Throttled6;

    private static ElementChange Delete(Network host) => new(SetOf(host), ElementVerb.Delete, host.First, host.First, 0);

    private static ElementChange Add(Network host, DateTimeOffset? until, DateTimeOffset now) =>
        new(SetOf(host), ElementVerb.Add, host.First, host.First, DesiredBans.Milliseconds(until, now));

    /// <summary>Forgets what ended: the kernel forgot it by itself.</summary>
    public void Tidy(DateTimeOffset now)
    {
        foreach (var (host, until) in _wanted)
        {
            if (until <= now)
            {
                // Removing while walking is allowed and does not disturb the walk.
                _wanted.Remove(host);
            }
        }
    }
}
