namespace Ringfence.Core.Perimeter;

/// <summary>How the policy stands in the kernel, for whoever asks the guard.</summary>
/// <param name="At">When that was seen, by the guard's clock.</param>
/// <param name="MissingCountries">Zones that lack their countries since the policy was loaded.</param>
/// <param name="StaleNames">Names that stand for addresses of before.</param>
internal sealed record PolicyStanding(PolicyState State, long At, IReadOnlyList<string> MissingCountries, IReadOnlyList<string> StaleNames)
{
    /// <returns>What is left of a trial by now; null: none is on.</returns>
    public TimeSpan? TrialLeft(TimeSpan sinceThen) => State.TrialLeft - sinceThen is { } left && left > TimeSpan.Zero ? left : null;
}
