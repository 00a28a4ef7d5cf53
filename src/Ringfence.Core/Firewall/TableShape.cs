using System.Text;

namespace Ringfence.Core.Firewall;

/// <summary>What the kernel has of our table: its sets' definitions, chains, rules and counter; not the elements.</summary>
/// <remarks>Filled from the answers to the requests of <see cref="KernelRequests"/>; what belongs to other tables is passed over.</remarks>
internal sealed class TableShape
{
    private static readonly Dictionary<string, string> Bans = BanSets.All.ToDictionary(NameOf, Definition, StringComparer.Ordinal);
    private static readonly Dictionary<string, string> Ours = new(
        [.. Bans, .. BanSets.Trusted.Concat(BanSets.Throttled).Select(set => KeyValuePair.Create(NameOf(set), Definition(set))), .. LimitSet.All.Select(set => KeyValuePair.Create(set.Name, Definition(set)))],
        StringComparer.Ordinal);

    private static readonly string[] Counters = [RulesetText.Counter, LimitRules.Counter, LimitRules.TogetherCounter, LimitRules.ThrottleCounter, LimitRules.LongCounter];

    private readonly SortedDictionary<string, string> _sets = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _chains = new(StringComparer.Ordinal);
    private readonly List<(string Chain, string Expressions)> _rules = [];
    private string? _table;
    private readonly SortedSet<string> _counters = new(StringComparer.Ordinal);

    public bool Exists => _table is not null;

    /// <summary>Chains that the ruleset does not make: an earlier version's, or somebody's own.</summary>
    public IEnumerable<string> StrangeChains(Ruleset ruleset) => _chains.Keys.Except(RulesetText.Chains(ruleset).Keys);

    /// <summary>Chains of limits that the ruleset does not have any more.</summary>
    public IEnumerable<string> RetiredChains(Ruleset ruleset) => StrangeChains(ruleset).Intersect(LimitRules.Chains);

    /// <summary>Sets of our names with another type or other flags, or that the ruleset does not need.</summary>
    public IEnumerable<string> StrangeSets(Ruleset ruleset)
    {
        var wanted = Wanted(ruleset);
        return _sets.Where(set => wanted.GetValueOrDefault(set.Key) != set.Value).Select(set => set.Key);
    }

    /// <summary>The hook chain stands at another hook, priority or policy than ours: it can't be changed, only replaced.</summary>
    public bool HasStrangeHook => _chains.TryGetValue(RulesetText.Arriving, out var hook) && hook != RulesetText.ArrivingHook;

    /// <summary>Everything that makes packets be dropped, as text to compare: the same after the same script.</summary>
    public string Fingerprint
    {
        get
        {
            var text = new StringBuilder();
            text.Append(_table).Append('\n');
            text.AppendJoin('\n', _counters.Select(counter => $"counter {counter}")).Append('\n');
            text.AppendJoin('\n', _sets.Select(set => $"set {set.Key} {set.Value}")).Append('\n');
            text.AppendJoin('\n', _chains.Select(chain => $"chain {chain.Key} {chain.Value}")).Append('\n');
            text.AppendJoin('\n', _rules.Select(rule => $"rule {rule.Chain} {rule.Expressions}"));
            return text.ToString();
        }
    }

    /// <summary>Whether it has just what <see cref="RulesetText"/> makes, as far as can be told without reading rules.</summary>
    public bool IsWhole(Ruleset ruleset)
    {
        var chains = RulesetText.Chains(ruleset);
        return _table == "flags 0" && _counters.IsSupersetOf(RulesetText.Counters(ruleset)) && !StrangeSets(ruleset).Any() && _sets.Count == Wanted(ruleset).Count
            && !HasStrangeHook && _chains.Keys.ToHashSet().SetEquals(chains.Keys) && chains.All(chain => _rules.Count(rule => rule.Chain == chain.Key) == chain.Value);
    }

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

            case NftProtocol.NewSet when Encoding.UTF8.GetString(attributes.Find(NftProtocol.SetName).Text) is var name && Ours.ContainsKey(name):
                _sets[name] = Definition(
                    attributes.Find(NftProtocol.SetKeyType).UInt32 ?? 0,
                    attributes.Find(NftProtocol.SetKeyLength).UInt32 ?? 0,
                    attributes.Find(NftProtocol.SetFlags).UInt32 ?? 0,
                    attributes.Find(NftProtocol.SetTimeout).UInt64 ?? 0,
                    attributes.Find(NftProtocol.SetDescription).Nested.Find(NftProtocol.SetDescriptionSize).UInt32 ?? 0);
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

            case NftProtocol.NewObject when Encoding.UTF8.GetString(attributes.Find(NftProtocol.ObjectName).Text) is var counter && Counters.Contains(counter):
                if (attributes.Find(NftProtocol.ObjectType).UInt32 == NftProtocol.ObjectIsCounter)
                {
                    _counters.Add(counter);
                }

                break;
        }
    }

    private static string NameOf(BanSet set) => Encoding.ASCII.GetString(set.Name);

    private static Dictionary<string, string> Wanted(Ruleset ruleset) => ruleset.Limits is not null ? Ours : Bans;

    private static string Definition(BanSet set) => Definition(
        set.IsIPv4 ? NftProtocol.TypeIPv4 : NftProtocol.TypeIPv6,
        (uint)set.KeyBytes,
        (set.IsTrust ? 0 : NftProtocol.SetHasTimeout) | (set.HoldsIntervals ? NftProtocol.SetIsInterval : 0),
        timeout: 0,
        entries: 0);

    private static string Definition(LimitSet set) => Definition(
        set.IsIPv4 ? NftProtocol.TypeIPv4 : NftProtocol.TypeIPv6,
        set.IsIPv4 ? 4u : 16,
        NftProtocol.SetHasTimeout | NftProtocol.SetIsDynamic,
        (ulong)set.Timeout.TotalMilliseconds,
        (uint)set.Entries);

    private static string Definition(uint type, uint lengthBytes, uint flags, ulong timeout, uint entries) =>
        $"type {type} length {lengthBytes} flags {flags} timeout {timeout} size {entries}";
}
