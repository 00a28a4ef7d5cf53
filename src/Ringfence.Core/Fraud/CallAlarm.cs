namespace Ringfence.Core.Fraud;

internal enum AlarmLevel
{
    None,
    Warning,
    Critical,
}

/// <summary>A limit was reached.</summary>
/// <param name="Figure">What it came to, in the rule's unit.</param>
/// <param name="Threshold">The level that it reached.</param>
/// <param name="Last">The call at which it did.</param>
/// <param name="Calls">Of the key, that go on and that the limit looks at: the evidence.</param>
/// <param name="Lost">What those came to so far.</param>
/// <param name="Stop">What is stopped from now on; null: nothing, as for a warning.</param>
/// <param name="Cut">Calls to hang up now.</param>
internal sealed record CallAlarm(
    long At, CallLimit Limit, LimitKey Key, AlarmLevel Level, long Figure, long Threshold, LiveCall? Last, IReadOnlyList<LiveCall> Calls, long Lost, CallStop? Stop, IReadOnlyList<LiveCall> Cut);

/// <summary>Calls that may not leave until it ends or is lifted.</summary>
/// <param name="Number">What an operator names it by.</param>
/// <param name="Extension">"" for everybody's.</param>
/// <param name="Region">The country; "" for all.</param>
/// <param name="Trunk">"" for all.</param>
/// <param name="RiskyOnly">Only risky destinations.</param>
/// <param name="Why">For people.</param>
internal sealed record CallStop(int Number, long From, long Until, string Limit, string Rule, string Extension, string Region, string Trunk, bool RiskyOnly, string Why)
{
    public bool Holds(in CallAttempt attempt, long at) =>
        at < Until
        && (Extension.Length == 0 || Extension == attempt.Extension)
        && (Region.Length == 0 || Region == attempt.Number.Region)
        && (Trunk.Length == 0 || Trunk == attempt.Trunk)
        && (!RiskyOnly || attempt.IsRisky);
}
