using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Core.Lists;

/// <summary>Many blocklists as one: disjoint ranges, each with the lists that hold it, and without the networks that are never blocked.</summary>
/// <remarks>Exact: each address is in the range of just those lists that have an entry around it.</remarks>
internal sealed class ListMerge
{
    /// <summary>So many lists at most: each is a bit, and the last bit is for what is never blocked.</summary>
    public const int MaxLists = 63;

    /// <summary>So many entries of a list that are left out are kept to be shown.</summary>
    public const int ShownLeftOut = 20;

    private const int Protection = 63;

    private readonly ProtectedNetworks _protected;
    private readonly Dictionary<int, LeftOutEntries> _leftOut = [];
    private Item[] _items;
    private int _count;

    /// <param name="capacity">So many entries are expected.</param>
    public ListMerge(ProtectedNetworks @protected, int capacity = 1024)
    {
        _protected = @protected;
        _items = new Item[Math.Max(16, capacity)];
        foreach (var network in @protected.Networks)
        {
            Put(network, Protection);
        }
    }

    /// <summary>Entries that are left out, or a part of which is, by the number of their list.</summary>
    public IReadOnlyDictionary<int, LeftOutEntries> LeftOut => _leftOut;

    /// <param name="list">0 to <see cref="MaxLists"/> - 1.</param>
    public void Add(Network entry, int list)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(list, MaxLists);
        if (_protected.Touching(entry) is var (network, reason))
        {
            if (!_leftOut.TryGetValue(list, out var told))
            {
                _leftOut[list] = told = new LeftOutEntries();
            }

            told.Add(entry, network, reason);
            if (network.Contains(entry))
            {
                return;
            }
        }

        Put(entry, list);
    }

    /// <summary>The ranges, ascending; neighbours that the same lists hold are one range. May be called once.</summary>
    public List<ListedRange> Merge()
    {
        Array.Sort(_items, 0, _count);
        var result = new List<ListedRange>();

        // Networks are disjoint or one inside the other: those around the place reached, each with the lists of all around it and its own.
        var around = new Stack<(Network Network, ulong Lists)>();
        var at = UInt128.Zero;
        for (var i = 0; i < _count; i++)
        {
            var network = _items[i].Network;
            while (around.TryPeek(out var before) && !Holds(before.Network, network))
            {
                Close();
            }

            var outer = around.TryPeek(out var holder) ? holder.Lists : 0;
            var first = network.First.Bits;
            if (outer != 0 && at < first)
            {
                Emit(new Address(at), new Address(first - 1), outer);
            }

            at = first;
            around.Push((network, outer | (1UL << _items[i].List)));
        }

        while (around.Count > 0)
        {
            Close();
        }

        _items = [];
        _count = 0;
        return result;

        void Close()
        {
            var (network, lists) = around.Pop();
            var last = network.Last;
            if (at <= last.Bits)
            {
                Emit(new Address(at), last, lists);
            }

            if (last == Address.Highest)
            {
                // Whatever is around it ends here too: there is no address behind the last.
                around.Clear();
                return;
            }

            at = last.Bits + 1;
        }

        void Emit(Address first, Address last, ulong lists)
        {
            if ((lists & (1UL << Protection)) != 0)
            {
                return;
            }

            if (result.Count > 0 && result[^1] is var before && before.Lists == lists && before.Last.Next == first && before.First.IsIPv4 == first.IsIPv4)
            {
                result[^1] = before with { Last = last };
                return;
            }

            result.Add(new ListedRange(first, last, lists));
        }
    }

    // IPv4 stands inside IPv6 as ::ffff:0:0/96, and all around that is protected: no range of one family holds one of the other.
    private static bool Holds(Network outer, Network inner) => outer.Contains(inner);

    private void Put(Network network, int list)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _items.Length * 2);
        }

        _items[_count++] = new Item(network.First, (byte)network.PrefixLength, (byte)list);
    }

    /// <summary>An entry in 24 bytes: a million of them are sorted.</summary>
    private readonly record struct Item(Address First, byte PrefixLength, byte List) : IComparable<Item>
    {
        public Network Network => new(First, PrefixLength);

        public int CompareTo(Item other) =>
            First.High != other.First.High ? First.High.CompareTo(other.First.High)
            : First.Low != other.First.Low ? First.Low.CompareTo(other.First.Low)
            : PrefixLength.CompareTo(other.PrefixLength);
    }
}

/// <summary>Addresses that the same lists hold.</summary>
/// <param name="Lists">A bit for each, by its number.</param>
internal readonly record struct ListedRange(Address First, Address Last, ulong Lists)
{
    /// <summary>The fewest networks that make it up.</summary>
    public IEnumerable<Network> Networks() => new Interval(First, Last, null).Networks();
}

/// <summary>Entries of one list that are never blocked: their number, and the first few.</summary>
internal sealed class LeftOutEntries
{
    private readonly List<LeftOutEntry> _first = [];

    public int Count { get; private set; }

    public IReadOnlyList<LeftOutEntry> First => _first;

    public void Add(Network entry, Network because, string reason)
    {
        Count++;
        if (_first.Count < ListMerge.ShownLeftOut)
        {
            _first.Add(new LeftOutEntry(entry, because, reason));
        }
    }
}

/// <param name="Because">The protected network that it touches; where that is inside the entry, the rest of the entry is blocked.</param>
internal readonly record struct LeftOutEntry(Network Entry, Network Because, string Reason);
