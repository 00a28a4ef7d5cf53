using System.Globalization;
using System.Runtime.InteropServices;
using Ringfence.Core.Fraud;

namespace Ringfence.Bench.Fraud;

/// <summary>What one attack came to.</summary>
internal sealed class AttackScore(string shape)
{
    public string Shape => shape;

    /// <summary>Millionths.</summary>
    public long Lost { get; set; }

    public long FirstAt { get; set; }

    /// <summary>When a call of its was first refused or hung up; 0: never.</summary>
    public long StoppedAt { get; set; }

    /// <summary>Until then.</summary>
    public long LostBefore { get; set; }

    public Dictionary<string, int> StoppedBy { get; } = new(StringComparer.Ordinal);

    /// <summary>The same attack's where nobody looked.</summary>
    public long Undefended { get; set; }
}

/// <summary>What one year came to, with a defence.</summary>
internal sealed class FraudScore
{
    public List<AttackScore> Attacks { get; } = [];

    /// <summary>Honest calls that were refused or cut.</summary>
    public int FalseCalls { get; set; }

    /// <summary>By what stopped them: an extension's such calls within an hour of each other are one stop.</summary>
    public Dictionary<string, int> FalseStops { get; } = new(StringComparer.Ordinal);

    /// <summary>Days of extensions that called outside.</summary>
    public int UserDays { get; set; }

    public int Calls { get; set; }

    public List<string> Examples { get; } = [];

    public double FalsePerThousand => FalseStops.Values.Sum() * 1000.0 / Math.Max(1, UserDays);
}

/// <summary>A year and its attacks through one defence.</summary>
internal sealed class FraudRun
{
    // How long after a call was refused or cut whoever placed it hears of it, at most.
    private const long Tick = 5_000;
    private const long Hour = 3_600_000;

    private readonly PhoneBook _book;
    private readonly FraudScore _score = new();
    private readonly PriorityQueue<(AttackRun Run, int Attack, string Id), long> _due = new();
    private readonly Dictionary<string, (AttackRun Run, int Attack, string Id)> _talking = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Extension, string By), long> _falseAt = [];
    private readonly HashSet<(string, DateOnly)> _userDays = [];
    private Dictionary<string, string> _roles = [];
    private long _from;
    private long _now;

    private FraudRun(PhoneBook book)
    {
        _book = book;
    }

    /// <param name="from">What was before is in the PBX's records, and a defence may learn of it.</param>
    public static FraudScore Go(PhoneBook book, SiteYear site, IReadOnlyList<Attack> attacks, long from, Func<Action<PastOutcome, string>, Defence> make)
    {
        var run = new FraudRun(book);
        run.Play(site, attacks, from, make(run.Take));
        run._score.UserDays = run._userDays.Count;
        return run._score;
    }

    private void Play(SiteYear site, IReadOnlyList<Attack> attacks, long from, Defence defence)
    {
        _from = from;
        for (var attack = 0; attack < attacks.Count; attack++)
        {
            _score.Attacks.Add(new AttackScore(attacks[attack].Shape));
            for (var line = 0; line < attacks[attack].Lines.Count; line++)
            {
                var started = new AttackRun(attacks[attack].Lines[line]);
                _due.Enqueue((started, attack, string.Create(CultureInfo.InvariantCulture, $"a{attack}-{line}")), started.Due!.Value);
            }
        }

        _roles = site.People.ToDictionary(static person => person.Extension, static person => person.Role.Name, StringComparer.Ordinal);
        var calls = CollectionsMarshal.AsSpan((List<PastCall>)site.Calls);
        SiteEvent[] events = [.. site.Events.Concat(attacks.SelectMany(static attack => attack.Signs)).OrderBy(static seen => seen.At)];
        var (call, seen) = (0, 0);
        for (; call < calls.Length && calls[call].Attempt.At < from; call++)
        {
            defence.Learn(calls[call]);
        }

        while (seen < events.Length && events[seen].At < from)
        {
            seen++;
        }

        while (true)
        {
            var nextCall = call < calls.Length ? calls[call].Attempt.At : long.MaxValue;
            var nextSeen = seen < events.Length ? events[seen].At : long.MaxValue;
            var nextDue = _due.TryPeek(out _, out var due) ? Math.Max(due, _now) : long.MaxValue;
            var next = Math.Min(nextCall, Math.Min(nextSeen, nextDue));
            if (_talking.Count > 0 && next > _now + Tick)
            {
                defence.Advance(_now += Tick);
                continue;
            }

            if (next == long.MaxValue)
            {
                break;
            }

            _now = next;
            if (nextSeen == next)
            {
                defence.See(events[seen++]);
            }
            else if (nextCall == next)
            {
                _userDays.Add((calls[call].Attempt.Extension, SiteCalendar.DayOf(next)));
                _score.Calls++;
                defence.Add(calls[call++]);
            }
            else
            {
                var (line, attack, id) = _due.Dequeue();
                var made = line.Call(_book, id);
                made = made with { Attempt = made.Attempt with { At = _now } };
                _score.Attacks[attack].FirstAt = _score.Attacks[attack].FirstAt == 0 ? _now : _score.Attacks[attack].FirstAt;
                _talking[made.Id] = (line, attack, id);
                defence.Add(made);
            }
        }

        defence.Finish();
    }

    private void Take(PastOutcome outcome, string by)
    {
        if (outcome.Call.Attempt.At < _from)
        {
            return;
        }

        var at = outcome.Answer.Verdict != GateVerdict.Allow ? outcome.Call.Attempt.At : outcome.Call.Attempt.At + outcome.Call.Ring + outcome.Talked;
        if (_talking.Remove(outcome.Call.Id, out var its))
        {
            var score = _score.Attacks[its.Attack];
            score.Lost += outcome.Cost;
            if (outcome.IsStopped)
            {
                score.StoppedAt = score.StoppedAt == 0 ? at : Math.Min(score.StoppedAt, at);
                score.StoppedBy[by] = score.StoppedBy.GetValueOrDefault(by) + 1;
            }

            score.LostBefore += score.StoppedAt == 0 || outcome.Call.Attempt.At < score.StoppedAt ? outcome.Cost : 0;
            its.Run.End(at, outcome.IsStopped);
            if (its.Run.Due is { } due)
            {
                _due.Enqueue(its, due);
            }
        }
        else if (outcome.IsStopped)
        {
            _score.FalseCalls++;
            var key = (outcome.Call.Attempt.Extension, by);
            if (at - _falseAt.GetValueOrDefault(key, long.MinValue / 2) > Hour)
            {
                _score.FalseStops[by] = _score.FalseStops.GetValueOrDefault(by) + 1;
                _score.Examples.Add($"{by}: {outcome.Call.Attempt.Extension} {_roles.GetValueOrDefault(outcome.Call.Attempt.Extension)} {SiteCalendar.DayOf(at):yyyy-MM-dd} {SiteCalendar.HoursOf(at):0.0}h {outcome.Call.Attempt.Number} {outcome.Call.Attempt.Number.Region} {outcome.Call.Talk / 1000} s");
            }

            _falseAt[key] = at;
        }
    }
}
