using Ringfence.Core.Dialplan;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>How many contexts and patterns one rule may look through for single numbers: each of sixty thousand patterns for each of them would be hours.</summary>
internal sealed class DialplanEffort
{
    /// <summary>FreePBX with 3,000 extensions asks for some two million.</summary>
    private const long Most = 10_000_000;

    private readonly Dictionary<(string Context, int? Priority), long> _costs = [];
    private long _spent;

    public bool IsOver { get; private set; }

    /// <summary>Whether a number may be looked for there.</summary>
    /// <param name="priority">null: by a label, for which all patterns are looked through.</param>
    public bool Allows(Plan plan, string context, int? priority)
    {
        if (!_costs.TryGetValue((context, priority), out var cost))
        {
            _costs[(context, priority)] = cost = plan.Visits(context, static _ => true).Sum(visit => 1 + (priority is { } wanted ? visit.Context.PatternsHaving(wanted) : visit.Context.Patterns).Count);
        }

        _spent += cost;
        return !(IsOver |= _spent > Most);
    }
}
