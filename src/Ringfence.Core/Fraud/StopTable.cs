namespace Ringfence.Core.Fraud;

/// <summary>The stops that hold: found by extension, made longer each time, lifted by their number.</summary>
internal sealed class StopTable
{
    private const long Day = 86_400_000;

    // So long after a stop ended another one of the same calls is a second one.
    private const long Memory = 7 * Day;
    private const int MaxMemories = 10_000;

    private readonly List<CallStop> _all = [];
    private readonly List<CallStop> _general = [];
    private readonly Dictionary<string, List<CallStop>> _byExtension = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string, string, string, bool, CallOrigin?, bool), (int Times, long Until)> _times = [];
    private readonly Dictionary<int, List<CallMeter>> _meters = [];
    private int _number;

    public IReadOnlyList<CallStop> All => _all;

    /// <returns>null: the call may leave.</returns>
    public CallStop? Holding(in CallAttempt attempt, long at, Standing standing) =>
        _all.Count == 0 ? null : First(_general, attempt, at, standing) ?? (_byExtension.TryGetValue(attempt.Extension, out var own) ? First(own, attempt, at, standing) : null);

    /// <summary>Stops, or stops for longer what is stopped.</summary>
    /// <param name="wanted">Its number is not set yet, and it lasts as its limit says.</param>
    public CallStop Add(CallStop wanted, CallMeter meter)
    {
        Forget(wanted.From);
        var key = wanted.What;
        CallStop stop;
        if (_all.Find(one => one.What == key) is { } current)
        {
            stop = current with { Until = Math.Max(current.Until, wanted.Until) };
            Replace(current, stop);
        }
        else
        {
            // Who waits for a stop to end and goes on is stopped for twice as long, to a day.
            var times = _times.TryGetValue(key, out var before) && wanted.From - before.Until < Memory ? before.Times : 0;
            var length = wanted.Until - wanted.From;
            stop = wanted with { Number = ++_number, Times = times + 1, Until = wanted.From + Math.Max(length, Math.Min(Day, length << Math.Min(times, 12))) };
            if (_times.Count >= MaxMemories)
            {
                _times.Clear();
            }

            _times[key] = (times + 1, stop.Until);
            Insert(stop);
        }

        var meters = _meters.TryGetValue(stop.Number, out var known) ? known : _meters[stop.Number] = [];
        if (!meters.Contains(meter))
        {
            meters.Add(meter);
        }

        return stop;
    }

    /// <summary>Whether these calls are stopped already, because of what this meter counted.</summary>
    public bool HasMade(CallMeter meter, CallStop wanted) =>
        _all.Find(one => one.Until > wanted.From && one.What == wanted.What) is { } stop && _meters.TryGetValue(stop.Number, out var made) && made.Contains(meter);

    /// <summary>The next one gets a number behind that: nobody lifts by an old number what is stopped for another reason.</summary>
    public void NumberAfter(int number) => _number = Math.Max(_number, number);

    /// <summary>One that was made before. In force it holds; over, it counts when the same calls are stopped again.</summary>
    public void Restore(CallStop stop, long now)
    {
        NumberAfter(stop.Number);
        if (stop.From > now)
        {
            // Made while the clock was ahead.
            stop = stop with { From = now, Until = now + (stop.Until - stop.From) };
        }

        _times[stop.What] = (stop.Times, stop.Until);
        if (stop.Until > now)
        {
            Insert(stop);
        }
    }

    /// <returns>With the meters of the limits that made it; null: there is none of that number.</returns>
    public (CallStop Stop, IReadOnlyList<CallMeter> Meters)? Lift(int number)
    {
        if (_all.Find(one => one.Number == number) is not { } stop)
        {
            return null;
        }

        IReadOnlyList<CallMeter> meters = _meters.GetValueOrDefault(number) ?? [];
        Delete(stop);
        _times.Remove(stop.What);
        return (stop, meters);
    }

    /// <summary>The clock was set: each stop lasts as long as it had left.</summary>
    public void Shift(long by)
    {
        CallStop[] all = [.. _all];
        foreach (var stop in all)
        {
            Replace(stop, stop with { From = stop.From + by, Until = stop.Until + by });
        }

        foreach (var (what, before) in _times)
        {
            _times[what] = before with { Until = before.Until + by };
        }
    }

    private static CallStop? First(List<CallStop> stops, in CallAttempt attempt, long at, Standing standing)
    {
        foreach (var stop in stops)
        {
            if (stop.Holds(attempt, at, standing))
            {
                return stop;
            }
        }

        return null;
    }

    private void Forget(long now)
    {
        for (var at = _all.Count - 1; at >= 0; at--)
        {
            if (_all[at].Until <= now)
            {
                Delete(_all[at]);
            }
        }
    }

    private List<CallStop> Shelf(CallStop stop) => stop.Extension.Length == 0 ? _general : _byExtension.TryGetValue(stop.Extension, out var own) ? own : _byExtension[stop.Extension] = [];

    private void Insert(CallStop stop)
    {
        _all.Add(stop);
        Shelf(stop).Add(stop);
    }

    private void Replace(CallStop old, CallStop with)
    {
        _all[_all.IndexOf(old)] = with;
        var shelf = Shelf(old);
        shelf[shelf.IndexOf(old)] = with;
    }

    private void Delete(CallStop stop)
    {
        _all.Remove(stop);
        var shelf = Shelf(stop);
        shelf.Remove(stop);
        if (shelf.Count == 0)
        {
            _byExtension.Remove(stop.Extension);
        }

        _meters.Remove(stop.Number);
    }
}
