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
        Fix = "Set hours, days and holidays in [calls] as people work here. If calls at night are this extension's work, exempt it: [limit NAME] with extensions.",
        Bad = """
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
            Limit("off-hours-risky", 12 * Hour, 6, 15, CallFilter.Risky),
            Limit("off-hours-new", 12 * Hour, 3, 6, CallFilter.Risky with { NewTo = Standing.NewToExtension }),
            Limit("off-hours-abroad", 12 * Hour, 20, 40, CallFilter.All with { AbroadOnly = true }),
            Limit("off-hours-site", 12 * Hour, 20, 40, CallFilter.Risky with { NewTo = Standing.NewToExtension }) with { Scope = LimitScope.Site, Action = BrakeAction.Risky, SparesKnown = true },
        ],
    };

    private static CallLimit Limit(string name, long window, long warning, long critical, CallFilter calls) => new()
    {
        Name = name, Rule = "RF3004", Scope = LimitScope.Extension, Window = window, Warning = warning * Unit, Critical = critical * Unit, Calls = calls, Hours = LimitHours.Off, Action = BrakeAction.Country,
        For = 2 * Hour, Earns = 300,
    };
}
