using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public sealed class RateDeckTests
{
    [Fact]
    public void The_longest_prefix_holds()
    {
        var deck = new RateDeck();
        deck.Add(new Rate("44", "United Kingdom", 10_000));
        deck.Add(new Rate("447", "United Kingdom, mobile", 30_000));
        deck.Add(new Rate("4470", "United Kingdom, personal", 400_000));
        Assert.Equal(["United Kingdom", "United Kingdom, mobile", "United Kingdom, personal", null], ((string[])["442079460000", "447700900000", "447011234567", "33123456789"]).Select(number => deck.For(number)?.Name));
    }

    [Fact]
    public void The_deck_finds_what_a_search_through_all_of_it_finds() =>
        Prop.ForAll(Gen.Choose(0, 99_999).Select(static n => n.ToString()).ListOf().ToArbitrary(), Gen.Choose(0, 999_999).Select(static n => n.ToString()).ToArbitrary(), (prefixes, number) =>
        {
            var deck = new RateDeck();
            foreach (var prefix in prefixes)
            {
                deck.Add(new Rate(prefix, prefix, 1));
            }

            return deck.For(number)?.Prefix == prefixes.Where(prefix => number.StartsWith(prefix, StringComparison.Ordinal)).OrderByDescending(static prefix => prefix.Length).FirstOrDefault();
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, 0)]
    [InlineData(1, 50_000 + 250_000)]
    [InlineData(30, 50_000 + 250_000)]
    [InlineData(31, 50_000 + 300_000)]
    [InlineData(36, 50_000 + 300_000)]
    [InlineData(37, 50_000 + 350_000)]
    public void A_call_costs_its_connection_its_first_seconds_and_then_what_is_begun(long seconds, long cost) =>
        Assert.Equal(cost, new Rate("232", "Sierra Leone", 500_000, Connect: 50_000, First: 30, Every: 6).Cost(seconds));

    [Fact]
    public void A_call_that_ends_with_an_interval_costs_what_its_seconds_do_and_a_second_more_a_whole_one() =>
        Prop.ForAll(Gen.Choose(1, 60).ToArbitrary(), Gen.Choose(1, 60).ToArbitrary(), Gen.Choose(0, 7200).ToArbitrary(), (first, every, most) =>
        {
            var rate = new Rate("1", "", 60, First: first, Every: every);
            var seconds = rate.Whole(most);
            return seconds <= most && rate.Cost(seconds) == seconds && rate.Cost(seconds + 1) > most;
        }).QuickCheckThrowOnFailure();
}
