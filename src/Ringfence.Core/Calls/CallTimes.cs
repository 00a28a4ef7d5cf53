using Ringfence.Core.Fraud;

namespace Ringfence.Core.Calls;

/// <summary>Calls by the day and the hour of the site's own clock, and those while nobody works.</summary>
internal sealed class CallTimes(TimeZoneInfo zone, WorkHours hours)
{
    private readonly SortedDictionary<DateOnly, CallSum> _byDay = [];
    private readonly CallSum[] _byHour = [.. Enumerable.Range(0, 24).Select(static _ => new CallSum())];
    private long _hour = long.MinValue;
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
        // A zone's rules take a microsecond to ask; they change at full hours or half ones.
        if (start / 1800 != _hour)
        {
            _hour = start / 1800;
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
