using System.Numerics;

namespace Ringfence.Core.Fraud;

/// <summary>Holds what was counted against the limits: tells, stops and cuts when one is reached, and knows when time alone may reach one.</summary>
/// <param name="live">Calls that go on.</param>
internal sealed class LimitWatch(CallPolicy policy, IReadOnlyDictionary<string, LiveCall> live)
{
    private const long Minute = 60_000;
    private const long Day = 24 * 60 * Minute;

    // A check that is planned for later than this is planned again then: windows move, and calls end.
    private const long Horizon = 60 * Minute;

    // Shorter than this nobody can say what he called for.
    private const long Least = Minute / 2;

    // What was told and goes on is told again so late, where nothing new is done about it: else each call that somebody tries sends a message.
    private const long Quiet = 15 * Minute;

    // Of evidence.
    private const int MostShown = 100;

    // However much somebody uses, and for however long: a thief who has time calls a little more each day. Who needs more says so in ringfence.conf. With four, and habits of one week, a thief who
    // knows the policy took 19,188 in half a year, with two and habits of two weeks 7,982 (bench: fraud patient); on the seeds 1 to 4 no limit that grows stopped more honest calls.
    private const int MostEarned = 2;

    private readonly CallLimit[] _limits = [.. policy.Limits];
    private readonly CallRule[] _rules = [.. policy.Limits.Select(CallRules.Of)];
    private readonly int[] _scopes = [.. policy.Limits.Select(static limit => (int)limit.Scope)];
    private readonly int[][] _listening = [.. Enum.GetValues<SiteEventKind>().Select(kind => Enumerable.Range(0, policy.Limits.Count).Where(at => CallRules.Of(policy.Limits[at]).Listens.Contains(kind)).ToArray())];

    // Counted together, however calls came about; the others count what was forwarded and what was dialled on apart.
    private readonly bool[] _isWhole = [.. policy.Limits.Select(static limit => limit.Calls.Origins.Count == 1 || CallRules.Of(limit).CountsAllOrigins)];
    private readonly PriorityQueue<(LimitKey Key, int Limit), long> _checks = new();
    private readonly List<CallAlarm> _alarms = [];
    private readonly List<LiveCall> _cuts = [];

    public StopTable Stops { get; } = new();

    /// <summary>While it is so nothing is told and nothing stopped.</summary>
    public bool IsLearning { get; set; }

    public long? Next => _checks.TryPeek(out _, out var at) ? at : null;

    public IReadOnlyList<CallAlarm> TakeAlarms() => Take(_alarms);

    // One that has ended meanwhile is not: its channel may be in another call.
    public IReadOnlyList<LiveCall> TakeCuts() => _cuts.Count == 0 ? [] : [.. Take(_cuts).Where(call => live.GetValueOrDefault(call.Id) == call)];

    /// <summary>Whether a limit counts a key's calls together, however they came about.</summary>
    public bool IsWhole(int limit) => _isWhole[limit];

    /// <summary>What is due by then.</summary>
    public void Advance(long at)
    {
        while (_checks.TryPeek(out var check, out var due) && due <= at)
        {
            _checks.Dequeue();
            if (check.Key.Meters[check.Limit] is { } meter && meter.CheckAt == due)
            {
                meter.CheckAt = 0;
                Check(check.Key, check.Limit, last: null, due, isNew: false);
            }
        }
    }

    /// <summary>Nothing is due any more.</summary>
    public void Forget() => _checks.Clear();

    /// <summary>Whether a call that is about to leave would reach a limit, and how long it may last.</summary>
    public GateAnswer Ask(LiveCall call, long at)
    {
        ref readonly var attempt = ref call.Attempt;
        if (Stops.Holding(attempt, at, call.Standing) is { } stop)
        {
            return new GateAnswer(GateVerdict.Deny, null, stop.Limit, stop.Why) { Stop = stop.Number };
        }

        long? longest = null;
        var decided = "";
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            var limit = BitOperations.TrailingZeroCount(mask);
            if (_limits[limit].Action == BrakeAction.Tell || Spares(limit, call) || Meter(call, limit) is not { } meter || Levels(meter, limit).Critical is not { } critical)
            {
                continue;
            }

            var figure = (call.IsAgain ? meter.AskedAgain(attempt, at) : meter.Asked(attempt, at)) - meter.ExcusedAt(at);
            var lasts = meter.Lasts(attempt, critical + meter.Excused, at);
            if (figure >= critical || lasts < Least)
            {
                Reach(KeyOf(call, limit)!, limit, AlarmLevel.Critical, figure, critical, call, at);
                return new GateAnswer(GateVerdict.Deny, null, _limits[limit].Name, $"{_rules[limit].Name}: {_limits[limit].Name}") { Stop = Stops.Holding(attempt, at, call.Standing)?.Number ?? 0 };
            }

            if (lasts is not null && (longest is null || lasts < longest))
            {
                (longest, decided) = (lasts, _limits[limit].Name);
            }
        }

