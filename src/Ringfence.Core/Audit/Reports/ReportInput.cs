using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Reports;

/// <summary>What every report is made of.</summary>
/// <param name="Subject">Which PBX: a host's name, or the directory or archive as it was given.</param>
/// <param name="Program">"1.4.0": Ringfence's own version.</param>
/// <param name="Runs">Earlier audits of it and this one, oldest first.</param>
internal sealed record ReportInput(AuditResult Result, string Subject, DateTimeOffset Time, string Program, IReadOnlyList<AuditRun> Runs)
{
    public int Score => AuditScore.Of(Result.Findings);

    public string VersionText => Result.IsVersionAssumed ? $"{Result.Version.Major} (assumed)" : Result.Version.ToString();

    /// <summary>Sentences about the audit itself that stand above its findings: what was not looked at, and what is not told.</summary>
    public IEnumerable<string> Heads() => ((string?[])[Result.NotAskedText, Result.AllowedText, .. Result.Notes]).OfType<string>().Select(static head => $"{char.ToUpperInvariant(head[0])}{head[1..]}.");

    /// <summary>The findings of one rule and severity together, in the order of the result: worst first.</summary>
    public IEnumerable<RuleFindings> ByRule => Result.Findings.GroupBy(static finding => (finding.Rule, finding.Severity)).Select(static group => new RuleFindings(group.Key.Rule, group.Key.Severity, [.. group]));
}

internal sealed record RuleFindings(AuditRule Rule, Severity Severity, IReadOnlyList<Finding> Findings);
