using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>What an audit came to.</summary>
/// <param name="Findings">Worst first, then by rule and place.</param>
/// <param name="Allowed">Those that a comment or ringfence.conf allows.</param>
/// <param name="FilesRead">Names of the files that were read.</param>
internal sealed record AuditResult(AsteriskVersion Version, bool IsVersionAssumed, IReadOnlyList<Finding> Findings, IReadOnlyList<AllowedFinding> Allowed, IReadOnlyList<string> FilesRead)
{
    /// <summary>What whoever reads the report should know of the audit itself; no findings.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
