using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Core.Lists;

namespace Ringfence.Enforcement;

/// <summary>The kernel's table of blocklists. A load fills new sets beside the old ones, exchanges the rules in one transaction, and then deletes the old sets: there is no moment
/// without a list. One caller at a time.</summary>
/// <param name="open">Opens a netlink socket: in the network namespace in which nft runs.</param>
/// <param name="unheard">Runs what commits all elements, see <see cref="Nftables.Unheard"/>; null: nobody of this process listens.</param>
internal sealed class ListTable(NftCommand nft, Func<NetlinkSocket> open, TimeProvider time, Action<Action>? unheard = null) : IDisposable
{
    private readonly KernelTable _kernel = new(open(), ListRules.TableName.ToArray());
    private TrustedSets? _trusted;
    private string _fingerprint = "";

    /// <summary>Whether the table is as the last load left it, as far as can be told without reading elements.</summary>
    public bool IsWhole => Shape().Fingerprint == _fingerprint;

    /// <summary>Packets dropped so far, by counter: see <see cref="ListRules.ListsOf"/>.</summary>
    public IReadOnlyDictionary<string, long> Dropped() => Shape().Counters;

    /// <summary>Blocks just these ranges from now on.</summary>
    /// <param name="names">Of the lists, by their numbers.</param>
    /// <param name="trusted">Who comes in whatever list he is on.</param>
    /// <returns>How many elements the kernel has now.</returns>
    /// <exception cref="FirewallException">It can't be: the table is as it was.</exception>
    public async Task<int> LoadAsync(IReadOnlyList<ListedRange> ranges, IReadOnlyList<string> names, IReadOnlyCollection<Network> trusted, CancellationToken stop)
    {
        var counters = new CounterNames(names);
        foreach (var range in ranges)
        {
            counters.Of(range.Lists);
        }

        int elements;
        try
        {
            elements = await Exchange.RunAsync(
                prefix: "",
                name => PrefixSets.Of(ranges, name, counts: true),
                [.. ListRules.Frame(), .. counters.Names.Select(counter => $"add counter {ListRules.Table} {counter}")],
                counters.Of,
                ListRules.Rules,
                fill =>
                {
                    (unheard ?? (static one => one()))(fill);
                    PlaceTrusted(trusted);
                },
                stop);
        }
        finally
        {
            // The kernel itself says which are in use: those of before, if it failed.
            foreach (var counter in Shape().Counters.Keys.Except(counters.Names))
            {
                _kernel.Delete(NftProtocol.DeleteObject, counter);
            }
        }

        _fingerprint = Shape().Fingerprint;
        return elements;
    }

    /// <summary>Deletes the table, if it is there.</summary>
    /// <exception cref="FirewallException">It can't be.</exception>
    public async Task RemoveAsync(CancellationToken stop)
    {
        if (Shape().Sets.Count > 0)
        {
            if (await nft.RunAsync($"delete table {ListRules.Table}\n", stop) is { } refusal)
            {
                throw new FirewallException($"nftables: the table of blocklists can't be deleted: {refusal}");
            }
        }
    }

    /// <summary>Who comes in whatever list he is on; after the first load.</summary>
    /// <exception cref="FirewallException">The kernel refused.</exception>
    public void Trust(IReadOnlyCollection<Network> trusted) => PlaceTrusted(trusted);

    public void Dispose() => _kernel.Dispose();

    private PrefixSetExchange Exchange => new(_kernel, ListRules.Name, nft, "the blocklists");

    private void PlaceTrusted(IReadOnlyCollection<Network> trusted)
    {
        _trusted ??= new TrustedSets(_kernel, isUsed: true, time);
        _trusted.Replace(trusted);
    }

    private ListTableShape Shape()
    {
        var shape = new ListTableShape();
        foreach (var part in ListTableShape.Parts)
        {
            _kernel.Dump(part, shape.See);
        }

        return shape;
    }

    /// <summary>The counters' names as the kernel takes them, by the lists that they count for.</summary>
    private sealed class CounterNames(IReadOnlyList<string> lists)
    {
        private readonly Dictionary<ulong, byte[]> _names = [];
        private ulong _last;
        private byte[] _lastName = [];

        public IReadOnlyCollection<string> Names => [.. _names.Values.Select(Encoding.ASCII.GetString).Distinct()];

        public byte[] Of(ulong of)
        {
            // One after the other are often of the same lists.
            if (of == _last)
            {
                return _lastName;
            }

            if (!_names.TryGetValue(of, out var name))
            {
                _names[of] = name = Encoding.ASCII.GetBytes(ListRules.CounterOf(of, lists));
            }

            (_last, _lastName) = (of, name);
            return name;
        }
    }
}
