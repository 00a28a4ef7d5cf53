using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Calls at once.</summary>
internal static class Concurrent
{
    public static readonly CallRule Rule = new()
    {
        Id = "RF3002",
        Name = "concurrent-calls",
        Severity = Severity.Critical,
        Why = "One extension has more calls abroad at once than a person can hold: a stolen password is worth as much as calls go at the same time.",
        Fix = "If somebody runs a queue or a conference from this extension, take the limit off it (not_extensions in [limit concurrent-risky] or [limit concurrent-abroad]), and give it one of its own ([limit NAME] with rule, extensions and critical). Else change its password, and look from where it registered.",
        Bad = """
            2026-03-03 11:00:00 201 0023279000001 600
            2026-03-03 11:00:02 201 0023279000002 600
            2026-03-03 11:00:04 201 0023279000003 600
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 0023279000001 600
            2026-03-03 11:00:02 201 0033123456789 600
            2026-03-03 11:00:04 201 0033123456789 600
            2026-03-03 11:00:06 202 0023279000003 600
            """,
        Reference = new Uri("https://opensips.org/docs/modules/3.4.x/fraud_detection.html"),
        Unit = LimitUnit.Calls,
        Meter = static _ => new Going(),
        Limits =
        [
            new() { Name = "concurrent-risky", Rule = "RF3002", Scope = LimitScope.Extension, Warning = 2, Critical = 3, Calls = CallFilter.Risky, Action = BrakeAction.Risky, Earns = 200 },
            // All its calls: who resells a stolen account's minutes has dozens of ordinary countries, and each of them shut by itself let 2 in 100 of the money go (bench/fraud).
            new() { Name = "concurrent-abroad", Rule = "RF3002", Scope = LimitScope.Extension, Warning = 4, Critical = 6, Calls = CallFilter.All with { AbroadOnly = true }, Action = BrakeAction.Outside, Earns = 200 },
            new()
            {
                Name = "concurrent-new-site", Rule = "RF3002", Scope = LimitScope.Site, Warning = 4, Critical = 6, Calls = CallFilter.Risky with { NewTo = Standing.NewToSite },
                Action = BrakeAction.AllRisky, SparesKnown = true, Earns = 200,
            },
        ],
    };

    private sealed class Going : CallMeter
    {
        // Calls that were told when they were over: more than any level at once; the oldest goes.
        private const int MostPast = 64;

        private List<(long From, long To)>? _past;
        private int _calls;

        // How many the last of those had been part of at once, and when it was told.
        private (int Calls, long At) _peak;

        public override long Asked(in CallAttempt attempt, long at) => _calls + 1;

        public override long Figure(long at) => at <= _peak.At ? Math.Max(_calls, _peak.Calls) : _calls;

        public override void Past(LiveCall call, long at)
        {
            if ((_past ??= []).Count == MostPast)
            {
                _past.RemoveAt(0);
            }

            // Records count in whole seconds: one call after another is not two at once.
            _past.Add((call.Since, call.EndedAt));
            var own = _past.FindAll(one => one.From < call.EndedAt && one.To > call.Since);
            _peak = (own.Count == 0 ? 1 : own.Max(one => own.Count(other => other.From <= Math.Max(one.From, call.Since) && other.To > Math.Max(one.From, call.Since))), at);
        }

        public override void Begin(LiveCall call, long at) => _calls++;

        public override void End(LiveCall call, long at) => _calls--;
    }
}
