using System.Globalization;
using System.Text.Json;
using Ringfence.Core.Events;
using static Ringfence.Core.Blocks.JsonParts;

namespace Ringfence.Core.Blocks;

/// <summary>What <c>nft -j list ruleset</c> prints: the rules, and the elements of sets, that refuse somebody by his address.</summary>
/// <remarks>libnftables-json(5). A rule counts that matches the source address and drops or rejects, or jumps to a chain that does, and a verdict map by it. Not read: concatenations
/// of address and port, which refuse one service alone, and the kernel's own rate meters.</remarks>
internal sealed class NftRules
{
    private const string Some = "for some of its packets";

    private readonly List<Block> _blocks = [];
    private readonly Dictionary<string, JsonElement> _sets = new(StringComparer.Ordinal);
    private readonly ChainVerdicts _chains = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private NftRules()
    {
    }

    /// <param name="isWanted">Whether a table ("inet mine") is to be read: others' tables are told by their owners.</param>
    /// <exception cref="JsonException">It is no JSON, or holds a text that is no Unicode.</exception>
    public static IReadOnlyList<Block> Read(ReadOnlyMemory<byte> json, Func<string, bool> isWanted)
    {
        using var document = JsonDocument.Parse(json);
        if (Member(document.RootElement, "nftables") is not { ValueKind: JsonValueKind.Array } parts)
        {
            return [];
        }

        var rules = new NftRules();
        var listed = parts.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object).ToList();
        foreach (var part in listed)
        {
            if ((Member(part, "set") ?? Member(part, "map")) is { } set)
            {
                rules._sets.TryAdd(NameOf(set, "name"), set);
            }
            else if (Member(part, "rule") is { } rule)
            {
                var (end, target) = NftSteps.End(rule);
                rules._chains.Add(NameOf(rule, "chain"), NftSteps.Of(rule).Exists(NftSteps.IsCondition), end, $"{Text(rule, "family")} {Text(rule, "table")} {target}");
            }
        }

        foreach (var part in listed)
        {
            if (Member(part, "rule") is { } rule && isWanted($"{Text(rule, "family")} {Text(rule, "table")}"))
            {
                rules.See(rule);
            }
        }

