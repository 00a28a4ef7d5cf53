using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>The kernel's sets of those who meet no limit: just those that are trusted, whoever put in or took out others.</summary>
/// <param name="isUsed">The table has limits.</param>
internal sealed class TrustedSets(KernelTable kernel, bool isUsed, TimeProvider time)
{
    private const int MaxTries = 4;

    private IReadOnlyCollection<Network> _wanted = [];

    // A guard that has just started does not know the registered phones yet; those of before stay until it does.
    private bool _isComplete;

    /// <summary>Takes over what is known at the start. What an earlier guard trusted stays until <see cref="Replace"/>.</summary>
    public void Begin(IReadOnlyCollection<Network> trusted)
    {
        _wanted = trusted;
        _isComplete = false;
    }

    /// <exception cref="FirewallException">The kernel refused.</exception>
    public void Replace(IReadOnlyCollection<Network> trusted)
    {
        _wanted = trusted;
        _isComplete = true;
        Place();
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

        var changed = false;
        foreach (var set in BanSets.Trusted)
        {
            changed |= Place(set);
        }

        return changed;
    }

    private bool Place(BanSet set)
    {
        var mine = _wanted.Where(network => network.IsIPv4 == set.IsIPv4).Select(network => KeyValuePair.Create(network, (DateTimeOffset?)null)).ToList();
        string? why = null;
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var actual = KernelElement.Intervals(kernel.Elements(set), time.GetUtcNow());
            var wanted = NetworkCover.Flatten(_isComplete ? mine
                : [.. mine, .. actual.SelectMany(interval => interval.Networks()).Select(network => KeyValuePair.Create(network, (DateTimeOffset?)null))]);
            var (remove, add) = NetworkCover.Difference(wanted, actual, TimeSpan.Zero);
            if (remove.Count + add.Count == 0)
            {
                return attempt > 0;
            }

            // What goes goes first: what comes may lie where it was.
            why = kernel.SendAll([
                .. remove.Select(interval => new ElementChange(set, ElementVerb.Delete, interval.First, interval.Last, 0)),
                .. add.Select(interval => new ElementChange(set, ElementVerb.Add, interval.First, interval.Last, 0)),
            ]);
        }

        throw new FirewallException($"nftables: the trusted addresses can't be put into the kernel, and phones may meet the limits: {why ?? "another program changes them"}");
    }
}
