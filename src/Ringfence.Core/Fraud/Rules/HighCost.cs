using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Premium numbers, satellites, and the world's own premium code.</summary>
internal static class HighCost
{
    private const long Hour = 3_600_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3012",
        Name = "high-cost-numbers",
        Severity = Severity.High,
        Why = "Premium numbers and satellites are called again and again: a minute costs what an hour elsewhere does, and most of it is whoever's the number is.",
        Fix = "If nobody here needs them, forbid them: [permission NAME] with classes = premium, world-premium, satellite and calls = deny.",
        Bad = """
            2026-03-03 11:00:00 201 09001234567 10
            2026-03-03 11:05:00 201 09001234567 10
            2026-03-03 11:10:00 201 09001234567 10
            2026-03-03 11:15:00 201 09001234567 10
            2026-03-03 11:20:00 201 09001234567 10
            2026-03-03 11:25:00 201 09001234567 10
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 09001234567 60
            2026-03-03 15:00:00 202 0080012345678 60
            """,
        Reference = new Uri("https://www.ofcom.org.uk/phones-and-broadband/unwanted-calls-and-messages/premium-rate-services"),
        Unit = LimitUnit.Calls,
        Meter = static limit => new CountMeter(limit.Window),
        Limits =
        [
            new() { Name = "premium", Rule = "RF3012", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 4, Critical = 6, Calls = CallFilter.All with { Classes = ["premium"] }, Action = BrakeAction.Risky, Earns = 300 },
            new()
            {
                Name = "satellite", Rule = "RF3012", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 3, Critical = 5, Calls = CallFilter.All with { Classes = ["satellite", "world-premium"] },
                Action = BrakeAction.Risky, Earns = 300,
            },
        ],
    };
}
