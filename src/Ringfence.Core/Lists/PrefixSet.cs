using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>A hash set of the kernel that holds networks of one prefix length: a rule masks the source and looks it up.</summary>
/// <param name="Elements">How many it holds. Told to the kernel, it takes a table that never grows, and for IPv4's four bytes the fastest one it has (nft_hash_fast_ops in net/netfilter/nft_set_hash.c).</param>
/// <param name="Counts">Each element leads to a counter (an object map), which counts and lets the rule go on.</param>
internal sealed record PrefixSet(string Name, bool IsIPv4, int PrefixLength, int Elements, bool Counts)
{
    /// <summary>Room for so many times the elements, so that most places of the table are empty, and a lookup that finds nothing reads one line of memory and not two.</summary>
    public int Spread { get; init; } = 1;

    /// <summary>As nft has it, without its elements.</summary>
    public string Definition(string table) =>
        $"add {(Counts ? "map" : "set")} {table} {Name} {{ type {(IsIPv4 ? "ipv4_addr" : "ipv6_addr")}{(Counts ? " : counter" : "")}; size {(long)Elements * Spread}; }}";

    /// <summary>What a rule looks up: the packet's source, masked. "ip saddr &amp; 255.255.255.0 @name drop" is a rule.</summary>
    public string Source
    {
        get
        {
            var family = IsIPv4 ? "ip" : "ip6";
            return PrefixLength == (IsIPv4 ? 32 : 128) ? $"{family} saddr" : $"{family} saddr & {Mask}";
        }
    }

    private string Mask => new Network(IsIPv4 ? Address.FromIPv4(uint.MaxValue) : Address.Highest, PrefixLength).First.ToString();
}
