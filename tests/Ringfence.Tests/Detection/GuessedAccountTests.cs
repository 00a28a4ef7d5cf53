using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Detection;

/// <summary>A crowd that guesses at one account is told, though none of it does enough to be banned.</summary>
public sealed class GuessedAccountTests
{
    private const int Hour = 3_600;

    [Fact]
    public void Fifty_addresses_with_a_guess_or_two_each_are_told_once_and_nobody_is_banned()
    {
        var trial = new Trial().Read(Many(90, i => WrongPassword(i, Of(i % 50), transport: "TCP")));

        var alert = Assert.IsType<Alert>(Assert.Single(trial.Decisions));
        Assert.Equal(("RF2022", "10 addresses guess at account 1001; nobody is banned for that alone"), (alert.Rule, alert.Reason));
        Assert.Equal(Of(9), alert.Subject.ToString());
        Assert.NotEmpty(alert.Evidence);
    }

    [Fact]
    public void How_many_of_the_addresses_are_proven_is_told_for_the_others_may_be_forged()
    {
        var none = new Trial().Read(Many(10, i => WrongPassword(i, Of(i))));
        var three = new Trial().Read(Many(10, i => WrongPassword(i, Of(i), transport: i < 3 ? "TLS" : "UDP")));

        Assert.Equal("10 addresses, none of them proven, guess at account 1001; nobody is banned for that alone", Assert.IsType<Alert>(Assert.Single(none.Decisions)).Reason);
        Assert.Equal("10 addresses, 3 of them proven, guess at account 1001; nobody is banned for that alone", Assert.IsType<Alert>(Assert.Single(three.Decisions)).Reason);
    }

    [Fact]
    public void It_is_told_again_on_another_day_and_of_another_account()
    {
        var trial = new Trial().Read(Many(30, i => WrongPassword(i * Hour, Of(i))));
        Assert.Single(trial.Decisions);

        trial.Read(Many(10, i => WrongPassword((30 * Hour) + i, Of(100 + i), account: "1002")));
        Assert.Equal(2, trial.Decisions.Count);

        trial.Read(Many(10, i => WrongPassword((40 * Hour) + i, Of(50 + i))));
        Assert.Equal([9 * Hour, (30 * Hour) + 9, 40 * Hour], trial.Decisions.Select(decision => (int)(decision.Time - Time(0)).TotalSeconds));
    }

    [Fact]
    public void A_forger_of_names_and_addresses_is_told_of_so_often_and_hides_no_proven_crowd()
    {
        var trial = new Trial().Read(Many(100 * 10, i => WrongPassword(0.01 * i, Of(i), account: $"name{i / 10}")));
        Assert.Equal(LongMemory.MostGuessedTold, trial.Decisions.Count(decision => decision.Rule == "RF2022"));

        trial.Read(Many(10, i => WrongPassword(60 + i, Of(2_000 + i), transport: "TCP")));

        Assert.StartsWith("10 addresses guess at account 1001", trial.Decisions[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Forged_addresses_do_not_use_up_the_telling_of_a_proven_crowd()
    {
        var trial = new Trial().Read(Many(10, i => WrongPassword(i, Of(i))));
        Assert.Single(trial.Decisions);

        // A hundred of them for each that is proven.
        trial.Read(Many(20, i => Many(100, j => WrongPassword(60 + i + (0.001 * j), Of(100 + (100 * i) + j))) + WrongPassword(60.5 + i, Of(4_000 + i), transport: "TCP")));

        Assert.Equal(
            ["10 addresses, none of them proven, guess at account 1001; nobody is banned for that alone", "10 addresses guess at account 1001; nobody is banned for that alone"],
            trial.Decisions.Where(decision => decision.Rule == "RF2022").Select(decision => decision.Reason));
    }

    [Fact]
    public void What_the_last_guesser_calls_himself_is_shown_harmless() =>
        Assert.StartsWith(
            @"10 addresses guess at account a\x1b[31m;",
            Assert.Single(new Trial().Read(Many(10, i => WrongPassword(i, Of(i), account: "a\u001b[31m", transport: "TCP"))).Decisions).Reason,
            StringComparison.Ordinal);

    [Fact]
    public void A_crowd_whose_addresses_are_banned_one_by_one_is_told_too()
    {
        var trial = new Trial().Read(Many(10, i => Many(5, j => WrongPassword((10 * i) + j, Of(i), transport: "TCP"))));

        Assert.Single(trial.Decisions, decision => decision.Rule == "RF2022");
        Assert.InRange(trial.Bans.Count, 10, 11);
    }

    // Each in a network of its own, so that no rule about neighbours has a say.
    private static string Of(int number) => $"198.{18 + (number >> 8)}.{number & 255}.7";
}
