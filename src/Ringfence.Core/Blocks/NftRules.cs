using System.Globalization;
using System.Text.Json;
using Ringfence.Core.Events;
using static Ringfence.Core.Blocks.JsonParts;

namespace Ringfence.Core.Blocks;

/// <summary>What <c>nft -j list ruleset</c> prints: the rules, and the elements of sets, that refuse somebody by his address.</summary>
/// <remarks>libnftables-json(5). A rule counts that matches the source address and drops or rejects, or jumps to a chain that does. Not read: concatenations
/// of address and port, which refuse one service alone, ranges that are no network, and the kernel's own rate meters.</remarks>
internal sealed class NftRules
{
    private readonly List<Block> _blocks = [];
    private readonly Dictionary<string, JsonElement> _sets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refusing = new(StringComparer.Ordinal);
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
            if (Member(part, "set") is { } set)
            {
                rules._sets.TryAdd(NameOf(set, "name"), set);
            }
            else if (Member(part, "rule") is { } rule && Expressions(rule) is var steps && steps.TrueForAll(step => Member(step, "match") is null) && steps.Exists(IsRefusal))
            {
                rules._refusing.Add(NameOf(rule, "chain"));
            }
        }

        // It drops nearly all, and not by one rule.
        rules._refusing.Add($"inet ringfence {Firewall.LimitRules.Throttle}");
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
        var steps = Expressions(rule);
        if (!steps.Exists(step => IsRefusal(step) || JumpsToRefusal(step, rule)))
        {
            return;
        }

        foreach (var step in steps)
        {
            if (Member(step, "match") is { } match && Text(match, "op") is "==" or "in" && IsSource(match) && Member(match, "right") is { } right)
            {
                See(rule, right, steps);
            }
        }
    }

    private void See(JsonElement rule, JsonElement right, List<JsonElement> steps)
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
                foreach (var (subject, text) in Subjects(element))
                {
                    _blocks.Add(new Block(
                        BlockKind.Rule, $"nftables, set {name} of {place}", subject, null, Left(element),
                        ["nft", "delete", "element", Text(rule, "family"), Text(rule, "table"), name, "{", text, "}"]));
                }
            }

            return;
        }

        var handle = Member(rule, "handle") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : 0;
        var comment = Text(rule, "comment");
        foreach (var (subject, _) in Subjects(right))
        {
            _blocks.Add(new Block(
                BlockKind.Rule, $"nftables, chain {Text(rule, "chain")} of {place}", subject, null,
                $"{(steps.Count(step => Member(step, "match") is not null) > 1 ? "for some of its packets" : "a rule of its own")}{(comment.Length == 0 ? "" : $": {comment}")}",
                ["nft", "delete", "rule", Text(rule, "family"), Text(rule, "table"), Text(rule, "chain"), "handle", handle.ToString(CultureInfo.InvariantCulture)]));
        }
    }

    // "A", {"prefix": {"addr": A, "len": N}}, {"range": [A, B]}, {"elem": {"val": ...}}, {"set": [...]}.
    private static IEnumerable<(Network Subject, string Text)> Subjects(JsonElement value, int depth = 0)
    {
        if (depth > 4)
        {
            yield break;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            if (BlockText.Parse(Text(value)) is { } network)
            {
                yield return (network, $"{network}");
            }
        }
        else if (Member(value, "prefix") is { } prefix)
        {
            if (Member(prefix, "len") is { ValueKind: JsonValueKind.Number } length && length.TryGetInt32(out var bits) && BlockText.Parse($"{Text(prefix, "addr")}/{bits}") is { } network)
            {
                yield return (network, $"{network}");
            }
        }
        else if (Member(value, "range") is { ValueKind: JsonValueKind.Array } range && range.GetArrayLength() == 2)
        {
            if (range[0].ValueKind == JsonValueKind.String && range[1].ValueKind == JsonValueKind.String
                && Address.Parse(Text(range[0])) is { } first && Address.Parse(Text(range[1])) is { } last && first.IsIPv4 == last.IsIPv4)
            {
                // The smallest network that holds it: shown as wider than it is, never as narrower.
                var length = first.IsIPv4 ? 32 : 128;
                while (length > 0 && !new Network(first, length).Contains(last))
                {
                    length--;
                }

                yield return (new Network(first, length), $"{first}-{last}");
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

    private static string Left(JsonElement element) =>
        Member(element, "elem") is { } one && Member(one, "expires") is { ValueKind: JsonValueKind.Number } expires && expires.TryGetInt32(out var seconds)
            ? $"{Configuration.Duration.Words(TimeSpan.FromSeconds(seconds))} left"
            : "";

    // ip saddr, or ip6 saddr with a mask.
    private static bool IsSource(JsonElement match)
    {
        var left = Member(match, "left");
        if (left is { } masked && Member(masked, "&") is { ValueKind: JsonValueKind.Array } and { } parts && parts.GetArrayLength() == 2)
        {
            left = parts[0];
        }

        return left is { } field && Member(field, "payload") is { } payload && Text(payload, "field") == "saddr" && Text(payload, "protocol") is "ip" or "ip6";
    }

    // Of iptables' REJECT nft knows the name alone.
    private static bool IsRefusal(JsonElement step) => Member(step, "drop") is not null || Member(step, "reject") is not null
        || (Member(step, "xt") is { } foreign && Text(foreign, "name") is "REJECT" or "TARPIT");

    private bool JumpsToRefusal(JsonElement step, JsonElement rule) =>
        (Member(step, "jump") ?? Member(step, "goto")) is { } jump && _refusing.Contains($"{Text(rule, "family")} {Text(rule, "table")} {Text(jump, "target")}");

    private static string NameOf(JsonElement part, string name) => $"{Text(part, "family")} {Text(part, "table")} {Text(part, name)}";

    private static List<JsonElement> Expressions(JsonElement rule) =>
        Member(rule, "expr") is { ValueKind: JsonValueKind.Array } steps ? [.. steps.EnumerateArray()] : [];
}
