using System.Globalization;
using System.Text;
using Ringfence.Core.Firewall;
using Ringfence.Core.Lists;

namespace Ringfence.Enforcement;

/// <summary>Exchanges the hash sets that rules of a table ask: new ones are filled beside the old ones, one transaction exchanges the rules, then the old ones go. No packet meets
/// half a list.</summary>
/// <param name="kernel">Bound to <paramref name="table"/>.</param>
/// <param name="table">Without its family, which is inet.</param>
/// <param name="what">For whoever reads what went wrong: "the blocklists".</param>
internal sealed class PrefixSetExchange(KernelTable kernel, string table, NftCommand nft, string what)
{
    // Others' changes to the firewall, bans too, wait for a transaction to end: so long it is some 20 ms (bench/lists).
    private const int TransactionBytes = 256 << 10;

    /// <param name="prefix">What the sets' names begin with, before a number of the generation: "" or "chain_".</param>
    /// <param name="expand">Makes the sets, given what their names begin with.</param>
    /// <param name="frame">What has to be there beside them, in nft's language; changes nothing that is there.</param>
    /// <param name="counterOf">The counter of an element by its lists; null: they have none.</param>
    /// <param name="rules">The rules that ask the sets, in place of those before.</param>
    /// <param name="around">Runs the filling, and what else has to be done before the rules.</param>
    /// <returns>How many elements the kernel has now.</returns>
    /// <exception cref="FirewallException">It can't be: the rules and what they ask are as they were.</exception>
    public async Task<int> RunAsync(string prefix, Func<string, PrefixSets> expand, IEnumerable<string> frame, Func<ulong, byte[]>? counterOf, Func<PrefixSets, IEnumerable<string>> rules, Action<Action> around, CancellationToken stop)
    {
        // What a killed load left goes first; what is in use the kernel keeps.
        DeleteUnused(prefix);
        var sets = expand(Unused(prefix));
        await ScriptAsync(frame.Concat(sets.All.Select(set => set.Definition($"inet {table}"))), stop);
        try
        {
            around(() => Fill(sets, counterOf, stop));
            await ScriptAsync(rules(sets), stop);
        }
        finally
        {
            // The old ones; if it failed, the new ones.
            DeleteUnused(prefix);
        }

        return sets.All.Sum(set => set.Elements);
    }

    private void Fill(PrefixSets sets, Func<ulong, byte[]>? counterOf, CancellationToken stop)
    {
        SetFill[] fills = [.. sets.All.Select(set => new SetFill(table, set.Name, set.IsIPv4))];
        sets.Each((set, key, lists) =>
        {
            var fill = fills[set];
            fill.Add(key, counterOf is null || lists == 0 ? default : counterOf(lists));
            if (fill.Length >= TransactionBytes)
            {
                stop.ThrowIfCancellationRequested();
                Send(fill);
            }
        });
        foreach (var fill in fills.Where(static fill => !fill.IsEmpty))
        {
            Send(fill);
        }
    }

    private void Send(SetFill fill)
    {
        fill.End();
        if (kernel.Send(fill) is not 0 and var errno)
        {
            throw new FirewallException($"nftables: {what} can't be put into the kernel: {KernelWords.For(errno)}; those from before stay");
        }

        fill.Clear();
    }

    private void DeleteUnused(string prefix)
    {
        foreach (var set in Sets(prefix))
        {
            kernel.Delete(NftProtocol.DeleteSet, set);
        }
    }

    // A letter and a number that no set has: "g7_" of "g7_4_24".
    private string Unused(string prefix)
    {
        var there = Sets(prefix);
        for (var number = 1; ; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}g{number}_");
            if (!there.Exists(set => set.StartsWith(name, StringComparison.Ordinal)))
            {
                return name;
            }
        }
    }

    private List<string> Sets(string prefix)
    {
        List<string> sets = [];
        var name = Encoding.ASCII.GetBytes(table);
        kernel.Dump(NftProtocol.GetSet, message =>
        {
            var attributes = message.Attributes;
            if (message.Family == NftProtocol.FamilyInet && attributes.Find(NftProtocol.OfTable).Text.SequenceEqual(name)
                && Encoding.UTF8.GetString(attributes.Find(NftProtocol.SetName).Text) is var set && IsOf(set, prefix))
            {
                sets.Add(set);
            }
        });
        return sets;
    }

    // "phones_g2_4_24": another prefix may begin with this one.
    private static bool IsOf(string set, string prefix) =>
        set.StartsWith($"{prefix}g", StringComparison.Ordinal) && set.Length > prefix.Length + 1 && char.IsAsciiDigit(set[prefix.Length + 1]) && set[(prefix.Length + 1)..].Count(static c => c == '_') is 2;

    private async Task ScriptAsync(IEnumerable<string> lines, CancellationToken stop)
    {
        if (await nft.RunAsync(string.Join('\n', lines) + "\n", stop) is { } refusal)
        {
            throw new FirewallException($"nftables: the rules for {what} can't be made: {refusal}");
        }
    }
}
