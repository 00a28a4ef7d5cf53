using System.Text;

namespace Ringfence.Core.Lists;

/// <summary>The table of blocklists in nft's language: everything but the elements.</summary>
internal static class ListRules
{
    /// <summary>The table's name.</summary>
    public const string Name = "ringfence_lists";

    /// <summary>As nft has it.</summary>
    public const string Table = $"inet {Name}";

    /// <summary>The chain that every packet passes.</summary>
    public const string Arriving = "arriving";

    /// <summary>Where those go on who may be on a list.</summary>
    public const string Near = "near";

    /// <summary>Where those go on who are on a list: few, so whatever takes time stands there.</summary>
    public const string Listed = "listed";

    // A counter's name is at most 255 bytes long (NFT_NAME_MAXLEN of linux/netfilter/nf_tables.h is 256 with its zero byte).
    private const int LongestCounter = 250;
    private const string CounterPrefix = "on/";

    /// <summary><see cref="Name"/> as the kernel has it.</summary>
    public static ReadOnlySpan<byte> TableName => "ringfence_lists"u8;

    /// <summary>The name of the counter for packets from addresses that just these lists hold. Names of lists have no stroke.</summary>
    /// <remarks>Where the names are too long together, the last of them lose what the counter counts.</remarks>
    public static string CounterOf(ulong lists, IReadOnlyList<string> names)
    {
        var name = new StringBuilder(CounterPrefix);
        for (var list = 0; list < names.Count; list++)
        {
            if ((lists & (1UL << list)) != 0 && name.Length + names[list].Length < LongestCounter)
            {
                name.Append(name.Length == CounterPrefix.Length ? "" : "/").Append(names[list]);
            }
        }

        return name.ToString();
    }

    /// <returns>The lists that a counter counts for; empty: it is none of ours.</returns>
    public static string[] ListsOf(string counter) =>
        counter.StartsWith(CounterPrefix, StringComparison.Ordinal) ? counter[CounterPrefix.Length..].Split('/') : [];

    /// <summary>Makes the table, or what is missing of it; changes nothing that is there.</summary>
    public static IEnumerable<string> Frame() =>
    [
        $"add table {Table}",
        $"add set {Table} trusted4 {{ type ipv4_addr; flags interval; }}",
        $"add set {Table} trusted6 {{ type ipv6_addr; flags interval; }}",

        // Right behind the bans (-10), and as they before any firewall's filter: what is dropped here meets none of its rules.
        $"add chain {Table} {Arriving} {{ type filter hook prerouting priority -9; policy accept; }}",
        $"add chain {Table} {Near}",
        $"add chain {Table} {Listed}",
    ];

    /// <summary>The rules that ask these sets, in place of those before: in one transaction, so that each packet meets the old ones or the new.</summary>
    public static IEnumerable<string> Rules(PrefixSets sets)
    {
        yield return $"flush chain {Table} {Arriving}";
        yield return $"flush chain {Table} {Near}";
        yield return $"flush chain {Table} {Listed}";

        foreach (var set in sets.Near)
        {
            yield return Rule(Arriving, $"{set.Source} @{set.Name} goto {Near}");
        }

        // All that there is, where no one length could stand for a family.
        foreach (var set in sets.Exact)
        {
            yield return Rule(sets.Near.Any(near => near.IsIPv4 == set.IsIPv4) ? Near : Arriving, $"{set.Source} @{set.Name} goto {Listed}");
        }

        // What the machine sends itself comes from its own addresses. By index, which is 1 in every namespace: nobody can name another interface "lo".
        yield return Rule(Listed, "iif 1 accept");
        yield return Rule(Listed, "ip saddr @trusted4 accept");
        yield return Rule(Listed, "ip6 saddr @trusted6 accept");

        // Asked once more, for the counter that the element leads to.
        foreach (var set in sets.Exact)
        {
            yield return Rule(Listed, $"counter name {set.Source} map @{set.Name} drop");
        }
    }

    private static string Rule(string chain, string rule) => $"add rule {Table} {chain} {rule}";
}
