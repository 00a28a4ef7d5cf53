using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public sealed class RiskDeckTests
{
    [Theory]
    [InlineData("33123456789", "home")]
    [InlineData("33612345678", "home")]
    [InlineData("493012345678", "low")]
    [InlineData("23276123456", "high")]
    [InlineData("18765551234", "high")]
    [InlineData("19005551234", "premium")]
    [InlineData("33899701234", "premium")]
    [InlineData("338997012345", "premium")]
    [InlineData("33899701234567", "premium")]
    [InlineData("4990012345678", "premium")]
    [InlineData("37180000000", "high")]
    [InlineData("33800123456", "toll-free")]
    [InlineData("80012345678", "toll-free")]
    [InlineData("881612345678", "satellite")]
    [InlineData("979123456789", "world-premium")]
    [InlineData("56221234567", "other")]

    // Nobody was given it.
    [InlineData("4900000000", "high")]
    [InlineData("99912345678", "high")]
    public void A_number_costs_what_its_class_does(string digits, string name) => Assert.Equal(name, RiskDeck.BuiltIn.For(NumberPlans.BuiltIn.Classify(digits), "FR").Class.Name);

    // 084 and 087 stand among the premium ones in the plan; from abroad they are.
    [Theory]
    [InlineData("448451234567", "GB", "shared-cost")]
    [InlineData("448714960123", "GB", "shared-cost")]
    [InlineData("448714960123", "JE", "shared-cost")]
    [InlineData("448714960123", "FR", "premium")]
    [InlineData("449098790123", "GB", "premium")]
    public void What_people_at_home_pay_less_for_is_no_premium_number_to_them(string digits, string home, string name) =>
        Assert.Equal(name, RiskDeck.BuiltIn.For(NumberPlans.BuiltIn.Classify(digits), home).Class.Name);

    [Fact]
    public void What_fraud_calls_is_what_costs_most_and_what_nobody_can_read() =>
        Assert.Equal(["satellite", "high", "premium", "world-premium", "unreadable"], RiskDeck.BuiltIn.Names.Where(RiskClass.IsRiskyName));

    [Fact]
    public void Each_region_has_a_price_and_nowhere_abroad_is_cheaper_than_home()
    {
        foreach (var plan in NumberPlans.BuiltIn.All.Where(static plan => plan.Region != "FR"))
        {
            var rate = RiskDeck.BuiltIn.For(new PhoneNumber($"{plan.CallingCode}", plan.CallingCode, plan.Region, NumberKind.Fixed, NumberValidity.Valid), "FR").Rate;
            Assert.True(rate.PerMinute > RiskDeck.BuiltIn.For(NumberPlans.BuiltIn.Classify("33123456789"), "FR").Rate.PerMinute, plan.Region);
        }
    }

    [Theory]
    [InlineData("Code,Destination,Rate\n44,United Kingdom,0.0050\n447,UK mobile,$0.02\n", "447700900000", "UK mobile", 20_000)]
    [InlineData("prefix;name;price;connect fee;first;every\n+232;\"Sierra; Leone\";0,55;0,10;60;60\n", "23276123456", "Sierra; Leone", 550_000)]
    [InlineData("\uFEFFDial Code\tCountry\tUSD/min\r\n0049\tGermany\t0.01\r\n", "493012345678", "Germany", 10_000)]
    public void A_carriers_deck_is_read_by_its_headings(string deck, string number, string name, long perMinute)
    {
        var rate = RateDeckReader.Read(deck).Deck.For(number)!;
        Assert.Equal((name, perMinute), (rate.Name, rate.PerMinute));
    }

    [Fact]
    public void A_line_that_can_not_be_read_is_said_and_the_others_hold()
    {
        var (deck, mistakes, skipped) = RateDeckReader.Read("prefix,rate\n44,0.01\nabc,0.02\n49,free\n");
        Assert.Equal((1, 2, 2), (deck.Count, mistakes.Count, skipped));
        Assert.Equal("line 3: expected digits in prefix and a price in rate, found \"abc\" and \"0.02\"", mistakes[0]);
    }

    // Read as it stands a call to Sierra Leone would cost nothing.
    [Fact]
    public void A_decimal_comma_where_commas_separate_fields_is_said_and_no_price()
    {
        var (deck, mistakes, skipped) = RateDeckReader.Read("prefix,destination,rate\n49,Germany,0.01\n232,Sierra Leone,0,45\n44,UK,\"0,02\"\n1242,Bahamas,1,Nassau\n");
        Assert.Equal((3, 1), (deck.Count, skipped));
        Assert.Equal("line 3: \"0,45\" in rate: a comma separates fields here: expected 0.45, or the price in quotes", Assert.Single(mistakes));
        Assert.Equal(20_000, deck.For("442079460000")!.PerMinute);
        Assert.Null(deck.For("23279000001"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>not found</body></html>")]
    [InlineData("prefix,rate\n")]
    public void What_is_no_deck_is_refused(string text) => Assert.Throws<FormatException>(() => RateDeckReader.Read(text));
}
