namespace Ringfence.Core.Host.Filter;

/// <summary>A machine's rules for packets, read.</summary>
/// <param name="Chains">By <see cref="FilterChain.Key"/>.</param>
/// <param name="Named">Every address and network in the rules and sets.</param>
internal sealed record PacketFilter(IReadOnlyDictionary<string, FilterChain> Chains, IReadOnlyCollection<AddressRange> Named)
{
    /// <summary>Sets that a rule drops the members of, nobody is in, and nothing fills while packets come: "inet filter blocklist".</summary>
    public IReadOnlyList<string> EmptyBlocklists { get; init; } = [];

    /// <summary>Something in it can stop a packet on its way in.</summary>
    public bool CanStop(bool isIPv6) => Chains.Values.Any(chain => chain.Hook is "ingress" or "prerouting" or "input" && (isIPv6 ? chain.ForIPv6 : chain.ForIPv4)
        && (chain.Policy != Outcomes.Accept || chain.Rules.Count > 0));

    public static PacketFilter Join(IReadOnlyList<PacketFilter> filters) => new(
        filters.SelectMany(static filter => filter.Chains).DistinctBy(static chain => chain.Key).ToDictionary(StringComparer.Ordinal),
        [.. filters.SelectMany(static filter => filter.Named)])
    {
        EmptyBlocklists = [.. filters.SelectMany(static filter => filter.EmptyBlocklists)],
    };
}
