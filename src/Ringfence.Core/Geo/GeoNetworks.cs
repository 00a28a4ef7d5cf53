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
            new RangeNetworks(run.First, run.Last).AddTo(run.IsTaken ? taken : left);
        }

        return left.Count < taken.Count ? new GeoNetworks(left, IsComplement: true) : new GeoNetworks(taken, IsComplement: false);
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
