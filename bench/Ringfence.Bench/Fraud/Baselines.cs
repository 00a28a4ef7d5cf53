using Ringfence.Core.Fraud;

namespace Ringfence.Bench.Fraud;

/// <summary>Nobody looks.</summary>
internal sealed class NoBaseline : Baseline
{
    public override string? Refuses(in CallAttempt attempt) => null;
}

/// <summary>OpenSIPS's fraud_detection: for each user and prefix calls in the last minute, in all, at once, one after the other to one number, and how long they are; the thresholds of its tutorial
/// (opensips.org, Tutorials-FraudDetection-2-3), whose figures begin anew with each interval of its rules and each day. A call that is above a critical one is refused (return code -2).</summary>
/// <remarks>The tutorial has one rule for one prefix; here each calling code abroad is such a prefix. A long call is told when it ends, so it refuses the next ones until the interval ends.</remarks>
internal sealed class OpenSipsFraud : Baseline
{
    private readonly Dictionary<(string User, int Prefix), Stats> _stats = [];

    public override string? Refuses(in CallAttempt attempt)
    {
        if (attempt.Number.Region == PhoneBook.Home || attempt.Number.Digits is null)
        {
            return null;
        }

        var stats = Of(attempt);
        var (perMinute, _, total, concurrent, sequential) = Thresholds(attempt.At).Critical;
        stats.Total++;
        stats.Recent.Enqueue(attempt.At);
        while (stats.Recent.Peek() <= attempt.At - 60_000)
        {
            stats.Recent.Dequeue();
        }

        stats.Sequential = stats.Last == attempt.Number.Digits ? stats.Sequential + 1 : 1;
        stats.Last = attempt.Number.Digits;
        return stats.Recent.Count >= perMinute ? "calls per minute" : stats.Total >= total ? "total calls" : stats.Concurrent + 1 >= concurrent ? "concurrent calls"
            : stats.Sequential >= sequential ? "sequential calls" : stats.WasLong ? "call duration" : null;
    }

    public override void Begin(in CallAttempt attempt)
    {
        if (attempt.Number.Region != PhoneBook.Home && attempt.Number.Digits is not null)
        {
            Of(attempt).Concurrent++;
        }
    }

    public override void End(in CallAttempt attempt, long at, long talked, long cost)
    {
        if (attempt.Number.Region != PhoneBook.Home && attempt.Number.Digits is not null)
        {
            var stats = _stats[(attempt.Extension, attempt.Number.CallingCode)];
            stats.Concurrent--;
            stats.WasLong |= talked / 1000 >= Thresholds(attempt.At).Critical.Seconds;
        }
    }

    private Stats Of(in CallAttempt attempt)
    {
        var key = (attempt.Extension, attempt.Number.CallingCode);
        if (!_stats.TryGetValue(key, out var stats))
        {
            _stats[key] = stats = new Stats();
        }

        var interval = (SiteCalendar.DayOf(attempt.At), Thresholds(attempt.At).Rule);
        if (stats.Interval != interval)
        {
            (stats.Interval, stats.Total, stats.Sequential, stats.WasLong) = (interval, 0, 0, false);
            stats.Recent.Clear();
        }

        return stats;
    }

    private static (int Rule, (int PerMinute, int Seconds, int Total, int Concurrent, int Sequential) Critical) Thresholds(long at) =>
        (SiteCalendar.DayOf(at).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday, SiteCalendar.HoursOf(at)) switch
        {
            (true, _) => (4, (5, 17_400, 40, 5, 30)),
            (_, < 9) => (3, (4, 9_600, 20, 4, 15)),
            (_, < 17) => (1, (5, 13_200, 35, 5, 20)),
            _ => (2, (5, 16_000, 35, 5, 26)),
        };

    private sealed class Stats
    {
        public (DateOnly Day, int Rule) Interval { get; set; }

        public int Total { get; set; }

        public Queue<long> Recent { get; } = new();

        public int Concurrent { get; set; }

        public int Sequential { get; set; }

        public string Last { get; set; } = "";

        public bool WasLong { get; set; }
    }
}

