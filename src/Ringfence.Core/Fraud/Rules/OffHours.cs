using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Money while nobody works.</summary>
internal static class OffHours
{
    private const long Hour = 3_600_000;
    private const long Unit = Numbers.Rate.Unit;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3004",
        Name = "off-hours",
        Severity = Severity.High,
        Why = "Calls abroad cost money at night, on a day off or a holiday: most fraud is done while nobody is there to see it.",
        Fix = "Set hours, days and holidays in [calls] as people work here. If calls at night are this extension's work, take the limits off it: not_extensions in [limit off-hours-risky] and in each other one that is told.",
        Bad = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-01 02:00:00 201 0023279000001 900
            # here
            """,
        Good = """
            2026-03-01 02:00:00 201 0033123456789 900
            2026-03-02 11:00:00 201 0023279000001 900
            """,
        Reference = new Uri("https://www.fcc.gov/general/fraud-using-voip-pbx-systems"),
        Unit = LimitUnit.Money,
        Meter = static limit => new SpendMeter(limit.Window),
        Limits =
        [
            // Measured with bench/fraud, seeds 1 to 4: with 15 for whatever is risky there were 113 false stops a year at 200 extensions (buyers who work late, ships at sea, technicians on duty); where the extension
            // calls as a rule 80 makes one or two, where it does not 25 made four, where nobody does 10 makes none. Countries that are not risky come last to a thief, who goes there when all others are shut: 40 lost each extension's, 16 less.
            Limit("off-hours-risky", 12 * Hour, 40, 80, CallFilter.Risky),
            Limit("off-hours-new", 12 * Hour, 15, 30, CallFilter.Risky with { NewTo = Standing.NewToExtension }),
            Limit("off-hours-strange", 12 * Hour, 4, 10, CallFilter.Risky with { NewTo = Standing.NewToSite }),
            Limit("off-hours-abroad", 12 * Hour, 40, 80, CallFilter.All with { AbroadOnly = true }),
            Limit("off-hours-abroad-new", 12 * Hour, 8, 16, CallFilter.All with { AbroadOnly = true, Classes = ["low", "other"], NewTo = Standing.NewToExtension }),
            Limit("off-hours-site", 12 * Hour, 20, 40, CallFilter.Risky with { NewTo = Standing.NewToExtension }) with { Scope = LimitScope.Site, Action = BrakeAction.AllRisky, SparesKnown = true },
        ],
    };

    private static CallLimit Limit(string name, long window, long warning, long critical, CallFilter calls) => new()
    {
        Name = name,
        Rule = "RF3004",
        Scope = LimitScope.Extension,
        Window = window,
        Warning = warning * Unit,
        Critical = critical * Unit,
        Calls = calls,
        Hours = LimitHours.Off,
        Action = BrakeAction.Country,
        For = 2 * Hour,
        Earns = 300,
    };
}
