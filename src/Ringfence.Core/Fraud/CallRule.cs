using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud;

/// <summary>What a limit is counted in.</summary>
internal enum LimitUnit
{
    /// <summary>Millionths of the site's currency.</summary>
    Money,
    Calls,

    /// <summary>Milliseconds.</summary>
    Time,

    /// <summary>Times what is usual, in hundredths: 300 is three times.</summary>
    Ratio,
}

/// <summary>A way to tell that calls are not as they should be. <see cref="RuleInfo.Bad"/> and <see cref="RuleInfo.Good"/> are calls, a line each
/// (DATE TIME EXTENSION DIALLED SECONDS; the tests' CallScript has the rest); "# here" stands behind the line at which the rule must speak.</summary>
internal sealed record CallRule : RuleInfo
{
    public required LimitUnit Unit { get; init; }

    /// <summary>Makes what counts for one key.</summary>
    public required Func<CallLimit, CallMeter> Meter { get; init; }

    /// <summary>Of what its meters are told besides calls.</summary>
    public IReadOnlyList<SiteEventKind> Listens { get; init; } = [];

    /// <summary>What it hears of is nobody's way to call (a registration, a call in): calls are counted together, however they came about.</summary>
    public bool CountsAllOrigins { get; init; }

    /// <summary>Whose limits can be told of what it hears: a call in is no extension's, a registration no trunk's.</summary>
    public IReadOnlyList<LimitScope> Scopes => Listens.Count == 0 ? Enum.GetValues<LimitScope>() : Listens.Contains(SiteEventKind.CallIn) ? [LimitScope.Site] : [LimitScope.Extension, LimitScope.Site];

    /// <summary>It counts no further; null: it does.</summary>
    public long? Most { get; init; }

    /// <summary>It looks back as far as it does, whatever a limit says.</summary>
    public bool HasOwnWindow { get; init; }

    /// <summary>The limits that hold where the operator says nothing: of the default policy.</summary>
    public required IReadOnlyList<CallLimit> Limits { get; init; }
}
