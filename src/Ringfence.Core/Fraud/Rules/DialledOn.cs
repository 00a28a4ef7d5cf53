using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Calls of people outside through DISA, a voicemail or an IVR.</summary>
internal static class DialledOn
{
    private const long Hour = 3_600_000;
    private const long Unit = Numbers.Rate.Unit;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3006",
        Name = "dialled-on",
        Severity = Severity.Critical,
        Why = "Somebody outside dials on to a risky destination, through DISA, a voicemail's callback or an IVR: a PIN of four digits is all that stands before the site's money.",
        Fix = "Take DISA and the voicemail's outcalls (dialout, callback) out of the dialplan where nobody needs them. The stop holds such calls alone.",
        Bad = """
            2026-03-03 11:00:00 201 0023279000001 240 dialled-on
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 0033123456789 240 dialled-on
            2026-03-03 11:10:00 201 0023279000001 30
            """,
        Reference = new Uri("https://www.cisa.gov/news-events/news/protecting-against-voice-mail-fraud"),
        Unit = LimitUnit.Money,
        Meter = static limit => new SpendMeter(limit.Window),
        Limits =
        [
            Limit("dialled-on-hour", Hour, 1, 3, CallFilter.Risky),
            Limit("dialled-on-abroad", 24 * Hour, 10, 20, CallFilter.All with { AbroadOnly = true }),
        ],
    };

    private static CallLimit Limit(string name, long window, long warning, long critical, CallFilter calls) => new()
    {
        Name = name,
        Rule = "RF3006",
        Scope = LimitScope.Site,
        Window = window,
        Warning = warning * Unit,
        Critical = critical * Unit,
        Calls = calls with { Origins = [CallOrigin.DialledOn] },
        Action = BrakeAction.AllRisky,
        For = 4 * Hour,
        Earns = 300,
    };
}
