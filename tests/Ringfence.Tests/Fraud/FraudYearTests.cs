using Ringfence.Bench.Fraud;
using Xunit;

namespace Ringfence.Tests.Fraud;

/// <summary>The claim of bench/results/fraud.md on a quarter of a year, of a seed that no level was chosen on.</summary>
public sealed class FraudYearTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);
    private static readonly PhoneBook Book = new();
    private static readonly Lazy<SiteYear> Site = new(static () => SiteYear.Make(Book, 501, Day.AddDays(-60), 60 + 91));

    [Theory]
    [InlineData(true, 99)]
    [InlineData(false, 95)]
    public void The_default_policy_saves_what_it_should_and_stops_next_to_nobody_else(bool hasGate, int percent)
    {
        var from = SiteCalendar.At(Day, 0);
        var attacks = AttackShapes.Draw(Book, Site.Value, 501, Day.AddDays(1), 70, 1);
        var nobody = FraudRun.Go(Book, Site.Value, attacks, from, static take => new BaselineDefence(new NoBaseline(), hasGate: true) { Take = take });

        var attacked = FraudRun.Go(Book, Site.Value, attacks, from, Make);
        var honest = FraudRun.Go(Book, Site.Value, [], from, Make);

        Assert.InRange(attacked.Attacks.Sum(static one => one.Lost), 0, nobody.Attacks.Sum(static one => one.Lost) * (100 - percent) / 100);
        Assert.True(honest.FalsePerThousand < 0.5, string.Join('\n', honest.Examples));

        EngineDefence Make(Action<Core.Fraud.PastOutcome, string> take) => new(FraudTable.Policy(), hasGate) { Take = take };
    }

    [Fact]
    public void A_seed_gives_the_same_calls_each_time()
    {
        var book = new PhoneBook();

        var (one, other) = (SiteYear.Make(book, 7, Day, 3), SiteYear.Make(new PhoneBook(), 7, Day, 3));

        Assert.Equal(one.Calls.Select(static call => $"{call.Attempt} {call.Ring} {call.Talk}"), other.Calls.Select(static call => $"{call.Attempt} {call.Ring} {call.Talk}"));
        Assert.Equal(one.Events, other.Events);
    }

    [Fact]
    public void An_attacker_without_anybody_in_his_way_takes_what_was_told()
    {
        var attacks = AttackShapes.Draw(Book, Site.Value, 501, Day.AddDays(1), 70, 1);

        var nobody = FraudRun.Go(Book, Site.Value, attacks, SiteCalendar.At(Day, 0), static take => new BaselineDefence(new NoBaseline(), hasGate: true) { Take = take });

        // 166,000 in a weekend, 900,000 in four days at a carrier's list prices: here in the risk deck's.
        Assert.InRange(nobody.Attacks.Single(static one => one.Shape == "holiday").Lost / 1_000_000, 50_000, 300_000);
        Assert.InRange(nobody.Attacks.Single(static one => one.Shape == "four days").Lost / 1_000_000, 30_000, 100_000);
        Assert.All(nobody.Attacks, static one => Assert.Equal(0, one.StoppedAt));
    }
}
