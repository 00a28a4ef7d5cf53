using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>What <c>iptables-save</c> and <c>ip6tables-save</c> print: the rules that refuse somebody by his address, or send him to a chain that does.</summary>
internal static class IptablesRules
{
    /// <param name="program">iptables, ip6tables, iptables-legacy: which lifts one.</param>
    /// <param name="sets">What the rules name; null: nobody asked.</param>
    /// <param name="subject">Whom it is about; null: everybody.</param>
    public static IEnumerable<Block> Read(string program, string text, IpSets? sets = null, Network? subject = null)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        return Refusing(text).SelectMany(refusing => Blocks(program, refusing.Rule, refusing.Verdict, sets, subject, told));
    }

    /// <summary>The lists of xt_recent that keep somebody out, and how often he must be in them.</summary>
    public static IReadOnlyList<RecentRule> RecentLists(string text) => [.. Refusing(text).Select(refusing => refusing.Rule.Recent).OfType<RecentRule>()];

    private static IEnumerable<(IptablesRule Rule, ChainVerdict Verdict)> Refusing(string text)
    {
        var table = "filter";
        var rules = new List<IptablesRule>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith('*'))
            {
                table = line[1..].Trim();
            }
            else if (IptablesRule.Read(table, line) is { } rule)
            {
                rules.Add(rule);
            }
        }

        var chains = new ChainVerdicts();
        rules.ForEach(rule => chains.Add($"{rule.Table} {rule.Chain}", rule.IsConditional, rule.End, $"{rule.Table} {rule.Target}"));
        return rules.Select(rule => (rule, rule.End switch
        {
            RuleEnd.Refuse => ChainVerdict.RefusesAll,
            RuleEnd.Jump or RuleEnd.Goto => chains.Of($"{rule.Table} {rule.Target}"),
            _ => ChainVerdict.Open,
        })).Where(refusing => refusing.Item2 != ChainVerdict.Open);
    }

    private static IEnumerable<Block> Blocks(string program, IptablesRule rule, ChainVerdict verdict, IpSets? sets, Network? subject, HashSet<string> told)
    {
        // A rate limit refuses nobody by his address; and firewalld sends a zone's sources to the zone's chain, which refuses what the zone does not serve.
        if (rule.IsLimit || (verdict == ChainVerdict.RefusesMost && IsZone(rule.Target)))
        {
            return [];
        }

        var where = $"{program}, chain {rule.Chain}{(rule.Table == "filter" ? "" : $" of {rule.Table}")}";
        var why = verdict == ChainVerdict.RefusesMost ? $"{rule.Text}, for some of its packets" : rule.Text;
        Block Of(Network network) => new(BlockKind.Rule, where, network, null, why, [program, "-t", rule.Table, "-D", .. rule.Words.Skip(1)])
        {
            Table = $"{(program.StartsWith("ip6", StringComparison.Ordinal) ? "ip6" : "ip")} {rule.Table}",
            Chain = rule.Chain,
            Returns = "lifted in the kernel alone: whatever made it (netfilter-persistent, a script, a service) may bring it back",
        };
        if (rule.Value("-s") is { } source)
        {
            return BlockText.Parse(source) is { } network ? [Of(network)] : [];
        }

        // "src,dst" asks for more than the sender.
        if (sets is not null && rule.Value("--match-set") is { } name && rule.Words.ToList().IndexOf("--match-set") is var match && match + 2 < rule.Words.Count && rule.Words[match + 2] == "src")
        {
            // Several chains may name one set: its element is one block, and goes once.
            return !told.Add(name) || (subject is { } asked && sets.Exempts(name, asked)) ? [] : sets.Blocks(name, where).Select(block => block with { Table = Of(block.Subject).Table, Chain = rule.Chain, Returns = Of(block.Subject).Returns });
        }

        if (rule.Value("--src-range")?.Split('-') is [var from, var to]
            && Address.Parse(from) is { } first && Address.Parse(to) is { } last && first.IsIPv4 == last.IsIPv4 && first.CompareTo(last) <= 0)
        {
            return new Firewall.Interval(first, last, null).Networks().Select(network => Of(network) with
            {
                Together = network.First == first && network.Last == last ? null : $"one rule for all of {first}-{last}",
            });
        }

        return [];
    }

    private static bool IsZone(string chain) => chain.StartsWith("IN_", StringComparison.Ordinal) || chain.StartsWith("FWD", StringComparison.Ordinal);
}
