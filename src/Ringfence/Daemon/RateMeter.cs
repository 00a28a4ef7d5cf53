namespace Ringfence.Daemon;

/// <summary>Events per second over the last minute.</summary>
/// <param name="clock">Its steady time counts: a clock that is set back would show the last minute's events until it is there again.</param>
internal sealed class RateMeter(TimeProvider clock)
{
    private readonly long[] _perSecond = new long[60];
    private readonly long _start = clock.GetTimestamp();
    private long _second;

    public void Add(long count)
    {
        Advance();
        _perSecond[_second % 60] += count;
    }

    public double PerSecond()
    {
        Advance();
        return _perSecond.Sum() / 60.0;
    }

    private void Advance()
    {
        var second = (long)clock.GetElapsedTime(_start).TotalSeconds;
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
