using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>A hash set of the kernel that holds networks of one prefix length: a rule masks the source and looks it up.</summary>
/// <param name="Elements">How many it holds. Told to the kernel, it takes a table that never grows, and for IPv4's four bytes the fastest one it has (nft_hash_fast_ops in net/netfilter/nft_set_hash.c).</param>
/// <param name="Counts">Each element leads to a counter (an object map), which counts and lets the rule go on.</param>
internal sealed record PrefixSet(string Name, bool IsIPv4, int PrefixLength, int Elements, bool Counts)
{
    /// <summary>As nft has it, without its elements.</summary>
    public string Definition(string table) =>
        $"add {(Counts ? "map" : "set")} {table} {Name} {{ type {(IsIPv4 ? "ipv4_addr" : "ipv6_addr")}{(Counts ? " : counter" : "")}; size {Elements}; }}";

    /// <summary>What a rule looks up: the packet's source, masked. "ip saddr &amp; 255.255.255.0 @name drop" is a rule.</summary>
    public string Source
    {
        get
        {
            var family = IsIPv4 ? "ip" : "ip6";
            return PrefixLength == (IsIPv4 ? 32 : 128) ? $"{family} saddr" : $"{family} saddr & {Mask}";
        }
    }

    private string Mask => new Network(IsIPv4 ? Address.FromIPv4(uint.MaxValue) : Address.Highest, PrefixLength).First.ToString();
}

/// <summary>Disjoint ranges as hash sets of a few prefix lengths.</summary>
internal sealed class PrefixSets
{
    /// <summary>Elements that there may be for each network, beyond <see cref="Free"/>.</summary>
    /// <remarks>Memory against lookups: an element takes 56 bytes of the kernel (bench/lists), a lookup each packet's time.</remarks>
    public const double Growth = 1.5;

    /// <summary>So many elements are never too many: 4 MB of the kernel.</summary>
    public const int Free = 65_536;

    private readonly IReadOnlyList<ListedRange> _ranges;

    // By prefix length, the number of the set in which a network is.
    private readonly int[] _byLength4 = new int[33];
    private readonly int[] _byLength6 = new int[129];
    private readonly List<PrefixSet> _all = [];

    private PrefixSets(IReadOnlyList<ListedRange> ranges) => _ranges = ranges;

    /// <summary>IPv4 first, each family from the widest networks to the narrowest.</summary>
    public IReadOnlyList<PrefixSet> All => _all;

    /// <param name="name">What the sets' names begin with: the rest is family and length.</param>
    /// <param name="counts">Whether the elements lead to counters.</param>
    public static PrefixSets Of(IReadOnlyList<ListedRange> ranges, string name, bool counts)
    {
        var (lengths4, lengths6) = (new int[33], new int[129]);
        foreach (var range in ranges)
        {
            foreach (var network in new RangeNetworks(range.First, range.Last))
            {
                (network.IsIPv4 ? lengths4 : lengths6)[network.PrefixLength]++;
            }
        }

        var sets = new PrefixSets(ranges);
        sets.Plan(lengths4, sets._byLength4, name, counts);
        sets.Plan(lengths6, sets._byLength6, name, counts);
        return sets;
    }

    /// <summary>Each element, with the number of its set in <see cref="All"/> and the lists that hold it; in no order of sets.</summary>
    public void Each(Action<int, Address, ulong> take)
    {
        foreach (var range in _ranges)
        {
            foreach (var network in new RangeNetworks(range.First, range.Last))
            {
                var set = (network.IsIPv4 ? _byLength4 : _byLength6)[network.PrefixLength];
                var chosen = _all[set].PrefixLength;
                var key = network.First;
                for (var left = 1L << (chosen - network.PrefixLength); left > 0; left--)
                {
                    take(set, key, range.Lists);
                    key = Behind(key, (network.IsIPv4 ? 32 : 128) - chosen);
                }
            }
        }
    }

    private void Plan(int[] lengths, int[] byLength, string name, bool counts)
    {
        var isIPv4 = lengths.Length == 33;
        var from = 0;
        foreach (var chosen in PrefixPlan.Choose(lengths, Math.Max(Free, Growth * lengths.Sum(count => (double)count))))
        {
            var elements = Enumerable.Range(from, chosen - from + 1).Sum(length => lengths[length] == 0 ? 0 : lengths[length] * (1L << (chosen - length)));
            Array.Fill(byLength, _all.Count, from, chosen - from + 1);
            _all.Add(new PrefixSet($"{name}{(isIPv4 ? 4 : 6)}_{chosen}", isIPv4, chosen, checked((int)elements), counts));
            from = chosen + 1;
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
