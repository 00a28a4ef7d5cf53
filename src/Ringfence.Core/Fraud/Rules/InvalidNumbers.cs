using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Numbers that nobody was given.</summary>
internal static class InvalidNumbers
{
    private const long Hour = 3_600_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3007",
        Name = "invalid-numbers",
        Severity = Severity.High,
        Why = "Different numbers abroad are called that nobody can have: of a wrong length, or in a range that its country has not given out. Up to a fifth of revenue-share fraud goes there; a person dials wrong once or twice, and the same number.",
        Fix = "See whether the numbers are somebody's after all (`ringfence calls rate NUMBER`): a plan that changed lately. Else change the extension's password.",
        Bad = """
            2026-03-03 11:00:00 201 00232111 0
            2026-03-03 11:00:20 201 00232112 0
            2026-03-03 11:00:40 201 00232113 0
            2026-03-03 11:01:00 201 00232114 0
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 00232111 0
            2026-03-03 11:00:20 201 00232111 0
            2026-03-03 11:00:40 201 00232111 0
            2026-03-03 11:01:00 201 00232111 0
            2026-03-03 11:01:20 201 00232111 0
            """,
        Reference = new Uri("https://www.itu.int/rec/T-REC-E.156"),
        Unit = LimitUnit.Calls,
        Most = DistinctMeter.Most,
        Meter = static limit => new DistinctMeter(limit.Window, static (in CallAttempt attempt) => (0, DistinctMeter.Number(attempt.Number.Digits))),
        Limits =
        [
            new() { Name = "invalid-numbers", Rule = "RF3007", Scope = LimitScope.Extension, Window = Hour, Warning = 3, Critical = 4, Calls = CallFilter.All with { InvalidOnly = true }, Action = BrakeAction.Risky },
            new()
            {
                Name = "invalid-numbers-off", Rule = "RF3007", Scope = LimitScope.Extension, Window = 12 * Hour, Warning = 2, Critical = 3, Calls = CallFilter.All with { InvalidOnly = true },
                Hours = LimitHours.Off, Action = BrakeAction.Risky,
            },
        ],
    };
}
