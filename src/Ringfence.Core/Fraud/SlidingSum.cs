namespace Ringfence.Core.Fraud;

/// <summary>A sum over a window that moves along, exact to one bucket: a thirtieth of it.</summary>
internal sealed class SlidingSum(long window)
{
    public const int Buckets = 30;

    private readonly long[] _sums = new long[Buckets];
    private long _bucket = long.MinValue;
    private long _end = long.MinValue;
    private long _sum;

    public long Width { get; } = Math.Max(1, window / Buckets);

    /// <summary>The bucket that is being filled.</summary>
    public long Bucket => _bucket;

    public long At(long at)
    {
        Move(at);
        return _sum;
    }

    /// <param name="at">Not before 1970. What is told late counts where it was; what is older than the window not at all.</param>
    public void Add(long at, long amount)
    {
        Move(at);
        var bucket = at / Width;
        if (bucket > _bucket - Buckets)
        {
            _sums[(int)(bucket % Buckets)] += amount;
            _sum += amount;
        }
    }

    /// <summary>What leaves the window when the bucket of that number begins.</summary>
    public long Leaving(long bucket) => bucket - Buckets <= _bucket ? _sums[(int)(bucket % Buckets)] : 0;

    private void Move(long at)
    {
        // It is asked many times within a bucket, and a division is what that would cost.
        if (at < _end)
        {
            return;
        }

        var bucket = at / Width;
        for (var next = Math.Max(0, Math.Max(_bucket + 1, bucket - Buckets + 1)); next <= bucket; next++)
        {
            ref var old = ref _sums[(int)(next % Buckets)];
            _sum -= old;
            old = 0;
        }

        (_bucket, _end) = (bucket, (bucket + 1) * Width);
    }
}
