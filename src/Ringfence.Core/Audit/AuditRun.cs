using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit;

/// <summary>What is kept of an audit, for the trend.</summary>
/// <param name="Counts">How many findings of each severity.</param>
internal sealed record AuditRun(DateTimeOffset Time, int Score, IReadOnlyDictionary<Severity, int> Counts)
{
    public static AuditRun Of(AuditResult result, DateTimeOffset time) =>
        new(time, AuditScore.Of(result.Findings), result.Findings.CountBy(static finding => finding.Severity).ToDictionary());
}

/// <summary>By what a finding is known from one run to the next: lines move, so their numbers and what stands in them don't count.</summary>
internal readonly record struct FindingKey(string Rule, string File, string Subject)
{
    public static FindingKey Of(Finding finding) => new(finding.Rule.Id, finding.Place.File, finding.Fault.Subject);
}

/// <summary>This audit beside the one before.</summary>
/// <param name="Before">null: there was none.</param>
/// <param name="New">Findings that were not there before.</param>
/// <param name="Gone">What was found before and is not found any more.</param>
/// <param name="Runs">All that are kept, oldest first; this one is the last.</param>
internal sealed record AuditComparison(AuditRun? Before, IReadOnlyList<Finding> New, IReadOnlyList<FindingKey> Gone, IReadOnlyList<AuditRun> Runs)
{
    public static AuditComparison Of(AuditResult result, DateTimeOffset time, IReadOnlyList<AuditRun> earlier, IReadOnlyList<FindingKey> lastFindings)
    {
        // A thing may be found twice under one key: as many as were there before are old.
        var before = lastFindings.CountBy(static key => key).ToDictionary();
        List<Finding> isNew = [];
        foreach (var finding in result.Findings)
        {
            var key = FindingKey.Of(finding);
            if (before.GetValueOrDefault(key) is > 0 and var left)
            {
                before[key] = left - 1;
            }
            else if (earlier.Count > 0)
            {
                isNew.Add(finding);
            }
        }

        return new AuditComparison(
            earlier.Count > 0 ? earlier[^1] : null, isNew, [.. before.Where(static pair => pair.Value > 0).SelectMany(static pair => Enumerable.Repeat(pair.Key, pair.Value))], [.. earlier, AuditRun.Of(result, time)]);
    }
}
