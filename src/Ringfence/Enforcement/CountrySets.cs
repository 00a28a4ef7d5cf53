using System.Text;
using Ringfence.Core.Geo;
using Ringfence.Core.Lists;

namespace Ringfence.Enforcement;

/// <summary>Countries in a table of ours: for each choice a chain, which is exchanged as a whole when the database is a newer one. One caller at a time.</summary>
/// <param name="table">Without its family, which is inet: "ringfence_policy". It must be there.</param>
/// <param name="open">Opens a netlink socket: in the network namespace in which nft runs.</param>
internal sealed class CountrySets(string table, NftCommand nft, Func<NetlinkSocket> open)
{
    /// <param name="chain">Its name, and with an underscore what its sets' names begin with.</param>
    /// <param name="then">What happens to whoever is taken: "accept", "goto open_sip".</param>
    /// <returns>How many elements the kernel has for it now.</returns>
    /// <exception cref="FirewallException">It can't be: the chain is as it was.</exception>
    public async Task<int> LoadAsync(string chain, GeoNetworks networks, string then, CancellationToken stop)
    {
        using var kernel = new KernelTable(open(), Encoding.ASCII.GetBytes(table));
        return await new PrefixSetExchange(kernel, table, nft, "the countries").RunAsync(
            $"{chain}_",
            name => PrefixSets.Of(CountryRules.Ranges(networks), name, counts: false),
            CountryRules.Frame($"inet {table}", chain),
            counterOf: null,
            sets => CountryRules.Rules($"inet {table}", chain, sets, networks.IsComplement, then),
            static fill => fill(),
            stop);
    }
}
