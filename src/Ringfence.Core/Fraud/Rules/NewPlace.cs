using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>A registration from elsewhere, and then calls.</summary>
internal static class NewPlace
{
    private const long Hour = 3_600_000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3016",
        Name = "calls-from-new-place",
        Severity = Severity.Critical,
        Why = "An extension registered from a place where it never was, and right after that it calls a risky country that is new to it: a stolen password is tried and used.",
        Fix = "Ask its owner where the phone is. If he did not move, change the password. If he did, lift the stop.",
        Bad = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-03 10:00:00 new-place 201
            2026-03-03 10:05:00 201 0023279000001 60
            # here
            """,
        Good = """
            2026-01-05 10:00:00 201 0033123456789 120 x20
            2026-03-03 10:00:00 new-place 201
            2026-03-03 10:05:00 201 0033123456789 60
            2026-03-03 10:10:00 202 0023279000001 60
            2026-03-04 10:05:00 201 0023279000001 60
            """,
        Reference = new Uri("https://www.voipmonitor.org/doc/Anti_Fraud_Rules"),
        Unit = LimitUnit.Calls,
        Listens = [SiteEventKind.NewPlace],
        CountsAllOrigins = true,
        Meter = static limit => new After(limit.Window),
        Limits =
        [
            new() { Name = "new-place", Rule = "RF3016", Scope = LimitScope.Extension, Window = 2 * Hour, Critical = 1, Calls = CallFilter.Risky with { NewTo = Standing.NewToExtension }, Action = BrakeAction.Risky, For = 4 * Hour },
        ],
    };

    /// <summary>Calls since the registration, while it is new.</summary>
    private sealed class After(long window) : CallMeter
    {
        private long _movedAt = long.MinValue / 2;
        private int _calls;

        public override void See(SiteEvent seen) => (_movedAt, _calls) = seen.Kind == SiteEventKind.NewPlace ? (seen.At, 0) : (_movedAt, _calls);

        public override long Asked(in CallAttempt attempt, long at) => at - _movedAt <= window ? _calls + 1 : 0;

        public override long Figure(long at) => at - _movedAt <= window ? _calls : 0;

        public override long AskedAgain(in CallAttempt attempt, long at) => Figure(at);

        public override void Begin(LiveCall call, long at) => _calls += at >= _movedAt && !call.IsAgain ? 1 : 0;

        public override void TakeBack(LiveCall call, long at) => _calls -= call.Since >= _movedAt && !call.IsAgain ? 1 : 0;
    }
}
