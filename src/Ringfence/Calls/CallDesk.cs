using Ringfence.Api;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Gate;
using Ringfence.Sources;

namespace Ringfence.Calls;

/// <summary>Where all that is known of calls comes together: the gate asks, the manager interface, records and logs tell, and what the engine says of it is done. One turn after the other, microseconds each; the parts know of no other thread.</summary>
internal sealed class CallDesk : ICallWatch, IGate
{
    /// <summary>Money ticks between events: this often somebody looks.</summary>
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(200);

    // What a clock and the time that passes may differ by between two turns: more, and somebody set the clock, or the machine slept.
    private const long MostDrift = 2_000;

    // No rule looks further back at what else was seen. A guard that was down reads days of logs.
    private const long LatestNews = 2 * 3_600_000;

    private readonly Lock _turn = new();
    private readonly CallSite _site;
    private readonly StopFile _file;
    private readonly bool _enforces;
    private readonly TimeProvider _clock;
    private readonly EngineInForce _inForce;
    private readonly CallsHeard _heard;
    private readonly LiveCalls _live;
    private readonly CallsAsked _asked;
    private readonly CallsRecorded _recorded;
    private readonly CallStops _stops;
    private readonly Brake _brake;
    private readonly CallSession _session;
    private (long Clock, long Stamp) _last;

    /// <param name="enforces">false: what would be hung up and refused is told alone.</param>
    /// <param name="tell">Tells people: a notice, and a line for whoever reads the guard's output.</param>
    /// <param name="hasGate">Whether a gate asks it.</param>
    public CallDesk(CallSite site, bool enforces, StopFile file, Action<Notice, string> tell, TimeProvider clock, ILogger log, bool hasGate = false)
    {
        (_site, _file, _enforces, _clock) = (site, file, enforces, clock);
        _inForce = new EngineInForce(new CallEngine(site.Policy));
        _heard = new CallsHeard(Now);
        _live = new LiveCalls(site.IsTrunk, site.Rules, site.Tariff, new Told(this));
        _asked = new CallsAsked(site.IsTrunk, _live, _inForce, _heard, clock);
        _recorded = new CallsRecorded(_live, _inForce, _heard, _asked, clock);
        _stops = new CallStops(_inForce, file, enforces, log);
        _brake = new Brake(_inForce, _live, _stops, new FraudNotice(enforces, hasGate, site.Currency), tell, enforces, clock, log);
        _session = new CallSession(_live, _brake, _heard, clock);
        Sight = new CallSight(_session, hasGate);
        _last = (Now, clock.GetTimestamp());
        _stops.Restore(Now);
    }

    /// <summary>Who tells of calls, and what is not known of them.</summary>
    public CallSight Sight { get; }

    /// <summary>Calls that the engine has in mind: those that go on, and those that a gate let through.</summary>
    public int Tracked
    {
        get
        {
            lock (_turn)
            {
                return Engine.Live.Count;
            }
        }
    }