        return rules._blocks;
    }

    private void See(JsonElement rule)
    {
        var steps = NftSteps.Of(rule);
        foreach (var step in steps)
        {
            if (Member(step, "vmap") is { } decision && Member(decision, "key") is { } key && NftSteps.SourceBits(key) is { } bits && Member(decision, "data") is { } verdicts)
            {
                SeeVerdicts(rule, verdicts, bits);
            }
        }

        // A rate limit refuses nobody by his address: who is slower comes through.
        var verdict = VerdictOf(rule);
        if (verdict == ChainVerdict.Open || steps.Exists(NftSteps.IsLimit))
        {
            return;
        }

        var isWhole = verdict == ChainVerdict.RefusesAll && steps.Count(NftSteps.IsCondition) == 1;
        foreach (var step in steps)
        {
            if (Member(step, "match") is { } match && Text(match, "op") is "==" or "in" && Member(match, "left") is { } left && NftSteps.SourceBits(left) is { } bits && Member(match, "right") is { } right)
            {
                See(rule, right, bits, isWhole);
            }
        }
    }

    private ChainVerdict VerdictOf(JsonElement rule)
    {
        var (end, target) = NftSteps.End(rule);
        return end switch
        {
            RuleEnd.Refuse => ChainVerdict.RefusesAll,
            RuleEnd.Jump or RuleEnd.Goto => VerdictOf(rule, target),
            _ => ChainVerdict.Open,
        };
    }

    private ChainVerdict VerdictOf(JsonElement rule, string chain)
    {
        var table = $"{Text(rule, "family")} {Text(rule, "table")}";

        // It drops nearly all, and lets a login through.
        if (table == "inet ringfence" && chain == Firewall.LimitRules.Throttle)
        {
            return ChainVerdict.RefusesMost;
        }

        var verdict = _chains.Of($"{table} {chain}");

        // firewalld sends the sources of a zone to the zone's chain, which ends in a refusal of all that the zone does not serve: that keeps nobody out.
        return verdict == ChainVerdict.RefusesMost && IsOfFirewalld(table) ? ChainVerdict.Open : verdict;
    }

    // "ip saddr vmap @m": a list of addresses, each with what becomes of it.
    private void SeeVerdicts(JsonElement rule, JsonElement verdicts, int bits)
    {
        var place = $"{Text(rule, "family")} {Text(rule, "table")}";
        if (verdicts.ValueKind == JsonValueKind.String && Text(verdicts) is ['@', .. var name])
        {
            if (_told.Add($"{place} {name}") && _sets.TryGetValue($"{place} {name}", out var map) && Member(map, "elem") is { ValueKind: JsonValueKind.Array } elements)
            {
                foreach (var pair in elements.EnumerateArray().Where(pair => Refuses(pair, rule)))
                {
                    SeeElement(rule, "map", name, pair[0], bits, isWhole: true);
                }
            }
        }
        else if (Member(verdicts, "set") is { ValueKind: JsonValueKind.Array } pairs)
        {
            var count = pairs.GetArrayLength();
            foreach (var pair in pairs.EnumerateArray().Where(pair => Refuses(pair, rule)))
            {
                SeeInRule(rule, pair[0], bits, "a rule of its own", count > 1 ? $"one rule for {count} addresses and networks" : null);
            }
        }
    }

    private bool Refuses(JsonElement pair, JsonElement rule) =>
        pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
        && (NftSteps.IsRefusal(pair[1]) || (NftSteps.JumpOf(pair[1]) is { } chain && VerdictOf(rule, chain) != ChainVerdict.Open));

    private void See(JsonElement rule, JsonElement right, int bits, bool isWhole)
    {
        var place = $"{Text(rule, "family")} {Text(rule, "table")}";
        if (right.ValueKind == JsonValueKind.String && Text(right) is ['@', .. var name])
        {
            var key = $"{place} {name}";
            if (!_told.Add(key) || !_sets.TryGetValue(key, out var set) || Member(set, "elem") is not { ValueKind: JsonValueKind.Array } elements)
            {
                return;
            }

            foreach (var element in elements.EnumerateArray())
            {
                SeeElement(rule, "set", name, element, bits, isWhole);
            }

            return;
        }

        var count = Member(right, "set") is { ValueKind: JsonValueKind.Array } several ? several.GetArrayLength() : 1;
        SeeInRule(
            rule, right, bits, isWhole ? "a rule of its own" : Some, count > 1 ? $"one rule for {count} addresses and networks" : null);
    }

    private void SeeElement(JsonElement rule, string kind, string name, JsonElement element, int bits, bool isWhole)
    {
        foreach (var (subject, text, range) in Masked(Subjects(element), bits))
        {
            _blocks.Add(new Block(
                BlockKind.Rule, $"nftables, {kind} {name} of {Text(rule, "family")} {Text(rule, "table")}", subject, null, Left(element, isWhole),
                ["nft", "delete", "element", Text(rule, "family"), Text(rule, "table"), name, "{", text, "}"])
            { Together = range, Table = $"{Text(rule, "family")} {Text(rule, "table")}", Chain = Text(rule, "chain"), Returns = Kernel(rule) });
        }
    }

    // What stands in a rule goes with the rule.
    private void SeeInRule(JsonElement rule, JsonElement value, int bits, string why, string? together)
    {
        var handle = Member(rule, "handle") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var given) ? given : 0;
        var comment = Text(rule, "comment");
        foreach (var (subject, _, range) in Masked(Subjects(value), bits))
        {
            _blocks.Add(new Block(
                BlockKind.Rule, $"nftables, chain {Text(rule, "chain")} of {Text(rule, "family")} {Text(rule, "table")}", subject, null, $"{why}{(comment.Length == 0 ? "" : $": {comment}")}",
                ["nft", "delete", "rule", Text(rule, "family"), Text(rule, "table"), Text(rule, "chain"), "handle", handle.ToString(CultureInfo.InvariantCulture)])
            { Together = together ?? range, Table = $"{Text(rule, "family")} {Text(rule, "table")}", Chain = Text(rule, "chain"), Returns = Kernel(rule) });
        }
    }

    // "A", {"prefix": {"addr": A, "len": N}}, {"range": [A, B]}, {"elem": {"val": ...}}, {"set": [...]}. Of a range the networks that make it up, each with what they are together.
    private static IEnumerable<(Network Subject, string Text, string? Range)> Subjects(JsonElement value, int depth = 0)
    {
        if (depth > 4)
        {
            yield break;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            if (BlockText.Parse(Text(value)) is { } network)
            {
                yield return (network, $"{network}", null);
            }
        }
        else if (Member(value, "prefix") is { } prefix)
        {
            if (Member(prefix, "len") is { ValueKind: JsonValueKind.Number } length && length.TryGetInt32(out var bits) && BlockText.Parse($"{Text(prefix, "addr")}/{bits}") is { } network)
            {
                yield return (network, $"{network}", null);
            }
        }
        else if (Member(value, "range") is { ValueKind: JsonValueKind.Array } range && range.GetArrayLength() == 2)
        {
            if (range[0].ValueKind == JsonValueKind.String && range[1].ValueKind == JsonValueKind.String
                && Address.Parse(Text(range[0])) is { } first && Address.Parse(Text(range[1])) is { } last && first.IsIPv4 == last.IsIPv4 && first.CompareTo(last) <= 0)
            {
                foreach (var network in new Firewall.Interval(first, last, null).Networks())
                {
                    yield return (network, $"{first}-{last}", network.First == first && network.Last == last ? null : $"one entry for all of {first}-{last}");
                }
            }
        }
        else if (Member(value, "elem") is { } element && Member(element, "val") is { } inner)
        {
            foreach (var subject in Subjects(inner, depth + 1))
            {
                yield return subject;
            }
        }
        else if (Member(value, "set") is { ValueKind: JsonValueKind.Array } set)
        {
            foreach (var subject in set.EnumerateArray().SelectMany(one => Subjects(one, depth + 1)))
            {
                yield return subject;
            }
        }
    }

    private static string Left(JsonElement element, bool isWhole)
    {
        var left = Member(element, "elem") is { } one && Member(one, "expires") is { ValueKind: JsonValueKind.Number } expires && expires.TryGetInt32(out var seconds)
            ? $"{Configuration.Duration.Words(TimeSpan.FromSeconds(seconds))} left"
            : "";
        return isWhole ? left : left.Length == 0 ? Some : $"{Some}, {left}";
    }

    // "saddr & ffff:ffff:ffff:ffff:: @m": the element 2001:db8:1:2:: stands for its /64. One with bits behind the mask refuses nobody.
    private static IEnumerable<(Network Subject, string Text, string? Range)> Masked(IEnumerable<(Network Subject, string Text, string? Range)> subjects, int bits)
    {
        foreach (var (subject, text, range) in subjects)
        {
            if (subject.PrefixLength <= bits)
            {
                yield return (subject, text, range);
            }
            else if (new Network(subject.First, bits) is var wide && wide.First == subject.First)
            {
                yield return (wide, text, range);
            }
        }
    }

    // Ringfence's own elements are its guard's, which knows what was lifted.
    private static string? Kernel(JsonElement rule) => $"{Text(rule, "family")} {Text(rule, "table")}" switch
    {
        "inet ringfence" => null,
        var table when IsOfFirewalld(table) => "lifted in the kernel alone: firewalld brings it back when it is reloaded",
        _ => "lifted in the kernel alone: whatever made it (nftables.conf, a script, a service) may bring it back",
    };

    private static bool IsOfFirewalld(string table) => table.EndsWith(" firewalld", StringComparison.Ordinal);

    private static string NameOf(JsonElement part, string name) => $"{Text(part, "family")} {Text(part, "table")} {Text(part, name)}";
}
