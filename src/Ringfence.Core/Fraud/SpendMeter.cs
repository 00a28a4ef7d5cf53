using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>Money over a window that moves along: what calls cost while they go on, second by second, and what they came to in the end.</summary>
/// <remarks>All calls that go on together cost so much a minute: one figure, whatever their number, so 5,000 of them are as cheap to follow as one.</remarks>
internal sealed class SpendMeter(long window) : CallMeter
{
    private const int Buckets = 30;
    private const long Minute = 60_000;

    private readonly long[] _sums = new long[Buckets];
    private readonly long _width = Math.Max(1, window / Buckets);
    private long _bucket = long.MinValue;
    private long _sum;

    // Of the calls that go on: a minute of all of them, when that was last added, and what was too little for a millionth.
    private long _perMinute;
    private long _addedAt;
    private long _rest;

    public override long Figure(long at)
    {
        Accrue(at);
        return _sum;
    }

    public override void Answer(LiveCall call, long at)
    {
        Accrue(at);
        _perMinute += call.Attempt.Price.Rate.PerMinute;
    }

    public override void End(LiveCall call, long at)
    {
        if (call.AnsweredAt == 0)
        {
            return;
        }

        Accrue(at);
        var rate = call.Attempt.Price.Rate;
        _perMinute -= rate.PerMinute;

        // A deck counts by intervals, and for the answer.
        Add(at, call.Cost(at) - (rate.PerMinute * Math.Max(0, at - call.AnsweredAt) / Minute));
    }

    public override long? Crossing(long figure, long at)
    {
        Accrue(at);
        var left = figure - _sum;
        return _perMinute <= 0 ? null : left <= 0 ? at : at + 1 + (long)Math.Min(long.MaxValue / 4d, (double)left * Minute / _perMinute);
    }

    private void Accrue(long at)
    {
        var passed = at - _addedAt;
        if (_perMinute > 0 && passed > 0)
        {
            // From bucket to bucket: a long time may have passed since somebody last asked.
            var from = Math.Max(_addedAt, at - window);
            for (var end = ((from / _width) + 1) * _width; from < at; end += _width)
            {
                var until = Math.Min(end, at);
                var amount = (_perMinute * (until - from)) + _rest;
                _rest = amount % Minute;
                Add(until == end ? end - 1 : until, amount / Minute);
                from = until;
            }
        }

        _addedAt = Math.Max(_addedAt, at);
        Move(at);
    }

    private void Add(long at, long amount)
    {
        Move(at);
        _sums[(int)(_bucket % Buckets)] += amount;
        _sum += amount;
    }

    private void Move(long at)
    {
        var bucket = at / _width;
        if (bucket <= _bucket)
        {
            return;
        }

        for (var next = Math.Max(_bucket + 1, bucket - Buckets + 1); next <= bucket; next++)
        {
            ref var old = ref _sums[(int)(next % Buckets)];
            _sum -= old;
            old = 0;
        }

        _bucket = bucket;
    }
}
