using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Calls that are sent on to outside.</summary>
internal static class Forwarded
{
    private const long Hour = 3_600_000;
    private const long Unit = Numbers.Rate.Unit;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3005",
        Name = "forwarded-outside",
        Severity = Severity.Critical,
        Why = "Calls from outside are forwarded or transferred to risky destinations: a forwarding that somebody else set (a voicemail's PIN, the web interface, a phone's menu) makes each call in one that the site pays.",
        Fix = "Look where the extension forwards to, and who set it. The stop holds forwarded calls alone: whoever sits at the phone can call.",
        Bad = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-03 11:00:00 201 0023279000001 600 forwarded
            2026-03-03 11:00:20 201 0023279000001 600 forwarded
            2026-03-03 11:00:40 201 0023279000001 600 forwarded
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 01711234567 60 forwarded
            2026-03-03 11:00:20 201 01711234567 60 forwarded
            2026-03-03 11:00:40 201 01711234567 60 forwarded
            """,
        Reference = new Uri("https://www.cisa.gov/news-events/news/protecting-against-voice-mail-fraud"),
        Unit = LimitUnit.Money,
        Meter = static limit => new SpendMeter(limit.Window),
        Limits =
        [
            // Measured with bench/fraud, seeds 1 to 4: who has moved abroad and has his calls sent there talks for 50 in an hour ten times a year, for 80 once. Where the extension's calls never went it is 8 a day.
            Limit("forwarded-hour", Hour, 40, 80) with { Scope = LimitScope.Extension },
            Limit("forwarded-new", 24 * Hour, 3, 8, Standing.NewToExtension) with { Scope = LimitScope.Extension, For = 12 * Hour },
            Limit("forwarded-did", Hour, 40, 80) with { Scope = LimitScope.Did },
        ],
    };

    private static CallLimit Limit(string name, long window, long warning, long critical, Standing newTo = Standing.Known) => new()
    {
        Name = name,
        Rule = "RF3005",
        Scope = LimitScope.Extension,
        Window = window,
        Warning = warning * Unit,
        Critical = critical * Unit,
        Calls = CallFilter.Risky with { Origins = [CallOrigin.Forwarded], NewTo = newTo },
        Action = BrakeAction.Risky,
        For = 4 * Hour,
        Earns = 300,
    };
}
