using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Who is banned until when, and how often each was banned before: what makes bans grow and repeat offenders stand out.</summary>
/// <remarks>
/// Growth as operators know it from fail2ban: the first ban lasts FirstBan, the n-th after it FirstBan * 2^n * Growth, up to MaxBan,
/// plus a part that looks random (base 600 s, growth 1: 600, 1200, 2400 ...). The part is drawn from the subject, the ordinal and a
/// key of the installation: a bot can't foresee it, and the same log gives the same bans.
/// </remarks>
/// <param name="key">The installation's key for the random part.</param>
internal sealed class BanLedger(BanSettings settings, ulong key)
{
    private readonly Dictionary<Network, Entry> _entries = [];
    private readonly BanRoom _room = new(settings.MaxBans);
    private int _shedAbove = 2 * settings.MaxBans;
    private long _nextTidyTicks;

    /// <summary>Subjects that are banned now or were within the memory.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether as many bans are in force as may be.</summary>
    public bool IsFullAt(DateTimeOffset at) => _room.IsFullAt(at);

    /// <inheritdoc cref="BanRoom.IsFullOfIntervalsAt"/>
    public bool IsFullOfIntervalsAt(DateTimeOffset at) => _room.IsFullOfIntervalsAt(at);

    /// <summary>Ends the ban that would end first, to make room for another; for the growth it counts as before.</summary>
    /// <param name="mayCount">false: only one that does not count.</param>
    /// <returns>Its subject; null if there is none.</returns>
    public Network? EndFirst(DateTimeOffset at, bool mayCount)
    {
        if ((_room.First(counts: false) ?? (mayCount ? _room.First(counts: true) : null)) is not { } subject)
        {
            return null;
        }

        _room.Remove(subject);
        _entries[subject] = _entries[subject] with { UntilTicks = at.UtcTicks };
        return subject;
    }

    /// <returns>The end of the ban that is in force on the subject at that moment; null if there is none. MaxValue for ever.</returns>
    public DateTimeOffset? BannedUntil(Network subject, DateTimeOffset at) =>
        _entries.TryGetValue(subject, out var entry) && entry.UntilTicks > at.UtcTicks && entry.FromTicks <= at.UtcTicks ? new DateTimeOffset(entry.UntilTicks, TimeSpan.Zero) : null;

    /// <summary>Whether the subject's last ban only throttles.</summary>
    public bool Throttles(Network subject) => _entries.TryGetValue(subject, out var entry) && entry.Throttles;

    /// <summary>What the next ban of the subject would be, for a rule that speaks against it.</summary>
    /// <param name="withRepeatRule">false: repeat offenders are no case of their own, their bans only grow.</param>
    public (int Ordinal, TimeSpan Duration, bool IsRepeatOffender) Next(Network subject, DateTimeOffset at, bool withRepeatRule = true)
    {
        var starts = _entries.TryGetValue(subject, out var entry) ? entry.Starts : [];
        var remembered = starts.Count(start => start > at.UtcTicks - settings.Memory.Ticks);
        var lately = starts.Count(start => start > at.UtcTicks - settings.RepeatWindow.Ticks);
        if (withRepeatRule && lately + 1 >= settings.RepeatBans)
        {
            return (remembered + 1, settings.RepeatBan, true);
        }

        var duration = Grown(remembered);
        return (remembered + 1, duration + RandomPart(subject, (ulong)remembered, duration), false);
    }

    /// <summary>How long a ban lasts that does not count.</summary>
    public TimeSpan Short(Network subject, DateTimeOffset at) => Grown(0) + RandomPart(subject, (ulong)at.UtcTicks, Grown(0));

    /// <summary>Takes a ban that was decided now.</summary>
    public void Add(Ban ban)
    {
        var untilTicks = ban.Until?.UtcTicks ?? DateTimeOffset.MaxValue.UtcTicks;
        ref var entry = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_entries, ban.Subject, out var exists);
        var starts = exists ? entry.Starts : [];
        var oldest = ban.Time.UtcTicks - Math.Max(settings.Memory.Ticks, settings.RepeatWindow.Ticks);

        // A ban so far ahead of the event that is asked about was decided by a clock that was wrong.
        var isByHand = ban.Rule == Operator.Rule;
        entry = new Entry(
            untilTicks,
            isByHand ? 0 : ban.Time.UtcTicks - settings.LongestBan.Ticks,
            [.. starts.Where(start => start > oldest).TakeLast(99), .. Counting(ban)],
            ban.Throttles);
        Enter(ban, untilTicks);
        if (ban.Time.UtcTicks >= _nextTidyTicks)
        {
            Tidy(ban.Time);
        }