    private CallEngine Engine => _inForce.Engine;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Begins a turn.</summary>
    /// <returns>Now.</returns>
    private long Come()
    {
        var (now, stamp) = (Now, _clock.GetTimestamp());
        var by = now - _last.Clock - (long)_clock.GetElapsedTime(_last.Stamp, stamp).TotalMilliseconds;
        _last = (now, stamp);
        if (Math.Abs(by) > MostDrift)
        {
            _heard.SetClock(by);
            _live.SetClock(by);
            _inForce.SetClock(by);
            _stops.SetClock();
        }

        return now;
    }

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TickEvery, _clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Tick();
        }
    }

    /// <summary>It is that late: money ticks, stops end, what was not hung up is hung up again.</summary>
    public void Tick()
    {
        lock (_turn)
        {
            var now = Come();
            Engine.Advance(now);
            _asked.EndLate(now);
            _session.Tick(now);
            _session.Do(now);
        }
    }

    /// <inheritdoc/>
    public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin)
    {
        lock (_turn)
        {
            var now = Come();
            var answer = _asked.Ask(id, attempt with { At = now }, hasPin);
            _session.Do(now);
            _stops.Refused(answer.Stop, now);
            return _enforces ? answer : answer.Verdict == GateVerdict.Allow ? answer with { Seconds = null } : GateAnswer.Fine;
        }
    }

    /// <inheritdoc/>
    /// <remarks>A log has a time of its own, hours old or of another zone: the engine's is this machine's alone.</remarks>
    public void See(SiteEvent seen)
    {
        lock (_turn)
        {
            var now = Come();
            if (now - seen.At <= LatestNews)
            {
                _inForce.See(seen with { At = now });
                _session.Do(now);
            }
        }
    }

    /// <summary>Somebody logged in with an account's right password who is not like its owner.</summary>
    public void LoggedInElsewhere(string account, DateTimeOffset time) => See(new SiteEvent(SiteEventKind.NewPlace, time.ToUnixTimeMilliseconds(), account, ""));

    /// <summary>What is stopped is on disk when it returns; else the file's part does that soon.</summary>
    public void Save() => _file.Write();

    /// <inheritdoc/>
    public void Drop(string id)
    {
        lock (_turn)
        {
            var now = Come();
            _asked.End(id, now);
            _session.Do(now);
        }
    }

    public void Connected(Action wake)
    {
        lock (_turn)
        {
            _session.Connected(wake);
        }
    }

    public void Lost()
    {
        lock (_turn)
        {
            _session.Lost(Come());
        }
    }

    public int Read(ReadOnlySpan<byte> bytes)
    {
        lock (_turn)
        {
            var now = Come();
            var taken = _session.Read(bytes, now);
            _session.Do(now);
            return taken;
        }
    }

    public IReadOnlyList<AmiOrder> TakeOrders()
    {
        lock (_turn)
        {
            return _session.TakeOrders();
        }
    }

    public void Sent(AmiOrder order, string id)
    {
        lock (_turn)
        {
            _session.Sent(order, id);
        }
    }

    /// <summary>What records tell, as they are written: of calls of which nobody told while they went on, that they were.</summary>
    /// <returns>How many there were.</returns>
    public int Tell(IEnumerable<PastEvent> read)
    {
        lock (_turn)
        {
            var now = Come();
            var count = _recorded.Tell(read, _session.IsUp, now);
            if (count > 0)
            {
                _session.Do(now);
            }

            return count;
        }
    }

    /// <summary>Whether a call was seen since the guard began: its record tells nothing new.</summary>
    public bool HasSeen(string id)
    {
        lock (_turn)
        {
            return _inForce.HasSeen(id);
        }
    }

    /// <summary>Goes on with an engine that knows the time before: what happened since the guard began, what goes on now and what is stopped now is told to it.</summary>
    public void Remember(CallEngine engine)
    {
        lock (_turn)
        {
            var now = Come();
            _inForce.TakeOver(engine, TellGoingOn);
            _stops.Restore(now);
            engine.Review(now);
            _session.Do(now);
        }
    }

    private void TellGoingOn(CallEngine engine)
    {
        foreach (var call in _live.Calls.OrderBy(static call => call.Attempt.At))
        {
            engine.Begin(call.Id, call.Attempt with { At = Math.Max(call.Attempt.At, engine.Now) });
            if (call.AnsweredAt > 0)
            {
                engine.Answer(call.Id, Math.Max(call.AnsweredAt, engine.Now));
            }
        }

        foreach (var (id, attempt, hasPin) in _asked.Out)
        {
            engine.Ask(id, attempt with { At = Math.Max(attempt.At, engine.Now) }, hasPin);
        }
    }

    /// <summary>What holds is over, and calls leave again.</summary>
    /// <param name="number">null: all.</param>
    /// <exception cref="RefusedException">There is none of that number that holds.</exception>
    /// <exception cref="IOException">Calls leave again, and a restart would stop them: it is not on disk.</exception>
    public LiftReport Lift(int? number)
    {
        LiftReport lifted;
        lock (_turn)
        {
            lifted = _stops.Lift(number, Come());
        }

        // Who is told that calls leave again will not find them stopped by a restart.
        return (_file.Write() && _file.Problem is null) || lifted.Lifted.Count == 0 ? lifted
            : throw new IOException($"calls leave again, but a restart would stop them anew: {_file.Problem}");
    }

    public LiveCallsReport Report()
    {
        lock (_turn)
        {
            var now = Come();
            Engine.Advance(now);
            List<LiveCallReport> calls = [.. _live.Calls.Select(call => Report(call, now)).OrderByDescending(static call => call.Cost).ThenBy(static call => call.Began)];
            return new LiveCallsReport(
                DateTimeOffset.FromUnixTimeMilliseconds(now), _enforces ? "enforce" : "observe", _site.Currency.Length == 0 ? null : _site.Currency,
                calls, calls.Sum(static call => call.Cost), calls.Sum(static call => call.Seconds is null ? 0 : call.PerMinute), _stops.All(now), Sight.Problem)
            { Source = Sight.Source, Records = Sight.Records, Note = Sight.Choice };
        }
    }

    public CallsStatus Status()
    {
        var report = Report();
        lock (_turn)
        {
            // The gate refuses some by itself (no PIN, no number), and asks twice about who gives his PIN. What it lets out while observing it has not denied.
            var (asked, denied) = _enforces && Sight.Gate is { } gate ? (gate.Asked, gate.Denied) : (_asked.Count, _asked.Denied);
            return new CallsStatus(
                report.Mode, report.Currency, Sight.Source, report.Calls.Count, report.Cost, report.PerMinute, report.Stops.Count(StopFile.Holds),
                asked, denied, _brake.Hung, _session.Odd, _heard.LastEvent, Sight.Records, Sight.Learnt, Sight.Note, report.Problem);
        }
    }

    private LiveCallReport Report(OutsideCall call, long now)
    {
        var (attempt, price) = (call.Attempt, call.Attempt.Price);
        long? seconds = call.AnsweredAt == 0 ? null : Math.Max(0, now - call.AnsweredAt) / 1000;
        return new LiveCallReport(
            call.Id, attempt.Extension, attempt.Caller, attempt.Dialled.ToString(), attempt.Number.Region is { Length: > 0 } region ? region : null, price.Risk.Name, attempt.Trunk, StopFrom.Word(attempt.Origin),
            DateTimeOffset.FromUnixTimeMilliseconds(attempt.At), seconds, Rate.Amount(price.Rate.Cost(seconds ?? 0)), Rate.Amount(price.Rate.PerMinute), _brake.IsCut(call.Id));
    }

    // In the turn.
    private sealed class Told(CallDesk desk) : ILiveCalls
    {
        public void Begin(string id, in CallAttempt attempt)
        {
            desk._asked.Began(id);
            desk._heard.Told(id, attempt.At);
            desk._inForce.Begin(id, attempt);
        }

        public void Answer(string id, long at)
        {
            // An hour of announcements is no call whose end was lost.
            GoesOn(id, at);
            desk._inForce.Answer(id, at);
        }

        public void GoesOn(string id, long at)
        {
            if (desk._live.Find(id) is { } call && !desk._inForce.Engine.Knows(id))
            {
                desk._inForce.Begin(id, call.Attempt with { At = at });
                if (call.AnsweredAt > 0)
                {
                    desk._inForce.Answer(id, at);
                }
            }
        }

        public void End(string id, long at)
        {
            desk._brake.Ended(id);
            desk._inForce.End(id, at);
        }

        public void See(SiteEvent seen) => desk._inForce.See(seen);

        public void Gone(string channel, long at) => desk._asked.End(channel, at);
    }
}
