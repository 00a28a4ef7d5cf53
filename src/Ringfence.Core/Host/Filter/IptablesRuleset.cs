using System.Globalization;
using System.Text;

namespace Ringfence.Core.Host.Filter;

/// <summary>Reads what iptables-save or ip6tables-save prints.</summary>
/// <remarks>iptables(8), iptables-extensions(8).</remarks>
internal sealed class IptablesRuleset
{
    private static readonly string[] Harmless =
        ["LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "CHECKSUM", "TCPMSS", "CLASSIFY", "TOS", "DSCP", "AUDIT", "SECMARK", "CONNSECMARK", "TRACE", "SET", "HL", "TTL", "IDLETIMER", "LED", "RATEEST"];

    private readonly Dictionary<string, FilterChain> _chains = new(StringComparer.Ordinal);
    private readonly List<AddressRange> _named = [];
    private readonly bool _isIPv6;
    private readonly IpsetSave _sets;
    private bool _untracks;

    private IptablesRuleset(bool isIPv6, IpsetSave sets) => (_isIPv6, _sets) = (isIPv6, sets);

    private string Family => _isIPv6 ? "ip6tables" : "iptables";

    public static PacketFilter Read(string text, bool isIPv6, IpsetSave sets)
    {
        var ruleset = new IptablesRuleset(isIPv6, sets);
        var table = "";
        foreach (var line in text.Split('\n').Select(static line => line.Trim()))
        {
            if (line.StartsWith('*'))
            {
                table = line[1..];
            }
            else if (line.StartsWith(':'))
            {
                ruleset.Chain(table, line);
            }
            else if (line.StartsWith("-A ", StringComparison.Ordinal))
            {
                ruleset.Rule(table, Words(line));
            }
        }

        return new PacketFilter(ruleset._chains, [.. ruleset._named, .. sets.Named]);
    }

    private string Key(string table, string chain) => $"{Family} {table} {chain}";

    // ":INPUT DROP [0:0]"
    private void Chain(string table, string line)
    {
        var words = line[1..].Split(' ');
        var key = Key(table, words[0]);
        var hook = (table, words[0]) switch
        {
            (_, "PREROUTING") => "prerouting",
            (_, "INPUT") => "input",
            _ => null,
        };
        _chains[key] = new FilterChain(key, words.Length > 1 && words[1] == "-" ? null : hook, words.Length > 1 && words[1] == "DROP" ? Outcomes.Drop : Outcomes.Accept, !_isIPv6, _isIPv6, table == "raw" ? -300 : 0);
    }

    private void Rule(string table, List<string> words)
    {
        if (words.Count < 2 || !_chains.TryGetValue(Key(table, words[1]), out var chain))
        {
            return;
        }

        List<FilterMatch> matches = [];
        var verdict = FilterVerdict.None;
        var hasLimit = false;
        for (var at = 2; at < words.Count; at++)
        {
            var isNot = words[at] == "!";
            at += isNot ? 1 : 0;
            if (at >= words.Count)
            {
                break;
            }

            var option = words[at];
            var value = at + 1 < words.Count ? words[at + 1] : "";
            switch (option)
            {
                case "-j" or "-g":
                    verdict = Target(table, value, option == "-g", words);
                    _untracks |= value == "NOTRACK" || (value == "CT" && words.Contains("--notrack"));

                    // What follows belongs to the target.
                    at = words.Count;
                    break;
                case "-m":
                    if (value is "recent")
                    {
                        matches.Add(Recent(words, at + 2));
                        at = End(words, at + 2) - 1;
                    }
                    else if (value is "comment")
                    {
                        at = End(words, at + 2) - 1;
                    }
                    else if (value is "limit" or "hashlimit" or "connlimit")
                    {
                        hasLimit |= value != "connlimit";
                        matches.Add(Limit(words, at + 2));
                        at = End(words, at + 2) - 1;
                    }
                    else if (value is "string")
                    {
                        // The sender writes his packet: one without the text.
                        var end = End(words, at + 2);
                        var wants = words.GetRange(at + 2, end - at - 2).Contains("!");
                        matches.Add((_, _) => wants);
                        at = end - 1;
                    }
                    else
                    {
                        at++;
                    }

                    break;
                default:
                    var match = option switch
                    {
                        "--tcp-flags" when at + 2 < words.Count => Flags(value, words[at + 2]),
                        "--match-set" when at + 2 >= words.Count || words[at + 2] != "src" => static (_, _) => null,
                        _ => Match(option, value),
                    };
                    matches.Add(isNot ? (probe, walk) => !match(probe, walk) : match);

                    // Most options have one value; --tcp-flags two, --syn none.
                    at += option switch { "--syn" => 0, "--tcp-flags" => 2, "--match-set" => 2, _ => value.StartsWith('-') || value == "!" ? 0 : 1 };
                    break;
            }
        }

        chain.Rules.Add(new FilterRule(matches, verdict, hasLimit, $"{Family} {table} {words[1]}", 1 + (words.Sum(static word => word.Length) / 500)));
    }

    private FilterMatch Match(string option, string value) => option switch
    {
        "-p" => (probe, _) => value switch { "tcp" or "6" => probe.Protocol == "tcp", "udp" or "17" => probe.Protocol == "udp", "all" or "0" => true, _ => false },
        "-s" or "--src-range" => Source(value),
        "-d" or "--dst-range" => Destination(value),
        "-i" => (probe, _) => probe.Interface is null ? (value == "lo" ? false : value == "+" ? true : null)
            : value.EndsWith('+') ? probe.Interface.StartsWith(value[..^1], StringComparison.Ordinal) : probe.Interface == value,
        "--dport" or "--dports" => (probe, _) => Ports(value, probe.Port),

        // His own port is the sender's choice; it fits where the other one does.
        "--ports" => (probe, _) => Ports(value, probe.Port) is true ? true : null,
        "--ctstate" or "--state" => (_, walk) => _untracks || walk.ConnectionState is null ? null : value.Split(',').Contains(walk.ConnectionState, StringComparer.OrdinalIgnoreCase),
        "--ctdir" => (_, _) => value == "ORIGINAL",
        "--dst-type" => (_, _) => value switch { "LOCAL" => true, "BROADCAST" or "MULTICAST" or "ANYCAST" => false, _ => null },
        "--src-type" => (_, _) => value switch { "LOCAL" or "BROADCAST" or "MULTICAST" => false, "UNICAST" => true, _ => null },
        "--pkt-type" => (_, _) => value switch { "unicast" => true, "broadcast" or "multicast" => false, _ => null },
        "--syn" => static (probe, _) => probe.Protocol == "tcp",
        "--match-set" => Set(value),
        "--icmp-type" or "--icmpv6-type" => static (_, _) => false,
        _ => static (_, _) => null,
    };

    // The first packet has SYN alone.
    private static FilterMatch Flags(string mask, string wanted) =>
        (probe, _) => probe.Protocol == "tcp" && (mask.Split(',').Contains("SYN") || mask == "ALL" ? wanted == "SYN" : wanted == "NONE");

    private FilterMatch Source(string value)
    {
        if (AddressRange.Parse(value) is not { } range)
        {
            return static (_, _) => null;
        }

        _named.Add(range);
        return (probe, _) => range.Contains(probe.Source);
    }

    private static FilterMatch Destination(string value) => AddressRange.Parse(value) is { } range ? (_, _) => OwnAddress.In(range) : static (_, _) => null;

    private FilterMatch Set(string name) => _sets.Contains(name) is { } contains
        ? (probe, walk) => walk.Touched.Contains("ipset " + name) ? null : contains(probe.Source)
        : static (_, _) => null;

    private static bool? Ports(string list, int port)
    {
        foreach (var part in list.Split(','))
        {
            var ends = part.Split(':');
            var isKnown = int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) & int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last);
            if (!isKnown)
            {
                return null;
            }

            if (port >= first && port <= last)
            {
                return true;
            }
        }

