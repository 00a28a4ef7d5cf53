namespace Ringfence.Core.Fraud;

/// <summary>What a figure comes to on a usual day: the median of the greatest figure of each of the last days on which there was any.</summary>
/// <remarks>A median, so that no single day earns anything: who wants to be used to much has to do much on more than half of the days, over two weeks at least.</remarks>
internal sealed class UsualPeak
{
    // A month and a half of working days.
    private const int Days = 32;
    private const int LeastDays = 5;
    private const int LeastSpan = 14;

    private readonly int[] _days = new int[Days];
    private readonly long[] _peaks = new long[Days];
    private int _count;
    private int _day = int.MinValue;
    private long _peak;
    private bool _isSpoilt;

    /// <summary>0: not known yet.</summary>
    public long Figure { get; private set; }

    public void See(int day, long figure)
    {
        if (day > _day)
        {
            Close();
            (_day, _peak, _isSpoilt) = (day, 0, false);
        }

        _peak = Math.Max(_peak, figure);
    }

    /// <summary>The day does not count: what was stopped is not what is usual.</summary>
    public void Spoil(int day)
    {
        See(day, 0);
        _isSpoilt = true;
    }

    private void Close()
    {
        if (_peak <= 0 || _isSpoilt)
        {
            return;
        }

        _days[_count % Days] = _day;
        _peaks[_count % Days] = _peak;
        _count++;
        var held = Math.Min(_count, Days);
        var first = _days[_count <= Days ? 0 : _count % Days];
        if (held < LeastDays || _day - first < LeastSpan)
        {
            return;
        }

        Span<long> sorted = stackalloc long[Days];
        _peaks.AsSpan(0, held).CopyTo(sorted);
        sorted[..held].Sort();
        Figure = sorted[held / 2];
    }
}
