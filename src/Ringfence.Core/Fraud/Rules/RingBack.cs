using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>The PBX calls callers back.</summary>
internal static class RingBack
{
    private const long Hour = 3_600_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3015",
        Name = "ring-back",
        Severity = Severity.High,
        Why = "The PBX itself calls numbers abroad that called in minutes before: a voicemail's callback, a callback service or a ring-back on busy, which a stranger sets off as often as he likes.",
        Fix = "Let callback call only numbers of a list. The stop holds such calls alone.",
        Bad = """
            2026-03-03 10:00:00 in 0023279000001 rang 2
            2026-03-03 10:00:30 201 0023279000001 5 dialled-on
            2026-03-03 10:01:00 in 0023279000001 rang 2
            2026-03-03 10:01:30 201 0023279000001 5 dialled-on
            # here
            """,
        Good = """
            2026-03-03 10:00:00 in 030123456 rang 2
            2026-03-03 10:00:30 201 030123456 5 dialled-on
            2026-03-03 10:01:00 in 030123456 rang 2
            2026-03-03 10:01:30 201 030123456 5 dialled-on
            2026-03-03 10:02:00 in 0023279000001 rang 20
            2026-03-03 10:03:00 201 0023279000001 5
            2026-03-03 10:04:00 201 0023279000001 5
            """,
        Reference = new Uri("https://www.cisa.gov/news-events/news/protecting-against-voice-mail-fraud"),
        Unit = LimitUnit.Calls,
        Listens = [SiteEventKind.CallIn],
        CountsAllOrigins = true,
        Meter = static limit => new CallBackMeter(limit.Window, Hour / 4, longestRing: 0),
        Limits =
        [
            new()
            {
                Name = "ring-back", Rule = "RF3015", Scope = LimitScope.Site, Window = Hour, Warning = 1, Critical = 2, Calls = CallFilter.Risky with { Origins = [CallOrigin.DialledOn] },
                Action = BrakeAction.AllRisky, For = 4 * Hour,
            },
        ],
    };
}
