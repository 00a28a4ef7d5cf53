using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>What the kernel's sets hold, whoever put it there: an earlier guard, a lost journal, somebody's own hand.</summary>
internal static class StandingBans
{
    /// <returns>Hosts, and networks in the pieces in which the kernel holds them; none if there is no table.</returns>
    /// <exception cref="FirewallException">The kernel does not let us ask.</exception>
    public static List<ActiveBan> Read(KernelTable kernel, DateTimeOffset now)
    {
        // Asked first since it says so when it is not permitted: to who may not look, the sets look empty.
        _ = kernel.Generation();
        var standing = new List<ActiveBan>();
        foreach (var element in kernel.Elements(BanSet.Hosts4).Concat(kernel.Elements(BanSet.Hosts6)))
        {
            // Put in by hand with bits behind its /64, it matches no packet.
            if (element.Key == element.Key.Subject.First)
            {
                standing.Add(new ActiveBan(element.Key.Subject, now + element.Remaining));
            }
        }

        standing.AddRange(BanSets.Throttled.SelectMany(kernel.Elements).Select(element => new ActiveBan(element.Key.Subject, now + element.Remaining) { Throttles = true }));

        foreach (var set in (BanSet[])[BanSet.Networks4, BanSet.Networks6])
        {
            standing.AddRange(KernelElement.Intervals(kernel.Elements(set), now)
                .SelectMany(interval => interval.Networks().Select(network => new ActiveBan(network, interval.Until))));
        }

        return standing;
    }

    /// <summary>The intervals of the kernel that lie in the network: all of them go when it is freed.</summary>
    public static List<Interval> Inside(KernelTable kernel, Network network, DateTimeOffset now) =>
    [
        .. KernelElement.Intervals(kernel.Elements(BanSets.For(network)), now)
            .Where(interval => IsInside(interval, network)),
    ];

    /// <summary>The same, and the range that the network is a piece of, as <see cref="Read"/> lists it.</summary>
    public static List<Interval> Around(KernelTable kernel, Network network, DateTimeOffset now) =>
    [
        .. KernelElement.Intervals(kernel.Elements(BanSets.For(network)), now)
            .Where(interval => IsInside(interval, network) || (interval.Overlaps(Interval.Of(network, null)) && interval.Networks().Contains(network))),
    ];

    private static bool IsInside(Interval interval, Network network) => interval.First.CompareTo(network.First) >= 0 && interval.Last.CompareTo(network.Last) <= 0;
}
