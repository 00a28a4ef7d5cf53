using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit;

/// <summary>A fault with the rule that it breaks.</summary>
/// <param name="Line">The line of the file as it stands there, made fit for a terminal; null: there is none, or it holds a secret.</param>
internal sealed record Finding(AuditRule Rule, Fault Fault, string? Line)
{
    public Severity Severity => Fault.Severity ?? Rule.Severity;

    public Place Place => Fault.Place;
}

/// <param name="By">Where it is allowed: the comment's place, or that of ringfence.conf.</param>
/// <param name="Reason">What stands in the comment's parentheses; null: nothing does.</param>
internal sealed record AllowedFinding(Finding Finding, string By, string? Reason);
