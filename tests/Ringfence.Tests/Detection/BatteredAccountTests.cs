using System.Globalization;
using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>Passwords that are guessed by whoever never shows where he is: nobody is banned, and the account is told.</summary>
public sealed class BatteredAccountTests
{
    private const string Phone = "192.0.2.7";
    private const string Reader = "203.0.113.99";

    [Fact]
    public void A_guesser_who_writes_in_a_trusted_phones_name_is_told_with_where_he_reads_the_answers()
    {
        var trial = new Trial(trust: subject => subject.First.ToString() == Phone ? "registered contact of 1001" : null);

        trial.Read(Guesses(300, _ => Phone));

        var told = Assert.Single(trial.Decisions, decision => decision.Rule == "RF2023");
        Assert.Equal($"account 1001: 10 wrong passwords in 90 ms so far, 10 of them answered to another address than they came from, the last to {Reader}; nobody is banned for that alone", told.Reason);
        Assert.Empty(trial.Bans);
    }

    [Fact]
    public void Answered_to_their_senders_it_takes_a_hundred_of_whomever()
    {
        var trial = new Trial();

        trial.Read(Guesses(99, Forged, maddr: ""));
        Assert.DoesNotContain(trial.Decisions, decision => decision.Rule == "RF2023");
        trial.Read(Guesses(1, Forged, maddr: "", from: 99));

        Assert.Equal("account 1001: 100 wrong passwords in 990 ms so far; nobody is banned for that alone", Assert.Single(trial.Decisions, decision => decision.Rule == "RF2023").Reason);
    }

    [Fact]
    public void Where_no_logins_are_remembered_the_phones_beside_one_with_an_old_password_speak_for_it()
    {
        var trial = new Trial(new DetectionSettings { Stolen = StolenPolicy.Off }, trust: _ => "office");

        trial.Read(Line(0, Phone, "401 auth") + Line(1_000, Phone, "200 auth", "1002"));
        trial.Read(string.Concat(Enumerable.Range(1, 1_000).Select(i => Line(i * 30_000L, Phone, "401 auth"))));

        Assert.DoesNotContain(trial.Decisions, decision => decision.Rule == "RF2023");
    }

    [Fact]
    public void A_phone_with_an_old_password_that_asks_each_half_minute_is_none()
    {
        var trial = new Trial(trust: _ => "office");

        trial.Read(Line(0, Phone, "200 auth"));
        trial.Read(string.Concat(Enumerable.Range(0, 1_000).Select(i => Line(i * 30_000L, Phone, "401 auth"))));

        Assert.DoesNotContain(trial.Decisions, decision => decision.Rule == "RF2023");
    }

    [Theory]
    [InlineData(StolenPolicy.Alert)]
    [InlineData(StolenPolicy.Off)]
    internal void Who_guesses_too_slowly_to_be_banned_is_told_by_the_account_though_no_logins_are_remembered(StolenPolicy stolen)
    {
        var trial = new Trial(new DetectionSettings { Stolen = stolen });

        trial.Read(string.Concat(Enumerable.Range(0, 4 * 572).Select(i => Line(i * 151_000L, Phone, "401 auth"))));

        Assert.Empty(trial.Bans);
        var told = trial.Decisions.Where(decision => decision.Rule == "RF2023").ToList();
        Assert.Equal(4, told.Count);
        Assert.Equal("account 1001: 200 wrong passwords in 8 h 20 min so far; nobody is banned for that alone", told[0].Reason);
    }

    [Fact]
    public void It_is_told_once_a_day_and_of_invented_names_thirty_two()
    {
        var trial = new Trial(new DetectionSettings { Refusals = 50 });

        trial.Read(Guesses(400, Forged));
        Assert.Single(trial.Decisions, decision => decision.Rule == "RF2023");

        for (var name = 0; name < 60; name++)
        {
            trial.Read(Guesses(10, Forged, from: 1_000 + (name * 10), account: $"invented{name}"));
        }

        Assert.Equal(32, trial.Decisions.Count(decision => decision.Rule == "RF2023"));
        trial.Read(Line(500_000, Phone, "200 auth", "1002") + Guesses(10, Forged, from: 60_000, account: "1002"));
        Assert.Equal(33, trial.Decisions.Count(decision => decision.Rule == "RF2023"));
    }

    [Fact]
    public void Of_an_account_of_the_pbx_it_is_told_however_many_names_are_invented()
    {
        var trial = new Trial(new DetectionSettings { Refusals = 50 });
        trial.Detector.Configure(["1003"]);

        for (var name = 0; name < 60; name++)
        {
            trial.Read(Guesses(10, Forged, from: name * 10, account: $"invented{name}"));
        }

        trial.Read(Guesses(10, Forged, from: 60_000, account: "1003"));

        Assert.StartsWith("account 1003:", trial.Decisions.Last(decision => decision.Rule == "RF2023").Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Phone, Reader, "Yealink", true)]
    [InlineData("198.51.100.200", "", "Zoiper", true)]
    [InlineData("198.51.100.200", "", "Yealink", false)]
    [InlineData(Phone, "", "Yealink", false)]
    public void That_the_password_was_found_is_told_but_for_the_account_s_own_phone_wherever_it_is(string source, string reader, string agent, bool isFound)
    {
        var trial = new Trial(trust: _ => "everybody");
        trial.Read(Line(0, Phone, "200 auth agent=Yealink"));
        trial.Read(Guesses(20, Forged, from: 500));

        trial.Read(Line(60_000, source, $"401 invented stale agent={agent}" + To(reader)) + Line(60_100, source, $"401 invented stale agent={agent}" + To(reader)));

        Assert.Equal(isFound ? 1 : 0, trial.Decisions.Count(decision => decision.Rule == "RF2014" && decision.Reason.StartsWith("account 1001: its password was found: after many wrong ones", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_a_log_tells_of_a_banned_guesser_is_no_news()
    {
        var trial = new Trial();

        trial.Read(string.Concat(Enumerable.Range(0, 300).Select(i => Line(i * 10L, Phone, "401 auth"))));

        Assert.Equal(["RF2001"], trial.Decisions.Select(decision => decision.Rule));
    }

    [Fact]
    public void A_stale_nonce_of_an_account_that_nobody_guesses_says_nothing()
    {
        var trial = new Trial();

        trial.Read(Line(0, Phone, "200 auth") + Line(5_000, "198.51.100.200", "401 invented stale"));

        Assert.Empty(trial.Decisions);
    }

    private static string Forged(int i) => string.Create(CultureInfo.InvariantCulture, $"11.{i % 250}.{i / 250}.1");

    private static string Guesses(int count, Func<int, string> source, string maddr = Reader, int from = 0, string account = "1001") =>
        string.Concat(Enumerable.Range(from, count).Select(i => Line(i * 10L, source(i), "401 invented" + To(maddr), account)));

    private static string To(string address) => address.Length == 0 ? "" : $" maddr={address}";

    private static string Line(long milliseconds, string source, string end, string account = "1001") =>
        string.Create(CultureInfo.InvariantCulture, $"sip {Attempts.Time(0).AddMilliseconds(milliseconds):yyyy-MM-dd HH:mm:ss.fff} UDP {source}:5060 REGISTER {account} {end}\n");
}
