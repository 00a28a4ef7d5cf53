namespace Ringfence.Core.Fraud;

/// <summary>What a site's calls may come to.</summary>
/// <param name="Limits">At most <see cref="MaxLimits"/>.</param>
/// <param name="Home">The site's country, ISO 3166-1.</param>
internal sealed record CallPolicy(IReadOnlyList<CallLimit> Limits, WorkHours Hours, string Home)
{
    public const int MaxLimits = 64;

    /// <summary>What may be called at all, before any limit looks; the first one that holds a call decides, and what none holds may leave.</summary>
    public IReadOnlyList<CallPermission> Permissions { get; init; } = [];

    /// <summary>Numbers that fraud is known to call, and those that nobody calls but fraud.</summary>
    public NumberList Listed { get; init; } = NumberList.Empty;

    /// <summary>How long an extension or a site is watched until a country counts as new to it, in milliseconds.</summary>
    public long Learning { get; init; } = 14 * 86_400_000L;

    /// <summary>What holds where the operator says nothing.</summary>
    public static CallPolicy Default(WorkHours hours, string home) => new([.. CallRules.All.SelectMany(static rule => rule.Limits)], hours, home);
}

/// <summary>What the gate does with some calls, whatever they come to.</summary>
/// <param name="Name">As [permission NAME] has it.</param>
/// <param name="Verdict">Of a call that it holds; a PIN that was right answers <see cref="GateVerdict.AskPin"/>.</param>
internal sealed record CallPermission(string Name, CallFilter Calls, LimitHours Hours, GateVerdict Verdict);
