using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>Disjoint ranges as hash sets of a few prefix lengths, with a set before them that tells in one lookup that nothing is near.</summary>
internal sealed class PrefixSets
{
    /// <summary>Elements that there may be for each network, beyond <see cref="Free"/>.</summary>
    public const double Growth = 1.5;

    /// <summary>So many elements are never too many, nor so many of <see cref="Near"/>.</summary>
    public const int Free = 16_384;

    private readonly IReadOnlyList<ListedRange> _ranges;

    // By prefix length, the number of the set in which a network is.
    private readonly int[] _byLength4 = new int[33];
    private readonly int[] _byLength6 = new int[129];
    private readonly List<PrefixSet> _exact = [];
    private readonly List<PrefixSet> _near = [];

    private PrefixSets(IReadOnlyList<ListedRange> ranges) => _ranges = ranges;

    /// <summary>Together they hold just the ranges. IPv4 first, each family from the widest networks to the narrowest.</summary>
    public IReadOnlyList<PrefixSet> Exact => _exact;

    /// <summary>Whoever is in none of them is in none of <see cref="Exact"/>; at most one for each family.</summary>
    public IReadOnlyList<PrefixSet> Near => _near;

    public IEnumerable<PrefixSet> All => _exact.Concat(_near);

    /// <param name="ranges">Disjoint, ascending.</param>
    /// <param name="name">What the sets' names begin with.</param>
    /// <param name="counts">Whether the elements of <see cref="Exact"/> lead to counters.</param>
    public static PrefixSets Of(IReadOnlyList<ListedRange> ranges, string name, bool counts)
    {
        var (lengths4, lengths6) = (new int[33], new int[129]);
        var (near4, near6) = (new NearPlan(isIPv4: true, 24), new NearPlan(isIPv4: false, 56));
        foreach (var range in ranges)
        {
            (range.First.IsIPv4 ? near4 : near6).See(range);
            foreach (var network in new RangeNetworks(range.First, range.Last))
            {
                (network.IsIPv4 ? lengths4 : lengths6)[network.PrefixLength]++;
            }
        }

        var sets = new PrefixSets(ranges);
        sets.Plan(lengths4, near4, sets._byLength4, name, counts);
        sets.Plan(lengths6, near6, sets._byLength6, name, counts);
        return sets;
    }

    /// <summary>Each element, with the number of its set in <see cref="All"/> and the lists that hold it (of <see cref="Near"/> none); in no order of sets.</summary>
    public void Each(Action<int, Address, ulong> take)
    {
        foreach (var range in _ranges)
        {
            foreach (var network in new RangeNetworks(range.First, range.Last))
            {
                var set = (network.IsIPv4 ? _byLength4 : _byLength6)[network.PrefixLength];
                var chosen = _exact[set].PrefixLength;
                var key = network.First;
                for (var left = 1L << (chosen - network.PrefixLength); left > 0; left--)
                {
                    take(set, key, range.Lists);
                    key = Behind(key, (network.IsIPv4 ? 32 : 128) - chosen);
                }
            }
        }

        for (var near = 0; near < _near.Count; near++)
        {
            EachNear(near, take);
        }
    }

    private void EachNear(int near, Action<int, Address, ulong> take)
    {
        var set = _near[near];
        var hostBits = (set.IsIPv4 ? 32 : 128) - set.PrefixLength;
        Address? done = null;
        foreach (var range in _ranges)
        {
            if (range.First.IsIPv4 != set.IsIPv4)
            {
                continue;
            }

            var last = new Network(range.Last, set.PrefixLength).First;
            for (var key = new Network(range.First, set.PrefixLength).First; key.CompareTo(last) <= 0; key = Behind(key, hostBits))
            {
                if (key != done)
                {
                    take(_exact.Count + near, key, 0);
                }

                done = key;
                if (key == last)
                {
                    // Behind the last block of all comes the first.
                    break;
                }
            }
        }
    }

    private void Plan(int[] lengths, NearPlan near, int[] byLength, string name, bool counts)
    {
        var family = near.IsIPv4 ? 4 : 6;
        var networks = lengths.Sum(count => (long)count);
        var from = 0;
        foreach (var chosen in PrefixPlan.Choose(lengths, Math.Max(Free, Growth * networks)))
        {
            var elements = Enumerable.Range(from, chosen - from + 1).Sum(length => lengths[length] == 0 ? 0 : lengths[length] * (1L << (chosen - length)));
            Array.Fill(byLength, _exact.Count, from, chosen - from + 1);
            _exact.Add(new PrefixSet($"{name}{family}_{chosen}", near.IsIPv4, chosen, checked((int)elements), counts));
            from = chosen + 1;
        }

        // Where one lookup tells all, none before it tells more.
        var exact = _exact.Where(set => set.IsIPv4 == near.IsIPv4).ToList();
        if (exact.Count > 1 && near.Choose((int)Math.Max(Free, Growth * networks), exact[^1].PrefixLength) is var (length, blocks))
        {
            _near.Add(new PrefixSet($"{name}near{family}_{length}", near.IsIPv4, length, blocks, Counts: false) { Spread = 4 });
        }
    }

    private static Address Behind(Address key, int bit)
    {
        if (bit >= 64)
        {
            return new Address(key.High + (1UL << (bit - 64)), key.Low);
        }

        var low = key.Low + (1UL << bit);
        return new Address(low < key.Low ? key.High + 1 : key.High, low);
    }
}
