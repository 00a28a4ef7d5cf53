using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public sealed class DeckFitTests
{
    [Theory]
    [InlineData(0.05, false)] // a wholesale carrier's euros
    [InlineData(0.3, false)]
    [InlineData(2, false)] // what people pay in euros
    [InlineData(4, false)]
    [InlineData(0.3 * 90, true)] // wholesale in rupees
    [InlineData(0.3 * 100, true)] // in cents
    public void A_deck_whose_prices_are_many_times_what_limits_are_made_for_is_doubted(double times, bool isDoubted)
    {
        Assert.Equal(isDoubted, DeckFit.Doubt(Deck(times, countries: 200), "DE") is not null);
    }

    [Fact]
    public void A_deck_of_a_few_dear_countries_is_not_doubted()
    {
        Assert.Null(DeckFit.Doubt(Deck(40, countries: 19), "DE"));
        Assert.Contains("some 40 times", DeckFit.Doubt(Deck(40, countries: 20), "DE"), StringComparison.Ordinal);
    }

    [Fact]
    public void Dear_mobiles_are_no_reason_to_doubt_a_deck()
    {
        var deck = Deck(0.5, countries: 200);
        foreach (var code in Codes(200))
        {
            deck.Add(new Rate($"{code}7", "mobile", 50 * Rate.Unit));
        }

        Assert.Null(DeckFit.Doubt(deck, "DE"));
    }

    [Fact]
    public void Without_a_deck_of_a_price_the_classes_of_risk_are_taken_times_what_a_euro_is()
    {
        var (euros, rupees) = (new Tariff(null, "DE"), new Tariff(null, "DE", 90 * Rate.Unit));
        foreach (var digits in new[] { "23279000001", "4930123456", "881631000001", "19005551234" })
        {
            var number = NumberPlans.BuiltIn.Classify(digits);
            Assert.Equal(90 * euros.For(number).Rate.PerMinute, rupees.For(number).Rate.PerMinute);
        }

        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []);
        var enquiries = rules.Read("11833", NumberPlans.BuiltIn) with { Kind = DialledKind.Short };
        Assert.Equal(90 * euros.For(enquiries).Rate.PerMinute, rupees.For(enquiries).Rate.PerMinute);
        Assert.Equal(Rate.Most, new Tariff(null, "DE", 100_000 * Rate.Unit).For(NumberPlans.BuiltIn.Classify("23279000001")).Rate.PerMinute);
    }

    private static RateDeck Deck(double times, int countries)
    {
        var deck = new RateDeck();
        foreach (var (code, region) in Codes(countries).Zip(Regions(countries)))
        {
            var usual = RiskDeck.BuiltIn.For(new PhoneNumber("", code, region, NumberKind.Fixed, NumberValidity.Valid), "DE").Class.Fixed;
            deck.Add(new Rate($"{code}", region, (long)(usual * times)));
        }

        return deck;
    }

    private static IEnumerable<int> Codes(int countries) => NumberPlans.BuiltIn.All.Where(static plan => plan.Region is not ("DE" or NumberPlans.World)).GroupBy(static plan => plan.CallingCode).Select(static code => code.Key).Take(countries);

    private static IEnumerable<string> Regions(int countries) => NumberPlans.BuiltIn.All.Where(static plan => plan.Region is not ("DE" or NumberPlans.World)).GroupBy(static plan => plan.CallingCode).Select(static code => code.First().Region).Take(countries);
}
