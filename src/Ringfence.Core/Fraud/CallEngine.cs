using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>Follows a site's calls to outside: what the gate answers, what the brake cuts, and what a backtest would have done, are this.</summary>
/// <remarks>Time is that of the events alone: live and on the past it is one program. Not for several threads at once.</remarks>
internal sealed class CallEngine
{
    private const long Minute = 60_000;

    // A check that is planned for later than this is planned again then: windows move, and calls end.
    private const long Horizon = 60 * Minute;

    // Shorter than this nobody can say what he called for.
    private const int LeastSeconds = 30;

    private static readonly int Scopes = Enum.GetValues<LimitScope>().Length;

    private readonly CallPolicy _policy;
    private readonly CallLimit[] _limits;
    private readonly CallRule[] _rules;
    private readonly Dictionary<string, LimitKey>[] _keys;
    private readonly Dictionary<string, LiveCall> _live = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(LimitKey Key, int Limit), long> _checks = new();
    private readonly List<CallStop> _stops = [];
    private readonly List<CallAlarm> _alarms = [];
    private readonly List<LiveCall> _cuts = [];
    private readonly CallHabits _habits = new();
    private int _stopped;

    public CallEngine(CallPolicy policy)
    {
        _policy = policy;
        _limits = [.. policy.Limits];
        _rules = [.. _limits.Select(CallRules.Of)];
        _keys = [.. Enumerable.Range(0, Scopes).Select(static _ => new Dictionary<string, LimitKey>(StringComparer.Ordinal))];
    }

    /// <summary>Calls that were asked about or go on.</summary>
    public IReadOnlyCollection<LiveCall> Live => _live.Values;

    /// <summary>What may not leave; some may have ended.</summary>
    public IReadOnlyList<CallStop> Stops => _stops;

    /// <summary>The latest moment that it was told of.</summary>
    public long Now { get; private set; }

    /// <summary>When money or time alone may reach a limit next; null: never. <see cref="Advance"/> then.</summary>
    public long? NextCheck => _checks.TryPeek(out _, out var at) ? at : null;