        return longest < Day ? new GateAnswer(GateVerdict.Allow, (int)(longest.Value / 1000), decided, "") : GateAnswer.Fine;
    }

    public void Begin(LiveCall call, long at)
    {
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            Meter(call, BitOperations.TrailingZeroCount(mask))?.Begin(call, at);
        }
    }

    /// <summary>What counts it, by limit.</summary>
    public CallMeter?[] Meters(LiveCall call)
    {
        var meters = new CallMeter?[_limits.Length];
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            meters[BitOperations.TrailingZeroCount(mask)] = Meter(call, BitOperations.TrailingZeroCount(mask));
        }

        return meters;
    }

    /// <summary>More became known of a call that is counted: what counts it still goes on, the others lose it or get it.</summary>
    public void Move(LiveCall call, CallMeter?[] before, long at)
    {
        for (var limit = 0; limit < _limits.Length; limit++)
        {
            var now = (call.Limits & (1UL << limit)) != 0 ? Meter(call, limit) : null;
            if (now != before[limit])
            {
                before[limit]?.TakeBack(call, at);
                if (now is not null)
                {
                    now.Take(call, at);
                    Check(KeyOf(call, limit)!, limit, call, at, isNew: true);
                }
            }
        }
    }

    public void Answer(LiveCall call, long at)
    {
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            Meter(call, BitOperations.TrailingZeroCount(mask))?.Answer(call, at);
        }
    }

    public void End(LiveCall call, long at)
    {
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            Meter(call, BitOperations.TrailingZeroCount(mask))?.End(call, at);
        }
    }

    /// <summary>A call that was over when it was told.</summary>
    public void Past(LiveCall call, long at)
    {
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            Meter(call, BitOperations.TrailingZeroCount(mask))?.Past(call, at);
        }
    }

    public void See(SiteEvent seen, LimitKey site, LimitKey? extension)
    {
        foreach (var limit in _listening[(int)seen.Kind])
        {
            var key = _limits[limit].Scope switch
            {
                LimitScope.Site => site,
                LimitScope.Extension when extension is not null && (extension.Limits & (1UL << limit)) != 0 => extension,
                _ => null,
            };
            if (key?.For(_isWhole[limit] ? CallOrigin.Phone : seen.Origin) is { } told)
            {
                (told.Meters[limit] ??= _rules[limit].Meter(_limits[limit])).See(seen);
                Check(told, limit, last: null, seen.At, isNew: true);
            }
        }
    }

    /// <param name="isNew">The call has come now: where its limit is reached, and no stop holds it, one is made again.</param>
    public void Check(LiveCall call, long at, bool isNew)
    {
        for (var mask = call.Limits; mask != 0; mask &= mask - 1)
        {
            var limit = BitOperations.TrailingZeroCount(mask);
            if (Meter(call, limit) is not null)
            {
                Check(KeyOf(call, limit)!, limit, call, at, isNew);
            }
        }
    }

    // As the policy has them, and for who uses more day by day as much more as he has earned.
    private (long? Warning, long? Critical) Levels(CallMeter meter, int at)
    {
        var limit = _limits[at];
        if (meter.Usual is { Figure: > 0 } usual && limit.Critical is { } critical)
        {
            var earned = (long)Math.Min(long.MaxValue / 2d, (double)usual.Figure * limit.Earns / 100);
            if (earned > critical)
            {
                return (limit.Warning is { } warning ? (long)Math.Min((double)earned * warning / critical, (double)warning * MostEarned) : null, Math.Min(earned, critical * MostEarned));
            }
        }

        return (limit.Warning, limit.Critical);
    }

    private void Check(LimitKey key, int at, LiveCall? last, long now, bool isNew)
    {
        var meter = key.Meters[at]!;
        var whole = meter.Figure(now);
        if (_limits[at].Earns > 0 && whole > 0)
        {
            (meter.Usual ??= new UsualPeak()).See(DayOf(now), whole);
        }

        var excused = meter.ExcusedAt(now);
        var figure = whole - excused;
        var (warning, critical) = Levels(meter, at);
        var level = figure >= critical ? AlarmLevel.Critical : figure >= warning ? AlarmLevel.Warning : AlarmLevel.None;
        if (!IsLearning && (level > meter.ToldLevel || (isNew && level == AlarmLevel.Critical && IsFree(last, at, meter, now))))
        {
            var blamed = meter.Blamed;
            Reach(key, at, level, figure, (level == AlarmLevel.Critical ? critical : warning) ?? 0, last, now);

            // The one that it was about is cut: what comes next is about another one.
            level = meter.Blamed == blamed ? level : AlarmLevel.None;
        }

        meter.ToldLevel = level;
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
    private bool IsFree(LiveCall? last, int limit, CallMeter meter, long now) =>
        _limits[limit].Action != BrakeAction.Tell && last is { IsCut: false } call && !Spares(limit, call) && meter.Counts(call) && Stops.Holding(call.Attempt, now, call.Standing) is null;

    // Where the extension calls as a rule, it goes on to.
    private bool Spares(int limit, LiveCall call) => _limits[limit].SparesKnown && call.Standing == Standing.Known;

    private void Reach(LimitKey key, int at, AlarmLevel level, long figure, long threshold, LiveCall? last, long now)
    {
        var (limit, meter) = (_limits[at], key.Meters[at]!);
        var bit = 1UL << at;
        List<LiveCall> calls = [];
        var lost = 0L;
        foreach (var call in _isWhole[at] ? key.AllCalls : key.Calls)
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
            stop = Stop(limit, _rules[at], key, about, now);
            if (stop is not null)
            {
                cut.AddRange(live.Values.Where(call => call.HasBegun && !call.IsCut && call.Limits != 0 && stop.Holds(call.Attempt, now, call.Standing)));
            }

            if (about is { HasBegun: true, IsCut: false } && (stop is null ? limit.Action != BrakeAction.Tell : IsMeant(limit) && !stop.Holds(about.Attempt, now, about.Standing)))
            {
                cut.Add(about);
            }

            // What is not told changes nothing: a stop lasts as long as people know.
            if (cut.Count == 0 && (stop is null || Stops.HasMade(meter, stop)) && now - meter.ToldAt < Quiet)
            {
                return;
            }

            stop = stop is null ? null : Stops.Add(stop, meter);
            meter.ToldAt = now;
        }
        else if (now - Math.Max(meter.WarnedAt, meter.ToldAt) < Quiet)
        {
            return;
        }
        else
        {
            meter.WarnedAt = now;
        }

        foreach (var call in cut)
        {
            Cut(call);
        }

        _alarms.Add(new CallAlarm(now, limit, key, level, figure, threshold, last, calls, _rules[at].Unit == LimitUnit.Money ? Math.Max(lost, figure) : lost, stop, cut));
    }

    // The call itself is what is wrong, whatever else is stopped: a number of a list may be in any country, and a short one is of none.
    private static bool IsMeant(CallLimit limit) => limit.Calls.ListedOnly || limit.Action is BrakeAction.Country or BrakeAction.Outside or BrakeAction.Trunk;

    // null: the limit has no key for the call.
    private CallMeter? Meter(LiveCall call, int limit) => KeyOf(call, limit) is { } key ? key.Meters[limit] ??= _rules[limit].Meter(_limits[limit]) : null;

    private LimitKey? KeyOf(LiveCall call, int limit) => call.Keys[_scopes[limit]] is { } key ? _isWhole[limit] ? key.Whole : key : null;

    // null: the call alone is what is stopped. A stop of nobody's calls would be one of everybody's.
    private static CallStop? Stop(CallLimit limit, CallRule rule, LimitKey key, LiveCall? about, long now)
    {
        if (limit.Action is BrakeAction.Tell or BrakeAction.Call)
        {
            return null;
        }

        var ofExtension = limit.Action is BrakeAction.Country or BrakeAction.Outside or BrakeAction.Risky;

        // Behind one number of the site may be many extensions: the next call would go by another one.
        var did = ofExtension && key.Scope == LimitScope.Did ? key.Name : "";
        var extension = !ofExtension || did.Length > 0 ? "" : about?.Attempt.Extension ?? (key.Scope == LimitScope.Extension ? key.Whole.Name : "");
        CallOrigin? named = limit.Calls.Origins is [var only] && only != CallOrigin.Phone ? only : null;

        // What strangers make a phone call is theirs: whoever sits at it goes on calling. What he dials himself may be a thief's, who sets a forwarding too: that holds all.
        var origin = named ?? (did.Length > 0 ? null : key.Origin != CallOrigin.Phone ? key.Origin : about?.Attempt.Origin is { } its and not CallOrigin.Phone ? its : null);
        var trunk = limit.Action == BrakeAction.Trunk ? about?.Attempt.Trunk ?? "" : "";
        var region = limit.Action == BrakeAction.Country ? about?.Attempt.Number.Region ?? "" : "";
        if ((ofExtension && extension.Length == 0 && did.Length == 0 && named is null) || (limit.Action == BrakeAction.Trunk && trunk.Length == 0))
        {
            return null;
        }

        // A number of no country is risky, and nobody's calls at home are.
        var isRisky = limit.Action is BrakeAction.AllRisky or BrakeAction.Risky || (limit.Action == BrakeAction.Country && region.Length == 0);
        return new CallStop(0, now, now + limit.For, limit.Name, rule.Id, extension, region, trunk, isRisky, $"{rule.Name}: {limit.Name}")
        {
            Did = did,
            Origin = origin,
            NewOnly = limit.SparesKnown,
        };
    }

    public void Cut(LiveCall call)
    {
        if (!call.IsCut)
        {
            call.IsCut = true;
            _cuts.Add(call);
        }
    }

    private static T[] Take<T>(List<T> all)
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
}
