using System.Collections.Frozen;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Where the trust in a network comes from, the strongest first.</summary>
internal enum TrustSource : byte
{
    Loopback = 0,

    /// <summary>An address of the machine itself.</summary>
    Own = 1,

    /// <summary>The operator said so: ringfence trust.</summary>
    Operator = 2,

    /// <summary>[trust] address in ringfence.conf.</summary>
    Configured = 3,

    /// <summary>A DNS name of [trust] address, as it resolved last.</summary>
    Name = 4,

    /// <summary>Asterisk's configuration names it for a trunk.</summary>
    Trunk = 5,

    /// <summary>Somebody is logged in by ssh from there.</summary>
    SshPeer = 6,

    /// <summary>A phone is registered from there, by its own account: the weakest, for whoever has one password can make it.</summary>
    Contact = 7,
}

/// <param name="Reason">For people: "trunk trunk-ip in pjsip.conf:251", "registered contact of 1001".</param>
internal sealed record TrustEntry(Network Network, string Reason, TrustSource Source)
{
    /// <summary>The phone's own word alone says so: enough for whoever is not banned, and no reason to end a ban.</summary>
    public bool IsHearsay { get; init; }

    /// <summary>Why a ban of it ended, for people.</summary>
    public string Sentence => Source == TrustSource.Operator ? Reason : $"trusted now: {Reason}";
}

/// <summary>Who is never banned, and why. Immutable: a new list is made when something changes, and swapped in.</summary>
/// <remarks>A lookup costs one hash per distinct prefix length in the list, so it does not grow with the entries.</remarks>
internal sealed class TrustList
{
    /// <summary>In place of a rule's id where a ban ended because its subject became trusted.</summary>
    public const string Rule = "trust";

    private static readonly TrustEntry[] Always = [.. Network.Loopback.Select(network => new TrustEntry(network, "loopback", TrustSource.Loopback))];

    /// <summary>Loopback alone.</summary>
    public static readonly TrustList Empty = new([]);

    private readonly FrozenDictionary<Network, TrustEntry> _byNetwork;

    // The prefix lengths that occur, longest first; and the networks in order of their first address, for "does this contain any of them".
    private readonly int[] _lengths4;
    private readonly int[] _lengths6;
    private readonly TrustEntry[] _sorted4;
    private readonly TrustEntry[] _sorted6;

    /// <param name="entries">Of two with one network the stronger source gives the reason. Loopback is always added.</param>
    public TrustList(IEnumerable<TrustEntry> entries)
    {
        var byNetwork = new Dictionary<Network, TrustEntry>();
        foreach (var entry in Always.Concat(entries))
        {
            if (!byNetwork.TryGetValue(entry.Network, out var before) || entry.Source < before.Source || (entry.Source == before.Source && before.IsHearsay))
            {
                byNetwork[entry.Network] = entry;
            }
        }

        _byNetwork = byNetwork.ToFrozenDictionary();
        _sorted4 = [.. byNetwork.Values.Where(entry => entry.Network.IsIPv4).OrderBy(entry => entry.Network)];
        _sorted6 = [.. byNetwork.Values.Where(entry => !entry.Network.IsIPv4).OrderBy(entry => entry.Network)];
        _lengths4 = Lengths(_sorted4);
        _lengths6 = Lengths(_sorted6);
    }

    public IEnumerable<TrustEntry> Entries => _sorted4.Concat(_sorted6);

    /// <returns>Why the address is trusted, by the smallest network that holds it; null if it is not.</returns>
    public string? Find(Address address) => FindEntry(address)?.Reason;

    /// <summary>A network is trusted if a trusted one holds it, and also if it holds a trusted one: a ban of it would hit that.</summary>
    /// <returns>Why; null if it is not.</returns>
    public string? Find(Network network) => FindEntry(network)?.Reason;

    /// <returns>Why, of what is stronger than the registration of a phone; null if nothing is.</returns>
    public string? FindFirm(Network network)
    {
        foreach (var length in network.IsIPv4 ? _lengths4 : _lengths6)
        {
            if (length <= network.PrefixLength && _byNetwork.TryGetValue(new Network(network.First, length), out var holder) && holder.Source < TrustSource.Contact)
            {
                return holder.Reason;
            }
        }

        foreach (var entry in network.IsIPv4 ? _sorted4 : _sorted6)
        {
            if (entry.Source < TrustSource.Contact && network.Contains(entry.Network.First))
            {
                return entry.Reason;
            }
        }

        return null;
    }

    public TrustEntry? FindEntry(Address address) => FindEntry(Network.Of(address));

    public TrustEntry? FindEntry(Network network)
    {
        foreach (var length in network.IsIPv4 ? _lengths4 : _lengths6)
        {
            if (length <= network.PrefixLength && _byNetwork.TryGetValue(new Network(network.First, length), out var holder))
            {
                return holder;
            }
        }

        return FirstInside(network);
    }

    // CIDR networks are nested or apart: whatever begins inside lies inside, unless it is larger, and those were asked above.
    private TrustEntry? FirstInside(Network network)
    {
        var sorted = network.IsIPv4 ? _sorted4 : _sorted6;
        var low = 0;
        var high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (sorted[middle].Network.First.CompareTo(network.First) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < sorted.Length && network.Contains(sorted[low].Network.First) ? sorted[low] : null;
    }

    private static int[] Lengths(TrustEntry[] entries) =>
        [.. entries.Select(entry => entry.Network.PrefixLength).Distinct().OrderDescending()];
}
