using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Many numbers of one block.</summary>
internal static class Sequential
{
    private const long Hour = 3_600_000;

    // Ranges are rented by the thousand.
    private const int Block = 3;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3008",
        Name = "sequential-numbers",
        Severity = Severity.High,
        Why = "Many different numbers abroad are called that differ in their last three digits: whoever rented a range to share in its revenue calls all of it.",
        Fix = "If the numbers are a partner's extensions, leave his country out: not_countries in [limit sequential-risky], [limit sequential-abroad] and [limit sequential-site]. Else change the extension's password.",
        Bad = """
            2026-03-03 11:00:00 201 0023279000001 20
            2026-03-03 11:01:00 201 0023279000002 20
            2026-03-03 11:02:00 201 0023279000003 20
            2026-03-03 11:03:00 201 0023279000004 20
            2026-03-03 11:04:00 201 0023279000005 20
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 0023279000001 20
            2026-03-03 11:01:00 201 0023279000001 20
            2026-03-03 11:02:00 201 0023278111002 20
            2026-03-03 11:03:00 201 0023276222003 20
            2026-03-03 11:04:00 201 0023277333004 20
            """,
        Reference = new Uri("https://www.voipmonitor.org/doc/Anti_Fraud_Rules"),
        Unit = LimitUnit.Calls,
        Most = DistinctMeter.Most,
        Meter = static limit => new DistinctMeter(limit.Window, static (in CallAttempt attempt) =>
            (DistinctMeter.Number(attempt.Number.Digits.AsSpan()[..Math.Max(0, (attempt.Number.Digits?.Length ?? 0) - Block)]), DistinctMeter.Number(attempt.Number.Digits))),
        Limits =
        [
            new() { Name = "sequential-risky", Rule = "RF3008", Scope = LimitScope.Extension, Window = Hour, Warning = 4, Critical = 5, Calls = CallFilter.Risky, Action = BrakeAction.Country, Earns = 300 },
            new() { Name = "sequential-abroad", Rule = "RF3008", Scope = LimitScope.Extension, Window = Hour, Warning = 8, Critical = 15, Calls = CallFilter.All with { AbroadOnly = true }, Action = BrakeAction.Country, Earns = 300 },
            new() { Name = "sequential-site", Rule = "RF3008", Scope = LimitScope.Site, Window = 24 * Hour, Warning = 6, Critical = 10, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension }, Action = BrakeAction.AllRisky, SparesKnown = true, Earns = 300 },
        ],
    };
}
