using System.Text.Json;

namespace Ringfence.Core.Perimeter;

/// <summary>Reads what <c>nft -j list table inet ringfence_policy</c> prints.</summary>
internal static class PolicyStateReader
{
    /// <returns>null: not what nft prints of a table.</returns>
    /// <param name="table">Of the table, with or without what its sets hold.</param>
    /// <param name="trial">Of its set <see cref="NftPolicy.Trial"/>.</param>
    public static PolicyState? Read(string table, string trial)
    {
        try
        {
            using var document = JsonDocument.Parse(table);
            using var set = JsonDocument.Parse(trial);
            return document.RootElement.TryGetProperty("nftables", out var items) && items.ValueKind == JsonValueKind.Array && set.RootElement.TryGetProperty("nftables", out var one)
                ? Read([.. items.EnumerateArray()], one.EnumerateArray().Where(static item => item.TryGetProperty("set", out _)).Select(static item => Left(item.GetProperty("set"))).FirstOrDefault()) : null;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static PolicyState Read(List<JsonElement> items, TimeSpan? left)
    {
        var parts = new List<(bool, string)>();
        var unfilled = new HashSet<string>(StringComparer.Ordinal);
        string? confirmed = null, trial = null, confirmedMark = null, trialMark = null;
        var number = 0L;
        foreach (var item in items)
        {
            if (item.TryGetProperty("table", out var table))
            {
                number = table.GetProperty("handle").GetInt64();
            }
            else if (item.TryGetProperty("chain", out var chain))
            {
                parts.Add((false, chain.GetProperty("name").GetString()!));
            }
            else if (item.TryGetProperty("set", out var set))
            {
                parts.Add((true, set.GetProperty("name").GetString()!));
            }
            else if (item.TryGetProperty("rule", out var missing) && missing.TryGetProperty("comment", out var said) && said.GetString() == GeoChains.Missing)
            {
                unfilled.Add(missing.GetProperty("chain").GetString()!);
            }
            else if (item.TryGetProperty("rule", out var rule) && rule.GetProperty("chain").GetString() == NftPolicy.Arriving)
            {
                var expressions = rule.GetProperty("expr");
                var target = expressions.EnumerateArray().Select(static part => part.TryGetProperty("goto", out var to) ? to.GetProperty("target").GetString() : null).FirstOrDefault(static to => to is not null);
                var generation = target is not null && target.EndsWith("_in", StringComparison.Ordinal) ? target[..^3] : null;
                var isTrial = expressions.EnumerateArray().Any(static part => part.TryGetProperty("match", out _));
                var mark = rule.TryGetProperty("comment", out var comment) ? PolicyScripts.MarkIn($"{comment.GetString()}\"") : null;
                (trial, trialMark, confirmed, confirmedMark) = isTrial ? (generation ?? trial, mark, confirmed, confirmedMark) : (trial, trialMark, generation ?? confirmed, mark);
            }
        }

        return new PolicyState(confirmed, trial, trial is null ? null : left, parts) { ConfirmedMark = confirmedMark, TrialMark = trialMark, Table = number, Unfilled = [.. unfilled], Rules = PolicyFingerprint.Of(items), HasOwnHook = PolicyFingerprint.IsHookOurs(items, confirmed, trial) };
    }

    // Both elements were added at once; the first to end ends the trial of its family.
    private static TimeSpan? Left(JsonElement set)
    {
        var ends = !set.TryGetProperty("elem", out var elements) ? [] : elements.EnumerateArray()
            .Select(static element => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("elem", out var body) && body.TryGetProperty("expires", out var seconds) ? seconds.GetInt64() : 0)
            .ToList();
        return ends.Count == 0 ? null : TimeSpan.FromSeconds(ends.Min());
    }
}
