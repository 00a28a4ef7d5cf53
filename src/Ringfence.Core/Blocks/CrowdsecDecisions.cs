using System.Globalization;
using System.Text.Json;
using static Ringfence.Core.Blocks.JsonParts;

namespace Ringfence.Core.Blocks;

/// <summary>What <c>cscli decisions list -o json</c> prints: alerts, each with its decisions; "null" for none.</summary>
/// <remarks>CrowdSec 1.4.6 of Debian 12, and the same members in 1.6.</remarks>
internal static class CrowdsecDecisions
{
    /// <exception cref="JsonException">It is no JSON, or holds a text that is no Unicode.</exception>
    public static IReadOnlyList<Block> Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var blocks = new List<Block>();
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            return blocks;
        }

        foreach (var alert in document.RootElement.EnumerateArray())
        {
            if (Member(alert, "decisions") is not { ValueKind: JsonValueKind.Array } decisions)
            {
                continue;
            }

            DateTimeOffset? since = DateTimeOffset.TryParse(Text(alert, "created_at"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var created) ? created : null;
            foreach (var decision in decisions.EnumerateArray())
            {
                if (BlockText.Parse(Text(decision, "value")) is { } subject
                    && Member(decision, "id") is { ValueKind: JsonValueKind.Number } id && id.TryGetInt64(out var number) && !IsTrue(decision, "simulated"))
                {
                    var left = Text(decision, "duration");
                    blocks.Add(new Block(
                        BlockKind.CrowdSec,
                        $"CrowdSec, {Text(decision, "type")}",
                        subject,
                        since,
                        $"{Text(decision, "scenario")}{(left.Length == 0 ? "" : $", {left} left")}",
                        ["cscli", "decisions", "delete", "--id", number.ToString(CultureInfo.InvariantCulture)]));
                }
            }
        }

        return blocks;
    }

    private static bool IsTrue(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.True };
}