    /// <summary>Whether a call may leave. Allowed, it counts from now on: until it ends, or never began.</summary>
    /// <param name="hasPin">The caller gave his PIN, and it was right.</param>
    public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin = false)
    {
        Advance(attempt.At);

        // Whatever else is wrong, nobody is kept from calling for help.
        if (attempt.Dialled.Kind is DialledKind.Emergency or DialledKind.Internal)
        {
            return GateAnswer.Fine;
        }

        foreach (var stop in _stops)
        {
            if (stop.Holds(attempt, attempt.At))
            {
                return new GateAnswer(GateVerdict.Deny, null, stop.Limit, stop.Why);
            }
        }

        var call = Track(id, attempt);
        int? seconds = null;
        var decided = "";
        for (var at = 0; at < _limits.Length; at++)
        {
            if (Meter(call, at) is not { } meter || _limits[at] is not { Critical: { } critical, Action: not BrakeAction.Tell } limit)
            {
                continue;
            }

            var figure = meter.Asked(attempt, attempt.At);
            var granted = _rules[at].Unit == LimitUnit.Money ? Granted(call, limit, critical - figure) : null;
            if (figure >= critical || granted < LeastSeconds)
            {
                Reach(call.Keys[(int)limit.Scope]!, at, AlarmLevel.Critical, figure, call, attempt.At);
                Forget(call);
                return new GateAnswer(GateVerdict.Deny, null, limit.Name, $"{_rules[at].Name}: {limit.Name}");
            }

            if (granted is not null && (seconds is null || granted < seconds))
            {
                (seconds, decided) = (granted, limit.Name);
            }
        }

        _ = hasPin;
        return seconds is null ? GateAnswer.Fine : new GateAnswer(GateVerdict.Allow, seconds, decided, "");
    }

    /// <summary>A call was sent to the other side, asked about or not.</summary>
    public void Begin(string id, in CallAttempt attempt)
    {
        Advance(attempt.At);
        var call = _live.GetValueOrDefault(id) ?? Track(id, attempt);
        if (call.HasBegun)
        {
            return;
        }

        call.HasBegun = true;
        for (var at = 0; at < _limits.Length; at++)
        {
            Meter(call, at)?.Begin(call, attempt.At);
        }

        if (attempt.Dialled.Kind is DialledKind.Outside or DialledKind.Short && _stops.Exists(stop => stop.Holds(call.Attempt, call.Attempt.At)))
        {
            Cut(call);
        }

        Check(call, attempt.At);
    }

    /// <summary>A call of before its time that was answered and that nobody complained about: where people usually call.</summary>
    public void Learn(in CallAttempt attempt) => _habits.See(attempt);

    public void Answer(string id, long at)
    {
        Advance(at);
        if (!_live.TryGetValue(id, out var call) || call.AnsweredAt > 0)
        {
            return;
        }

        call.AnsweredAt = at;
        for (var limit = 0; limit < _limits.Length; limit++)
        {
            Meter(call, limit)?.Answer(call, at);
        }

        Check(call, at);
    }

    /// <summary>A call ended, or will not be made.</summary>
    public void End(string id, long at)
    {
        Advance(at);
        if (!_live.TryGetValue(id, out var call))
        {
            return;
        }

        for (var limit = 0; limit < _limits.Length; limit++)
        {
            if (call.HasBegun)
            {
                Meter(call, limit)?.End(call, at);
            }
        }

        if (call.AnsweredAt > 0 && !call.IsCut)
        {
            _habits.See(call.Attempt);
        }

        Forget(call);
        Check(call, at);
    }

    public void See(in SiteEvent seen)
    {
        Advance(seen.At);
        foreach (var key in (LimitKey?[])[_keys[(int)LimitScope.Site].GetValueOrDefault(""), _keys[(int)LimitScope.Extension].GetValueOrDefault(seen.Extension)])
        {
            foreach (var meter in key?.Meters ?? [])
            {
                meter?.See(seen);
            }
        }
    }

    /// <summary>It is that late: looks at what money and time came to.</summary>
    public void Advance(long at)
    {
        while (_checks.TryPeek(out var check, out var due) && due <= at)
        {
            _checks.Dequeue();
            if (check.Key.Meters[check.Limit] is { } meter && meter.CheckAt == due)
            {
                meter.CheckAt = 0;
                Check(check.Key, check.Limit, last: null, due);
            }
        }

        Now = Math.Max(Now, at);
    }

    /// <summary>Lets calls leave again before a stop ends.</summary>
    /// <returns>null: there is none of that number.</returns>
    public CallStop? Lift(int number)
    {
        var stop = _stops.Find(one => one.Number == number);
        _stops.RemoveAll(one => one.Number == number);
        return stop;
    }

    /// <summary>A stop that was made before this began, and that holds still.</summary>
    public void Restore(CallStop stop)
    {
        _stops.Add(stop);
        _stopped = Math.Max(_stopped, stop.Number);
    }

    /// <summary>What was reached since somebody last took it.</summary>
    public IReadOnlyList<CallAlarm> TakeAlarms()
    {
        CallAlarm[] taken = [.. _alarms];
        _alarms.Clear();
        return taken;
    }

    /// <summary>Calls to hang up, each told once.</summary>
    public IReadOnlyList<LiveCall> TakeCuts()
    {
        LiveCall[] taken = [.. _cuts];
        _cuts.Clear();
        return taken;
    }

    private LiveCall Track(string id, in CallAttempt attempt)
    {
        var limits = 0UL;
        var habit = _habits.Of(attempt);
        for (var at = 0; at < _limits.Length; at++)
        {
            var limit = _limits[at];
            if ((limit.Hours == LimitHours.Always || (limit.Hours == LimitHours.Work) == _policy.Hours.Holds(attempt.At)) && limit.Calls.Holds(attempt, _policy.Home, habit))
            {
                limits |= 1UL << at;
            }
        }

        var keys = new LimitKey?[Scopes];
        for (var scope = 0; scope < Scopes; scope++)
        {
            if (NameOf((LimitScope)scope, attempt) is { } name)
            {
                ref var key = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_keys[scope], name, out _);
                keys[scope] = key ??= new LimitKey((LimitScope)scope, name, _limits.Length);
            }
        }

        var call = new LiveCall(id, attempt, keys, limits);
        _live[id] = call;
        foreach (var key in keys)
        {
            key?.Calls.Add(call);
        }

        return call;
    }

    private void Forget(LiveCall call)
    {
        _live.Remove(call.Id);
        foreach (var key in call.Keys)
        {
            key?.Calls.Remove(call);
        }
    }

    private static string? NameOf(LimitScope scope, in CallAttempt attempt) => scope switch
    {
        LimitScope.Extension => attempt.Extension,
        LimitScope.ExtensionCountry => $"{attempt.Extension} {attempt.Number.Region}",
        LimitScope.Trunk => attempt.Trunk is { Length: > 0 } trunk ? trunk : null,
        LimitScope.Did => attempt.Did is { Length: > 0 } did ? did : null,
        LimitScope.Account => attempt.AccountCode is { Length: > 0 } account ? account : null,
        _ => "",
    };

    // null: the limit does not look at the call.
    private CallMeter? Meter(LiveCall call, int limit) =>
        (call.Limits & (1UL << limit)) != 0 && call.Keys[(int)_limits[limit].Scope] is { } key ? key.Meters[limit] ??= _rules[limit].Meter(_limits[limit]) : null;

    private void Check(LiveCall call, long at)
    {
        for (var limit = 0; limit < _limits.Length; limit++)
        {
            if (Meter(call, limit) is not null)
            {
                Check(call.Keys[(int)_limits[limit].Scope]!, limit, call, at);
            }
        }
    }

    private void Check(LimitKey key, int at, LiveCall? last, long now)
    {
        var (limit, meter) = (_limits[at], key.Meters[at]!);
        var figure = meter.Figure(now);
        var level = figure >= limit.Critical ? AlarmLevel.Critical : figure >= limit.Warning ? AlarmLevel.Warning : AlarmLevel.None;

        // A stop has ended or was too narrow, and what it stopped goes on while the figure still stands that high.
        var again = level == AlarmLevel.Critical && limit.Action != BrakeAction.Tell && last is { HasBegun: true, IsCut: false } && _live.ContainsKey(last.Id);
        if (level > meter.Told || again)
        {
            Reach(key, at, level, figure, last, now);
        }

        meter.Told = level;
        var next = level switch
        {
            AlarmLevel.None when limit.Warning is { } warning => meter.Crossing(warning, now),
            AlarmLevel.None or AlarmLevel.Warning when limit.Critical is { } critical => meter.Crossing(critical, now),
            _ => null,
        };
        if (next is { } due && (meter.CheckAt == 0 || due < meter.CheckAt))
        {
            meter.CheckAt = Math.Clamp(due, now + 1, now + Horizon);
            _checks.Enqueue((key, at), meter.CheckAt);
        }
    }

    private void Reach(LimitKey key, int at, AlarmLevel level, long figure, LiveCall? last, long now)
    {
        var limit = _limits[at];
        LiveCall[] calls = [.. key.Calls.Where(call => (call.Limits & (1UL << at)) != 0)];
        var stop = level == AlarmLevel.Critical ? Stop(limit, _rules[at], last ?? calls.LastOrDefault(), now) : null;
        LiveCall[] cut = stop is not null ? [.. _live.Values.Where(call => call.HasBegun && !call.IsCut && stop.Holds(call.Attempt, now))]
            : level == AlarmLevel.Critical && limit.Action == BrakeAction.Call && (last ?? calls.FirstOrDefault()) is { HasBegun: true, IsCut: false } one ? [one] : [];
        foreach (var call in cut)
        {
            Cut(call);
        }

        _alarms.Add(new CallAlarm(now, limit, key, level, figure, (level == AlarmLevel.Critical ? limit.Critical : limit.Warning) ?? 0, last, calls, calls.Sum(call => call.Cost(now)), stop, cut));
    }

    private CallStop? Stop(CallLimit limit, CallRule rule, LiveCall? last, long now)
    {
        if (last is not { Attempt: var attempt } || limit.Action is BrakeAction.Tell or BrakeAction.Call)
        {
            return null;
        }

        _stops.RemoveAll(stop => stop.Until <= now);
        var stop = new CallStop(
            ++_stopped, now, now + limit.For, limit.Name, rule.Id,
            limit.Action is BrakeAction.Country or BrakeAction.Outside or BrakeAction.OwnRisky ? attempt.Extension : "",
            limit.Action == BrakeAction.Country ? attempt.Number.Region : "",
            limit.Action == BrakeAction.Trunk ? attempt.Trunk : "",
            limit.Action is BrakeAction.Risky or BrakeAction.OwnRisky,
            $"{rule.Name}: {limit.Name}");
        _stops.Add(stop);
        return stop;
    }

    private void Cut(LiveCall call)
    {
        call.IsCut = true;
        _cuts.Add(call);
    }

    // What is left is for all calls of the key that go on: each may last so long that they come to it together. The brake is exact; this holds where nobody watches.
    private static int? Granted(LiveCall call, CallLimit limit, long left)
    {
        var rate = call.Attempt.Price.Rate;
        var together = call.Keys[(int)limit.Scope]!.Calls.Count;


        // What all of them take as long as the window is fits into what is left: it is never reached.
        return rate.PerMinute <= 0 || (limit.Window > 0 && (rate.Connect + (rate.PerMinute * limit.Window / Minute)) * together <= left) ? null : (int)Math.Min(86_400, rate.Seconds(left / Math.Max(1, together)));
    }
}
