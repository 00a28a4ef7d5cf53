using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Calls a day.</summary>
internal static class CallTotal
{
    private const long Day = 86_400_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3010",
        Name = "calls-per-day",
        Severity = Severity.Medium,
        Why = "An extension makes more calls to risky destinations in a day than anybody at an office does, however short and cheap each is.",
        Fix = "If this is the extension's work, take the limit off it (not_extensions in [limit calls-a-day]), and give it one of its own ([limit NAME] with rule, extensions and critical); it grows by itself with what is usual on most of its days, from two weeks on. Else change its password.",
        Bad = """
            2026-03-03 08:00:00 201 0023279000001 5
            2026-03-03 08:05:00 201 0023279000001 5
            2026-03-03 08:10:00 201 0023279000001 5
            2026-03-03 08:15:00 201 0023279000001 5
            2026-03-03 08:20:00 201 0023279000001 5
            2026-03-03 08:25:00 201 0023279000001 5
            2026-03-03 08:30:00 201 0023279000001 5
            2026-03-03 08:35:00 201 0023279000001 5
            2026-03-03 08:40:00 201 0023279000001 5
            2026-03-03 08:45:00 201 0023279000001 5
            2026-03-03 08:50:00 201 0023279000001 5
            2026-03-03 08:55:00 201 0023279000001 5
            2026-03-03 09:00:00 201 0023279000001 5
            2026-03-03 09:05:00 201 0023279000001 5
            2026-03-03 09:10:00 201 0023279000001 5
            2026-03-03 09:15:00 201 0023279000001 5
            2026-03-03 09:20:00 201 0023279000001 5
            2026-03-03 09:25:00 201 0023279000001 5
            2026-03-03 09:30:00 201 0023279000001 5
            2026-03-03 09:35:00 201 0023279000001 5
            2026-03-03 09:40:00 201 0023279000001 5
            2026-03-03 09:45:00 201 0023279000001 5
            2026-03-03 09:50:00 201 0023279000001 5
            2026-03-03 09:55:00 201 0023279000001 5
            2026-03-03 10:00:00 201 0023279000001 5
            # here
            """,
        Good = """
            2026-03-03 08:00:00 201 0023279000001 300 x20
            2026-03-03 08:10:00 201 0023279000001 300 x20
            2026-03-03 08:20:00 201 0023279000001 300 x20
            """,
        Reference = new Uri("https://opensips.org/docs/modules/3.4.x/fraud_detection.html"),
        Unit = LimitUnit.Calls,
        Meter = static limit => new CountMeter(limit.Window),
        Limits =
        [
            new() { Name = "calls-a-day", Rule = "RF3010", Scope = LimitScope.Extension, Window = Day, Warning = 15, Critical = 25, Calls = CallFilter.Risky, Action = BrakeAction.Risky, Earns = 300 },
        ],
    };
}
