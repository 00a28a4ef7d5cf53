using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Ringfence.Tests.Fraud;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class LimitKeysTests
{
    [Fact]
    public void A_section_of_a_default_limits_name_changes_what_it_says_and_nothing_else()
    {
        var before = CallRules.All.SelectMany(static rule => rule.Limits).Single(static limit => limit.Name == "spend-hour");

        var limits = Read("[limit spend-hour]\ncritical = 42.50\nwarning = none\nextensions = 2*, 301\n").AllLimits;

        Assert.Equal(before with { Critical = 42_500_000, Warning = null, Calls = before.Calls with { Extensions = limits.Single(static limit => limit.Name == "spend-hour").Calls.Extensions } }, limits.Single(static limit => limit.Name == "spend-hour"));
        Assert.Equal(CallRules.All.Sum(static rule => rule.Limits.Count), limits.Count);
    }

    [Fact]
    public void Default_limits_are_in_the_decks_money_and_what_a_section_says_is_as_it_stands_wherever_the_section_is()
    {
        var settings = Read("[limit spend-hour]\nwarning = 900\n[limit boss]\nrule = spend\ncritical = 7\n[calls]\neuro = 90\n");
        var (hour, own) = (settings.AllLimits.Single(static limit => limit.Name == "spend-hour"), settings.AllLimits.Single(static limit => limit.Name == "boss"));

        Assert.Equal((900 * Rate.Unit, 9000 * Rate.Unit, 7 * Rate.Unit), (hour.Warning, hour.Critical, own.Critical));
        Assert.Equal(5400 * Rate.Unit, settings.AllLimits.Single(static limit => limit.Name == "spend-5m").Critical);
        Assert.Equal(CallRules.All.SelectMany(static rule => rule.Limits).Single(static limit => limit.Name == "calls-a-day").Critical, settings.AllLimits.Single(static limit => limit.Name == "calls-a-day").Critical);
        Assert.Equal(CallRules.All.SelectMany(static rule => rule.Limits), Read("[calls]\n").AllLimits);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("100001")]
    [InlineData("90 INR")]
    public void What_no_euro_can_be_is_a_mistake(string euro)
    {
        Assert.Contains(ConfigReader.Parse("r", $"[calls]\neuro = {euro}").Mistakes, static mistake => mistake.Text.Contains("expected an amount such as 90 or 1.08", StringComparison.Ordinal));
    }

    [Fact]
    public void A_default_limit_is_taken_off_an_extension_that_has_one_of_its_own_and_holds_all_others()
    {
        var settings = Read("""
            [limit concurrent-risky]
            not_extensions = 201, 3*
            [limit concurrent-abroad]
            not_extensions = 201, 3*
            [limit queue]
            rule = concurrent-calls
            extensions = 201, 3*
            critical = 9
            [permission premium]
            not_extensions = 402
            classes = premium
            calls = deny
            """);
        var engine = new CallEngine(settings.Policy(TimeZoneInfo.Utc, NumberList.Empty, "DE"));

        Assert.Contains("not_extensions = 201, 3*", LimitText.Section(settings.AllLimits.Single(static limit => limit.Name == "concurrent-risky")));
        Assert.Equal([(8, "queue"), (8, "queue"), (2, "concurrent-risky")], ((string[])["201", "301", "202"]).Select(AtOnce));
        Assert.Equal((GateVerdict.Allow, GateVerdict.Deny), (engine.Ask("p1", TestCalls.To("09001234567", engine.Now, "402")).Verdict, engine.Ask("p2", TestCalls.To("09001234567", engine.Now, "401")).Verdict));

        // In daylight, one a minute: no limit of rate or of the night.
        (int Calls, string Limit) AtOnce(string extension)
        {
            var noon = Math.Max(TestCalls.Noon, engine.Now + TestCalls.Minute);
            for (var call = 0; ; call++)
            {
                var at = noon + (call * TestCalls.Minute);
                if (engine.Ask($"{extension} {call}", TestCalls.To("0023279000001", at, extension)) is { Verdict: not GateVerdict.Allow } denied)
                {
                    return (call, denied.Limit);
                }

                engine.Begin($"{extension} {call}", TestCalls.To("0023279000001", at, extension));
            }
        }
    }

    [Fact]
    public void A_limit_is_turned_off_and_another_added()
    {
        var limits = Read("""
            [limit spend-hour]
            enabled = no
            [limit night]
            rule = concurrent-calls
            for = site
            warning = 5
            critical = 10
            action = all-risky
            stop_for = 2h
            hours = off
            only = risky, new
            countries = sl
            origins = forwarded
            earn = 2.5
            spare_known = yes
            [limit talk]
            rule = RF3011
            critical = 3h
            """).AllLimits;

        Assert.DoesNotContain(limits, static limit => limit.Name == "spend-hour");
        var night = limits.Single(static limit => limit.Name == "night");
        Assert.Equal(("RF3002", LimitScope.Site, 5L, 10L, BrakeAction.AllRisky, 7_200_000L, LimitHours.Off, 250, true), (night.Rule, night.Scope, night.Warning, night.Critical, night.Action, night.For, night.Hours, night.Earns, night.SparesKnown));
        Assert.Equal((true, Standing.NewToExtension, "SL", CallOrigin.Forwarded), (night.Calls.RiskyOnly, night.Calls.NewTo, night.Calls.Regions.Single(), night.Calls.Origins.Single()));
        Assert.Equal(10_800_000, limits.Single(static limit => limit.Name == "talk").Critical);
    }

    [Fact]
    public void Permissions_hours_and_the_rest_become_the_policy()
    {
        var policy = Read("""
            [calls]
            hours = Mon-Sat+Sun 08:00-18:30
            holidays = 2026-12-25
            learn = 30d
            [permission no-premium]
            classes = premium
            calls = deny
            [permission home]
            not_countries = DE, AT
            calls = pin
            hours = off
            """).Policy(TimeZoneInfo.Utc, NumberList.Empty, "DE");

        Assert.Equal(["no-premium Deny Always", "home AskPin Off"], policy.Permissions.Select(static one => $"{one.Name} {one.Verdict} {one.Hours}"));
        Assert.Equal((0b1111111, 480, 1110, 30 * 86_400_000L), (policy.Hours.Days, policy.Hours.From, policy.Hours.To, policy.Learning));
        Assert.Contains(new DateOnly(2026, 12, 25), policy.Hours.Holidays);
    }

    [Theory]
    [InlineData("[limit spend-hour]\ncritical = much", "critical = much: expected an amount such as 20")]
    [InlineData("[limit spend-hour]\nwarning = 900", "expected warning to be no more than critical")]
    [InlineData("[limit concurrent-abroad]\ncritical = 1.5", "expected a number from 1")]
    [InlineData("[limit long-calls]\ncritical = 90", "expected a duration such as 2h")]
    [InlineData("[limit concurrent-abroad]\nwindow = 1h", "counts over none")]
    [InlineData("[limit spend-our]\ncritical = 5", "did you mean [limit spend-hour]?")]
    [InlineData("[limit quite-another]\ncritical = 5", "has no rule")]
    [InlineData("[limit spend-hour]\ncritical = 5", "warns at 60 (its default) and stops at 5")]
    [InlineData("[limit long-calls]\ncritical = 1m", "(its default) and stops at 1m")]
    [InlineData("[limit x]\nrule = spend", "has neither warning nor critical")]
    [InlineData("[limit x]\nrule = spent", "did you mean spend?")]
    [InlineData("[limit x]\nrule = spend\ncritical = 5\n[limit x]\nrule = spend\ncritical = 5", "is there twice")]
    [InlineData("[limit spend-hour]\naction = kill", "expected one of tell, call")]
    [InlineData("[limit spend-hour]\ncountries = XX", "two letters such as DE")]
    [InlineData("[limit spend-hour]\nextensions = 2*1", "a star at its end")]
    [InlineData("[limit spend-hour]\nonly = invallid", "did you mean invalid?")]
    [InlineData("[limit x]\nrule = wangiri\ncritical = 2", "is for extension (its default): what wangiri hears of is no extension's; expected for = site")]
    [InlineData("[limit ring-back]\nfor = trunk", "is for trunk: what ring-back hears of is no trunk's; expected for = site")]
    [InlineData("[limit x]\nrule = pin-guessing\nfor = country\ncritical = 5", "expected for = extension or site")]
    [InlineData("[limit invalid-numbers]\ncritical = 200", "has critical = 200: invalid-numbers counts no further than 128")]
    [InlineData("[limit x]\nrule = first-country\nwarning = 129", "has warning = 129: first-country counts no further than 128")]
    [InlineData("[limit unusual-site]\nwindow = 2h", "has a window, and unusual-spend has its own")]
    [InlineData("[permission x]\nclasses = premium", "has no calls")]
    [InlineData("[permission x]\ncalls = maybe", "expected allow, pin or deny")]
    [InlineData("[permission x]\ncalls = deny\nonly = new", "expected one of risky, abroad, invalid")]
    [InlineData("[calls]\nhours = 8-17", "expected days and times")]
    [InlineData("[calls]\nholidays = 25.12.2026", "expected a date such as")]
    [InlineData("[calls]\nlisted = numbers.txt", "expected an absolute path")]
    public void A_slip_is_told_with_its_cure(string text, string told) =>
        Assert.Contains(ConfigReader.Parse("r", text).Mistakes, mistake => mistake.Text.Contains(told, StringComparison.Ordinal));

    [Fact]
    public void Whatever_class_a_number_is_of_a_limit_may_look_at() =>
        Assert.Equal(RiskDeck.BuiltIn.Names, Read($"[limit x]\nrule = spend\ncritical = 5\nclasses = {string.Join(", ", RiskDeck.BuiltIn.Names)}").AllLimits.Single(static limit => limit.Name == "x").Calls.Classes);

    [Fact]
    public void No_more_limits_than_an_engine_takes()
    {
        var text = string.Join('\n', Enumerable.Range(0, CallPolicy.MaxLimits).Select(static at => $"[limit own-{at}]\nrule = spend\ncritical = 5"));

        Assert.Contains(ConfigReader.Parse("r", text).Mistakes, static mistake => mistake.Text.Contains("one too many", StringComparison.Ordinal));
    }

    private static CallSettings Read(string text)
    {
        var reading = ConfigReader.Parse("ringfence.conf", text);
        Assert.Empty(reading.Mistakes);
        return reading.Config!.Calls;
    }
}
