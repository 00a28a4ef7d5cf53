using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Calls that end as soon as they are answered.</summary>
internal static class ShortCalls
{
    private const long Hour = 3_600_000;
    private const long Short = 15_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3013",
        Name = "short-calls",
        Severity = Severity.High,
        Why = "Many calls abroad are answered and over within 15 seconds: farms of them earn the fee for the answer, or the first minute that is paid whole, and stay under limits of time.",
        Fix = "If these are your customers' voicemails, take the limit off the extension (not_extensions in [limit short-calls-risky] or [limit short-calls-abroad]), and give it one of its own ([limit NAME] with rule, extensions and critical). Else change its password.",
        Bad = """
            2026-03-03 11:00:00 201 0023279000001 5
            2026-03-03 11:02:00 201 0023279000001 5
            2026-03-03 11:04:00 201 0023279000001 5
            2026-03-03 11:06:00 201 0023279000001 5
            2026-03-03 11:08:00 201 0023279000001 5
            2026-03-03 11:10:00 201 0023279000001 5
            2026-03-03 11:12:00 201 0023279000001 5
            2026-03-03 11:14:00 201 0023279000001 5
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 0023279000001 5
            2026-03-03 11:02:00 201 0023279000001 500
            2026-03-03 11:14:00 201 0023279000001 0
            2026-03-03 11:16:00 201 0023279000001 0
            2026-03-03 11:18:00 201 0023279000001 0
            """,
        Reference = new Uri("https://www.gsma.com/solutions-and-impact/technologies/security/"),
        Unit = LimitUnit.Calls,
        Meter = static limit => new CountMeter(limit.Window, Short),
        Limits =
        [
            new() { Name = "short-calls-risky", Rule = "RF3013", Scope = LimitScope.Extension, Window = Hour, Warning = 5, Critical = 8, Calls = CallFilter.Risky, Action = BrakeAction.Risky, Earns = 300 },
            new() { Name = "short-calls-abroad", Rule = "RF3013", Scope = LimitScope.Extension, Window = Hour, Warning = 20, Critical = 40, Calls = CallFilter.All with { AbroadOnly = true }, Action = BrakeAction.Country, Earns = 300 },
        ],
    };
}
