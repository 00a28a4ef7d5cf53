using Ringfence.Core.Events;

namespace Ringfence.Core.Outer;

/// <summary>One thing to tell a device.</summary>
/// <param name="Ban">With the end that the device is to be told.</param>
/// <param name="Lifts">It is to be let in again.</param>
internal sealed record OuterCall(OuterBan Ban, bool Lifts);

/// <summary>What a device holds, as far as anybody can know, against what it should hold: what is to be told it next.</summary>
/// <remarks>No queue of commands: each call comes from the difference as it is then, so whoever was unbanned meanwhile is never banned late. An entry is in doubt from before a call
/// until its answer, for an answer can be lost, and a process can die, behind a device that did what it was told.</remarks>
/// <param name="endsAlone">The device is told when a ban ends, and ends it.</param>
/// <param name="longest">It is told of no longer ban, and told again when half of that is over.</param>
internal sealed class OuterBook(bool endsAlone, TimeSpan longest, int most)
{
    /// <summary>A device's clock starts when it was told; it is asked nothing about a ban that is over for less.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    /// <summary>Of one call, and of a device that took none.</summary>
    public static readonly RetryDelay Retry = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));

    // Of the file, and of what devices are told.
    private static readonly TimeSpan Precision = TimeSpan.FromSeconds(1);

    // What is over before the device has done anything about it.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Network, Entry> _held = [];
    private readonly Dictionary<Network, Failure> _failed = [];
    private Dictionary<Network, OuterBan> _desired = [];
    private bool _isKnown;

    /// <summary>Bans that the device is not to be told of, for there are more than it may have.</summary>
    public int LeftOut { get; private set; }

    /// <summary>What it has for certain.</summary>
    public int Told => _held.Values.Count(entry => !entry.IsDoubtful);

    public IEnumerable<OuterBan> Desired => _desired.Values;

    /// <summary>What is in the file: the subject, the end that it was told, and whether it is in doubt.</summary>
    public IEnumerable<(Network Subject, DateTimeOffset? End, bool IsDoubtful)> Held => _held.Select(pair => (pair.Key, pair.Value.End, pair.Value.IsDoubtful));

    public void Restore(Network subject, DateTimeOffset? end, bool isDoubtful) => _held[subject] = new Entry(end, isDoubtful);

    /// <summary>All that should be held from now on; of too many those that end last.</summary>
    public void Desire(IReadOnlyCollection<OuterBan> bans)
    {
        LeftOut = Math.Max(0, bans.Count - most);
        var chosen = LeftOut == 0 ? bans : bans.OrderByDescending(ban => ban.Until ?? DateTimeOffset.MaxValue).ThenBy(ban => ban.Subject).Take(most);
        _desired = chosen.ToDictionary(ban => ban.Subject);
        _isKnown = true;
        foreach (var subject in _failed.Keys.Where(subject => !_desired.ContainsKey(subject) && !_held.ContainsKey(subject)).ToList())
        {
            _failed.Remove(subject);
        }
    }

    /// <summary>Nobody knows what the device has: all of it is told again.</summary>
    public void Doubt()
    {
        foreach (var (subject, entry) in _held.ToList())
        {
            _held[subject] = entry with { IsDoubtful = true };
        }

        _failed.Clear();
    }

    /// <summary>What is not as it should be, tried often or not, due or not.</summary>
    public int Waiting(DateTimeOffset now) => _isKnown ? Subjects().Count(subject => CallFor(subject, now) is not null) : 0;

    /// <summary>What to tell it now: who waited for the first time first, lifting before banning.</summary>
    public IReadOnlyList<OuterCall> Next(DateTimeOffset now, int count)
    {
        if (!_isKnown)
        {
            return [];
        }

        Forget(now);
        return
        [
            .. Subjects().Where(subject => !(_failed.TryGetValue(subject, out var failure) && failure.NotBefore > now))
                .Select(subject => CallFor(subject, now)).OfType<OuterCall>()
                .OrderBy(call => _failed.GetValueOrDefault(call.Ban.Subject)?.Count ?? 0).ThenByDescending(call => call.Lifts).ThenBy(call => call.Ban.Subject).Take(count),
        ];
    }

    /// <returns>The call as it is right to make it now; null: not any more.</returns>
    public OuterCall? StillRight(OuterCall call, DateTimeOffset now) => CallFor(call.Ban.Subject, now) is { } current && current.Lifts == call.Lifts ? current : null;

    /// <summary>It is about to be told: from here on it may hold it, whatever it answers.</summary>
    /// <returns>What takes it back, as long as it was not told.</returns>
    public Action Begin(OuterCall call)
    {
        var subject = call.Ban.Subject;
        var before = _held.GetValueOrDefault(subject);
        var begun = _held[subject] = new Entry(call.Lifts ? before?.End : endsAlone ? call.Ban.Until : null, IsDoubtful: true);
        return () =>
        {
            if (ReferenceEquals(_held.GetValueOrDefault(subject), begun))
            {
                _held.Remove(subject);
                if (before is not null)
                {
                    _held[subject] = before;
                }
            }
        };
    }

    public void Succeed(OuterCall call)
    {
        _failed.Remove(call.Ban.Subject);
        if (call.Lifts)
        {
            _held.Remove(call.Ban.Subject);
        }
        else
        {
            _held[call.Ban.Subject] = new Entry(endsAlone ? call.Ban.Until : null, IsDoubtful: false);
        }
    }

    public void Fail(OuterCall call, DateTimeOffset now)
    {
        var count = (_failed.GetValueOrDefault(call.Ban.Subject)?.Count ?? 0) + 1;
        _failed[call.Ban.Subject] = new Failure(count, now + Retry.After(count));
    }

    /// <summary>The whole list is about to be told, and replaces what is there.</summary>
    /// <returns>The list.</returns>
    public IReadOnlyList<OuterBan> BeginAll(DateTimeOffset now)
    {
        List<OuterBan> all = [.. _desired.Values.Where(ban => !(ban.Until <= now)).OrderBy(static ban => ban.Subject)];
        foreach (var ban in all.Where(ban => !_held.ContainsKey(ban.Subject)))
        {
            _held[ban.Subject] = new Entry(null, IsDoubtful: true);
        }

        return all;
    }

    public void SucceedAll(IReadOnlyList<OuterBan> all)
    {
        _held.Clear();
        _failed.Clear();
        foreach (var ban in all)
        {
            _held[ban.Subject] = new Entry(null, IsDoubtful: false);
        }
    }

    private IEnumerable<Network> Subjects() => _desired.Keys.Concat(_held.Keys.Where(subject => !_desired.ContainsKey(subject)));

    private OuterCall? CallFor(Network subject, DateTimeOffset now)
    {
        var entry = _held.GetValueOrDefault(subject);
        if (!_desired.TryGetValue(subject, out var ban) || ban.Until <= now)
        {
            return entry is null || (endsAlone && entry.End <= now) ? null : new OuterCall(new OuterBan(subject, null, ""), Lifts: true);
        }

        if (entry is null)
        {
            return ban.Until <= now + Shortest ? null : Banning(ban, now);
        }

        // RouterOS refuses a second entry, and the first keeps its end: so another end begins with lifting, and what is in doubt is told again with the end of before.
        // In doubt can also be what an earlier configuration told with an end, or without.
        if (!IsRightEnd(entry.End, ban, now) || (entry.IsDoubtful && entry.End is null == endsAlone))
        {
            return new OuterCall(ban, Lifts: true);
        }

        return entry.IsDoubtful ? new OuterCall(endsAlone ? ban with { Until = entry.End } : ban, Lifts: false) : null;
    }

    private OuterCall Banning(OuterBan ban, DateTimeOffset now) => new(
        endsAlone && !(ban.Until <= now + longest) ? ban with { Until = now + longest } : ban, Lifts: false);

    // null: it was told without an end, in a list.
    private bool IsRightEnd(DateTimeOffset? end, OuterBan ban, DateTimeOffset now) => !endsAlone || end is not { } told
        || (!(told > ban.Until + Precision) && (told >= ban.Until - Precision || told >= now + (longest / 2)));

    // It ended there by itself.
    private void Forget(DateTimeOffset now)
    {
        if (endsAlone)
        {
            foreach (var (subject, _) in _held.Where(pair => pair.Value.End + Slack < now).ToList())
            {
                _held.Remove(subject);
            }
        }
    }

    private sealed record Entry(DateTimeOffset? End, bool IsDoubtful);

    private sealed record Failure(int Count, DateTimeOffset NotBefore);
}
