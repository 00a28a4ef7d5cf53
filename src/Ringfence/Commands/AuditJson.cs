using System.Text.Json.Serialization;
using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Reports;
using Ringfence.Core.Rules;

namespace Ringfence.Commands;

/// <summary>An audit as JSON: docs/json.md.</summary>
/// <param name="Before">null: it is the first audit of this PBX.</param>
internal sealed record AuditReport(
    string Subject, DateTimeOffset Time, string AsteriskVersion, bool IsVersionAssumed, int Score, RunReport? Before, IReadOnlyList<FindingReport> Findings, IReadOnlyList<KeyReport> Gone,
    IReadOnlyList<AllowedReport> Allowed, IReadOnlyList<string> FilesRead, IReadOnlyList<string> Notes, IReadOnlyList<string> NotAsked)
{
    public static AuditReport From(ReportInput input, AuditComparison comparison) => From(input, comparison, comparison.New.ToHashSet(ReferenceEqualityComparer.Instance));

    private static AuditReport From(ReportInput input, AuditComparison comparison, HashSet<object?> isNew) => new(
        input.Subject, input.Time, input.Result.IsVersionAssumed ? $"{input.Result.Version.Major}" : input.Result.Version.ToString(), input.Result.IsVersionAssumed, comparison.Runs[^1].Score,
        comparison.Before is { } before ? new RunReport(before.Time, before.Score) : null,
        [.. input.Result.Findings.Select(finding => FindingReport.From(finding, isNew.Contains(finding)))],
        [.. comparison.Gone.Select(static key => new KeyReport(key.Rule, key.File, key.Subject))],
        [.. input.Result.Allowed.Select(static allowed => new AllowedReport(FindingReport.From(allowed.Finding, isNew: false), allowed.By, allowed.Reason))], input.Result.FilesRead, input.Result.Notes, [.. input.Result.NotAsked.Select(static rule => rule.Id)]);
}

internal sealed record RunReport(DateTimeOffset Time, int Score);

internal sealed record KeyReport(string Rule, string File, string Subject);

/// <param name="Line">null: the file as a whole.</param>
/// <param name="Shown">The line as it stands there; null: it holds a secret, or there is none.</param>
/// <param name="Fix">What to do here, or in general.</param>
internal sealed record FindingReport(string Rule, string Name, string Severity, string Topic, string File, int? Line, string Subject, string Text, string? Shown, string Fix, IReadOnlyList<string> Edits, bool IsNew, IReadOnlyList<StepReport> Way)
{
    public static FindingReport From(Finding finding, bool isNew) => new(
        finding.Rule.Id, finding.Rule.Name, SeverityName.Of(finding.Severity), finding.Rule.Topic.ToString().ToLowerInvariant(), finding.Place.File,
        finding.Place.Line == 0 ? null : finding.Place.Line, finding.Fault.Subject, finding.Fault.Text, finding.Line, finding.Fault.Mend?.Text ?? finding.Rule.Fix, finding.Fault.Mend is { } mend ? [.. EditText.Of(mend)] : [], isNew,
        [.. finding.Fault.Way.Select(static step => new StepReport(step.Place?.ToString(), step.Text))]);
}

internal sealed record StepReport(string? Place, string Text);

internal sealed record AllowedReport(FindingReport Finding, string By, string? Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditReport))]
internal sealed partial class AuditJson : JsonSerializerContext;
