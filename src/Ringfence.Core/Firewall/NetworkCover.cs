using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

/// <summary>Bans of networks inside networks, as the disjoint intervals that the kernel's interval sets can hold.</summary>
internal static class NetworkCover
{
    /// <summary>Intervals that ban each address until the latest end of all networks that hold it.</summary>
    /// <remarks>The kernel refuses intervals that overlap. A network whose ban outlasts the one around it is cut out of that one,
    /// so that it stays banned when the wider ban ends, even if no daemon runs by then.</remarks>
    /// <param name="bans">Of one family; of a network that is there twice the later end holds.</param>
    /// <returns>Disjoint, ascending.</returns>
    public static List<Interval> Flatten(IEnumerable<KeyValuePair<Network, DateTimeOffset?>> bans)
    {
        var result = new List<Interval>();
        var around = new Stack<(Network Network, DateTimeOffset? Until)>();
        var cursor = UInt128.Zero;
        foreach (var (network, until) in bans.OrderBy(ban => ban.Key))
        {
            while (around.TryPeek(out var before) && !before.Network.Contains(network))
            {
                Close();
            }

            if (around.TryPeek(out var outer))
            {
                if (!EndsAfter(until, outer.Until))
                {
                    continue;
                }

                if (cursor < network.First.Bits)
                {
                    result.Add(new Interval(new Address(cursor), new Address(network.First.Bits - 1), outer.Until));
                }
            }

            cursor = network.First.Bits;
            around.Push((network, until));
        }

        while (around.Count > 0)
        {
            Close();
        }

        return result;

        void Close()
        {
            var (network, until) = around.Pop();
            if (cursor <= network.Last.Bits)
            {
                result.Add(new Interval(new Address(cursor), network.Last, until));
            }

            if (network.Last.Bits == UInt128.MaxValue)
            {
                // Whatever is around it ends here too: there is no address behind the last.
                around.Clear();
                return;
            }

            cursor = network.Last.Bits + 1;
        }
    }

    /// <summary>What to take out of the kernel and what to put in, so that it holds <paramref name="wanted"/>.</summary>
    /// <param name="tolerance">Ends that differ by no more are the same end: the kernel counts in ticks of its own.</param>
    public static (List<Interval> Remove, List<Interval> Add) Difference(
        IReadOnlyList<Interval> wanted, IReadOnlyList<Interval> actual, TimeSpan tolerance)
    {
        var there = actual.ToDictionary(interval => (interval.First, interval.Last), interval => interval.Until);
        var add = new List<Interval>();
        var keep = new HashSet<(Address, Address)>();
        foreach (var interval in wanted)
        {
            var key = (interval.First, interval.Last);
            if (there.TryGetValue(key, out var until) && SameEnd(until, interval.Until, tolerance))
            {
                keep.Add(key);
                continue;
            }

            add.Add(interval);
        }

        return ([.. actual.Where(interval => !keep.Contains((interval.First, interval.Last)))], add);
    }

    /// <summary>Those of <paramref name="others"/> that share addresses with a wanted interval.</summary>
    /// <param name="wanted">Disjoint, ascending.</param>
    /// <param name="others">Disjoint, ascending.</param>
    public static HashSet<Interval> Touching(IReadOnlyList<Interval> wanted, IReadOnlyList<Interval> others)
    {
        var result = new HashSet<Interval>();
        var at = 0;
        foreach (var other in others)
        {
            while (at < wanted.Count && wanted[at].Last.Bits < other.First.Bits)
            {
                at++;
            }

            if (at < wanted.Count && wanted[at].Overlaps(other))
            {
                result.Add(other);
            }
        }

        return result;
    }

    /// <summary>Those of <paramref name="others"/> that the kernel can't hold beside the wanted ones: they overlap one without being the same range.</summary>
    /// <param name="wanted">Disjoint, ascending.</param>
    /// <param name="others">Disjoint, ascending.</param>
    public static List<Interval> Conflicts(IReadOnlyList<Interval> wanted, IReadOnlyList<Interval> others)
    {
        var ranges = wanted.Select(interval => (interval.First, interval.Last)).ToHashSet();
        return [.. Touching(wanted, others).Where(other => !ranges.Contains((other.First, other.Last)))];
    }

    private static bool EndsAfter(DateTimeOffset? one, DateTimeOffset? other) => other is { } end && (one is null || one > end);

    private static bool SameEnd(DateTimeOffset? one, DateTimeOffset? other, TimeSpan tolerance) =>
        one is { } a && other is { } b ? (a - b).Duration() <= tolerance : one is null && other is null;
}
