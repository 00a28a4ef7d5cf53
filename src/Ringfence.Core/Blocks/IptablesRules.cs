
namespace Ringfence.Core.Blocks;

/// <summary>What <c>iptables-save</c> and <c>ip6tables-save</c> print: the rules that refuse somebody by his address.</summary>
internal static class IptablesRules
{
    /// <param name="program">iptables or ip6tables: which lifts one.</param>
    public static IEnumerable<Block> Read(string program, string text)
    {
        var table = "filter";
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith('*'))
            {
                table = line[1..].Trim();
            }
            else if (line.StartsWith("-A ", StringComparison.Ordinal) && Rule(program, table, line) is { } block)
            {
                yield return block;
            }
        }
    }

    private static Block? Rule(string program, string table, string line)
    {
        var words = QuotedWords.Split(line);
        var source = words.IndexOf("-s");

        // The last: a comment may hold the words "-j" and "-s", each within its quotes, so as one word with others; but not behind the target.
        var target = words.LastIndexOf("-j");
        if (words.Count < 4 || source < 2 || source + 1 >= words.Count || words[source - 1] == "!" || target < 0 || target + 1 >= words.Count
            || words[target + 1] is not ("DROP" or "REJECT" or "TARPIT") || BlockText.Parse(words[source + 1]) is not { } subject)
        {
            return null;
        }

        return new Block(BlockKind.Rule, $"{program}, chain {words[1]}{(table == "filter" ? "" : $" of {table}")}", subject, null, line, [program, "-t", table, "-D", .. words.Skip(1)]);
    }
}
