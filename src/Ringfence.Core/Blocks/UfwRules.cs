namespace Ringfence.Core.Blocks;

/// <summary>What <c>ufw show added</c> prints: each rule as the command that made it, "ufw deny from 203.0.113.5", "ufw route deny from 203.0.113.5".</summary>
/// <remarks>Of 0.36.2. "limit" refuses only what comes too often. What stands in before.rules is not told: iptables tells that.</remarks>
internal static class UfwRules
{
    public static IEnumerable<Block> Read(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = QuotedWords.Split(line);
            var isRoute = words.Count > 1 && words[1] == "route";
            var action = isRoute ? 2 : 1;
            var from = words.IndexOf("from");
            if (words.Count < 4 || words[0] != "ufw" || from <= action || from + 1 >= words.Count || words[action] is not ("deny" or "reject")
                || BlockText.Parse(words[from + 1]) is not { } subject)
            {
                continue;
            }

            // A rule is found without its comment.
            var comment = words.IndexOf("comment");
            var rule = words.Take(comment < 0 ? words.Count : comment).Skip(action);
            yield return new Block(BlockKind.Rule, "ufw", subject, null, line.Trim(), isRoute ? ["ufw", "route", "delete", .. rule] : ["ufw", "delete", .. rule]);
        }
    }
}
