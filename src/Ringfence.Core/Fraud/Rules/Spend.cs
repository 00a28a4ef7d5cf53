using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Money in a time.</summary>
internal static class Spend
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Unit = Numbers.Rate.Unit;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3001",
        Name = "spend",
        Severity = Severity.Critical,
        Why = "Calls cost more in a time than this site's ever should: whoever stole a password calls what pays him most, as many times at once as he can.",
        Fix = "Look at the calls that are named. If they are fraud, change the extension's password. If they are not, raise the limit's critical level in ringfence.conf, and lift the stop.",
        Bad = """
            2026-03-03 02:00:00 201 0023279000001 600
            2026-03-03 02:00:05 201 0023279000002 600
            2026-03-03 02:00:10 201 0023279000003 600
            2026-03-03 02:00:15 201 0023279000004 600
            # here
            """,
        Good = """
            2026-03-03 10:00:00 201 0023279000001 120
            2026-03-03 10:00:05 202 0030123456 3600
            """,
        Reference = new Uri("https://www.cfca.org/telecom-fraud-loss-survey/"),
        Unit = LimitUnit.Money,
        Meter = static limit => new SpendMeter(limit.Window),
        Limits =
        [
            new() { Name = "spend-5m", Rule = "RF3001", Scope = LimitScope.Extension, Window = 5 * Minute, Warning = 30 * Unit, Critical = 60 * Unit, Calls = CallFilter.Risky, Action = BrakeAction.OwnRisky, For = 4 * Hour },
            new() { Name = "spend-day", Rule = "RF3001", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 150 * Unit, Critical = 300 * Unit, Calls = CallFilter.Risky, Action = BrakeAction.OwnRisky, For = 12 * Hour },
            new() { Name = "new-day", Rule = "RF3001", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 15 * Unit, Critical = 40 * Unit, Calls = CallFilter.Risky with { Habit = CallHabit.Others }, Action = BrakeAction.OwnRisky, For = 12 * Hour },
            new() { Name = "new-off", Rule = "RF3001", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 8 * Unit, Critical = 20 * Unit, Calls = CallFilter.Risky with { Habit = CallHabit.Others }, Hours = LimitHours.Off, Action = BrakeAction.OwnRisky, For = 12 * Hour },
            new() { Name = "strange-day", Rule = "RF3001", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 10 * Unit, Critical = 24 * Unit, Calls = CallFilter.Risky with { Habit = CallHabit.Nobodys }, Action = BrakeAction.OwnRisky, For = 12 * Hour },
            new() { Name = "strange-off", Rule = "RF3001", Scope = LimitScope.Extension, Window = 24 * Hour, Warning = 4 * Unit, Critical = 10 * Unit, Calls = CallFilter.Risky with { Habit = CallHabit.Nobodys }, Hours = LimitHours.Off, Action = BrakeAction.OwnRisky, For = 12 * Hour },
        ],
    };
}
