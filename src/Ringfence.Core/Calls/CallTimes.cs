using Ringfence.Core.Fraud;

namespace Ringfence.Core.Calls;

/// <summary>Calls by the day and the hour of the site's own clock, and those while nobody works.</summary>
internal sealed class CallTimes(TimeZoneInfo zone, WorkHours hours)
{
    private readonly SortedDictionary<DateOnly, CallSum> _byDay = [];
    private readonly CallSum[] _byHour = [.. Enumerable.Range(0, 24).Select(static _ => new CallSum())];
    private long _quarter = long.MinValue;
    private DateTime _local;

    /// <summary>Days that had calls, in order.</summary>
    public IReadOnlyDictionary<DateOnly, CallSum> ByDay => _byDay;

    /// <summary>24: from 0 to 1 o'clock and so on, all days together.</summary>
    public IReadOnlyList<CallSum> ByHour => _byHour;

    /// <summary>At night, on days off and on holidays.</summary>
    public CallSum Off { get; } = new();

    /// <param name="start">Seconds since 1970.</param>
    /// <param name="cost">Millionths.</param>
    /// <param name="calls">0: it goes on with one that was counted.</param>
    public void Add(long start, long seconds, long cost, int calls = 1)
    {
        // A zone's rules take a microsecond to ask. Days and hours begin at quarters of an hour: Nepal's clock is 5:45 ahead.
        if (start / 900 != _quarter)
        {
            _quarter = start / 900;
            _local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(start), zone).DateTime;
        }

        var day = DateOnly.FromDateTime(_local);
        if (!_byDay.TryGetValue(day, out var sum))
        {
            _byDay[day] = sum = new CallSum();
        }

        sum.Add(seconds, cost, calls);
        _byHour[_local.Hour].Add(seconds, cost, calls);
        if (!hours.Holds(start * 1000))
        {
            Off.Add(seconds, cost, calls);
        }
    }
}
