using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>Networks that no blocklist blocks, and why.</summary>
/// <param name="networks">With the reason behind which an entry is left out: "own address".</param>
internal sealed class ProtectedNetworks(IEnumerable<(Network Network, string Reason)> networks)
{
    /// <summary>What is not on the internet: blocked, it would cut off the office behind the same switch.</summary>
    /// <remarks>From IANA's special-purpose registries (RFC 6890), without the networks for documentation, in which nobody is. In IPv6 the whole is shorter than its
    /// parts: only 2000::/3 is given out (RFC 4291 section 2.4), so all else is protected.</remarks>
    public static readonly IReadOnlyList<(Network Network, string Reason)> Special =
    [
        .. new[] { "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15" }
            .Select(network => (Network.Parse(network)!.Value, "private or special network")),
        (Network.Parse("224.0.0.0/3")!.Value, "multicast or reserved"),
        .. new Network(default, 0).Without(Network.Parse("2000::/3")!.Value).Select(network => (network, "no public IPv6 address")),
    ];

    private readonly List<(Network Network, string Reason)> _networks = Outermost(networks);

    /// <summary>Disjoint, ascending.</summary>
    public IEnumerable<Network> Networks => _networks.Select(known => known.Network);

    /// <returns>Why an entry, or a part of it, is left out; null: it is blocked whole.</returns>
    public (Network Network, string Reason)? Touching(Network entry)
    {
        // The first that begins behind the entry: none of those holds it. They are disjoint, so only the one before it may.
        var (low, high) = (0, _networks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _networks[middle].Network.First.CompareTo(entry.First) <= 0 ? (middle + 1, high) : (low, middle);
        }

        if (low > 0 && (_networks[low - 1].Network.Contains(entry) || entry.Contains(_networks[low - 1].Network)))
        {
            return _networks[low - 1];
        }

        return low < _networks.Count && entry.Contains(_networks[low].Network) ? _networks[low] : null;
    }

    private static List<(Network Network, string Reason)> Outermost(IEnumerable<(Network Network, string Reason)> networks)
    {
        var result = new List<(Network Network, string Reason)>();

        // IPv4 apart: as numbers it stands inside ::/3, and nothing of one family holds anything of the other.
        foreach (var known in networks.OrderBy(known => known.Network.IsIPv4).ThenBy(known => known.Network))
        {
            if (result.Count == 0 || !result[^1].Network.Contains(known.Network))
            {
                result.Add(known);
            }
        }

        result.Sort((one, other) => one.Network.CompareTo(other.Network));
        return result;
    }
}
