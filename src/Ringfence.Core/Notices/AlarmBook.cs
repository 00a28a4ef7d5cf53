namespace Ringfence.Core.Notices;

/// <summary>Makes alarms of the problems that status shows: told when one has lasted, and when it has been over for as long; not each second.</summary>
internal sealed class AlarmBook(TimeSpan lasting)
{
    private readonly SortedDictionary<string, Alarm> _alarms = new(StringComparer.Ordinal);

    /// <param name="problems">What has a problem now, and which.</param>
    /// <returns>What people are told now.</returns>
    public IReadOnlyList<Notice> See(IReadOnlyDictionary<string, string> problems, DateTimeOffset now)
    {
        var notices = new List<Notice>();
        foreach (var (what, problem) in problems.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var alarm = _alarms.GetValueOrDefault(what) ?? new Alarm(problem, now, IsTold: false, Gone: null);
            alarm = alarm with { Problem = problem, Gone = null };
            if (!alarm.IsTold && now - alarm.Since >= lasting)
            {
                notices.Add(NoticeFrom.AlarmBegins(what, problem, alarm.Since));
                alarm = alarm with { IsTold = true };
            }

            _alarms[what] = alarm;
        }

        foreach (var (what, alarm) in _alarms.Where(pair => !problems.ContainsKey(pair.Key)).ToList())
        {
            var gone = alarm.Gone ?? now;
            if (!alarm.IsTold)
            {
                _alarms.Remove(what);
            }
            else if (now - gone < lasting)
            {
                _alarms[what] = alarm with { Gone = gone };
            }
            else
            {
                notices.Add(NoticeFrom.AlarmEnds(what, alarm.Problem, alarm.Since, gone));
                _alarms.Remove(what);
            }
        }

        return notices;
    }

    private sealed record Alarm(string Problem, DateTimeOffset Since, bool IsTold, DateTimeOffset? Gone);
}
