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
                .SelectMany(interval => interval.Networks().Select(network => new ActiveBan(network, interval.Until) { IsPiece = true })));
        }

        return standing;
    }

    /// <summary>The ranges of the kernel's interval set that the end of a subject's ban concerns.</summary>
    public static List<Interval> Around(KernelTable kernel, Network subject, DateTimeOffset now) =>
        [.. KernelElement.Intervals(kernel.Elements(BanSets.IntervalsOf(subject)), now).Where(range => Concerns(subject, range))];

    /// <summary>Whether a subject that is freed takes something out of a range: it holds the range, or pieces of it as <see cref="Read"/> lists them, or is one.
    /// Of a wider piece it takes nothing: who wants that frees it by its name.</summary>
    /// <param name="range">Of the subject's family.</param>
    public static bool Concerns(Network subject, Interval range) =>
        range.Overlaps(Interval.Of(subject, null)) && range.Networks().Any(subject.Contains);
}
