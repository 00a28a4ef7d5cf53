using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Calls a minute.</summary>
internal static class CallRate
{
    private const long Minute = 60_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3009",
        Name = "calls-per-minute",
        Severity = Severity.High,
        Why = "Calls abroad leave faster than anybody dials: a program dials.",
        Fix = "If a dialler is yours, take the limit off its extension (not_extensions in [limit rate-risky] or [limit rate-abroad]), and give it one of its own ([limit NAME] with rule, extensions and critical). Else change the extension's password.",
        Bad = """
            2026-03-03 11:00:00 201 0023279000001 0
            2026-03-03 11:00:08 201 0023278000002 0
            2026-03-03 11:00:16 201 0023277000003 0
            2026-03-03 11:00:24 201 0023276000004 0
            2026-03-03 11:00:32 201 0023275000005 0
            2026-03-03 11:00:40 201 0023230000006 0
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 0023279000001 0
            2026-03-03 11:00:30 201 0023279000001 0
            2026-03-03 11:01:00 201 0023279000001 0
            2026-03-03 11:01:30 201 0023279000001 0
            """,
        Reference = new Uri("https://opensips.org/docs/modules/3.4.x/fraud_detection.html"),
        Unit = LimitUnit.Calls,
        Meter = static limit => new CountMeter(limit.Window),
        Limits =
        [
            new() { Name = "rate-risky", Rule = "RF3009", Scope = LimitScope.Extension, Window = Minute, Warning = 4, Critical = 6, Calls = CallFilter.Risky, Action = BrakeAction.Risky, Earns = 300 },
            new() { Name = "rate-abroad", Rule = "RF3009", Scope = LimitScope.Extension, Window = Minute, Warning = 8, Critical = 12, Calls = CallFilter.All with { AbroadOnly = true }, Action = BrakeAction.Country, Earns = 300 },
        ],
    };
}
