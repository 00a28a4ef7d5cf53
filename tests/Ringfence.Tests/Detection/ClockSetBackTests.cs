using Ringfence.Core.Decisions;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Detection;

/// <summary>The clock of the PBX is set back in the middle of a log.</summary>
public sealed class ClockSetBackTests
{
    private const double Hour = 3600;
    private const double Day = 24 * Hour;
    private const string Other = "203.0.113.9";

    private static string Guesses(double second, string source = Stranger) => Many(5, i => WrongPassword(second + i, source, transport: "TCP"));

    private static string Silent(double second) => Many(3, i => Challenge(second + i, Other));

    [Theory]
    [InlineData(1.5 * Hour)]
    [InlineData(5 * Day)]
    [InlineData(7 * Day)]
    [InlineData(300 * Day)]
    public void Who_was_banned_by_a_clock_that_ran_ahead_is_banned_again_when_his_ban_is_over_and_not_before(double ahead)
    {
        var trial = new Trial().Read(Guesses(ahead) + Silent(5) + Guesses(0.5 * Hour));
        Assert.Single(trial.Bans);

        trial.Read(Silent(1.1 * Hour) + Guesses(1.1 * Hour + 5));

        Assert.Equal([Time(ahead + 4), Time(1.1 * Hour + 9)], trial.Bans.Select(ban => ban.Time));
        Assert.Equal(2, trial.Bans[1].Ordinal);
    }

    [Fact]
    public void An_hour_that_comes_again_blinds_nobody_and_doubles_no_ban()
    {
        // Four in the hour before and four after are not five; five after are, once.
        var trial = new Trial().Read(Many(4, i => WrongPassword(Hour + i)) + Silent(1) + Many(4, i => WrongPassword(10 + i)) + Challenge(Hour + 10, Other));
        Assert.Empty(trial.Decisions);

        trial.Read(WrongPassword(Hour + 20));
        Assert.Empty(trial.Decisions);

        trial.Read(Many(4, i => WrongPassword(Hour + 21 + i)) + Many(50, i => WrongPassword(Hour + 30 + i)));
        Assert.Single(trial.Bans);
    }

    [Fact]
    public void A_login_by_the_clock_of_before_does_not_spare_when_that_hour_comes_again()
    {
        var trial = new Trial().Read(Login(Hour) + Silent(0) + Guesses(Hour - 300));

        Assert.Single(trial.Bans);
    }

    [Fact]
    public void Two_logs_that_tell_of_one_step_are_one_step()
    {
        var trial = new Trial()
            .Read(Guesses(5 * Day) + Challenge(5 * Day + 60, Other)).Read(Many(3, i => Challenge(5 * Day + i, Other)), "second")
            .Read(Silent(70)).Read(Silent(80), "second");

        trial.Read(Guesses(0.5 * Hour)).Read(Guesses(0.9 * Hour), "second");
        Assert.Single(trial.Bans);

        trial.Read(Guesses(1.1 * Hour));
        Assert.Equal(2, trial.Bans.Count);
    }

    [Fact]
    public void A_log_that_is_told_again_was_not_set_back()
    {
        var text = Guesses(0) + Silent(2 * Hour);
        var trial = new Trial().Read(text);

        trial.Rewrite().Read(text);

        Assert.Single(trial.Bans);
    }

    [Fact]
    public void Notices_in_another_zone_beside_security_records_are_no_step()
    {
        var trial = new Trial().Read(Guesses(0));
        for (var i = 0; i < 20; i++)
        {
            trial.Read(Many(4, j => Challenge(10 + i, Other)) + Many(4, j => Notice(2 * Hour + i, "Failed to authenticate", $"{i}{j}", $"203.0.113.{i + 10}")));
        }

        trial.Read(Guesses(0.9 * Hour));

        Assert.Single(trial.Bans, ban => ban.Subject.ToString() == Stranger);
    }

    [Fact]
    public void A_full_room_knows_the_ends_of_bans_by_the_clock_of_now()
    {
        var settings = Trial.Exact with { MaxBans = 1000 };
        var trial = new Trial(bans: settings).Read(Many(1000, i => Guesses(5 * Day, $"192.{i / 250}.{i % 250}.1")));
        Assert.Equal(1000, trial.Bans.Count);

        trial.Read(Silent(0) + Guesses(1.1 * Hour));

        Assert.Equal(Stranger, trial.Bans[^1].Subject.ToString());
        Assert.Empty(trial.Decisions.OfType<Unban>());
    }
}
