using System.Globalization;
using System.Text;
using Ringfence.Core.Firewall;
using Ringfence.Core.Geo;
using Ringfence.Core.Lists;

namespace Ringfence.Enforcement;

/// <summary>Countries in a table of ours: for each choice a chain, which is exchanged as a whole when the database is a newer one. One caller at a time.</summary>
/// <remarks>New sets are filled beside the old ones, one transaction exchanges the chain's rules, then the old sets go: no packet meets half a list.</remarks>
/// <param name="table">Without its family, which is inet: "ringfence_policy". It must be there.</param>
/// <param name="open">Opens a netlink socket: in the network namespace in which nft runs.</param>
internal sealed class CountrySets(string table, NftCommand nft, Func<NetlinkSocket> open, OwnCommits own)
{
    // Others' changes to the firewall wait for a transaction to end.
    private const int TransactionBytes = 256 << 10;

    /// <param name="chain">Its name, and with an underscore what its sets' names begin with.</param>
    /// <param name="then">What happens to whoever is taken: "accept", "goto open_sip".</param>
    /// <returns>How many elements the kernel has for it now.</returns>
    /// <exception cref="FirewallException">It can't be: the chain is as it was.</exception>
    public async Task<int> LoadAsync(string chain, GeoNetworks networks, string then, CancellationToken stop)
    {
        using var kernel = new KernelTable(open(), Encoding.ASCII.GetBytes(table));
        own.Begin(kernel.Port);
        await RunAsync(CountryRules.Frame($"inet {table}", chain), stop);

        // What a killed load left is deleted first; what is in use the kernel keeps.
        var before = Sets(kernel, chain);
        Delete(kernel, before);
        before = Sets(kernel, chain);
        var sets = PrefixSets.Of(CountryRules.Ranges(networks), $"{chain}_{Generation(before, chain)}_", counts: false);
        await RunAsync(sets.All.Select(set => set.Definition($"inet {table}")), stop);
        try
        {
            Fill(kernel, sets, stop);
            await RunAsync(CountryRules.Rules($"inet {table}", chain, sets, networks.IsComplement, then), stop);
        }
        finally
        {
            // The old ones; if it failed, the new ones.
            Delete(kernel, Sets(kernel, chain));
        }

        return sets.All.Sum(set => set.Elements);
    }

    private void Fill(KernelTable kernel, PrefixSets sets, CancellationToken stop)
    {
        SetFill[] fills = [.. sets.All.Select(set => new SetFill(table, set.Name, set.IsIPv4))];
        sets.Each((set, key, _) =>
        {
            fills[set].Add(key, counter: default);
            if (fills[set].Length >= TransactionBytes)
            {
                stop.ThrowIfCancellationRequested();
                Send(kernel, fills[set]);
            }
        });
        foreach (var fill in fills.Where(static fill => !fill.IsEmpty))
        {
            Send(kernel, fill);
        }
    }

    private static void Send(KernelTable kernel, SetFill fill)
    {
        fill.End();
        if (kernel.Send(fill) is not 0 and var errno)
        {
            throw new FirewallException($"nftables: the countries can't be put into the kernel: {KernelWords.For(errno)}; those from before stay");
        }

        fill.Clear();
    }

    private List<string> Sets(KernelTable kernel, string chain)
    {
        List<string> sets = [];
        var name = Encoding.ASCII.GetBytes(table);
        kernel.Dump(NftProtocol.GetSet, message =>
        {
            var attributes = message.Attributes;
            if (message.Family == NftProtocol.FamilyInet && attributes.Find(NftProtocol.OfTable).Text.SequenceEqual(name)
                && Encoding.UTF8.GetString(attributes.Find(NftProtocol.SetName).Text) is var set && IsOf(set, chain))
            {
                sets.Add(set);
            }
        });
        return sets;
    }

    private static void Delete(KernelTable kernel, IEnumerable<string> sets)
    {
        foreach (var set in sets)
        {
            kernel.Delete(NftProtocol.DeleteSet, set);
        }
    }

    // "phones_g2_4_24": another chain's name may begin with this one's.
    private static bool IsOf(string set, string chain) =>
        set.StartsWith($"{chain}_g", StringComparison.Ordinal) && set.Length > chain.Length + 2 && char.IsAsciiDigit(set[chain.Length + 2]) && set[(chain.Length + 2)..].Count(static c => c == '_') is 2;

    private static string Generation(IReadOnlyCollection<string> sets, string chain)
    {
        for (var number = 1; ; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"g{number}");
            if (!sets.Any(set => set.StartsWith($"{chain}_{name}_", StringComparison.Ordinal)))
            {
                return name;
            }
        }
    }

    private async Task RunAsync(IEnumerable<string> lines, CancellationToken stop)
    {
        var refusal = await nft.RunAsync(string.Join('\n', lines) + "\n", own.Expect, stop);
        if (refusal is not null)
        {
            throw new FirewallException($"nftables: the chain of countries can't be made: {refusal}");
        }
    }
}
