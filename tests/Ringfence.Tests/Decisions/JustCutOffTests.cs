using System.Globalization;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Tests.Detection;
using Xunit;

namespace Ringfence.Tests.Decisions;

/// <summary>The right password among guesses that were sent at once: answered before the kernel has the ban.</summary>
public sealed class JustCutOffTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly Address Guesser = Address.Parse("198.51.100.7")!.Value;

    [Theory]
    [InlineData("1001")]
    [InlineData("1002")]
    public void A_login_behind_the_guess_that_led_to_the_ban_is_told_and_makes_no_phone(string account)
    {
        var cutOff = new JustCutOff();
        var trial = new Trial(cutOff: cutOff);

        trial.Read(Guesses(5) + Login(5, account));

        Assert.Single(trial.Bans);
        Assert.Single(trial.Decisions.OfType<Alert>(), alert => alert.Rule == "RF2014" && alert.Reason.StartsWith($"the right password of account {account} was among the guesses of {Guesser}", StringComparison.Ordinal));
        Assert.True(trial.Sessions.IsLate(account, "11@example"));
        Assert.True(cutOff.Late.Has(Guesser.Subject, Noon.AddHours(2)));
        Assert.Empty(trial.Decisions.OfType<Unban>());
    }

    [Fact]
    public void His_further_guesses_are_not_spared_for_it()
    {
        var trial = new Trial(cutOff: new JustCutOff());

        trial.Read(Guesses(5) + Login(5, "1001") + Guesses(12, from: 6, account: "1003"));

        Assert.Empty(trial.Decisions.OfType<Spare>());
    }

    [Fact]
    public void Before_the_ban_it_is_a_person_who_mistyped()
    {
        var cutOff = new JustCutOff();
        var trial = new Trial(cutOff: cutOff);

        trial.Read(Guesses(4) + Login(4, "1001"));

        Assert.Empty(trial.Decisions);
        Assert.False(trial.Sessions.IsLate("1001", "9@example") || cutOff.Late.Has(Guesser.Subject, Noon.AddHours(2)));
    }

    [Theory]
    [InlineData(0, "1001", true)]
    [InlineData(0, "1002", false)]
    [InlineData(40, "1001", false)]
    public void A_throttle_ends_by_a_login_but_by_none_for_the_guessed_account_within_the_second(int wait, string account, bool isHisOwn)
    {
        var cutOff = new JustCutOff();
        var trial = new Trial(cutOff: cutOff);
        trial.Read(Guesses(5, transport: "UDP", how: " invented"));
        Assert.True(Assert.Single(trial.Bans).Throttles);

        trial.Read(Login(5 + wait, account, "UDP"));

        Assert.Equal(isHisOwn ? 0 : 1, trial.Decisions.OfType<Unban>().Count());
        Assert.Equal(isHisOwn, cutOff.Late.Has(Guesser.Subject, Noon.AddHours(2)));
    }

    [Theory]
    [InlineData(2, 2.5, false)]
    [InlineData(2, 3, true)]
    [InlineData(2, 60, true)]
    [InlineData(2, 70, false)]
    [InlineData(0, 2.5, false)]
    public void Behind_an_address_that_a_guard_who_was_behind_cuts_off_late_others_logged_in_meanwhile(double enforced, double login, bool isLate)
    {
        var start = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var cutOff = new JustCutOff();

        cutOff.Add(Guesser.Subject, start);
        if (enforced > 0)
        {
            cutOff.Enforced(Guesser.Subject, start.AddSeconds(enforced + 0.7));
        }

        Assert.Equal(isLate, cutOff.Holds(new PbxEvent { Source = Guesser, TimeTicks = start.AddSeconds(login).UtcTicks, Account = "1009"u8 }));
    }

    [Fact]
    public void A_throttle_revives_no_earlier_ban_whose_time_is_over()
    {
        var start = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var cutOff = new JustCutOff();
        cutOff.Add(Guesser.Subject, start);
        cutOff.Enforced(Guesser.Subject, start.AddSeconds(1));
        Assert.True(cutOff.Holds(new PbxEvent { Source = Guesser, TimeTicks = start.AddSeconds(2).UtcTicks }));

        cutOff.Throttle(new Core.Detection.Suspicion("RF2004", start.AddHours(2), Guesser, Proof.Unproven, 1, "a scanner", []));

        Assert.False(cutOff.Holds(new PbxEvent { Source = Guesser, TimeTicks = start.AddHours(2).AddSeconds(10).UtcTicks, Account = "1001"u8 }));
    }

    [Fact]
    public void Who_is_free_again_starts_anew()
    {
        var cutOff = new JustCutOff();
        var trial = new Trial(cutOff: cutOff);
        trial.Read(Guesses(5) + Login(5, "1001"));

        cutOff.Remove(Guesser.Subject);
        trial.Read(Login(9, "1002"));

        Assert.False(trial.Sessions.IsLate("1002", "13@example") || cutOff.Late.Has(Guesser.Subject, Noon.AddHours(2)));
    }

    [Fact]
    public void Neither_his_next_ban_nor_a_throttle_nor_a_flood_of_bans_makes_the_old_registration_of_a_guesser_count()
    {
        var start = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var cutOff = new JustCutOff();
        cutOff.Add(Guesser.Subject, start);
        Assert.True(cutOff.Holds(new PbxEvent { Source = Guesser, TimeTicks = start.UtcTicks + 1 }));

        cutOff.Throttle(new Core.Detection.Suspicion("RF2004", start.AddMinutes(20), Guesser, Proof.Unproven, 1, "a scanner", []));
        cutOff.Add(Guesser.Subject, start.AddMinutes(30));
        cutOff.End(Guesser.Subject);
        for (var i = 0; i < 20_000; i++)
        {
            cutOff.Add(Address.FromIPv4(0x0a000000 + (uint)i).Subject, start.AddHours(1).AddMilliseconds(i));
        }

        Assert.True(cutOff.Late.Has(Guesser.Subject, Noon.AddHours(2)));
    }

    [Theory]
    [InlineData(60, false)]
    [InlineData(4_000, true)]
    public void A_login_from_there_counts_as_any_does_once_the_ban_is_over(int seconds, bool isPhone)
    {
        var cutOff = new JustCutOff();
        var trial = new Trial(cutOff: cutOff);
        trial.Read(Guesses(5) + Login(5, "1001"));

        trial.Read(Login(20 * seconds, "1001"));

        Assert.Equal(isPhone, !cutOff.Late.Has(Guesser.Subject, Noon.AddHours(2)));
    }

    [Fact]
    public void What_is_presumed_of_whom_the_last_guard_banned_last_ends_with_the_ban_and_what_was_seen_does_not()
    {
        var cutOff = new JustCutOff();
        var ban = new Ban(1, Noon, Guesser.Subject, "RF2001", "5 wrong passwords", Noon.AddHours(1), 1);
        cutOff.Restore(ban, Noon, Noon.AddSeconds(10));
        Assert.True(cutOff.Late.Has(Guesser.Subject, Noon.AddMinutes(59)));
        Assert.False(cutOff.Late.Has(Guesser.Subject, Noon.AddMinutes(61)));

        cutOff.End(Guesser.Subject);
        Assert.False(cutOff.Late.Has(Guesser.Subject, Noon.AddSeconds(20)));

        cutOff.Restore(ban, Noon, Noon.AddSeconds(10));
        Assert.True(cutOff.Holds(new PbxEvent { Source = Guesser, TimeTicks = Noon.AddSeconds(30).UtcTicks }));
        cutOff.End(Guesser.Subject);
        Assert.True(cutOff.Late.Has(Guesser.Subject, Noon.AddMinutes(61)));
    }

    [Fact]
    public void A_late_login_counts_for_a_day_and_of_too_many_the_oldest_makes_room()
    {
        var late = new LateLogins();
        for (var i = 0; i <= 16_384; i++)
        {
            late.Add(Address.FromIPv4(0x0a000000 + (uint)i).Subject, Noon.UtcTicks, Noon.AddMilliseconds(i).UtcTicks);
        }

        var newest = Address.FromIPv4(0x0a000000 + 16_384).Subject;
        Assert.False(late.Has(Address.FromIPv4(0x0a000000).Subject, Noon.AddMinutes(1)));
        Assert.True(late.Has(Address.FromIPv4(0x0a000001).Subject, Noon.AddMinutes(1)));
        Assert.True(late.Has(newest, Noon.AddHours(24)));
        Assert.False(late.Has(newest, Noon.AddHours(25)));
    }

    // 50 ms apart: line 0 at 12:00:00.000.
    private static string Guesses(int count, int from = 0, string account = "1001", string transport = "TCP", string how = " auth") =>
        string.Concat(Enumerable.Range(from, count).Select(i => Line(i, transport, account, $"401{how}")));

    private static string Login(int at, string account, string transport = "TCP") => Line(at, transport, account, "200 auth");

    private static string Line(int at, string transport, string account, string end) =>
        string.Create(CultureInfo.InvariantCulture, $"sip {new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc).AddMilliseconds(50 * at):yyyy-MM-dd HH:mm:ss.fff} {transport} {Guesser}:5060 REGISTER {account} {end}\n");
}
