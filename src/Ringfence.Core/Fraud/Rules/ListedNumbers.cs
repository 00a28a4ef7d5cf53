using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Numbers of the operator's lists.</summary>
internal static class ListedNumbers
{
    private const long Hour = 3_600_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3018",
        Name = "listed-numbers",
        Severity = Severity.Critical,
        Why = "A number of a list is called ([calls] listed): one that fraudsters try a stolen password with before they sell it, or one of your own that nobody has a reason to call.",
        Fix = "Change the extension's password: the attack proper follows within hours. If the number should not be listed, take it out of its file.",
        Bad = """
            2026-03-03 10:00:00 201 0023279000001 5
            # here
            """,
        Good = """
            2026-03-03 10:00:00 201 0023279000002 5
            """,
        Reference = new Uri("https://www.gsma.com/solutions-and-impact/technologies/security/"),
        Unit = LimitUnit.Calls,
        Meter = static limit => new CountMeter(limit.Window),
        Limits =
        [
            new() { Name = "listed-numbers", Rule = "RF3018", Scope = LimitScope.Extension, Window = 24 * Hour, Critical = 1, Calls = CallFilter.All with { ListedOnly = true }, Action = BrakeAction.Risky, For = 24 * Hour },
        ],
    };
}
