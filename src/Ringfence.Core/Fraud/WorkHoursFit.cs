using System.Globalization;

namespace Ringfence.Core.Fraud;

/// <summary>Whether the hours that a policy knows are those of the site, by its own calls abroad: limits for off hours are strict, and stop a hotel's guests each evening (bench/results/fraud.md).</summary>
internal sealed class WorkHoursFit(CallPolicy policy)
{
    // Of sites with office hours, buyers for far countries among them, at most 18 in 100 are outside of them; of those that work round the clock 42 and of a hotel 59 (bench/results/fraud.md).
    private const int DoubtAbove = 30;

    // Those of one evening are no habit.
    private const int Fewest = 100;

    /// <summary>Calls abroad that people dialled.</summary>
    public long Abroad { get; private set; }

    /// <summary>Those while nobody works.</summary>
    public long OffHours { get; private set; }

    /// <summary>In a hundred.</summary>
    public double Share => 100.0 * OffHours / Math.Max(1, Abroad);

    /// <summary>For people; null: they fit, or there are too few calls to tell.</summary>
    /// <param name="hours">As the configuration writes them.</param>
    public string? Doubt(string hours) => Abroad < Fewest || Share <= DoubtAbove ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{OffHours:N0} of {Abroad:N0} calls abroad were outside of {hours}, where limits are strict: if people work then, tell `hours` of [calls]; round the clock is hours = Mon-Sun 00:00-24:00");

    public void Add(in CallAttempt attempt)
    {
        if (attempt.Origin == CallOrigin.Phone && CallFilter.IsAbroad(attempt, policy.Home))
        {
            Abroad++;
            OffHours += policy.Hours.Holds(attempt.At) ? 0 : 1;
        }
    }
}
