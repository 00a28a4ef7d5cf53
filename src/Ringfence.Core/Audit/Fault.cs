using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit;

/// <summary>One place where a rule is broken, as its check says it.</summary>
/// <param name="Place">The line to look at.</param>
/// <param name="Subject">What it is about: "endpoint 1001", "transport t-tls", "context internal". With the rule it says from one run to the next whether a finding is new.</param>
/// <param name="Text">One sentence: what is there and what follows from it. Never a password, nor part of one.</param>
internal sealed record Fault(Place Place, string Subject, string Text)
{
    /// <summary>How it is mended here; null: what the rule says in general has to do.</summary>
    public Mend? Mend { get; init; }

    /// <summary>The way that leads there, step by step, such as a call's through the dialplan.</summary>
    public IReadOnlyList<Step> Way { get; init; } = [];

    /// <summary>Where it is better or worse than the rule in general.</summary>
    public Severity? Severity { get; init; }

    /// <summary>The line holds a secret, and is not shown.</summary>
    public bool IsSecret { get; init; }
}

/// <param name="Place">null: it stands in no file.</param>
internal sealed record Step(Place? Place, string Text);
