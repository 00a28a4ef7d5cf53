using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>What <c>iptables-save</c> and <c>ip6tables-save</c> print: the rules that refuse somebody by his address.</summary>
internal static class IptablesRules
{
    /// <param name="program">iptables or ip6tables: which lifts one.</param>
    /// <param name="sets">What the rules name; null: nobody asked.</param>
    /// <param name="subject">Whom it is about; null: everybody.</param>
    public static IEnumerable<Block> Read(string program, string text, IpSets? sets = null, Network? subject = null)
    {
        var table = "filter";
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith('*'))
            {
                table = line[1..].Trim();
            }
            else if (line.StartsWith("-A ", StringComparison.Ordinal))
            {
                foreach (var block in Rule(program, table, line, sets, subject, told))
                {
                    yield return block;
                }
            }
        }
    }

    private static IEnumerable<Block> Rule(string program, string table, string line, IpSets? sets, Network? subject, HashSet<string> told)
    {
        var words = QuotedWords.Split(line);

        // The last: a comment may hold the words "-j" and "-s", each within its quotes, so as one word with others; but not behind the target.
        var target = words.LastIndexOf("-j");
        if (words.Count < 4 || target < 0 || target + 1 >= words.Count || words[target + 1] is not ("DROP" or "REJECT" or "TARPIT"))
        {
            return [];
        }

        var where = $"{program}, chain {words[1]}{(table == "filter" ? "" : $" of {table}")}";
        List<string> lift = [program, "-t", table, "-D", .. words.Skip(1)];
        if (words.IndexOf("-s") is > 1 and var source && source + 1 < words.Count && words[source - 1] != "!")
        {
            return BlockText.Parse(words[source + 1]) is { } network ? [new Block(BlockKind.Rule, where, network, null, line, lift)] : [];
        }

        // "src,dst" asks for more than the sender.
        if (sets is not null && words.IndexOf("--match-set") is > 1 and var match && match + 2 < words.Count && words[match - 1] != "!" && words[match + 2] == "src")
        {
            // Several chains may name one set: its element is one block, and goes once.
            var name = words[match + 1];
            return !told.Add(name) || (subject is { } asked && sets.Exempts(name, asked)) ? [] : sets.Blocks(name, where);
        }

        if (words.IndexOf("--src-range") is > 1 and var range && range + 1 < words.Count && words[range - 1] != "!" && words[range + 1].Split('-') is [var from, var to]
            && Address.Parse(from) is { } first && Address.Parse(to) is { } last && first.IsIPv4 == last.IsIPv4 && first.CompareTo(last) <= 0)
        {
            return new Firewall.Interval(first, last, null).Networks().Select(network => new Block(BlockKind.Rule, where, network, null, line, lift)
            {
                Together = network.First == first && network.Last == last ? null : $"one rule for all of {first}-{last}",
            });
        }

        return [];
    }
}