        if (_entries.Count > _shedAbove)
        {
            Shed(ban.Time);
        }
    }

    /// <summary>Forgets all, to be told anew.</summary>
    public void Clear()
    {
        foreach (var subject in _entries.Keys)
        {
            // Removing while walking is allowed and does not disturb the walk.
            Forget(subject);
        }
    }

    /// <summary>Takes a ban of before a restart: it counts for the growth, and is in force only if <see cref="Restore"/> says so.</summary>
    public void Remember(Ban ban)
    {
        Add(ban);
        _entries[ban.Subject] = _entries[ban.Subject] with { UntilTicks = 0 };
        _room.Remove(ban.Subject);
    }

    /// <summary>Sets the end of the subject's ban, which counts already, by the true clock.</summary>
    public void Restore(Ban ban)
    {
        var untilTicks = ban.Until?.UtcTicks ?? DateTimeOffset.MaxValue.UtcTicks;
        _entries[ban.Subject] = _entries.TryGetValue(ban.Subject, out var entry)
            ? entry with { UntilTicks = untilTicks, FromTicks = 0, Throttles = ban.Throttles }
            : new Entry(untilTicks, 0, [.. Counting(ban)], ban.Throttles);
        Enter(ban, untilTicks);
    }

    /// <summary>The clock of the PBX was set back: bans that were decided by the clock of before end when they were to, and not when that hour comes again.</summary>
    public void SetBack(ClockStep step)
    {
        foreach (var (subject, entry) in _entries.ToList())
        {
            // By hand, of before a restart and corrected ones go by the true clock.
            if (entry.FromTicks == 0 || !step.IsOld(entry.FromTicks + settings.LongestBan.Ticks))
            {
                continue;
            }

            var moved = entry with
            {
                UntilTicks = Math.Max(0, entry.UntilTicks - step.ByTicks),
                FromTicks = entry.FromTicks - step.ByTicks,
                Starts = [.. entry.Starts.Select(step.Corrected)],
            };
            _entries[subject] = moved;
            _room.Move(subject, moved.UntilTicks);
        }

        _nextTidyTicks = step.Corrected(_nextTidyTicks);
    }

    /// <summary>The machine's clock was set: bans that go by it and not by the log's end as much later by it.</summary>
    public void ClockSet(TimeSpan by)
    {
        foreach (var (subject, entry) in _entries.Where(pair => pair.Value is { FromTicks: 0, UntilTicks: > 0 } held && held.UntilTicks < DateTimeOffset.MaxValue.UtcTicks).ToList())
        {
            var until = Math.Clamp(entry.UntilTicks + by.Ticks, 0, DateTimeOffset.MaxValue.UtcTicks - 1);
            _entries[subject] = entry with { UntilTicks = until };
            _room.Move(subject, until);
        }
    }

    /// <summary>The ban of the subject is over now; for the growth it and those before it count as they did.</summary>
    public void End(Network subject, DateTimeOffset at)
    {
        if (_entries.TryGetValue(subject, out var entry))
        {
            _room.Remove(subject);
            _entries[subject] = entry with { UntilTicks = at.UtcTicks };
        }
    }

    /// <summary>The operator ended the ban: it is over, and neither it nor any inside of the subject counts against anybody.</summary>
    public void Lift(Network subject)
    {
        Forget(subject);
        foreach (var inside in subject.IsHost ? [] : _entries.Keys.Where(subject.Contains).ToList())
        {
            Forget(inside);
        }
    }

    // Whoever holds room has an entry.
    private void Forget(Network subject)
    {
        _entries.Remove(subject);
        _room.Remove(subject);
    }

    // What the operator banned by hand takes no room: it is neither refused nor replaced.
    private void Enter(Ban ban, long untilTicks)
    {
        if (ban.Rule == Operator.Rule)
        {
            _room.Remove(ban.Subject);
        }
        else
        {
            _room.Set(ban.Subject, untilTicks, ban.Counts);
        }
    }

    // A flood of forged sources whose bans are over would be remembered for a week each: who was banned once goes first, then all that is over.
    private void Shed(DateTimeOffset now)
    {
        for (var most = 1; most <= 100 && _entries.Count > settings.MaxBans + (settings.MaxBans / 2); most += 99)
        {
            foreach (var (subject, entry) in _entries)
            {
                // Removing while walking is allowed and does not disturb the walk.
                if (entry.UntilTicks <= now.UtcTicks && entry.Starts.Length <= most)
                {
                    Forget(subject);
                }
            }
        }

        // Many by hand: the next look must wait for as many again.
        _shedAbove = Math.Max(2 * settings.MaxBans, 2 * _entries.Count);
    }

    // At most once an hour of the log's time: forget those who are neither banned nor remembered.
    private void Tidy(DateTimeOffset now)
    {
        _nextTidyTicks = now.UtcTicks + TimeSpan.TicksPerHour;
        var oldest = now.UtcTicks - Math.Max(settings.Memory.Ticks, settings.RepeatWindow.Ticks);
        foreach (var (subject, entry) in _entries.Where(pair => pair.Value.UntilTicks < now.UtcTicks && pair.Value.Starts.LastOrDefault() < oldest).ToList())
        {
            Forget(subject);
        }
    }

    private TimeSpan Grown(int earlier)
    {
        if (earlier == 0 || settings.Growth <= 0)
        {
            return settings.FirstBan < settings.MaxBan ? settings.FirstBan : settings.MaxBan;
        }

        var seconds = settings.FirstBan.TotalSeconds * Math.Pow(2, Math.Min(earlier, 20)) * settings.Growth;
        return seconds >= settings.MaxBan.TotalSeconds ? settings.MaxBan : TimeSpan.FromSeconds(seconds);
    }

    private TimeSpan RandomPart(Network subject, ulong which, TimeSpan duration)
    {
        // SplitMix64 over what tells this ban from every other.
        var mixed = key ^ subject.First.High ^ (subject.First.Low * 0x9e3779b97f4a7c15) ^ (which << 32) ^ (which >> 32);
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        mixed ^= mixed >> 31;
        var share = (mixed >> 11) / (double)(1UL << 53) * settings.RandomPart;
        return TimeSpan.FromSeconds(Math.Floor(duration.TotalSeconds * share));
    }

    /// <summary>The rule that a repeat offender's ban is decided by.</summary>
    public static string RepeatRule => RepeatOffender.Rule.Id;

    private static IEnumerable<long> Counting(Ban ban) => ban.Counts ? [ban.Time.UtcTicks] : [];

    /// <param name="FromTicks">Banned from then.</param>
    /// <param name="Starts">When the bans began that count against the subject.</param>
    private readonly record struct Entry(long UntilTicks, long FromTicks, long[] Starts, bool Throttles);
}