/// <summary>VoIPmonitor's alerts, as its page "Anti-fraud" has them: "sequential" (more than 50 calls to any one number within 3,600 s), calls to chosen countries within an hour, calls at once. Each alert runs a script;
/// here it hangs up the extension's calls abroad and refuses new ones for a day, until somebody has looked.</summary>
/// <remarks>The page has no figures for countries and calls at once: ten of each, to destinations of the risk deck's upper classes and abroad. Its alerts about addresses' countries have no part in this.</remarks>
internal sealed class VoipMonitorAlerts : Baseline
{
    private const long Hour = 3_600_000;
    private const int Sequential = 50;
    private const int PerCountry = 10;
    private const int AtOnce = 10;

    private readonly Dictionary<string, long> _blocked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<long>> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Extension, string Region), Queue<long>> _countries = [];
    private readonly Dictionary<string, int> _going = new(StringComparer.Ordinal);

    public override string? Refuses(in CallAttempt attempt)
    {
        if (attempt.Number.Region == PhoneBook.Home || attempt.Number.Digits is null)
        {
            return null;
        }

        if (_blocked.GetValueOrDefault(attempt.Extension) > attempt.At)
        {
            return "blocked";
        }

        var why = Count(_numbers, attempt.Number.Digits, attempt.At) > Sequential ? "sequential"
            : attempt.IsRisky && Count(_countries, (attempt.Extension, attempt.Number.Region), attempt.At) > PerCountry ? "country"
            : _going.GetValueOrDefault(attempt.Extension) >= AtOnce ? "concurrent calls" : null;
        if (why is not null)
        {
            _blocked[attempt.Extension] = attempt.At + (24 * Hour);
            Cuts.Add(attempt.Extension);
        }

        return why;
    }

    public override void Begin(in CallAttempt attempt)
    {
        if (attempt.Number.Region != PhoneBook.Home)
        {
            _going[attempt.Extension] = _going.GetValueOrDefault(attempt.Extension) + 1;
        }
    }

    public override void End(in CallAttempt attempt, long at, long talked, long cost)
    {
        if (attempt.Number.Region != PhoneBook.Home)
        {
            _going[attempt.Extension]--;
        }
    }

    private static int Count<T>(Dictionary<T, Queue<long>> all, T key, long at)
        where T : notnull
    {
        if (!all.TryGetValue(key, out var times))
        {
            all[key] = times = new Queue<long>();
        }

        times.Enqueue(at);
        while (times.Peek() <= at - Hour)
        {
            times.Dequeue();
        }

        return times.Count;
    }
}

/// <summary>asterisk-users, 2010: what a month costs is known, and at three times that the site's calls abroad are choked until somebody has looked, a day later. From then on it counts anew.</summary>
internal sealed class MonthTrap : Baseline
{
    private readonly HashSet<string> _going = new(StringComparer.Ordinal);
    private (int Year, int Month) _month;
    private long _last = long.MaxValue;
    private long _spent;
    private long _sinceLooked;
    private long _choked;

    public override void Learn(in CallAttempt attempt, long cost)
    {
        Turn(attempt.At);
        _spent += attempt.Number.Region != PhoneBook.Home ? cost : 0;
    }

    public override string? Refuses(in CallAttempt attempt)
    {
        Turn(attempt.At);
        return attempt.Number.Region != PhoneBook.Home && attempt.At < _choked ? "choked" : null;
    }

    public override void Begin(in CallAttempt attempt) => _going.Add(attempt.Extension);

    public override void End(in CallAttempt attempt, long at, long talked, long cost)
    {
        if (attempt.Number.Region == PhoneBook.Home)
        {
            return;
        }

        _spent += cost;
        _sinceLooked += cost;
        if (_last < long.MaxValue / 4 && _sinceLooked > 3 * _last && at >= _choked)
        {
            (_choked, _sinceLooked) = (at + 86_400_000, 0);
            Cuts.AddRange(_going);
        }
    }

    private void Turn(long at)
    {
        var day = SiteCalendar.DayOf(at);
        if ((day.Year, day.Month) != _month)
        {
            (_last, _spent, _sinceLooked, _month) = (_month == default ? long.MaxValue : Math.Max(_spent, 1), 0, 0, (day.Year, day.Month));
        }
    }
}
