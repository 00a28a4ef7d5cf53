using System.Runtime.InteropServices;
using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>Takes ranges in whatever order; where two overlap, the one inside the other counts, and of the same addresses what came last.</summary>
internal sealed class GeoTableBuilder
{
    private static readonly Address IPv4First = Address.FromIPv4(0);
    private static readonly Address IPv4Last = Address.FromIPv4(uint.MaxValue);

    private readonly List<GeoRange> _ranges = [];
    private bool _isInOrder = true;

    public void Add(Network network, GeoKey key) => Add(network.First, network.Last, key);

    /// <summary>Of IPv6 what is no IPv4 inside: addresses ::ffff:a.b.c.d never are on the wire (RFC 4038 section 4.2), and here they are IPv4's own.</summary>
    public void Add(Address first, Address last, GeoKey key)
    {
        if (key.IsEmpty)
        {
            return;
        }

        if (!first.IsIPv4 && !last.IsIPv4 && first.CompareTo(IPv4First) < 0 && last.CompareTo(IPv4Last) > 0)
        {
            AddOne(first, IPv4First.Previous, key);
            AddOne(IPv4Last.Next, last, key);
            return;
        }

        if (first.IsIPv4 != last.IsIPv4)
        {
            // One end lies in IPv4: what is outside of it is IPv6.
            (first, last) = first.IsIPv4 ? (IPv4Last.Next, last) : (first, IPv4First.Previous);
        }

        AddOne(first, last, key);
    }

    public GeoTable Build() => new(_isInOrder ? Join(_ranges) : Join(Flatten()));

    private void AddOne(Address first, Address last, GeoKey key)
    {
        _isInOrder &= _ranges.Count == 0 || _ranges[^1].Last.CompareTo(first) < 0;
        _ranges.Add(new GeoRange(first, last, key));
    }

    // Only when all are there: a range that is half of one that was joined may be inside of what comes later.
    private static GeoRange[] Join(List<GeoRange> ranges)
    {
        var count = 0;
        var all = CollectionsMarshal.AsSpan(ranges);
        foreach (ref readonly var range in all)
        {
            if (count > 0 && all[count - 1] is var before && before.Key == range.Key && before.Last.Next == range.First && before.First.IsIPv4 == range.First.IsIPv4)
            {
                all[count - 1] = before with { Last = range.Last };
            }
            else
            {
                all[count++] = range;
            }
        }

        return all[..count].ToArray();
    }

    private List<GeoRange> Flatten()
    {
        // The wider first, and what came later behind what came earlier: so whatever begins later is inside, or counts from where it begins.
        var sorted = _ranges.Select(static (range, order) => (range, order)).ToArray();
        Array.Sort(sorted, static (one, other) =>
            one.range.First.CompareTo(other.range.First) is not 0 and var byFirst ? byFirst
            : other.range.Last.CompareTo(one.range.Last) is not 0 and var byLast ? byLast
            : one.order.CompareTo(other.order));
        var flat = new List<GeoRange>();
        var around = new Stack<GeoRange>();
        var at = default(Address);
        foreach (var (range, _) in sorted)
        {
            CloseBefore(range.First);
            if (around.TryPeek(out var outer) && at.CompareTo(range.First) < 0)
            {
                flat.Add(new GeoRange(at, range.First.Previous, outer.Key));
            }

            at = range.First;
            around.Push(range);
        }

        CloseBefore(null);
        return flat;

        void CloseBefore(Address? next)
        {
            while (around.TryPeek(out var inner) && (next is not { } first || inner.Last.CompareTo(first) < 0))
            {
                around.Pop();
                if (at.CompareTo(inner.Last) <= 0)
                {
                    flat.Add(new GeoRange(at, inner.Last, inner.Key));
                    if (inner.Last == Address.Highest)
                    {
                        around.Clear();
                        return;
                    }

                    at = inner.Last.Next;
                }
            }
        }
    }
}
