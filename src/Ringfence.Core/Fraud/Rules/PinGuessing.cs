using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Wrong PINs.</summary>
internal static class PinGuessing
{
    private const long Minute = 60_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3017",
        Name = "pin-guessing",
        Severity = Severity.High,
        Why = "Wrong PINs are given for one extension, again and again: four digits are guessed in a night where nobody counts.",
        Fix = "If its owner forgot his PIN, set a new one and lift the stop. Else look who was at that phone, or through which menu he came.",
        Bad = """
            2026-03-03 10:00:00 wrong-pin 201
            2026-03-03 10:00:10 wrong-pin 201
            2026-03-03 10:00:20 wrong-pin 201
            2026-03-03 10:00:30 wrong-pin 201
            2026-03-03 10:00:40 wrong-pin 201
            # here
            """,
        Good = """
            2026-03-03 10:00:00 wrong-pin 201
            2026-03-03 10:00:10 wrong-pin 201
            2026-03-03 10:00:20 201 0033123456789 60
            2026-03-03 10:30:00 wrong-pin 202
            """,
        Reference = new Uri("https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Applications/Authenticate/"),
        Unit = LimitUnit.Calls,
        Listens = [SiteEventKind.PinRefused],
        Meter = static limit => new Refused(limit.Window),
        Limits =
        [
            new() { Name = "pin-guessing", Rule = "RF3017", Scope = LimitScope.Extension, Window = 15 * Minute, Warning = 3, Critical = 5, Calls = CallFilter.Risky, Action = BrakeAction.Risky },
            new() { Name = "pin-guessing-site", Rule = "RF3017", Scope = LimitScope.Site, Window = 60 * Minute, Warning = 10, Critical = 30, Action = BrakeAction.Tell },
        ],
    };

    private sealed class Refused(long window) : CallMeter
    {
        private readonly SlidingSum _sum = new(window);

        public override long Figure(long at) => _sum.At(at);

        public override void See(SiteEvent seen)
        {
            if (seen.Kind == SiteEventKind.PinRefused)
            {
                _sum.Add(seen.At, 1);
            }
        }
    }
}
