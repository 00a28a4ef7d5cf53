namespace Ringfence.Core.Rules;

internal enum Severity
{
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>What every rule says of itself. All of it is required: a rule without its reason, its cure or its examples does not compile.</summary>
internal abstract record RuleInfo
{
    /// <summary>RF1xxx audit, RF2xxx detection, RF3xxx calls; never used again.</summary>
    public required string Id { get; init; }

    /// <summary>Lower-case words with hyphens: "password-guessing".</summary>
    public required string Name { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>One or two sentences: what the rule sees and why it matters.</summary>
    public required string Why { get; init; }

    /// <summary>What the operator does about it, or about a false alarm.</summary>
    public required string Fix { get; init; }

    /// <summary>Input on which the rule must fire; the tests run it.</summary>
    public required string Bad { get; init; }

    /// <summary>Input that looks alike and on which the rule must stay silent; the tests run it.</summary>
    public required string Good { get; init; }

    public required Uri Reference { get; init; }
}
