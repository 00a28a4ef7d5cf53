namespace Ringfence.Core.Blocks;

/// <summary>
/// What <c>firewall-cmd --list-all-zones</c> and <c>--list-all-policies</c> print: rich rules that drop or reject a source, and the sources of zones that let nothing in; each an address, or an ipset
/// of firewalld's own whose entries are asked for apart.
/// </summary>
/// <remarks>
/// Of 1.3.3. A zone that serves something refuses the rest, as the zone of an interface does: that keeps nobody out who is in it. What is lifted at run time is back after a reload unless it is
/// taken out of the permanent configuration too; where it is not in there, firewall-cmd says so and ends with 0.
/// </remarks>
internal static class FirewalldRules
{
    // What a zone lets in.
    private static readonly string[] Served = ["services:", "ports:", "protocols:", "source-ports:", "forward-ports:"];

    /// <param name="option">"--zone" or "--policy": what the text tells of.</param>
    public static IEnumerable<Block> Read(string text, string option = "--zone") => Sections(text).SelectMany(section => Blocks(section, option));

    /// <summary>The ipsets whose entries are refused.</summary>
    public static IEnumerable<(string Set, string Where)> Sets(string text, string option = "--zone") => Sections(text).SelectMany(section =>
        section.Rules.Select(rule => SourceOf(rule.Words, "ipset=")).Concat(section.RefusesAll ? section.Sources.Where(source => source.StartsWith("ipset:", StringComparison.Ordinal)).Select(source => source[6..]) : [])
            .OfType<string>().Select(set => (set, $"{option[2..]} {section.Name}"))).DistinctBy(one => one.set);

    /// <param name="text">What <c>firewall-cmd --ipset=SET --get-entries</c> prints: one on each line.</param>
    /// <param name="where">Who refuses them, of <see cref="Sets"/>.</param>
    public static IEnumerable<Block> Entries(string set, string where, string text)
    {
        foreach (var entry in text.Split('\n').Select(line => line.Trim()))
        {
            if (BlockText.Parse(entry) is { } subject)
            {
                yield return new Block(BlockKind.Rule, $"firewalld, ipset {set}", subject, null, $"refused by {where}", ["firewall-cmd", $"--ipset={set}", $"--remove-entry={entry}"])
                {
                    LiftForGood = ["firewall-cmd", "--permanent", $"--ipset={set}", $"--remove-entry={entry}"],
                };
            }
        }
    }

    private static IEnumerable<Block> Blocks(Section section, string option)
    {
        Block Of(Events.Network subject, string why, string remove) =>
            new(BlockKind.Rule, $"firewalld, {option[2..]} {section.Name}", subject, null, why, ["firewall-cmd", $"{option}={section.Name}", remove])
            {
                LiftForGood = ["firewall-cmd", "--permanent", $"{option}={section.Name}", remove],
            };
        foreach (var source in section.RefusesAll ? section.Sources : [])
        {
            if (BlockText.Parse(source) is { } subject)
            {
                yield return Of(subject, "a source of the zone", $"--remove-source={source}");
            }
        }

        foreach (var (line, words) in section.Rules)
        {
            // rule family="ipv4" source address="203.0.113.5" drop
            if (SourceOf(words, "address=") is { } address && BlockText.Parse(address) is { } subject)
            {
                yield return Of(subject, line, $"--remove-rich-rule={line}");
            }
        }
    }

    private static string? SourceOf(List<string> words, string kind) =>
        words.IndexOf("source") is >= 0 and var at && at + 1 < words.Count && words[at + 1].StartsWith(kind, StringComparison.Ordinal) ? words[at + 1][kind.Length..] : null;

    // A limit behind the action is the action's ("drop limit value=1/m"), one before it the log's.
    private static bool Refuses(List<string> words) => Math.Max(words.IndexOf("drop"), words.IndexOf("reject")) is > 0 and var at && words.IndexOf("limit", at) < 0;

    private static IEnumerable<Section> Sections(string text)
    {
        Section? section = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && line[0] is not (' ' or '\t'))
            {
                if (section is not null)
                {
                    yield return section;
                }

                section = new Section(line.Split(' ')[0]);
            }
            else if (section is not null)
            {
                section.See(line.Trim(), QuotedWords.Split(line));
            }
        }

        if (section is not null)
        {
            yield return section;
        }
    }

    private sealed class Section(string name)
    {
        private string _target = "";
        private bool _serves;

        public string Name => name;

        public bool RefusesAll => _target is "DROP" or "%%REJECT%%" && !_serves;

        public List<string> Sources { get; private set; } = [];

        /// <value>Those that refuse.</value>
        public List<(string Line, List<string> Words)> Rules { get; } = [];

        public void See(string line, List<string> words)
        {
            switch (words)
            {
                case ["target:", var target]:
                    _target = target;
                    break;
                case ["sources:", ..]:
                    Sources = words[1..];
                    break;
                case ["rule", ..] when Refuses(words):
                    Rules.Add((line, words));
                    break;
                case ["rule", ..] when words.Contains("accept"):
                    _serves = true;
                    break;
                case [var what, _, ..] when Served.Contains(what):
                    _serves = true;
                    break;
                default:
                    break;
            }
        }
    }
}
