using System.Text;

namespace Ringfence.Core.Firewall;

/// <summary>What the kernel has of our table: its sets' definitions, chains, rules and counter; not the elements.</summary>
/// <remarks>Filled from the answers to the requests of <see cref="KernelRequests"/>; what belongs to other tables is passed over.</remarks>
internal sealed class TableShape
{
    private readonly SortedDictionary<BanSet, string> _sets = [];
    private readonly SortedDictionary<string, string> _chains = new(StringComparer.Ordinal);
    private readonly List<(string Chain, string Expressions)> _rules = [];
    private string? _table;
    private bool _hasCounter;

    public bool Exists => _table is not null;

    /// <summary>Chains that this version does not make: an earlier version's, or somebody's own.</summary>
    public IEnumerable<string> StrangeChains => _chains.Keys.Where(chain => chain is not (RulesetText.Arriving or RulesetText.Refuse));

    /// <summary>Sets of our names with another type or other flags.</summary>
    public IEnumerable<BanSet> StrangeSets => _sets.Where(set => set.Value != Definition(set.Key)).Select(set => set.Key);

    /// <summary>The hook chain stands at another hook, priority or policy than ours: it can't be changed, only replaced.</summary>
    public bool HasStrangeHook => _chains.TryGetValue(RulesetText.Arriving, out var hook) && hook != RulesetText.ArrivingHook;

    /// <summary>Everything that makes packets be dropped, as text to compare: the same after the same script.</summary>
    public string Fingerprint
    {
        get
        {
            var text = new StringBuilder();
            text.Append(_table).Append(_hasCounter ? "\ncounter" : "").Append('\n');
            text.AppendJoin('\n', _sets.Select(set => $"set {set.Key} {set.Value}")).Append('\n');
            text.AppendJoin('\n', _chains.Select(chain => $"chain {chain.Key} {chain.Value}")).Append('\n');
            text.AppendJoin('\n', _rules.Select(rule => $"rule {rule.Chain} {rule.Expressions}"));
            return text.ToString();
        }
    }

    /// <summary>Whether it has just what <see cref="RulesetText"/> makes, as far as can be told without reading rules.</summary>
    public bool IsWhole(bool reject) =>
        _table == "flags 0" && _hasCounter && _sets.Count == BanSets.All.Length && !StrangeSets.Any() && !HasStrangeHook
        && _chains.Count == 2 && _chains.ContainsKey(RulesetText.Arriving) && _chains.ContainsKey(RulesetText.Refuse)
        && _rules.Count(rule => rule.Chain == RulesetText.Arriving) == RulesetText.ArrivingRules
        && _rules.Count(rule => rule.Chain == RulesetText.Refuse) == RulesetText.RefuseRules(reject);

    public void See(NetlinkMessage message)
    {
        if (message.Family != NftProtocol.FamilyInet || !message.Attributes.Find(NftProtocol.OfTable).Text.SequenceEqual(RulesetText.TableName))
        {
            return;
        }

        var attributes = message.Attributes;
        switch (message.Type)
        {
            case NftProtocol.NewTable:
                _table = $"flags {attributes.Find(NftProtocol.TableFlags).UInt32 ?? 0}";
                break;

            case NftProtocol.NewSet when BanSets.Named(attributes.Find(NftProtocol.SetName).Text) is { } set:
                _sets[set] = Definition(
                    attributes.Find(NftProtocol.SetKeyType).UInt32 ?? 0,
                    attributes.Find(NftProtocol.SetKeyLength).UInt32 ?? 0,
                    attributes.Find(NftProtocol.SetFlags).UInt32 ?? 0);
                break;

            case NftProtocol.NewChain:
                // The hook's number and priority, the policy and the type as the kernel's own bytes; a chain without a hook has none.
                _chains[Encoding.UTF8.GetString(attributes.Find(NftProtocol.ChainName).Text)] =
                    Convert.ToHexString(attributes.Find(NftProtocol.ChainHook).Value) + " " +
                    Convert.ToHexString(attributes.Find(NftProtocol.ChainPolicy).Value) + " " +
                    Encoding.UTF8.GetString(attributes.Find(NftProtocol.ChainType).Text);
                break;

            case NftProtocol.NewRule:
                _rules.Add((
                    Encoding.UTF8.GetString(attributes.Find(NftProtocol.RuleChain).Text),
                    Convert.ToHexString(attributes.Find(NftProtocol.RuleExpressions).Value)));
                break;

            case NftProtocol.NewObject when attributes.Find(NftProtocol.ObjectName).Text.SequenceEqual(RulesetText.CounterName):
                _hasCounter = attributes.Find(NftProtocol.ObjectType).UInt32 == NftProtocol.ObjectIsCounter;
                break;
        }
    }

    private static string Definition(BanSet set) => Definition(
        set.IsIPv4 ? NftProtocol.TypeIPv4 : NftProtocol.TypeIPv6,
        (uint)set.KeyBytes,
        NftProtocol.SetHasTimeout | (set.HoldsIntervals ? NftProtocol.SetIsInterval : 0));

    private static string Definition(uint type, uint lengthBytes, uint flags) => $"type {type} length {lengthBytes} flags {flags}";
}
