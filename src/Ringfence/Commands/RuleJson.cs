using System.Text.Json.Serialization;
using Ringfence.Core.Rules;

namespace Ringfence.Commands;

/// <summary>A rule as JSON: docs/json.md.</summary>
/// <param name="Severity">"info", "low", "medium", "high" or "critical".</param>
internal sealed record RuleReport(string Id, string Name, string Severity, string Why, string Fix, string Bad, string Good, string Reference)
{
    public static RuleReport From(RuleInfo rule) =>
        new(rule.Id, rule.Name, SeverityName.Of(rule.Severity), rule.Why, rule.Fix, rule.Bad, rule.Good, rule.Reference.ToString());
}

internal sealed record RulesReport(IReadOnlyList<RuleReport> Rules);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RulesReport))]
internal sealed partial class RuleJson : JsonSerializerContext;