        return false;
    }

    // -m recent: a stranger's first packet is on no list yet, but one that a rule above puts him on.
    private static FilterMatch Recent(List<string> words, int from)
    {
        var own = words.GetRange(from, End(words, from) - from);
        var name = own.IndexOf("--name") is >= 0 and var at && at + 1 < own.Count ? own[at + 1] : "DEFAULT";
        var key = "recent " + name;
        var hits = own.IndexOf("--hitcount") is >= 0 and var hit && hit + 1 < own.Count && int.TryParse(own[hit + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 1;
        var isNot = own.Contains("!");
        if (own.Contains("--set"))
        {
            return (_, walk) =>
            {
                walk.Touched.Add(key);
                return !isNot;
            };
        }

        return own.Contains("--remove")
            ? static (_, _) => null
            : (probe, walk) => probe.IsOverLimit ? null : hits > 1 || !walk.Touched.Contains(key) ? isNot : null;
    }

    private static FilterMatch Limit(List<string> words, int from)
    {
        var own = words.GetRange(from, End(words, from) - from);
        var isOver = own.Exists(static word => word is "--hashlimit-above" or "--connlimit-above");
        var isNot = own.Contains("!");
        return (probe, _) => probe.IsOverLimit == (isOver != isNot);
    }

    // Where the options of a module end: at the next -x, or at the next module's.
    private static int End(List<string> words, int from)
    {
        for (var at = from; at < words.Count; at++)
        {
            if (words[at] is "-m" or "-j" or "-g" or "-p" or "-s" or "-d" or "-i" or "-o" || (words[at] == "!" && at + 1 < words.Count && words[at + 1] is "-p" or "-s" or "-d" or "-i"))
            {
                return at;
            }
        }

        return words.Count;
    }

    private FilterVerdict Target(string table, string target, bool isGoto, List<string> words) => target switch
    {
        "ACCEPT" => FilterVerdict.Accept,
        "DROP" or "REJECT" or "TARPIT" => FilterVerdict.Drop,
        "RETURN" => new Returns(),
        "CT" or "NOTRACK" => FilterVerdict.None,
        _ when Harmless.Contains(target) => FilterVerdict.None,
        _ when words.Count > 0 && _chains.ContainsKey(Key(table, target)) => new Jumps(Key(table, target), isGoto),
        _ => FilterVerdict.Unknown,
    };

    private static List<string> Words(string line)
    {
        List<string> words = [];
        var word = new StringBuilder();
        var isQuoted = false;
        var isOpen = false;
        for (var at = 0; at < line.Length; at++)
        {
            switch (line[at])
            {
                case '"':
                    isQuoted = !isQuoted;
                    isOpen = true;
                    break;
                case '\\' when isQuoted && at + 1 < line.Length:
                    word.Append(line[++at]);
                    break;
                case ' ' when !isQuoted:
                    if (isOpen)
                    {
                        words.Add(word.ToString());
                        word.Clear();
                        isOpen = false;
                    }

                    break;
                default:
                    word.Append(line[at]);
                    isOpen = true;
                    break;
            }
        }

        return isOpen ? [.. words, word.ToString()] : words;
    }
}
