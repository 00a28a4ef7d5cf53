using Ringfence.Core.Fraud.Rules;

namespace Ringfence.Core.Fraud;

/// <summary>Every rule about calls.</summary>
internal static class CallRules
{
    public static IReadOnlyList<CallRule> All { get; } =
    [
        Spend.Rule, Concurrent.Rule, FirstCountry.Rule, OffHours.Rule, Forwarded.Rule, DialledOn.Rule, InvalidNumbers.Rule, Sequential.Rule, CallRate.Rule, CallTotal.Rule, LongCalls.Rule,
        HighCost.Rule, ShortCalls.Rule, Wangiri.Rule, RingBack.Rule, NewPlace.Rule, PinGuessing.Rule, ListedNumbers.Rule, Baseline.Rule,
    ];

    private static readonly Dictionary<string, CallRule> ById = All.ToDictionary(static rule => rule.Id, StringComparer.Ordinal);

    public static CallRule Of(CallLimit limit) => ById[limit.Rule];
}
