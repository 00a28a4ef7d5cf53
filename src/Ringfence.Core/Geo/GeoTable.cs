using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>Addresses side by side of which the same is known.</summary>
internal readonly record struct GeoRange(Address First, Address Last, GeoKey Key);

/// <summary>What is known of each address, as ranges: disjoint, ascending, neighbours with the same key joined, IPv4 and IPv6 never in one range.</summary>
internal sealed class GeoTable
{
    private readonly GeoRange[] _ranges;

    public static readonly GeoTable Empty = new([]);

    /// <param name="ranges">Disjoint and ascending, without empty keys.</param>
    internal GeoTable(GeoRange[] ranges) => _ranges = ranges;

    public ReadOnlySpan<GeoRange> Ranges => _ranges;

    public GeoKey KeyOf(Address address) => IndexOf(address) is >= 0 and var index ? _ranges[index].Key : default;

    /// <returns>The range that holds the address; where none does, the bitwise complement of the index of the one behind it.</returns>
    public int IndexOf(Address address)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (_ranges[middle].Last.CompareTo(address) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low < _ranges.Length && _ranges[low].First.CompareTo(address) <= 0 ? low : ~low;
    }

    /// <returns>The widest network around the address in which nothing else is known.</returns>
    public Network NetworkAround(Address address)
    {
        var index = IndexOf(address);
        var (first, last) = index >= 0
            ? (_ranges[index].First, _ranges[index].Last)
            : (~index == 0 ? default : _ranges[~index - 1].Last.Next, ~index == _ranges.Length ? Address.Highest : _ranges[~index].First.Previous);
        var (low, high) = (0, address.IsIPv4 ? 32 : 128);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var network = new Network(address, middle);
            if (network.First.CompareTo(first) >= 0 && network.Last.CompareTo(last) <= 0)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return new Network(address, low);
    }

    /// <summary>What two tables know together; where both know, the first one.</summary>
    public GeoTable Or(GeoTable other)
    {
        if (_ranges.Length == 0 || other._ranges.Length == 0)
        {
            return _ranges.Length == 0 ? other : this;
        }

        // A sweep: each step goes as far as neither table changes.
        var joined = new GeoTableBuilder();
        var (mine, theirs) = (new Sweep(_ranges), new Sweep(other._ranges));
        var at = Earlier(mine.Start, theirs.Start);
        while (at is { } first)
        {
            mine.MoveTo(first);
            theirs.MoveTo(first);
            var end = Earlier(mine.EndFrom(first), theirs.EndFrom(first));
            if (end is not { } last)
            {
                break;
            }

            joined.Add(first, last, mine.KeyAt(first).Or(theirs.KeyAt(first)));
            at = last == Address.Highest ? null : last.Next;
        }

        return joined.Build();
    }

    private static Address? Earlier(Address? one, Address? other) =>
        one is not { } first ? other : other is not { } second || first.CompareTo(second) <= 0 ? first : second;

    private struct Sweep(GeoRange[] ranges)
    {
        private int _index;

        public readonly Address? Start => ranges[0].First;

        public void MoveTo(Address address)
        {
            while (_index < ranges.Length && ranges[_index].Last.CompareTo(address) < 0)
            {
                _index++;
            }
        }

        /// <returns>How far it is the same from here on; null: for ever.</returns>
        public readonly Address? EndFrom(Address address) =>
            _index == ranges.Length ? null : ranges[_index].First.CompareTo(address) <= 0 ? ranges[_index].Last : ranges[_index].First.Previous;

        public readonly GeoKey KeyAt(Address address) => _index < ranges.Length && ranges[_index].First.CompareTo(address) <= 0 ? ranges[_index].Key : default;
    }
}
