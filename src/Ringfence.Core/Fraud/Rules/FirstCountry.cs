using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Countries that an extension never called.</summary>
internal static class FirstCountry
{
    private const long Hour = 3_600_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3003",
        Name = "first-country",
        Severity = Severity.High,
        Why = "An extension calls risky countries that it does not call as a rule: not on three days of the last two months, two weeks apart. Who stole it does not know whom its owner calls. For two weeks from the first call that was seen the rule is silent.",
        Fix = "Ask whoever sits there. If the calls are right, lift the stop: these calls are excused, and a country is known when it was called on three days, two weeks apart. If they are not, change the password.",
        Bad = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-03 10:00:00 201 0023279000001 60
            2026-03-03 10:20:00 201 005378301234 60
            2026-03-03 10:40:00 201 002526123456 60
            # here
            """,
        Good = """
            2026-01-05 10:00:00 201 0023279000001 120 x20
            2026-01-05 11:00:00 201 005378301234 120 x20
            2026-01-05 12:00:00 201 002526123456 120 x20
            2026-03-03 10:00:00 201 0023279000001 60
            2026-03-03 10:20:00 201 005378301234 60
            2026-03-03 10:40:00 201 002526123456 60
            """,
        Reference = new Uri("https://www.voipmonitor.org/doc/Anti_Fraud_Rules"),
        Unit = LimitUnit.Calls,
        Most = DistinctMeter.Most,
        Meter = static limit => new DistinctMeter(limit.Window, static (in CallAttempt attempt) => (0, DistinctMeter.Letters(attempt.Number.Region)), isOfAnswered: limit.Window > 24 * Hour),
        Limits =
        [
            new()
            {
                Name = "first-countries", Rule = "RF3003", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 2, Critical = 3, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension },
                Action = BrakeAction.Risky, SparesKnown = true,
            },
            // Over weeks three new countries come together at a shipping desk (12 stops a year, bench/fraud): people are told, and the fourth is stopped.
            new()
            {
                Name = "first-countries-fortnight", Rule = "RF3003", Scope = LimitScope.Extension, Window = 14 * 24 * Hour, Warning = 3, Critical = 4, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension },
                Action = BrakeAction.Risky, SparesKnown = true, For = 24 * Hour,
            },
            new()
            {
                Name = "first-country-off", Rule = "RF3003", Scope = LimitScope.Extension, Window = 12 * Hour, Warning = 1, Critical = 2, Calls = CallFilter.Risky with { NewTo = Standing.NewToSite },
                Hours = LimitHours.Off, Action = BrakeAction.Risky, SparesKnown = true, For = 12 * Hour,
            },
        ],
    };
}
