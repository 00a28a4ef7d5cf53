namespace Ringfence.Core.Blocks;

/// <summary>One rule of <c>iptables-save</c>: "-A INPUT -s 203.0.113.5/32 -j DROP".</summary>
internal sealed class IptablesRule
{
    // They ask how often or how many, not who: below a rate everybody comes through.
    private static readonly string[] Limits = ["limit", "hashlimit", "connlimit", "connbytes", "statistic", "quota", "quota2"];

    private IptablesRule(string table, string text, List<string> words, int target)
    {
        Text = text;
        Table = table;
        Words = words;
        End = words[target + 1] switch
        {
            "DROP" or "REJECT" or "TARPIT" => RuleEnd.Refuse,
            "ACCEPT" or "QUEUE" or "NFQUEUE" => RuleEnd.Accept,
            "RETURN" => RuleEnd.Return,

            // A target of the kernel's own ("LOG") is a chain that nobody knows.
            _ => words[target] == "-g" ? RuleEnd.Goto : RuleEnd.Jump,
        };
        Target = words[target + 1];

        // Letting a ping in opens no door.
        End = End == RuleEnd.Accept && Value("-p") is "icmp" or "ipv6-icmp" ? RuleEnd.None : End;
        See(target);
    }

    public string Table { get; }

    /// <value>As it was printed.</value>
    public string Text { get; }

    /// <value>"-A", the chain, and all else of the line.</value>
    public IReadOnlyList<string> Words { get; }

    public string Chain => Words[1];

    public RuleEnd End { get; }

    /// <value>"DROP", or a chain's name.</value>
    public string Target { get; }

    /// <summary>Whether not every packet of the chain meets it.</summary>
    public bool IsConditional { get; private set; }

    /// <summary>Whether only what is beyond a rate, a number or an amount meets it.</summary>
    public bool IsLimit { get; private set; }

    /// <summary>The list of xt_recent that the sender must be in; null: none.</summary>
    public RecentRule? Recent { get; private set; }

    /// <returns>null: it is no rule, or one without a target, which only counts.</returns>
    public static IptablesRule? Read(string table, string line)
    {
        if (!line.StartsWith("-A ", StringComparison.Ordinal))
        {
            return null;
        }

        // The last: a comment may hold the words "-j" and "-s", each within its quotes, so as one word with others; but not behind the target.
        var words = QuotedWords.Split(line);
        var target = Math.Max(words.LastIndexOf("-j"), words.LastIndexOf("-g"));
        return target >= 2 && target + 1 < words.Count ? new IptablesRule(table, line, words, target) : null;
    }

    /// <returns>What stands behind an option that is not negated; null: it is not there.</returns>
    public string? Value(string option)
    {
        for (var at = 2; at + 1 < Words.Count; at++)
        {
            if (Words[at] == option)
            {
                return Words[at - 1] == "!" ? null : Words[at + 1];
            }
        }

        return null;
    }

    // "-m MATCH OPTIONS" again and again.
    private void See(int target)
    {
        for (var at = 2; at < target;)
        {
            if (Words[at] != "-m" || at + 1 >= target)
            {
                IsConditional = true;
                at++;
                continue;
            }

            var end = at + 2;
            while (end < target && Words[end] != "-m")
            {
                end++;
            }

            SeeMatch(Words[at + 1], [.. Words.Take(end).Skip(at + 2)]);
            at = end;
        }
    }

    private void SeeMatch(string match, List<string> options)
    {
        switch (match)
        {
            case "comment":
                break;
            case "recent":
                // "--set" notes the sender and is always true.
                var isSet = options.Contains("--set") && !options.Contains("!");
                IsConditional |= !isSet;
                Recent ??= isSet ? null : RecentRule.Read(this, options);
                IsLimit |= !isSet;
                break;
            default:
                IsConditional = true;
                IsLimit |= Limits.Contains(match);
                break;
        }
    }
}
