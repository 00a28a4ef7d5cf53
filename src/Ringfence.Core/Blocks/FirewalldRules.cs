namespace Ringfence.Core.Blocks;

/// <summary>What <c>firewall-cmd --list-all-zones</c> prints: rich rules that drop or reject a source, and the sources of the zones drop and block.</summary>
internal static class FirewalldRules
{
    public static IEnumerable<Block> Read(string text)
    {
        var zone = "";
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && line[0] is not (' ' or '\t'))
            {
                zone = line.Split(' ')[0];
                continue;
            }

            var words = QuotedWords.Split(line);
            if (words.Count == 0)
            {
                continue;
            }

            if (words[0] == "sources:" && zone is "drop" or "block")
            {
                foreach (var source in words.Skip(1))
                {
                    if (BlockText.Parse(source) is { } subject)
                    {
                        yield return new Block(BlockKind.Rule, $"firewalld, zone {zone}", subject, null, "a source of the zone", ["firewall-cmd", $"--zone={zone}", $"--remove-source={source}"]);
                    }
                }
            }
            else if (words[0] == "rule" && (words.Contains("drop") || words.Contains("reject")) && !words.Contains("NOT"))
            {
                // rule family="ipv4" source address="203.0.113.5" drop
                var at = words.IndexOf("source");
                if (at >= 0 && at + 1 < words.Count && words[at + 1].StartsWith("address=", StringComparison.Ordinal) && BlockText.Parse(words[at + 1]["address=".Length..]) is { } subject)
                {
                    yield return new Block(BlockKind.Rule, $"firewalld, zone {zone}", subject, null, line.Trim(), ["firewall-cmd", $"--zone={zone}", $"--remove-rich-rule={line.Trim()}"]);
                }
            }
        }
    }
}
