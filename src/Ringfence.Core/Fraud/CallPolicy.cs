namespace Ringfence.Core.Fraud;

/// <summary>What a site's calls may come to.</summary>
/// <param name="Limits">At most 64.</param>
/// <param name="Home">The site's country, ISO 3166-1.</param>
internal sealed record CallPolicy(IReadOnlyList<CallLimit> Limits, WorkHours Hours, string Home)
{
    public const int MaxLimits = 64;

    /// <summary>What holds where the operator says nothing.</summary>
    public static CallPolicy Default(WorkHours hours, string home) => new([.. CallRules.All.SelectMany(static rule => rule.Limits)], hours, home);
}
