using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit;

/// <summary>One number for a PBX, 0 to 100: 100 less what each broken rule costs, however often it is broken, so that a template with a thousand phones is one mistake.</summary>
internal static class AuditScore
{
    public static int Of(IEnumerable<Finding> findings) => Math.Max(0, 100 - findings
        .GroupBy(static finding => finding.Rule.Id, StringComparer.Ordinal)
        .Sum(static rule => Cost(rule.Max(static finding => finding.Severity))));

    public static int Cost(Severity severity) => severity switch
    {
        Severity.Critical => 30,
        Severity.High => 12,
        Severity.Medium => 4,
        Severity.Low => 1,
        Severity.Info => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "not a severity"),
    };
}
