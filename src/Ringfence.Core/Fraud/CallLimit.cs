using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>What is done about calls that a limit's critical level is reached by.</summary>
internal enum BrakeAction
{
    /// <summary>People are told.</summary>
    Tell,

    /// <summary>The call that reached it is hung up, or does not leave.</summary>
    Call,

    /// <summary>This extension's calls to that country, for a while.</summary>
    Country,

    /// <summary>All its calls to outside.</summary>
    Outside,

    /// <summary>Everybody's calls to risky destinations.</summary>
    AllRisky,

    /// <summary>All calls over the trunk.</summary>
    Trunk,

    /// <summary>This extension's calls to risky destinations.</summary>
    Risky,
}

/// <summary>One limit of a policy: how much of what, for whom, when, and what follows.</summary>
internal sealed record CallLimit
{
    /// <summary>As [limit NAME] has it.</summary>
    public required string Name { get; init; }

    /// <summary>Id of its rule: RF3001.</summary>
    public required string Rule { get; init; }

    public required LimitScope Scope { get; init; }

    /// <summary>Over how long it counts, in milliseconds; 0 where the rule has no window.</summary>
    public long Window { get; init; }

    /// <summary>In the rule's unit; null: nobody is warned.</summary>
    public long? Warning { get; init; }

    /// <summary>In the rule's unit; null: nothing is stopped.</summary>
    public long? Critical { get; init; }

    public BrakeAction Action { get; init; } = BrakeAction.Country;

    /// <summary>For how long calls stay stopped, in milliseconds.</summary>
    public long For { get; init; } = 3_600_000;

    /// <summary>Whom and what it looks at.</summary>
    public CallFilter Calls { get; init; } = CallFilter.All;

    public LimitHours Hours { get; init; }

    /// <summary>How many times what is usual for the key (<see cref="UsualPeak"/>) may pass, in hundredths: where that is more than the levels they grow with it. 0: never.</summary>
    public int Earns { get; init; }

    /// <summary>What it stops is only calls to countries that the calling extension is not used to.</summary>
    public bool SparesKnown { get; init; }

    /// <summary>A euro in the site's money, in millionths: the rules' own amounts are euros.</summary>
    public long Euro { get; init; } = Rate.Unit;

    /// <summary>A limit of the default policy in the site's money.</summary>
    public CallLimit In(long euro, LimitUnit unit) => this with
    {
        Euro = euro,
        Warning = unit == LimitUnit.Money ? Rate.InMoney(Warning, euro) : Warning,
        Critical = unit == LimitUnit.Money ? Rate.InMoney(Critical, euro) : Critical,
    };
}

/// <summary>When a limit looks.</summary>
internal enum LimitHours
{
    Always,

    /// <summary>While people work (<see cref="WorkHours"/>).</summary>
    Work,

    /// <summary>At night, on days off and on holidays.</summary>
    Off,
}

/// <summary>Which calls a limit looks at. An empty list is everything.</summary>
/// <param name="Extensions">Names, or with a star behind: "2*".</param>
/// <param name="Regions">ISO 3166-1.</param>
/// <param name="Origins">How the call came about.</param>
/// <param name="RiskyOnly">Only destinations that cost much and numbers that nobody was given: <see cref="CallAttempt.IsRisky"/>.</param>
/// <param name="AbroadOnly">Only those outside of the site's country.</param>
internal sealed record CallFilter(
    IReadOnlyList<string> Extensions, IReadOnlyList<string> Trunks, IReadOnlyList<string> Classes, IReadOnlyList<string> Regions, IReadOnlyList<CallOrigin> Origins, bool RiskyOnly = false, bool AbroadOnly = false)
{
    public static readonly CallFilter All = new([], [], [], [], []);

    public static readonly CallFilter Risky = All with { RiskyOnly = true };

    /// <summary>All but these.</summary>
    public IReadOnlyList<string> NotExtensions { get; init; } = [];

    /// <summary>ISO 3166-1: all but these.</summary>
    public IReadOnlyList<string> NotRegions { get; init; } = [];

    /// <summary>Only numbers that nobody can have, outside of the site's country.</summary>
    public bool InvalidOnly { get; init; }

    /// <summary>Only numbers of a list (<see cref="CallPolicy.Listed"/>).</summary>
    public bool ListedOnly { get; init; }

    /// <summary>Only countries that are new: to the extension at least, or to the whole site. <see cref="Standing.Known"/>: all.</summary>
    public Standing NewTo { get; init; }

    /// <summary>Without what the policy's lists and habits say.</summary>
    public bool Holds(in CallAttempt attempt, string home) =>
        (!RiskyOnly || attempt.IsRisky)
        && (!AbroadOnly || IsAbroad(attempt, home))
        && (!InvalidOnly || IsInvalid(attempt, home))
        && HoldsExtension(attempt.Extension)
        && Named(Trunks, attempt.Trunk)
        && HoldsClass(attempt.Price.Risk.Name)
        && HoldsRegion(attempt.Number.Region)
        && (Origins.Count == 0 || Origins.Contains(attempt.Origin));

    public static bool IsAbroad(in CallAttempt attempt, string home) => attempt.Dialled.Kind == DialledKind.Outside && attempt.Number.Region != home;

    public static bool IsInvalid(in CallAttempt attempt, string home) => IsAbroad(attempt, home) && !attempt.Number.IsValid;

    public bool HoldsExtension(string name) => Named(Extensions, name) && (NotExtensions.Count == 0 || !Named(NotExtensions, name));

    public bool HoldsClass(string name) => Named(Classes, name);

    public bool HoldsRegion(string region) => Named(Regions, region) && (NotRegions.Count == 0 || !Named(NotRegions, region));

    public static bool Named(IReadOnlyList<string> names, string name)
    {
        foreach (var one in names)
        {
            if (one.EndsWith('*') ? name.AsSpan().StartsWith(one.AsSpan(0, one.Length - 1), StringComparison.OrdinalIgnoreCase) : string.Equals(one, name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return names.Count == 0;
    }
}
