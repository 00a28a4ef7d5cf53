using System.Globalization;
using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Core.Lists;

namespace Ringfence.Enforcement;

/// <summary>The kernel's table of blocklists. A load fills new sets beside the old ones, exchanges the rules in one transaction, and then deletes the old sets: there is no moment
/// without a list. One caller at a time.</summary>
/// <param name="open">Opens a netlink socket: in the network namespace in which nft runs.</param>
/// <param name="unheard">Runs what commits all elements, see <see cref="Nftables.Unheard"/>; null: nobody of this process listens.</param>
internal sealed class ListTable(NftCommand nft, Func<NetlinkSocket> open, OwnCommits own, TimeProvider time, Action<Action>? unheard = null) : IDisposable
{
    // Others' changes to the firewall, bans too, wait for a transaction to end: so long it is some 20 ms (bench/lists).
    private const int TransactionBytes = 256 << 10;

    private readonly KernelTable _kernel = Open(open, own);
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
        var before = Shape();
        DeleteUnused(before, keep: []);
        before = Shape();
        var sets = PrefixSets.Of(ranges, $"{Generation(before)}_", counts: true);
        var counters = new CounterNames(names);
        foreach (var range in ranges)
        {
            counters.Of(range.Lists);
        }

        await RunAsync(
            [
                .. ListRules.Frame(),
                .. counters.Names.Select(counter => $"add counter {ListRules.Table} {counter}"),
                .. sets.All.Select(set => set.Definition(ListRules.Table)),
            ],
            stop);
        try
        {
            (unheard ?? (static fill => fill()))(() => Fill(sets, counters, stop));
            PlaceTrusted(trusted);
            await RunAsync(ListRules.Rules(sets), stop);
        }
        finally
        {
            // The old ones; if it failed, the new ones.
            DeleteUnused(Shape(), keep: counters.Names);
        }

        _fingerprint = Shape().Fingerprint;
        return sets.All.Sum(set => set.Elements);
    }

    /// <summary>Deletes the table, if it is there.</summary>
    /// <exception cref="FirewallException">It can't be.</exception>
    public async Task RemoveAsync(CancellationToken stop)
    {
        if (Shape().Sets.Count > 0)
        {
            await RunAsync([$"delete table {ListRules.Table}"], stop);
        }
    }

    /// <summary>Who comes in whatever list he is on; after the first load.</summary>
    /// <exception cref="FirewallException">The kernel refused.</exception>
    public void Trust(IReadOnlyCollection<Network> trusted) => PlaceTrusted(trusted);

    public void Dispose() => _kernel.Dispose();

    private static KernelTable Open(Func<NetlinkSocket> open, OwnCommits own)
    {
        var kernel = new KernelTable(open(), ListRules.TableName.ToArray());
        own.Begin(kernel.Port);
        return kernel;
    }

    private void PlaceTrusted(IReadOnlyCollection<Network> trusted)
    {
        _trusted ??= new TrustedSets(_kernel, isUsed: true, time);
        _trusted.Replace(trusted);
    }

    private void Fill(PrefixSets sets, CounterNames counters, CancellationToken stop)
    {
        SetFill[] fills = [.. sets.All.Select(set => new SetFill("ringfence_lists", set.Name, set.IsIPv4))];
        sets.Each((set, key, lists) =>
        {
            var fill = fills[set];
            fill.Add(key, lists == 0 ? default : counters.Of(lists));
            if (fill.Length >= TransactionBytes)
            {
                stop.ThrowIfCancellationRequested();
                Send(fill);
            }
        });
        foreach (var fill in fills.Where(fill => !fill.IsEmpty))
        {
            Send(fill);
        }
    }

    private void Send(SetFill fill)
    {
        fill.End();
        if (_kernel.Send(fill) is not 0 and var errno)
        {
            throw new FirewallException($"nftables: the blocklists can't be put into the kernel: {KernelWords.For(errno)}; those from before stay");
        }

        fill.Clear();
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

    // What a killed process left, or what the exchange made superfluous: the kernel itself says what is in use.
    private void DeleteUnused(ListTableShape shape, IReadOnlyCollection<string> keep)
    {
        foreach (var set in shape.Sets.Where(set => set is not ("trusted4" or "trusted6")))
        {
            _kernel.Delete(NftProtocol.DeleteSet, set);
        }

        if (keep.Count > 0)
        {
            foreach (var counter in shape.Counters.Keys.Except(keep))
            {
                _kernel.Delete(NftProtocol.DeleteObject, counter);
            }
        }
    }

    // A letter and a number that no set has: "g7_4_24".
    private static string Generation(ListTableShape shape)
    {
        for (var number = 1; ; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"g{number}");
            if (!shape.Sets.Any(set => set.StartsWith(name + "_", StringComparison.Ordinal)))
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
            throw new FirewallException($"nftables: the table of blocklists can't be made: {refusal}");
        }
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
