namespace Ringfence.Core.Blocks;

/// <summary>What <c>ufw show added</c> prints: each rule as the command that made it, "ufw deny from 203.0.113.5".</summary>
internal static class UfwRules
{
    public static IEnumerable<Block> Read(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = QuotedWords.Split(line);
            var from = words.IndexOf("from");
            if (words.Count < 4 || words[0] != "ufw" || from < 0 || from + 1 >= words.Count || words[1] is not ("deny" or "reject" or "limit")
                || BlockText.Parse(words[from + 1]) is not { } subject)
            {
                continue;
            }

            // A rule is found without its comment.
            var comment = words.IndexOf("comment");
            yield return new Block(BlockKind.Rule, "ufw", subject, null, line.Trim(), ["ufw", "delete", .. words.Take(comment < 0 ? words.Count : comment).Skip(1)]);
        }
    }
}
