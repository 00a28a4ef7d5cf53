using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Host.Filter;

namespace Ringfence.Core.Perimeter;

/// <summary>Chains of countries in rules that were read without their hundred thousand networks: the databases are asked in place of the sets.</summary>
internal static class GeoWalk
{
    /// <param name="running">Its chains of countries are changed.</param>
    /// <param name="chains">Those that are filled, as the script of the policy in the kernel names them.</param>
    /// <param name="table">What the databases say.</param>
    public static void Fill(PacketFilter running, IEnumerable<GeoChain> chains, GeoTable table)
    {
        foreach (var chain in chains)
        {
            // With a rule of somebody else in it nobody can follow it, as before.
            if (running.Chains.TryGetValue(Key(chain.Name), out var shown) && IsOurs(shown, chain))
            {
                shown.Rules.Clear();
                shown.Rules.Add(new FilterRule([(probe, _) => chain.Choice.Takes(Address.From(probe.Source), table)], new Jumps(Key(chain.Target), IsGoto: true), HasLimit: false, shown.Key, 1));
            }
        }
    }

    private static bool IsOurs(FilterChain shown, GeoChain chain) =>
        shown.Rules.Count > 0 && shown.Rules.TrueForAll(rule => rule.Verdict is Returns or Jumps { IsGoto: true } && (rule.Verdict is not Jumps jump || jump.Chain == Key(chain.Target) || jump.Chain == Key($"{chain.Name}_near")));

    private static string Key(string chain) => $"inet {NftPolicy.Table} {chain}";
}
