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
            2026-03-03 11:00:00 201 0023279000001 60 forwarded
            2026-03-03 11:00:20 201 0023279000001 60 forwarded
            2026-03-03 11:00:40 201 0023279000001 60 forwarded
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
            Limit("forwarded-hour", Hour, 1, 3) with { Scope = LimitScope.Extension },
            Limit("forwarded-day", 24 * Hour, 4, 8) with { Scope = LimitScope.Extension, For = 12 * Hour },
            Limit("forwarded-did", Hour, 4, 8) with { Scope = LimitScope.Did },
        ],
    };

    private static CallLimit Limit(string name, long window, long warning, long critical) => new()
    {
        Name = name, Rule = "RF3005", Scope = LimitScope.Extension, Window = window, Warning = warning * Unit, Critical = critical * Unit, Calls = CallFilter.Risky with { Origins = [CallOrigin.Forwarded] },
        Action = BrakeAction.ExtensionRisky, For = 4 * Hour, Earns = 300,
    };
}
