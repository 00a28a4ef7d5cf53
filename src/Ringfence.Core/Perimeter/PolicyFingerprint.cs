using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ringfence.Core.Perimeter;

/// <summary>What tells the rules of the policy's table from those that somebody changed by hand, as nft prints them: not what the sets hold, which changes all the time.</summary>
internal static class PolicyFingerprint
{
    private const int Bytes = 16;

    /// <returns>Of each generation that has chains, the same whatever its number is.</returns>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<JsonElement> items)
    {
        var chains = new Dictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.TryGetProperty("chain", out var chain))
            {
                chains[Name(chain, "name")] = new StringBuilder(chain.TryGetProperty("hook", out _) ? "hook\n" : "");
            }
            else if (item.TryGetProperty("rule", out var rule) && chains.TryGetValue(Name(rule, "chain"), out var rules))
            {
                rules.Append(rule.GetProperty("expr").GetRawText()).Append(rule.TryGetProperty("comment", out var comment) ? comment.GetRawText() : "").Append('\n');
            }
        }

        foreach (var (name, rules) in chains.Where(static chain => IsOfCountries(chain.Key)).ToList())
        {
            // What a database makes of it is another thing each month: what stands there is a few rules that ask its sets, and where those lead.
            chains[name] = new StringBuilder(rules.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).All(rule => IsOfCountries(rule, name)) && (rules.Length > 0 || name.EndsWith("_near", StringComparison.Ordinal)) ? "ours" : "odd");
        }

        return chains.Where(static chain => PolicyState.GenerationOf(chain.Key) is not null).GroupBy(static chain => PolicyState.GenerationOf(chain.Key)!)
            .ToDictionary(static generation => generation.Key, static generation => Of(generation.Key, generation), StringComparer.Ordinal);
    }

    /// <summary>Whether packets still come to the generations as they were led there.</summary>
    public static bool IsHookOurs(IReadOnlyList<JsonElement> items, string? confirmed, string? trial)
    {
        var chain = items.Where(static item => item.TryGetProperty("chain", out _)).Select(static item => item.GetProperty("chain")).FirstOrDefault(static chain => Name(chain, "name") == NftPolicy.Arriving);
        if (chain.ValueKind != JsonValueKind.Object || !(Text(chain, "hook"), Text(chain, "type"), Text(chain, "policy")).Equals(("input", "filter", "accept")) || !chain.TryGetProperty("prio", out var priority) || priority.GetRawText() != "-5")
        {
            return false;
        }

        List<string> rules = [.. items.Where(static item => item.TryGetProperty("rule", out var rule) && Name(rule, "chain") == NftPolicy.Arriving).Select(static item => Plain(item.GetProperty("rule").GetProperty("expr").GetRawText()))];
        var last = confirmed is null ? null : $"[{Goto(confirmed)}]";
        List<string> expected = [.. ((string?[])[trial is null ? null : $$$"""[{"match":{"op":"==","left":{"meta":{"key":"nfproto"}},"right":"@{{{NftPolicy.Trial}}}"}},{{{Goto(trial)}}}]""", last]).OfType<string>()];
        return rules.SequenceEqual(expected, StringComparer.Ordinal);
    }

    private static string Goto(string generation) => $$$"""{"goto":{"target":"{{{NftPolicy.EntryOf(generation)}}}"}}""";

    // nft puts spaces between what it prints, and no version promises how many.
    private static string Plain(string json) => json.Replace(" ", "", StringComparison.Ordinal);

    private static bool IsOfCountries(string chain) => chain.Contains(GeoChains.Mark, StringComparison.Ordinal);

    private static bool IsOfCountries(string rule, string chain)
    {
        var plain = Plain(rule);
        var target = chain.EndsWith("_near", StringComparison.Ordinal) ? chain[..^5] : chain;
        return !plain.Contains("\"accept\"", StringComparison.Ordinal) && !plain.Contains("\"drop\"", StringComparison.Ordinal) && !plain.Contains("\"jump\"", StringComparison.Ordinal)
            && (plain.Contains("{\"return\":null}", StringComparison.Ordinal) || plain.Contains($"\"target\":\"{target}_near\"", StringComparison.Ordinal) || plain.Contains($"\"target\":\"{target.Replace("_geo-", "_", StringComparison.Ordinal)}\"", StringComparison.Ordinal));
    }

    private static string Of(string generation, IEnumerable<KeyValuePair<string, StringBuilder>> chains)
    {
        var text = new StringBuilder();
        foreach (var (name, rules) in chains.OrderBy(static chain => chain.Key, StringComparer.Ordinal))
        {
            text.Append(name, generation.Length, name.Length - generation.Length).Append('\n')
                .Append(Plain(rules.ToString()).Replace($"\"{generation}_", "\"_", StringComparison.Ordinal).Replace($"\"@{generation}_", "\"@_", StringComparison.Ordinal)).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, Bytes));
    }

    private static string Name(JsonElement item, string property) => Text(item, property) ?? "";

    private static string? Text(JsonElement item, string property) => item.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
