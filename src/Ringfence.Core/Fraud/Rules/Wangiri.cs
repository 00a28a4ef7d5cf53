using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>One ring, and somebody calls back.</summary>
internal static class Wangiri
{
    private const long Day = 86_400_000;

    // One ring: of the tone 1 to 2 s, of the pause behind it 3 and more (ITU-T E.180). With 6 s one caller in ten who gave up early passed for it (bench/fraud).
    private const int Ring = 3;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3014",
        Name = "wangiri",
        Severity = Severity.High,
        Why = "Somebody calls back a risky number that rang for a moment within the last week: a ring that nobody can answer is made to be called back, and the call back is dear.",
        Fix = "Don't call such numbers back. If it is somebody you know, lift nothing: the country is left alone as soon as the extension calls it as a rule.",
        Bad = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-03 10:00:00 in 0023279000001 rang 2
            2026-03-03 10:05:00 201 0023279000001 60
            # here
            """,
        Good = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-03 10:00:00 in 0023279000001 rang 25
            2026-03-03 10:05:00 201 0023279000001 60
            2026-03-03 11:00:00 in 030123456 rang 2
            2026-03-03 11:05:00 201 0033123456789 60
            """,
        Reference = new Uri("https://www.fcc.gov/consumers/guides/one-ring-phone-scam"),
        Unit = LimitUnit.Calls,
        Listens = [SiteEventKind.CallIn],
        CountsAllOrigins = true,
        Meter = static limit => new CallBackMeter(limit.Window, 7 * Day, Ring),
        Limits =
        [
            new() { Name = "wangiri", Rule = "RF3014", Scope = LimitScope.Site, Window = Day, Critical = 1, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension }, Action = BrakeAction.Call },
        ],
    };
}
