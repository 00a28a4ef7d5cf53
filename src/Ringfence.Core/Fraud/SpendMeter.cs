namespace Ringfence.Core.Fraud;

/// <summary>Money over a window that moves along: what calls cost while they go on, second by second, and what they came to in the end.</summary>
/// <remarks>All calls that go on together cost so much a minute: one figure, whatever their number, so 5,000 of them are as cheap to follow as one.</remarks>
internal sealed class SpendMeter(long window) : CallMeter
{
    private const long Minute = 60_000;

    private readonly SlidingSum _sum = new(window);

    // A minute of all calls that go on, when that was last added, and what was too little for a millionth; and a minute of those that ring.
    private long _perMinute;
    private long _addedAt;
    private long _rest;
    private long _ringing;

    public override long Figure(long at)
    {
        Accrue(at);
        return _sum.At(at);
    }

    public override void Begin(LiveCall call, long at) => _ringing += call.Attempt.Price.Rate.PerMinute;

    public override void Answer(LiveCall call, long at)
    {
        Accrue(at);
        var rate = call.Attempt.Price.Rate.PerMinute;
        _perMinute += rate;
        _ringing -= rate;
    }

    public override void End(LiveCall call, long at)
    {
        var rate = call.Attempt.Price.Rate;
        if (call.AnsweredAt == 0)
        {
            _ringing -= rate.PerMinute;
            return;
        }

        Accrue(at);
        _perMinute -= rate.PerMinute;

        // A deck counts by intervals, and for the answer.
        _sum.Add(at, call.Cost(at) - (rate.PerMinute * Math.Max(0, at - call.AnsweredAt) / Minute));
    }

    public override void Past(LiveCall call, long at) => Spread(call, call.Cost(call.EndedAt), call.EndedAt, at, 1);

    public override void Take(LiveCall call, long at) => Move(call, at, 1);

    public override void TakeBack(LiveCall call, long at) => Move(call, at, -1);

    public override void SetClock(long before, long at)
    {
        Accrue(before);
        _addedAt = at;
    }

    public override long? Crossing(long figure, long at)
    {
        var left = figure - Figure(at);
        return _perMinute <= 0 ? null : left <= 0 ? at : at + 1 + (long)Math.Min(long.MaxValue / 4d, (double)left * Minute / _perMinute);
    }

    /// <remarks>Looks at each bucket that leaves the window: a call alone that never comes to the figure within one may last as long as it likes. An interval that is begun is paid whole, so it ends with one.</remarks>
    public override long? Lasts(in CallAttempt attempt, long figure, long at)
    {
        var (rate, sum, from) = (_perMinute + _ringing + attempt.Price.Rate.PerMinute, Figure(at) + attempt.Price.Rate.Connect, at);
        if (attempt.Price.Rate.PerMinute <= 0 || rate <= 0)
        {
            return null;
        }

        for (var bucket = _sum.Bucket + 1; bucket <= _sum.Bucket + SlidingSum.Buckets; bucket++)
        {
            var until = bucket * _sum.Width;
            var least = (long)Math.Max(0, (double)(figure - sum) * Minute / rate);
            if (least <= until - from)
            {
                return attempt.Price.Rate.Whole((from - at + least) / 1000) * 1000;
            }

            sum += (rate * (until - from) / Minute) - _sum.Leaving(bucket);
            from = until;
        }

        return null;
    }

    // With what it came to so far, where that was spent.
    private void Move(LiveCall call, long at, int sign)
    {
        var rate = sign * call.Attempt.Price.Rate.PerMinute;
        if (call.AnsweredAt == 0)
        {
            _ringing += rate;
            return;
        }

        Accrue(at);
        _perMinute += rate;
        Spread(call, call.Attempt.Price.Rate.PerMinute * (at - call.AnsweredAt) / Minute, at, at, sign);
    }

    private void Spread(LiveCall call, long left, long end, long at, int sign)
    {
        // What was spent before the window is none of its.
        var (rate, from) = (call.Attempt.Price.Rate.PerMinute, call.AnsweredAt);
        if (from > 0 && at - window > from)
        {
            var before = Math.Min(end, at - window) - from;
            (left, from) = (left - (rate * before / Minute), from + before);
        }

        while (from > 0 && from < end)
        {
            var until = Math.Min(((from / _sum.Width) + 1) * _sum.Width, end);
            var amount = until == end ? left : rate * (until - from) / Minute;
            _sum.Add(until - 1, sign * amount);
            (left, from) = (left - amount, until);
        }
    }

    private void Accrue(long at)
    {
        if (_perMinute > 0 && at > _addedAt)
        {
            // From bucket to bucket: a long time may have passed since somebody last asked.
            var from = Math.Max(_addedAt, at - window);
            while (from < at)
            {
                var until = Math.Min(((from / _sum.Width) + 1) * _sum.Width, at);
                var amount = (_perMinute * (until - from)) + _rest;
                _rest = amount % Minute;
                _sum.Add(until - 1, amount / Minute);
                from = until;
            }
        }

        // Where nothing goes on nothing is to be added: a clock that was set back stands in nobody's way.
        _addedAt = _perMinute > 0 ? Math.Max(_addedAt, at) : at;
    }
}
