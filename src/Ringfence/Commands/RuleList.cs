using Ringfence.Core.Audit;
using Ringfence.Core.Detection;
using Ringfence.Core.Fraud;
using Ringfence.Core.Rules;

namespace Ringfence.Commands;

/// <summary>Every rule of every kind, for <c>rules</c> and <c>explain</c>.</summary>
internal static class RuleList
{
    public static IReadOnlyList<RuleInfo> All() => [.. AuditRules.All, .. DetectionRules.All, .. CallRules.All];

    /// <summary>By id or by name, whatever the case.</summary>
    /// <returns>null: there is no such rule.</returns>
    public static RuleInfo? Find(IReadOnlyList<RuleInfo> rules, string idOrName) => rules.FirstOrDefault(rule =>
        string.Equals(rule.Id, idOrName, StringComparison.OrdinalIgnoreCase) || string.Equals(rule.Name, idOrName, StringComparison.OrdinalIgnoreCase));
}
