using System.Globalization;

namespace Ringfence.Core.Numbers;

/// <summary>Whether a deck's prices are in the money that the default limits and the classes of risk are made for: where they are rupees, each call breaks a limit.</summary>
internal static class DeckFit
{
    // Carriers' wholesale prices in euros are a tenth to a half of what the classes have, people's tariffs as much or twice.
    private const int DoubtAbove = 5;

    // A deck of some countries may be all dear ones.
    private const int Fewest = 20;

    /// <param name="home">The site's country.</param>
    /// <returns>For people; null: they fit, or there are too few to tell.</returns>
    public static string? Doubt(RateDeck deck, string home)
    {
        List<double> times = [];
        foreach (var code in NumberPlans.BuiltIn.All.Where(plan => plan.Region != home && plan.Region != NumberPlans.World).GroupBy(static plan => plan.CallingCode))
        {
            // What costs least of a country are its towns; of a code of several countries the first is the one it is known for.
            var fixedOnes = new PhoneNumber("", code.Key, code.First().Region, NumberKind.Fixed, NumberValidity.Valid);
            var prices = Enumerable.Range(0, 10).Select(digit => deck.For($"{code.Key}{digit}0000000")?.PerMinute).OfType<long>().ToList();
            if (prices.Count > 0 && RiskDeck.BuiltIn.For(fixedOnes, home).Class.Fixed is > 0 and var usual)
            {
                times.Add((double)prices.Min() / usual);
            }
        }

        times.Sort();
        return times.Count < Fewest || times[times.Count / 2] is not (> DoubtAbove and var median) ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the prices of the deck are some {median:N0} times those that the default limits are made for, which are in euros: if they are in other money, tell what a euro is in it (`euro` of [calls]); if they are in cents, the deck has to have whole ones");
    }
}
