using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit;

/// <summary>
/// One number for a PBX, 0 to 100. Each broken rule leaves a share of what the others left, however often it is broken, so that a template with a thousand phones is one mistake; and a PBX with
/// thirty of them sees what it mends.
/// </summary>
internal static class AuditScore
{
    public static int Of(IEnumerable<Finding> findings) => (int)Math.Floor(1e-9 + (100 * findings
        .GroupBy(static finding => finding.Rule.Id, StringComparer.Ordinal)
        .Aggregate(1.0, static (left, rule) => left * Left(rule.Max(static finding => finding.Severity)))));

    /// <summary>What one broken rule leaves.</summary>
    public static double Left(Severity severity) => severity switch
    {
        Severity.Critical => 0.75,
        Severity.High => 0.90,
        Severity.Medium => 0.97,
        Severity.Low => 0.99,
        Severity.Info => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "not a severity"),
    };
}
