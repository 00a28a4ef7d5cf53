using Ringfence.Core.Rules;

namespace Ringfence.Core.Fraud.Rules;

/// <summary>Money against what is usual at this hour of the week.</summary>
internal static class Baseline
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    // Euros. Nobody needs to hear that two cost ten times as much as nothing.
    private const long Floor = 5;

    public static readonly CallRule Rule = new()
    {
        Id = "RF3019",
        Name = "unusual-spend",
        Severity = Severity.Medium,
        Why = "Calls cost many times what they usually do at this hour of the week: the median of the last eight weeks and what they differ by. It is silent for four weeks, and counts as usual what is little.",
        Fix = "See what changed: a campaign, a new customer, a new colleague, or a stolen password. Nothing is stopped by itself; set action in [limit NAME] where it should be.",
        Bad = """
            2026-01-05 10:00:00 201 0033123456789 600 x57
            2026-03-03 10:01:00 201 0023279000001 3000
            # here
            """,
        Good = """
            2026-01-05 10:00:00 201 0033123456789 600 x57
            2026-03-03 10:01:00 201 0033123456789 3000
            """,
        Reference = new Uri("https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h.htm"),
        Unit = LimitUnit.Ratio,
        HasOwnWindow = true,
        Meter = static limit => new HourOfWeek(Floor * limit.Euro),
        Limits =
        [
            new() { Name = "unusual-extension", Rule = "RF3019", Scope = LimitScope.Extension, Window = Hour, Warning = 500, Critical = 1000, Action = BrakeAction.Tell },
            new() { Name = "unusual-site", Rule = "RF3019", Scope = LimitScope.Site, Window = Hour, Warning = 300, Critical = 1000, Action = BrakeAction.Tell },
        ],
    };

    /// <summary>This hour's money against the same hour's of weeks before. Hours are UTC's: where clocks are set forward the hour beside it is looked at too.</summary>
    /// <param name="floor">Millionths: less is always usual.</param>
    private sealed class HourOfWeek(long floor) : CallMeter
    {
        private const int Weeks = 8;
        private const int LeastWeeks = 4;
        private const int Hours = 168;

        private readonly SpendMeter _spend = new(Hour);
        private readonly (int Week, long Amount)[]?[] _history = new (int, long)[Hours][];
        private long _hour = -1;
        private long _first;
        private long _usual = -1;

        public override void Begin(LiveCall call, long at)
        {
            Move(at);
            _spend.Begin(call, at);
        }

        public override void Answer(LiveCall call, long at)
        {
            Move(at);
            _spend.Answer(call, at);
        }

        public override void End(LiveCall call, long at)
        {
            Move(at);
            _spend.End(call, at);
        }

        public override void Past(LiveCall call, long at)
        {
            Move(at);
            _spend.Past(call, at);
        }

        public override void Take(LiveCall call, long at)
        {
            Move(at);
            _spend.Take(call, at);
        }

        public override void TakeBack(LiveCall call, long at)
        {
            Move(at);
            _spend.TakeBack(call, at);
        }

        public override void SetClock(long before, long at)
        {
            Move(before);
            _spend.SetClock(before, at);
        }

        public override long Figure(long at)
        {
            Move(at);
            return _hour - _first >= LeastWeeks * Hours && _spend.Figure(at) is > 0 and var spent ? (long)Math.Min(long.MaxValue / 4d, 100d * spent / Expected()) : 0;
        }

        public override long? Crossing(long figure, long at) => _hour - _first < LeastWeeks * Hours ? null : _spend.Crossing((long)Math.Min(long.MaxValue / 4d, (double)figure * Expected() / 100), at);

        private void Move(long at)
        {
            var hour = at / Hour;
            if (_hour < 0)
            {
                (_hour, _first) = (hour, hour);
            }

            // What goes on for longer than a day is none of these.
            for (var ended = 0; _hour < hour && ended < 24; ended++)
            {
                var amount = _spend.Figure(((_hour + 1) * Hour) - 1);
                if (amount > 0)
                {
                    (_history[_hour % Hours] ??= new (int, long)[Weeks])[_hour / Hours % Weeks] = ((int)(_hour / Hours), amount);
                }

                _hour++;
                _usual = -1;
            }

            (_hour, _usual) = _hour < hour ? (hour, -1) : (_hour, _usual);
        }

        private long Expected() => _usual >= 0 ? _usual : _usual = Math.Max(floor, Math.Max(Of(_hour), Math.Max(Of(_hour - 1), Of(_hour + 1))));

        // Median and three times the median of what differs from it: one bad week moves neither.
        private long Of(long hour)
        {
            if (_history[hour % Hours] is not { } slots)
            {
                return 0;
            }

            var known = (int)Math.Min(Weeks, (_hour - _first) / Hours);
            Span<long> amounts = stackalloc long[Weeks];
            var busy = 0;
            for (var back = 1; back <= known; back++)
            {
                var week = (int)(hour / Hours) - back;
                var (of, amount) = slots[((week % Weeks) + Weeks) % Weeks];
                amounts[back - 1] = of == week ? amount : 0;
                busy += of == week ? 1 : 0;
            }

            // Most hours of most extensions: both medians are 0.
            if (busy <= (known - 1) / 2)
            {
                return 0;
            }

            var seen = amounts[..known];
            seen.Sort();
            var median = seen[known / 2];
            for (var at = 0; at < known; at++)
            {
                seen[at] = Math.Abs(seen[at] - median);
            }

            seen.Sort();

            // 1.4826 makes the deviation of it where the amounts are spread as a bell is.
            return median + (long)(3 * 1.4826 * seen[known / 2]);
        }
    }
}
