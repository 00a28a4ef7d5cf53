using System.Numerics;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>Follows a site's calls to outside: what the gate answers, what the brake cuts, and what a backtest would have done, are this.</summary>
/// <remarks>
/// <para>Time is that of the events alone: live and on the past it is one program. A moment before the last one counts as the last one; one that is hours before it
/// means that the clock was put back, and what was counted begins anew. Not for several threads at once.</para>
/// <para>Whose end was lost is forgotten: a call that began after a day, one that nobody answered after an hour, one that was let out and never began after five minutes.</para>
/// </remarks>
internal sealed class CallEngine
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    // A check that is planned for later than this is planned again then: windows move, and calls end.
    private const long Horizon = Hour;

    private const long LongestCall = Day;
    private const long LongestRing = Hour;
    private const long LongestIntention = 5 * Minute;

    // Beyond it a moment before the last one is no disorder: records of one source are minutes apart at most.
    private const long MostDisorder = 2 * Hour;

    // The year 9999.
    private const long Latest = 253_402_300_799_000;

    // Shorter than this nobody can say what he called for.
    private const int LeastSeconds = 30;

    // Of evidence.
    private const int MostShown = 100;

    // However much somebody uses, and for however long.
    private const int MostEarned = 20;

    // A talk, and no wrong number.
    private const long Talk = 30_000;

    private static readonly int Scopes = Enum.GetValues<LimitScope>().Length;

    private readonly CallPolicy _policy;
    private readonly CallLimit[] _limits;
    private readonly CallRule[] _rules;
    private readonly int[] _scopes;
    private readonly LimitMasks _masks;
    private readonly KeyTable _keys;
    private readonly Dictionary<string, LiveCall> _live = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(LimitKey Key, int Limit), long> _checks = new();
    private readonly StopTable _stops = new();
    private readonly List<CallAlarm> _alarms = [];
    private readonly List<LiveCall> _cuts = [];
    private long _sweptAt;

    /// <exception cref="ArgumentException">The policy has more limits than <see cref="CallPolicy.MaxLimits"/>.</exception>
    public CallEngine(CallPolicy policy)
    {
        if (policy.Limits.Count > CallPolicy.MaxLimits)
        {
            throw new ArgumentException($"{policy.Limits.Count} limits: expected {CallPolicy.MaxLimits} at most", nameof(policy));
        }

        _policy = policy;
        _limits = [.. policy.Limits];
        _rules = [.. _limits.Select(CallRules.Of)];
        _scopes = [.. _limits.Select(static limit => (int)limit.Scope)];
        _masks = new LimitMasks(policy);
        _keys = new KeyTable(_limits.Length, _masks);
    }

    /// <summary>Calls that were asked about or go on.</summary>
    public IReadOnlyCollection<LiveCall> Live => _live.Values;

    /// <summary>Extensions, trunks, countries... that something is known of.</summary>
    public int Keys => _keys.Count;

    /// <summary>What may not leave; some may have ended.</summary>
    public IReadOnlyList<CallStop> Stops => _stops.All;

    /// <summary>The latest moment that it was told of.</summary>
    public long Now { get; private set; }

    /// <summary>While it is told of calls of the past: it learns what is usual, lets everything out, and neither tells nor stops.</summary>
    public bool IsLearning { get; set; }

    /// <summary>When money or time alone may reach a limit next; null: never. <see cref="Advance"/> then.</summary>
    public long? NextCheck => _checks.TryPeek(out _, out var at) ? at : null;

    /// <summary>Whether a call may leave. Allowed, it counts from now on: until it ends, or never began.</summary>
    /// <param name="hasPin">The caller gave his PIN, and it was right.</param>
    public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin = false)
    {
        var at = Come(attempt.At);

        // Whatever else is wrong, nobody is kept from calling for help.
        if (attempt.Dialled.Kind is DialledKind.Emergency or DialledKind.Internal)
        {
            return GateAnswer.Fine;
        }

        if (_live.TryGetValue(id, out var before))
        {
            Leave(before, at);
        }

        if (attempt.Dialled.Kind == DialledKind.Unreadable && !IsLearning)
        {
            return new GateAnswer(GateVerdict.Deny, null, "", "what was dialled is no number");
        }

        if (!IsLearning && Permitted(attempt, at, hasPin) is { } refused)
        {
            return refused;
        }

        var call = Track(id, attempt, at);
        if (_stops.Holding(attempt, at, call.Standing) is { } stop && !IsLearning)
        {
            Forget(call);
            return new GateAnswer(GateVerdict.Deny, null, stop.Limit, stop.Why);
        }

        long? longest = null;
        var decided = "";
        for (var mask = IsLearning ? 0 : call.Limits; mask != 0; mask &= mask - 1)
        {
            var limit = BitOperations.TrailingZeroCount(mask);
            if (_limits[limit].Action == BrakeAction.Tell || Meter(call, limit) is not { } meter || Critical(meter, limit) is not { } critical)
            {
                continue;
            }

            var figure = meter.Asked(attempt, at) - Excused(meter, at);
            var lasts = meter.Lasts(attempt, critical + meter.Excused, at);
            if (figure >= critical || lasts < LeastSeconds * 1000)
            {
                Reach(call.Keys[_scopes[limit]]!, limit, AlarmLevel.Critical, Math.Max(figure, critical), critical, call, at);
                Forget(call);
                return new GateAnswer(GateVerdict.Deny, null, _limits[limit].Name, $"{_rules[limit].Name}: {_limits[limit].Name}");
            }

            if (lasts is not null && (longest is null || lasts < longest))
            {
                (longest, decided) = (lasts, _limits[limit].Name);
            }
        }

        Count(call, at);
        return longest >= 0 && longest < Day ? new GateAnswer(GateVerdict.Allow, (int)(longest.Value / 1000), decided, "") : GateAnswer.Fine;
    }

    /// <summary>A call was sent to the other side, asked about or not.</summary>
    public void Begin(string id, in CallAttempt attempt)
    {
        var at = Come(attempt.At);
        if (_live.TryGetValue(id, out var call) && (call.HasBegun || call.Attempt.Dialled.Digits != attempt.Dialled.Digits))
        {
            // Told twice; or a channel goes on to another number.
            if (call.Attempt.Dialled.Digits == attempt.Dialled.Digits)
            {
                return;
            }

            Leave(call, at);
            call = null;
        }

        call ??= Track(id, attempt, at);
        call.HasBegun = true;
        if (call.Attempt.Trunk.Length == 0 && attempt.Trunk.Length > 0)
        {
            FindTrunk(call, attempt.Trunk, at);
        }

        if (!IsLearning && attempt.Dialled.Kind is not (DialledKind.Emergency or DialledKind.Internal) && _stops.Holding(call.Attempt, at, call.Standing) is not null)
        {
            Cut(call);
        }

        if (!call.IsCounted)
        {
            Count(call, at);
        }
    }

    public void Answer(string id, long at)
    {
        at = Come(at);
        if (!_live.TryGetValue(id, out var call) || call.AnsweredAt > 0)
        {
            return;
        }

        if (!call.IsCounted)
        {
            Count(call, at);
        }

        call.AnsweredAt = at;
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            Meter(call, BitOperations.TrailingZeroCount(mask))?.Answer(call, at);
        }

        Check(call, at, isNew: false);
    }

    /// <summary>A call ended, or will not be made.</summary>
    public void End(string id, long at)
    {
        at = Come(at);
        if (_live.TryGetValue(id, out var call))
        {
            Leave(call, at);
            Check(call, at, isNew: false);
        }
    }

    public void See(in SiteEvent seen)
    {
        var at = Come(seen.At);
        var extension = seen.Extension.Length > 0 ? _keys.Extension(seen.Extension, at) : null;
        for (var limit = 0; limit < _limits.Length; limit++)
        {
            var key = _limits[limit].Scope switch
            {
                LimitScope.Site => _keys.Site(at),
                LimitScope.Extension when extension is not null && (extension.Limits & (1UL << limit)) != 0 => extension,
                _ => null,
            };
            if (key is not null && _rules[limit].Listens.Contains(seen.Kind))
            {
                (key.Meters[limit] ??= _rules[limit].Meter(_limits[limit])).See(seen with { At = at });
                Check(key, limit, last: null, at, isNew: true);
            }
        }
    }

    /// <summary>It is that late: looks at what money and time came to.</summary>
    public void Advance(long at) => Come(at);

    /// <summary>Lets calls leave again before a stop ends. What its limits have counted is excused, and the country is known from now on.</summary>
    /// <returns>null: there is none of that number.</returns>
    public CallStop? Lift(int number)
    {
        if (_stops.Lift(number) is not { } lifted)
        {
            return null;
        }

        foreach (var meter in lifted.Meters)
        {
            (meter.Excused, meter.Told) = (meter.Figure(Now), AlarmLevel.None);
        }

        if (lifted.Stop is { Extension.Length: > 0, Region.Length: > 0 } stop)
        {
            _keys.Country(_keys.Extension(stop.Extension, Now), stop.Region, Now).Days.Grant(DayOf(Now));
        }

        return lifted.Stop;
    }

    /// <summary>A stop that was in force before a restart.</summary>
    public void Restore(CallStop stop) => _stops.Restore(stop);

    /// <summary>What was reached since somebody last took it.</summary>
    public IReadOnlyList<CallAlarm> TakeAlarms() => Take(_alarms);

    /// <summary>Calls to hang up, each told once.</summary>
    public IReadOnlyList<LiveCall> TakeCuts() => Take(_cuts);

    private static IReadOnlyList<T> Take<T>(List<T> all)
    {
        if (all.Count == 0)
        {
            return [];
        }

        T[] taken = [.. all];
        all.Clear();
        return taken;
    }

    private static int DayOf(long at) => (int)(at / Day);

    // The engine's own time for a moment: what is due before it is done.
    private long Come(long given)
    {
        var at = Math.Clamp(given, 0, Latest);
        if (at < Now)
        {
            if (Now - at <= MostDisorder)
            {
                return Now;
            }

            TurnBack(at);
        }
        else if (at - Now > LongestCall && _live.Count > 0)
        {
            // Nobody was told of a day: the machine slept, or its clock was wrong. Neither is money.
            Forget(Now + LongestCall, Now);
        }

        while (_checks.TryPeek(out var check, out var due) && due <= at)
        {
            _checks.Dequeue();
            if (check.Key.Meters[check.Limit] is { } meter && meter.CheckAt == due)
            {
                meter.CheckAt = 0;
                Check(check.Key, check.Limit, last: null, due, isNew: false);
            }
        }

        Now = at;
        if (at - _sweptAt >= LongestIntention)
        {
            _sweptAt = at;
            Forget(at, at);
        }

        return at;
    }

    // Calls whose end was lost, by the time of one moment, as if they had ended at another.
    private void Forget(long by, long at)
    {
        List<LiveCall>? lost = null;
        foreach (var call in _live.Values)
        {
            if (by - call.Since >= (call.AnsweredAt > 0 ? LongestCall : call.HasBegun ? LongestRing : LongestIntention))
            {
                (lost ??= []).Add(call);
            }
        }

        foreach (var call in lost ?? [])
        {
            Leave(call, at);
        }
    }

    private void TurnBack(long at)
    {
        _stops.Shift(at - Now);
        _checks.Clear();
        _keys.Clear();
        (Now, _sweptAt) = (at, at);
        LiveCall[] live = [.. _live.Values];
        foreach (var call in live)
        {
            Forget(call);
            var again = Track(call.Id, call.Attempt, at);
            (again.HasBegun, again.IsCut, again.IsCounted) = (call.HasBegun, call.IsCut, call.IsCounted);
            again.AnsweredAt = call.AnsweredAt > 0 ? at : 0;
            for (var mask = again.IsCounted ? again.Limits : 0; mask != 0; mask &= mask - 1)
            {
                var meter = Meter(again, BitOperations.TrailingZeroCount(mask));
                meter?.Begin(again, at);
                if (again.AnsweredAt > 0)
                {
                    meter?.Answer(again, at);
                }
            }
        }
    }

    private GateAnswer? Permitted(in CallAttempt attempt, long at, bool hasPin)
    {
        foreach (var permission in _policy.Permissions)
        {
            if ((permission.Hours == LimitHours.Always || (permission.Hours == LimitHours.Work) == _policy.Hours.Holds(at)) && permission.Calls.Holds(attempt, _policy.Home))
            {
                return permission.Verdict == GateVerdict.Allow || (permission.Verdict == GateVerdict.AskPin && hasPin) ? null : new GateAnswer(permission.Verdict, null, permission.Name, $"permission {permission.Name}");
            }
        }

        return null;
    }

    private LiveCall Track(string id, in CallAttempt attempt, long at)
    {
        var site = _keys.Site(at);
        var extension = _keys.Extension(attempt.Extension, at);
        var region = attempt.Number.Region ?? "";
        var country = _keys.Country(extension, region, at);
        var standing = StandingOf(site, extension, country, region, at);
        var keys = new LimitKey?[Scopes];
        (keys[(int)LimitScope.Site], keys[(int)LimitScope.Extension], keys[(int)LimitScope.ExtensionCountry]) = (site, extension, country);
        keys[(int)LimitScope.Trunk] = attempt.Trunk.Length > 0 ? _keys.Of(LimitScope.Trunk, attempt.Trunk, at) : null;
        keys[(int)LimitScope.Did] = attempt.Did.Length > 0 ? _keys.Of(LimitScope.Did, attempt.Did, at) : null;
        keys[(int)LimitScope.Account] = attempt.AccountCode.Length > 0 ? _keys.Of(LimitScope.Account, attempt.AccountCode, at) : null;
        var call = new LiveCall(id, attempt, keys, _masks.Of(attempt, extension.Limits, at, standing), at, standing);
        _live[id] = call;
        foreach (var key in keys)
        {
            key?.Add(call);
        }

        return call;
    }

    private Standing StandingOf(LimitKey site, LimitKey extension, LimitKey country, string region, long at)
    {
        if (at - site.Since < _policy.Learning || country.Days.IsHabit(DayOf(at)))
        {
            return Standing.Known;
        }

        var isSites = _keys.Country(site, region, at).Days.IsHabit(DayOf(at));

        // Of an extension that nobody knows yet nobody can say what is new to it, but what is new to everybody.
        return !isSites ? Standing.NewToSite : at - extension.Since < _policy.Learning ? Standing.Known : Standing.NewToExtension;
    }

    private void FindTrunk(LiveCall call, string trunk, long at)
    {
        call.Learn(trunk);
        var key = _keys.Of(LimitScope.Trunk, trunk, at);
        call.Keys[(int)LimitScope.Trunk] = key;
        key.Add(call);
        var before = call.Limits;
        call.Limits |= _masks.Of(call.Attempt, call.Keys[(int)LimitScope.Extension]!.Limits, at, call.Standing);
        for (var limit = 0; limit < _limits.Length && call.IsCounted; limit++)
        {
            var bit = 1UL << limit;
            if ((call.Limits & bit) != 0 && ((before & bit) == 0 || _limits[limit].Scope == LimitScope.Trunk) && Meter(call, limit) is { } meter)
            {
                meter.Begin(call, at);
                Check(key, limit, call, at, isNew: true);
            }
        }
    }

    private void Count(LiveCall call, long at)
    {
        call.IsCounted = true;
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            Meter(call, BitOperations.TrailingZeroCount(mask))?.Begin(call, at);
        }

        Check(call, at, isNew: true);
    }

    private void Leave(LiveCall call, long at)
    {
        for (var mask = call.IsCounted ? call.Limits : 0; mask != 0; mask &= mask - 1)
        {
            Meter(call, BitOperations.TrailingZeroCount(mask))?.End(call, at);
        }

        Forget(call);
        if (call.AnsweredAt > 0 && at - call.AnsweredAt >= Talk && !call.IsCut)
        {
            var day = DayOf(at);
            call.Keys[(int)LimitScope.Extension]!.Days.Add(day);
            call.Keys[(int)LimitScope.ExtensionCountry]!.Days.Add(day);
            _keys.Country(call.Keys[(int)LimitScope.Site]!, call.Attempt.Number.Region ?? "", at).Days.Add(day);
        }
    }

    private void Forget(LiveCall call)
    {
        _live.Remove(call.Id);
        foreach (var key in call.Keys)
        {
            key?.Remove(call);
        }
    }

    // null: the limit has no key for the call.
    private CallMeter? Meter(LiveCall call, int limit) => call.Keys[_scopes[limit]] is { } key ? key.Meters[limit] ??= _rules[limit].Meter(_limits[limit]) : null;

    private void Check(LiveCall call, long at, bool isNew)
    {
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            var limit = BitOperations.TrailingZeroCount(mask);
            if (Meter(call, limit) is not null)
            {
                Check(call.Keys[_scopes[limit]]!, limit, call, at, isNew);
            }
        }
    }

    private static long Excused(CallMeter meter, long at)
    {
        if (meter.Excused > 0)
        {
            meter.Excused = Math.Min(meter.Excused, meter.Figure(at));
        }

        return meter.Excused;
    }

    private long? Critical(CallMeter meter, int limit) => Earned(meter, limit) is var earned && _limits[limit].Critical is { } critical && earned > critical ? Math.Min(earned, critical * MostEarned) : _limits[limit].Critical;

    private long? Warning(CallMeter meter, int limit) => Earned(meter, limit) is var earned && _limits[limit] is { Warning: { } warning, Critical: { } critical } && earned > critical
        ? (long)Math.Min((double)earned * warning / critical, (double)warning * MostEarned) : _limits[limit].Warning;

    private long Earned(CallMeter meter, int limit) => meter.Usual is { Figure: > 0 } usual ? (long)Math.Min(long.MaxValue / 2d, (double)usual.Figure * _limits[limit].Earns / 100) : 0;

    private void Check(LimitKey key, int at, LiveCall? last, long now, bool isNew)
    {
        var meter = key.Meters[at]!;
        var whole = meter.Figure(now);
        if (_limits[at].Earns > 0 && whole > 0)
        {
            (meter.Usual ??= new UsualPeak()).See(DayOf(now), whole);
        }

        var excused = Excused(meter, now);
        var figure = whole - excused;
        var (warning, critical) = (Warning(meter, at), Critical(meter, at));
        var level = figure >= critical ? AlarmLevel.Critical : figure >= warning ? AlarmLevel.Warning : AlarmLevel.None;
        if (!IsLearning && (level > meter.Told || (isNew && level == AlarmLevel.Critical && IsFree(last, now))))
        {
            Reach(key, at, level, figure, (level == AlarmLevel.Critical ? critical : warning) ?? 0, last, now);
        }

        meter.Told = level;
        var wanted = level switch
        {
            AlarmLevel.None => warning ?? critical,
            AlarmLevel.Warning => critical,
            _ => null,
        };
        if (wanted is { } next && meter.Crossing(next + excused, now) is { } due && (meter.CheckAt == 0 || due < meter.CheckAt))
        {
            meter.CheckAt = Math.Clamp(due, now + 1, now + Horizon);
            _checks.Enqueue((key, at), meter.CheckAt);
        }
    }

    // A call that came although its limit is reached, and that no stop holds: the one of before has ended, or it never was one.
    private bool IsFree(LiveCall? last, long now) => last is { IsCut: false } call && _stops.Holding(call.Attempt, now, call.Standing) is null;

    private void Reach(LimitKey key, int at, AlarmLevel level, long figure, long threshold, LiveCall? last, long now)
    {
        var (limit, meter) = (_limits[at], key.Meters[at]!);
        var bit = 1UL << at;
        List<LiveCall> calls = [];
        var lost = 0L;
        foreach (var call in key.Calls)
        {
            if ((call.Limits & bit) != 0)
            {
                lost += call.Cost(now);
                if (calls.Count < MostShown)
                {
                    calls.Add(call);
                }
            }
        }

        calls.Sort(static (one, other) => one.Since.CompareTo(other.Since));
        var about = last ?? meter.Blamed ?? calls.LastOrDefault();
        List<LiveCall> cut = [];
        CallStop? stop = null;
        if (level == AlarmLevel.Critical)
        {
            meter.Usual?.Spoil(DayOf(now));
            stop = Stop(limit, _rules[at], key, about, now) is { } wanted ? _stops.Add(wanted, meter) : null;
            if (stop is not null)
            {
                cut.AddRange(_live.Values.Where(call => call.HasBegun && !call.IsCut && call.Limits != 0 && stop.Holds(call.Attempt, now, call.Standing)));
            }
            else if (limit.Action != BrakeAction.Tell && about is { HasBegun: true, IsCut: false })
            {
                cut.Add(about);
            }
        }

        foreach (var call in cut)
        {
            Cut(call);
        }

        _alarms.Add(new CallAlarm(now, limit, key, level, figure, threshold, last, calls, _rules[at].Unit == LimitUnit.Money ? Math.Max(lost, figure) : lost, stop, cut));
    }

    // null: the call alone is what is stopped. A stop of nobody's calls would be one of everybody's.
    private static CallStop? Stop(CallLimit limit, CallRule rule, LimitKey key, LiveCall? about, long now)
    {
        if (limit.Action is BrakeAction.Tell or BrakeAction.Call)
        {
            return null;
        }

        var ofExtension = limit.Action is BrakeAction.Country or BrakeAction.Outside or BrakeAction.ExtensionRisky;
        var extension = !ofExtension ? "" : about?.Attempt.Extension ?? (key.Scope == LimitScope.Extension ? key.Name : "");
        CallOrigin? origin = limit.Calls.Origins is [var only] && only != CallOrigin.Phone ? only : null;
        var trunk = limit.Action == BrakeAction.Trunk ? about?.Attempt.Trunk ?? "" : "";
        var region = limit.Action == BrakeAction.Country ? about?.Attempt.Number.Region ?? "" : "";
        if ((ofExtension && extension.Length == 0 && origin is null) || (limit.Action == BrakeAction.Trunk && trunk.Length == 0))
        {
            return null;
        }

        // A number of no country is risky, and nobody's calls at home are.
        var isRisky = limit.Action is BrakeAction.Risky or BrakeAction.ExtensionRisky || (limit.Action == BrakeAction.Country && region.Length == 0);
        return new CallStop(0, now, now + limit.For, limit.Name, rule.Id, extension, region, trunk, isRisky, $"{rule.Name}: {limit.Name}")
        {
            Origin = origin,
            NewOnly = limit.SparesKnown,
        };
    }

    private void Cut(LiveCall call)
    {
        if (!call.IsCut)
        {
            call.IsCut = true;
            _cuts.Add(call);
        }
    }
}
