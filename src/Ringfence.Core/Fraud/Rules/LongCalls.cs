using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Calls that last.</summary>
internal static class LongCalls
{
    private const long Second = 1000;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3011",
        Name = "long-calls",
        Severity = Severity.Medium,
        Why = "A call goes on for hours: a line that somebody keeps open is paid by the minute, and a handset that was not put down is too.",
        Fix = "Hang it up if nobody talks. If such calls are work here, raise the limit. The call alone is stopped, and only to a risky destination.",
        Bad = """
            2026-03-03 11:00:00 201 0023279000001 9000
            # here
            """,
        Good = """
            2026-03-03 11:00:00 201 0023279000001 5000
            2026-03-03 13:00:00 201 0023279000001 5000
            """,
        Reference = new Uri("https://opensips.org/docs/modules/3.4.x/fraud_detection.html"),
        Unit = LimitUnit.Time,
        Meter = static _ => new Longest(),
        Limits =
        [
            new() { Name = "long-calls", Rule = "RF3011", Scope = LimitScope.Extension, Warning = 5400 * Second, Critical = 7200 * Second, Calls = CallFilter.Risky, Action = BrakeAction.Call },
            // Conferences with London and New York last a day: a critical level of four hours hung up 23 of them a year at 200 extensions (bench/fraud), and what they cost has limits of its own.
            new() { Name = "long-calls-abroad", Rule = "RF3011", Scope = LimitScope.Extension, Warning = 7200 * Second, Calls = CallFilter.All with { AbroadOnly = true }, Action = BrakeAction.Call },
        ],
    };

    /// <summary>The call that was answered first of those that go on.</summary>
    private sealed class Longest : CallMeter
    {
        // By when they were answered.
        private readonly List<LiveCall> _answered = [];

        // The last call that was told when it was over, and when that was.
        private (long Talk, long At) _past;

        public override LiveCall? Blamed => First;

        private LiveCall? First
        {
            get
            {
                while (_answered is [{ IsCut: true }, ..])
                {
                    _answered.RemoveAt(0);
                }

                return _answered is [var going, ..] ? going : null;
            }
        }

        // What other calls last is nothing to a new one.
        public override long Asked(in CallAttempt attempt, long at) => 0;

        public override long? Lasts(in CallAttempt attempt, long figure, long at) => figure;

        public override long Figure(long at) => Math.Max(First is { } first ? Math.Max(0, at - first.AnsweredAt) : 0, at <= _past.At ? _past.Talk : 0);

        public override void Past(LiveCall call, long at) => _past = (call.Talk(call.EndedAt), at);

        public override void Answer(LiveCall call, long at)
        {
            // One that turned out to be this key's goes where it belongs.
            var next = _answered.Count;
            while (next > 0 && _answered[next - 1].AnsweredAt > call.AnsweredAt)
            {
                next--;
            }

            _answered.Insert(next, call);
        }

        public override void End(LiveCall call, long at) => _answered.Remove(call);

        public override long? Crossing(long figure, long at) => First is { } first ? first.AnsweredAt + figure : null;
    }
}
