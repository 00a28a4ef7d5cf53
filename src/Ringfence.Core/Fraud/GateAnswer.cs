namespace Ringfence.Core.Fraud;

internal enum GateVerdict
{
    /// <summary>The zero value: no answer lets nobody out.</summary>
    Deny,

    /// <summary>After the caller's PIN: ask again with it.</summary>
    AskPin,
    Allow,
}

/// <summary>What the gate says of a call that is about to leave.</summary>
/// <param name="Seconds">The longest that it may last from its answer; null: as long as it likes.</param>
/// <param name="Limit">The limit that decided, or the stop's; "" for none.</param>
/// <param name="Why">For people; "" for a call that is as calls should be.</param>
internal readonly record struct GateAnswer(GateVerdict Verdict, int? Seconds, string Limit, string Why)
{
    /// <summary>The stop that holds the call; 0: none does.</summary>
    public int Stop { get; init; }

    public static readonly GateAnswer Fine = new(GateVerdict.Allow, null, "", "");
}
