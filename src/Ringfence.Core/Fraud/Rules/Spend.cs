using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Money in a time.</summary>
internal static class Spend
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const long Unit = Numbers.Rate.Unit;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3001",
        Name = "spend",
        Severity = Severity.Critical,
        Why = "Calls cost more in a time than this site's ever should: whoever stole a password calls what pays him most, as many times at once as he can.",
        Fix = "Look at the calls that are named. If they are fraud, change the extension's password. If they are not, raise the limit's critical level in ringfence.conf, and lift the stop.",
        Bad = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-03 02:00:00 201 0023279000001 600
            2026-03-03 02:00:05 201 0023279000002 600
            2026-03-03 02:00:10 201 0023279000003 600
            2026-03-03 02:00:15 201 0023279000004 600
            # here
            """,
        Good = """
            2026-03-03 10:00:00 201 0023279000001 120
            2026-03-03 10:00:05 202 0033123456789 3600
            """,
        Reference = new Uri("https://www.cfca.org/telecom-fraud-loss-survey/"),
        Unit = LimitUnit.Money,
        Meter = static limit => new SpendMeter(limit.Window),
        Limits =
        [
            Risky("spend-5m", LimitScope.Extension, 5 * Minute, 30, 60),
            Risky("spend-hour", LimitScope.Extension, Hour, 60, 100),
            Risky("spend-day", LimitScope.Extension, Day, 100, 200) with { For = 4 * Hour },
            Risky("spend-month", LimitScope.Extension, 30 * Day, 400, 800) with { For = Day },

            // Twice what stops an extension: else one call reached both, and everybody's were stopped for it. bench/fraud, seeds 1 to 3: as much is saved as with 60.
            Risky("spend-site-5m", LimitScope.Site, 5 * Minute, 60, 120) with { Action = BrakeAction.AllRisky, SparesKnown = true },
            Risky("spend-site-hour", LimitScope.Site, Hour, 150, 300) with { Action = BrakeAction.AllRisky, SparesKnown = true },
            Risky("spend-site-day", LimitScope.Site, Day, 400, 800) with { Action = BrakeAction.AllRisky, SparesKnown = true },
            Risky("spend-trunk-hour", LimitScope.Trunk, Hour, 200, 400) with { Action = BrakeAction.Tell },
            Abroad("spend-abroad-hour", LimitScope.Extension, Hour, 60, 120),
            Abroad("spend-abroad-day", LimitScope.Extension, Day, 150, 300),

            // A country that the extension does not call as a rule gets little, and one that nobody calls less. Measured with bench/fraud, seeds 1 to 4: relatives abroad are called for up to an hour, and
            // a limit of 50 a day stopped six a year at 200 extensions. 45 a week stopped ten more, and took no more from those who steal low and slow.
            Risky("new-country-day", LimitScope.ExtensionCountry, Day, 30, 60) with { Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension }, Earns = 0 },
            Risky("new-country-week", LimitScope.Extension, 7 * Day, 30, 65) with { Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension }, Action = BrakeAction.Risky, SparesKnown = true, Earns = 0 },
            Risky("new-country-month", LimitScope.Extension, 30 * Day, 40, 80) with { Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension }, Action = BrakeAction.Risky, SparesKnown = true, Earns = 0 },
            Risky("new-to-site-day", LimitScope.Extension, Day, 15, 30) with { Calls = CallFilter.Risky with { NewTo = Standing.NewToSite }, Action = BrakeAction.Risky, SparesKnown = true, Earns = 0 },
        ],
    };

    private static CallLimit Risky(string name, LimitScope scope, long window, long warning, long critical) => new()
    {
        Name = name,
        Rule = "RF3001",
        Scope = scope,
        Window = window,
        Warning = warning * Unit,
        Critical = critical * Unit,
        Calls = CallFilter.Risky,
        Action = BrakeAction.Country,
        Earns = 400,
    };

    private static CallLimit Abroad(string name, LimitScope scope, long window, long warning, long critical) => Risky(name, scope, window, warning, critical) with { Calls = CallFilter.All with { AbroadOnly = true } };
}
