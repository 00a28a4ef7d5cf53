namespace Ringfence.Daemon;

/// <summary>Events per second over the last minute.</summary>
internal sealed class RateMeter
{
    private readonly long[] _perSecond = new long[60];
    private long _second;

    public void Add(long count, DateTimeOffset now)
    {
        Advance(now);
        _perSecond[_second % 60] += count;
    }

    public double PerSecond(DateTimeOffset now)
    {
        Advance(now);
        return _perSecond.Sum() / 60.0;
    }

    private void Advance(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        if (second - _second >= 60)
        {
            Array.Clear(_perSecond);
            _second = second;
        }

        while (_second < second)
        {
            _second++;
            _perSecond[_second % 60] = 0;
        }
    }
}
