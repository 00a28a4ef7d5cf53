using System.Numerics;
using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>The addresses that a choice takes, as the fewest networks: those themselves, or all but those, whichever is less to load into a kernel.</summary>
/// <param name="Networks">Disjoint and ascending, none of them half of a wider one; IPv4 among IPv6 where ::ffff:0:0/96 is.</param>
/// <param name="IsComplement">Taken is what these do not hold.</param>
internal sealed record GeoNetworks(IReadOnlyList<Network> Networks, bool IsComplement)
{
    private static readonly Address IPv4First = Address.FromIPv4(0);
    private static readonly Address IPv4Last = Address.FromIPv4(uint.MaxValue);

    public static GeoNetworks Of(GeoChoice choice, GeoTable table)
    {
        var runs = Runs(choice, table);
        var (taken, left) = (new List<Network>(), new List<Network>());
        foreach (var run in runs)
        {
            Append(run.IsTaken ? taken : left, run.First, run.Last);
        }

        return left.Count < taken.Count ? new GeoNetworks(left, IsComplement: true) : new GeoNetworks(taken, IsComplement: false);
    }

    /// <summary>The fewest networks that hold the addresses from one to another, both of one family.</summary>
    public static void Append(List<Network> networks, Address first, Address last)
    {
        if (first.IsIPv4)
        {
            AppendIPv4(networks, first.IPv4Bits, last.IPv4Bits);
            return;
        }

        while (true)
        {
            // The widest network that begins here and does not go beyond the end.
            var bits = Math.Min(TrailingZeros(first), 128 - LeadingZeros(first, last));
            var network = new Network(first, 128 - bits);
            if (network.Last.CompareTo(last) > 0)
            {
                network = new Network(first, 128 - bits + 1);
            }

            networks.Add(network);
            if (network.Last.CompareTo(last) >= 0)
            {
                return;
            }

            first = network.Last.Next;
        }
    }

    private static void AppendIPv4(List<Network> networks, ulong first, ulong last)
    {
        while (first <= last)
        {
            var bits = Math.Min(first == 0 ? 32 : BitOperations.TrailingZeroCount(first), BitOperations.Log2(last - first + 1));
            networks.Add(new Network(Address.FromIPv4((uint)first), 32 - bits));
            first += 1UL << bits;
        }
    }

    private static int TrailingZeros(Address address) =>
        address.Low != 0 ? BitOperations.TrailingZeroCount(address.Low) : address.High != 0 ? 64 + BitOperations.TrailingZeroCount(address.High) : 128;

    /// <returns>Zeros that the distance of two addresses begins with: a network of more than so many bits does not fit between them.</returns>
    private static int LeadingZeros(Address first, Address last)
    {
        var low = last.Low - first.Low;
        var high = last.High - first.High - (last.Low < first.Low ? 1UL : 0);
        return high != 0 ? BitOperations.LeadingZeroCount(high) : 64 + BitOperations.LeadingZeroCount(low);
    }

    /// <summary>All addresses there are, in order, as runs that are taken or left as a whole; no run holds both families.</summary>
    private static List<(Address First, Address Last, bool IsTaken)> Runs(GeoChoice choice, GeoTable table)
    {
        // Whoever is local is asked for first; of the rest the table is asked. What both do not know is unknown.
        var known = new GeoTableBuilder();
        var local = new GeoKey(default, uint.MaxValue);
        foreach (var network in GeoChoice.Local)
        {
            known.Add(network, local);
        }

        List<(Address First, Address Last, bool IsTaken)> runs = [];
        var overlay = known.Build().Ranges;
        var ranges = table.Ranges;
        var (at, ahead, nearby) = (default(Address), 0, 0);
        var memory = (Key: default(GeoKey), IsTaken: choice.Takes(default(GeoKey)));
        while (true)
        {
            while (ahead < ranges.Length && ranges[ahead].Last.CompareTo(at) < 0)
            {
                ahead++;
            }

            while (nearby < overlay.Length && overlay[nearby].Last.CompareTo(at) < 0)
            {
                nearby++;
            }

            // As far as nothing changes: the table, who is local, the family.
            var last = at.IsIPv4 ? IPv4Last : at.CompareTo(IPv4First) < 0 ? IPv4First.Previous : Address.Highest;
            var key = default(GeoKey);
            if (ahead < ranges.Length)
            {
                var begins = ranges[ahead].First.CompareTo(at) <= 0;
                key = begins ? ranges[ahead].Key : default;
                last = Earlier(last, begins ? ranges[ahead].Last : ranges[ahead].First.Previous);
            }

            var isLocal = nearby < overlay.Length && overlay[nearby].First.CompareTo(at) <= 0;
            if (nearby < overlay.Length)
            {
                last = Earlier(last, isLocal ? overlay[nearby].Last : overlay[nearby].First.Previous);
            }

            if (key != memory.Key)
            {
                memory = (key, choice.Takes(key));
            }

            var isTaken = isLocal ? choice.TakesLocal : memory.IsTaken;
            if (runs.Count > 0 && runs[^1].IsTaken == isTaken && runs[^1].First.IsIPv4 == at.IsIPv4)
            {
                runs[^1] = runs[^1] with { Last = last };
            }
            else
            {
                runs.Add((at, last, isTaken));
            }

            if (last == Address.Highest)
            {
                return runs;
            }

            at = last.Next;
        }
    }

    private static Address Earlier(Address one, Address other) => one.CompareTo(other) <= 0 ? one : other;
}
