namespace Ringfence.Core.Fraud;

internal enum AlarmLevel
{
    None,
    Warning,
    Critical,
}

/// <summary>A limit was reached.</summary>
/// <param name="Figure">What it came to, in the rule's unit; below <paramref name="Threshold"/>: a call that asked to leave would have reached it within half a minute.</param>
/// <param name="Threshold">The level that it reached.</param>
/// <param name="Last">The call at which it did.</param>
/// <param name="Calls">Of the key, that go on and that the limit looks at: the evidence.</param>
/// <param name="Lost">What those came to so far.</param>
/// <param name="Stop">What is stopped from now on; null: nothing, as for a warning.</param>
/// <param name="Cut">Calls to hang up now.</param>
internal sealed record CallAlarm(
    long At, CallLimit Limit, LimitKey Key, AlarmLevel Level, long Figure, long Threshold, LiveCall? Last, IReadOnlyList<LiveCall> Calls, long Lost, CallStop? Stop, IReadOnlyList<LiveCall> Cut);
