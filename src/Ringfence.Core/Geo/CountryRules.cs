using Ringfence.Core.Lists;

namespace Ringfence.Core.Geo;

/// <summary>A choice of countries as a chain that other rules jump into: whoever is taken goes on at a target, everybody else comes back.</summary>
internal static class CountryRules
{
    /// <summary>What <see cref="PrefixSets"/> expands.</summary>
    public static List<ListedRange> Ranges(GeoNetworks networks)
    {
        // Neighbours are one range: sets are filled in runs.
        List<ListedRange> ranges = [];
        foreach (var network in networks.Networks)
        {
            if (ranges.Count > 0 && ranges[^1] is var before && before.Last.Next == network.First && before.First.IsIPv4 == network.IsIPv4)
            {
                ranges[^1] = before with { Last = network.Last };
            }
            else
            {
                ranges.Add(new ListedRange(network.First, network.Last, 1));
            }
        }

        return ranges;
    }

    /// <summary>Makes the chains, where they are missing, as nobody's: until the first load all come back.</summary>
    public static IEnumerable<string> Frame(string table, string chain) => [$"add chain {table} {chain}", $"add chain {table} {chain}_near"];

    /// <summary>The chain's rules in place of those before, as one transaction.</summary>
    /// <param name="table">"inet ringfence_policy".</param>
    /// <param name="then">What happens to whoever is taken: "accept", "goto open_sip".</param>
    public static IEnumerable<string> Rules(string table, string chain, PrefixSets sets, bool isComplement, string then)
    {
        var near = $"{chain}_near";
        yield return $"flush chain {table} {chain}";
        yield return $"flush chain {table} {near}";

        // Whoever is in none of the wide sets is in none of the exact ones. A packet has one family: each family's sets stand by themselves.
        var (inside, outside) = isComplement ? ("return", then) : (then, "return");
        foreach (var set in sets.Near)
        {
            yield return $"add rule {table} {chain} {set.Source} @{set.Name} goto {near}";
        }

        foreach (var set in sets.Exact)
        {
            yield return $"add rule {table} {(sets.Near.Any(wide => wide.IsIPv4 == set.IsIPv4) ? near : chain)} {set.Source} @{set.Name} {inside}";
        }

        yield return $"add rule {table} {chain} {outside}";
        yield return $"add rule {table} {near} {outside}";
    }
}
