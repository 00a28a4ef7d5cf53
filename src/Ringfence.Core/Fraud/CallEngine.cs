using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>Follows a site's calls to outside: what the gate answers, what the brake cuts, and what a backtest would have done, are this.</summary>
/// <remarks>
/// <para>Time is that of the events alone: live and on the past it is one program. A moment before the last one counts as the last one; one that is hours before it
/// means that the clock was put back, and what was counted begins anew. Not for several threads at once.</para>
/// <para>Whose end was lost is forgotten: a call that began after a day, one that nobody answered after an hour, one that was let out and never began after five minutes.</para>
/// </remarks>
internal sealed partial class CallEngine
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    private const long LongestCall = Day;
    private const long LongestRing = Hour;
    private const long LongestIntention = 5 * Minute;

    // Beyond it a moment before the last one is no disorder: records of one source are minutes apart at most.
    private const long MostDisorder = 2 * Hour;

    // The year 9999.
    private const long Latest = 253_402_300_799_000;

    // A talk, and no wrong number.
    private const long Talk = 30_000;

    private readonly CallPolicy _policy;
    private readonly LimitMasks _masks;
    private readonly KeyTable _keys;
    private readonly Dictionary<string, LiveCall> _live = new(StringComparer.Ordinal);
    private readonly RecentTries _tried = new();
    private readonly LimitWatch _watch;
    private long _sweptAt;

    /// <exception cref="ArgumentException">The policy has more limits than <see cref="CallPolicy.MaxLimits"/>.</exception>
    public CallEngine(CallPolicy policy)
    {
        if (policy.Limits.Count > CallPolicy.MaxLimits)
        {
            throw new ArgumentException($"{policy.Limits.Count} limits: expected {CallPolicy.MaxLimits} at most", nameof(policy));
        }

        _policy = policy;
        _masks = new LimitMasks(policy);
        _keys = new KeyTable(policy.Limits.Count, _masks);
        _watch = new LimitWatch(policy, _live);
    }

    /// <summary>Calls that were asked about or go on.</summary>
    public IReadOnlyCollection<LiveCall> Live => _live.Values;

    /// <summary>Extensions, trunks, countries... that something is known of.</summary>
    public int Keys => _keys.Count;

    /// <summary>What may not leave; some may have ended.</summary>
    public IReadOnlyList<CallStop> Stops => _watch.Stops.All;

    /// <summary>Whether a call of that id was asked about or goes on.</summary>
    public bool Knows(string id) => _live.ContainsKey(id);

    /// <summary>The latest moment that it was told of.</summary>
    public long Now { get; private set; }

    /// <summary>While it is told of calls of the past: it learns what is usual, lets everything out, and neither tells nor stops.</summary>
    public bool IsLearning
    {
        get => _watch.IsLearning;
        set => _watch.IsLearning = value;
    }

    /// <summary>When money or time alone may reach a limit next; null: never. <see cref="Advance"/> then.</summary>
    public long? NextCheck => _watch.Next;

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
            if (before.AnsweredAt == 0)
            {
                Leave(before, at);
            }
            else
            {
                // Its channel asks for another call while this one goes on and costs.
                id += "/";
                if (_live.TryGetValue(id, out var asked))
                {
                    Leave(asked, at);
                }
            }
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
        var answer = IsLearning ? GateAnswer.Fine : _watch.Ask(call, at);
        if (answer.Verdict == GateVerdict.Allow)
        {
            Count(call, at);
        }
        else
        {
            Forget(call);
        }

        return answer;
    }

    /// <summary>A call was sent to the other side, asked about or not.</summary>
    public void Begin(string id, in CallAttempt attempt)
    {
        var at = Come(attempt.At);
        if (_live.TryGetValue(id, out var call))
        {
            if (!call.Attempt.Dialled.IsSame(attempt.Dialled) && (call.HasBegun || !IsBehindPrefix(call.Attempt, attempt)))
            {
                // A channel goes on to another number.
                Leave(call, at);
                call = null;
            }
            else
            {
                Learn(call, attempt, at);
                if (call.HasBegun)
                {
                    // Told twice; or it is another's by now, who may be stopped.
                    CutIfHeld(call, at);
                    return;
                }
            }
        }

        call ??= Track(id, attempt, at);
        call.HasBegun = true;

        CutIfHeld(call, at);
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
        _watch.Answer(call, at);
        _watch.Check(call, at, isNew: false);
    }

    /// <summary>A call ended, or will not be made.</summary>
    public void End(string id, long at)
    {
        at = Come(at);
        if (!_live.TryGetValue(id, out var call))
        {
            return;
        }

        // Told behind the question for the next trunk it is the end of the try before: that which was asked about now is no further one.
        var isOfTryBefore = call is { IsAgain: true, HasBegun: false };
        Leave(call, at);
        if (isOfTryBefore)
        {
            _tried.TakeBack(id);
        }

        _watch.Check(call, at, isNew: false);
    }

    public void See(SiteEvent seen)
    {
        var at = Come(seen.At);
        _watch.See(seen.At == at ? seen : seen with { At = at }, _keys.Site(at), seen.Extension.Length > 0 ? _keys.Extension(seen.Extension, at) : null);
    }

    /// <summary>It is that late: looks at what money and time came to.</summary>
    public void Advance(long at) => Come(at);

    /// <summary>The clock was set by so many milliseconds, and no time has passed: calls that go on have lasted for as long as they had, and stops last as long as they had left.</summary>
    public void SetClock(long by)
    {
        var at = Math.Clamp(Now + by, 0, Latest);
        if (Now == 0 || at == Now)
        {
            return;
        }

        _keys.ShiftDays(DayOf(at) - DayOf(Now));
        if (Now - at > MostDisorder)
        {
            TurnBack(at);
            return;
        }

        HashSet<CallMeter> meters = [];
        foreach (var call in _live.Values)
        {
            meters.UnionWith(call.IsCounted ? _watch.Meters(call).OfType<CallMeter>() : []);
            call.Shift(at - Now);
        }

        foreach (var meter in meters)
        {
            meter.SetClock(Now, at);
        }

        _watch.Stops.Shift(at - Now);
        _keys.Shift(at - Now);
        (Now, _sweptAt) = (at, at);
        foreach (var call in _live.Values.Where(static call => call.IsCounted).ToList())
        {
            _watch.Check(call, at, isNew: false);
        }
    }

    /// <summary>Looks again at each call that goes on: at what it began nobody did.</summary>
    public void Review(long at)
    {
        at = Come(at);
        foreach (var call in _live.Values.OrderBy(static call => call.Since).ToList())
        {
            CutIfHeld(call, at);
            _watch.Check(call, at, isNew: true);
        }
    }

    /// <summary>Lets calls leave again before a stop ends. What its limits have counted is excused, and the country of a stop that is of one is known from now on.</summary>
    /// <returns>null: there is none of that number.</returns>
    public CallStop? Lift(int number)
    {
        if (_watch.Stops.Lift(number) is not { } lifted)
        {
            return null;
        }

        foreach (var meter in lifted.Meters)
        {
            meter.Excuse(meter.Figure(Now));
        }

        Grant(lifted.Stop.Extension, lifted.Stop.Region, Now);
        return lifted.Stop;
    }

    /// <summary>An operator found a country right, then: the extension knows it from that day on.</summary>
    public void Grant(string extension, string region, long at)
    {
        // Nothing has happened yet: a name that is made now would be known since 1970.
        if (extension.Length > 0 && region.Length > 0 && Now > 0)
        {
            _keys.Country(_keys.Extension(extension, Now), region, Now).Days.Grant(DayOf(at));
        }
    }

    /// <summary>What a limit has counted for a key is excused, as when its stop is lifted.</summary>
    /// <param name="most">No more than so much; null: all.</param>
    /// <returns>So much is; null: it has counted nothing, or there is no such limit.</returns>
    public long? Excuse(string limit, string key, long? most)
    {
        for (var at = 0; at < _policy.Limits.Count; at++)
        {
            if (_policy.Limits[at].Name == limit && _keys.Find(_policy.Limits[at].Scope, key)?.Meters[at] is { } meter)
            {
                var figure = meter.Figure(Now);
                meter.Excuse(Math.Max(meter.Excused, Math.Min(figure, most ?? figure)));
                return meter.Excused;
            }
        }

        return null;
    }

    /// <summary>The limits that count the calls that a stop holds, each with its key: who lifts it finds right what they came to, and the next limit must not stop them for the same calls.</summary>
    /// <returns>Not those that hear of more than calls: a guessed PIN is none.</returns>
    public IEnumerable<(string Limit, string Key)> CountingWith(CallStop stop)
    {
        (LimitScope Scope, string Name)[] keys = stop switch
        {
            { Extension.Length: > 0, Region.Length: > 0 } => [(LimitScope.Extension, stop.Extension), (LimitScope.ExtensionCountry, $"{stop.Extension} {stop.Region}")],
            { Extension.Length: > 0 } => [(LimitScope.Extension, stop.Extension)],
            { Did.Length: > 0 } => [(LimitScope.Did, stop.Did)],
            { Trunk.Length: > 0 } => [(LimitScope.Trunk, stop.Trunk)],
            _ => [(LimitScope.Site, "")],
        };
        for (var at = 0; at < _policy.Limits.Count; at++)
        {
            var limit = _policy.Limits[at];
            if (CallRules.Of(limit).Listens.Count == 0 && Array.Find(keys, key => key.Scope == limit.Scope) is { Name: { } name })
            {
                yield return (limit.Name, _watch.IsWhole(at) || limit.Scope is LimitScope.Did or LimitScope.Trunk ? name : LimitKey.PartOf(name, stop.Origin ?? CallOrigin.Phone));
            }
        }
    }

    /// <summary>How far back a limit looks; 0: it is none, or looks at what goes on.</summary>
    public long WindowOf(string limit) => _policy.Limits.FirstOrDefault(one => one.Name == limit)?.Window ?? 0;

    /// <summary>Stops that are made from now on have numbers behind that.</summary>
    public void NumberStopsAfter(int number) => _watch.Stops.NumberAfter(number);

    /// <summary>A stop of before a restart, that nobody lifted: in the order in which they were made.</summary>
    public void Restore(CallStop stop, long now) => _watch.Stops.Restore(stop, now);

    /// <summary>What was reached since somebody last took it.</summary>
    public IReadOnlyList<CallAlarm> TakeAlarms() => _watch.TakeAlarms();

    /// <summary>Calls to hang up, each told once.</summary>
    public IReadOnlyList<LiveCall> TakeCuts() => _watch.TakeCuts();

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

        _watch.Advance(at);
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
        _watch.Stops.Shift(at - Now);
        _watch.Forget();
        _keys.Clear(DayOf(at));
        _keys.Shift(at - Now);
        _tried.Clear();
        (Now, _sweptAt) = (at, at);
        LiveCall[] live = [.. _live.Values];
        foreach (var call in live)
        {
            Forget(call);
            var again = Track(call.Id, call.Attempt, at);
            (again.HasBegun, again.IsCut, again.IsCounted) = (call.HasBegun, call.IsCut, call.IsCounted);
            again.AnsweredAt = call.AnsweredAt > 0 ? at : 0;
            if (again.IsCounted)
            {
                _watch.Begin(again, at);
            }

            if (again.AnsweredAt > 0)
            {
                _watch.Answer(again, at);
            }

            // By when its money reaches a limit.
            _watch.Check(again, at, isNew: false);
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
        var call = new LiveCall(id, attempt, at) { Tries = _tried.Take(id, attempt.Dialled, at) };
        _live[id] = call;
        Place(call, at);
        return call;
    }

    // To everybody for whom it counts, and under the eyes of the limits that look at it.
    private void Place(LiveCall call, long at)
    {
        ref readonly var attempt = ref call.Attempt;
        var site = _keys.Site(at);
        var extension = _keys.Extension(attempt.Extension, at);
        var region = attempt.Number.Region ?? "";
        var country = _keys.Country(extension, region, at);
        ref var keys = ref call.Keys;
        (keys[(int)LimitScope.Site], keys[(int)LimitScope.Extension], keys[(int)LimitScope.ExtensionCountry]) = (site.For(attempt.Origin), extension.For(attempt.Origin), country.For(attempt.Origin));
        keys[(int)LimitScope.Trunk] = attempt.Trunk.Length > 0 ? _keys.Of(LimitScope.Trunk, attempt.Trunk, at) : null;
        keys[(int)LimitScope.Did] = attempt.Did.Length > 0 ? _keys.Of(LimitScope.Did, attempt.Did, at) : null;
        keys[(int)LimitScope.Account] = attempt.AccountCode.Length > 0 ? _keys.Of(LimitScope.Account, attempt.AccountCode, at).For(attempt.Origin) : null;
        call.Standing = StandingOf(site, extension, country, region, at);

        // By the hour at which it began, whoever it is known to be of later: all that it cost counts where it counts.
        call.Limits = _masks.Of(attempt, extension.Limits, call.Since, call.Standing);
        foreach (var key in keys)
        {
            key?.Add(call);
        }
    }

    // What the question did not know: over which trunk it goes; who pays, and how it came about (a channel that was forwarded or that dials on says so to AMI, not to the dialplan).
    private void Learn(LiveCall call, in CallAttempt told, long at)
    {
        var known = call.Attempt;
        var extension = told.Extension is "" or CallAttempt.Originated && known.Extension.Length > 0 ? known.Extension : told.Extension;
        var trunk = known.Trunk.Length > 0 ? known.Trunk : told.Trunk;
        var did = known.Did.Length > 0 ? known.Did : told.Did;
        if (extension == known.Extension && told.Origin == known.Origin && trunk == known.Trunk && did == known.Did)
        {
            return;
        }

        var before = call.IsCounted ? _watch.Meters(call) : null;
        Part(call);
        call.Learn(known with { Extension = extension, Origin = told.Origin, Trunk = trunk, Did = did });
        Place(call, at);
        if (before is not null)
        {
            _watch.Move(call, before, at);
        }
    }

    // A carrier's prefix before a number that was asked about, and that costs no less than what the whole seems to be.
    private static bool IsBehindPrefix(in CallAttempt asked, in CallAttempt told) =>
        asked.Dialled.Kind == DialledKind.Outside && told.Dialled.Digits.EndsWith(asked.Number.Digits, StringComparison.Ordinal) && asked.Price.Rate.PerMinute >= told.Price.Rate.PerMinute;

    private Standing StandingOf(LimitKey site, LimitKey extension, LimitKey country, string region, long at)
    {
        var watched = (int)((at - site.Since) / Day);
        if (at - site.Since < _policy.Learning || country.Days.IsHabit(DayOf(at), watched))
        {
            return Standing.Known;
        }

        var isSites = _keys.Country(site, region, at).Days.IsHabit(DayOf(at), watched);

        // Of an extension that nobody knows yet nobody can say what is new to it, but what is new to everybody.
        return !isSites ? Standing.NewToSite : at - extension.Since < _policy.Learning ? Standing.Known : Standing.NewToExtension;
    }

    private void CutIfHeld(LiveCall call, long at)
    {
        if (!IsLearning && call is { HasBegun: true, Attempt.Dialled.Kind: not (DialledKind.Emergency or DialledKind.Internal) } && _watch.Stops.Holding(call.Attempt, at, call.Standing) is not null)
        {
            _watch.Cut(call);
        }
    }

    private void Count(LiveCall call, long at)
    {
        call.IsCounted = true;
        _watch.Begin(call, at);
        _watch.Check(call, at, isNew: true);
    }

    private void Leave(LiveCall call, long at)
    {
        if (call.IsCounted)
        {
            _watch.End(call, at);
        }

        Forget(call);
        call.EndedAt = at;
        if (call is { IsCounted: true, AnsweredAt: 0, IsCut: false })
        {
            _tried.Add(call, at);
        }

        Remember(call, at);
    }

    // The days on which it talked there.
    private void Remember(LiveCall call, long at)
    {
        if (call.AnsweredAt > 0 && at - call.AnsweredAt >= Talk && !call.IsCut)
        {
            var day = DayOf(at);
            call.Keys[(int)LimitScope.Extension]!.Days.Add(day);
            call.Keys[(int)LimitScope.ExtensionCountry]!.Days.Add(day);
            _keys.Country(call.Keys[(int)LimitScope.Site]!.Whole, call.Attempt.Number.Region ?? "", at).Days.Add(day);
        }
    }

    private void Forget(LiveCall call)
    {
        _live.Remove(call.Id);
        Part(call);
    }

    private static void Part(LiveCall call)
    {
        foreach (var key in call.Keys)
        {
            key?.Remove(call);
        }
    }
}
