using Ringfence.Api;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Ringfence.Gate;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>What a site's calls are followed by.</summary>
/// <param name="IsTrunk">By the name of an endpoint; null: nobody knows.</param>
internal sealed record CallSite(CallPolicy Policy, DiallingRules Rules, Tariff Tariff, Func<string, bool?> IsTrunk, string Currency);

/// <summary>Owns the engine of calls: the gate asks it, the manager interface tells it, and what it says is done. All in one lock, for microseconds each.</summary>
internal sealed partial class CallDesk : ICallWatch, IGate
{
    /// <summary>Money ticks between events: this often somebody looks.</summary>
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(200);

    // The list of channels mends what an event did not tell; after an odd message it is asked for at once, and no more often than this.
    private static readonly TimeSpan ListEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ListAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(10);

    // Whoever was let through and never called: nobody told of his end.
    private static readonly TimeSpan AskedFor = TimeSpan.FromHours(2);

    // No rule looks further back at what else was seen. A guard that was down reads days of logs.
    private const long LatestNews = 2 * 3_600_000;

    private readonly Lock _turn = new();
    private readonly CallSite _site;
    private readonly LiveCalls _live;
    private readonly Brake _brake;
    private readonly StopFile _book;
    private readonly bool _enforces;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, (CallAttempt Attempt, bool HasPin, long Since)> _asked = new(StringComparer.Ordinal);
    private readonly List<AmiOrder> _orders = [];
    private readonly CallsHeard _heard;
    private CallsMeanwhile? _meanwhile = new();
    private Action? _wake;
    private string _listId = "";
    private long _listAt;
    private bool _mustList;
    private bool _hasList;
    private string? _blind;
    private string? _refused;
    private long _askedCount;
    private long _denied;
    private long _odd;
    private DateTimeOffset? _lastEvent;

    /// <param name="enforces">false: what would be hung up and refused is told alone.</param>
    /// <param name="hasGate">Whether a gate asks it.</param>
    public CallDesk(CallSite site, bool enforces, StopFile book, ICallTeller teller, TimeProvider clock, ILogger log, bool hasGate = false)
    {
        _site = site;
        _enforces = enforces;
        _clock = clock;
        _heard = new CallsHeard(Now);
        _book = book;
        _live = new LiveCalls(site.IsTrunk, site.Rules, site.Tariff, new Told(this));
        _brake = new Brake(_live, book, teller, enforces, site.Currency, clock, log) { Engine = new CallEngine(site.Policy), HasGate = hasGate };
        _brake.Restore(Now);
    }

    /// <summary>Whether [ami] has a user: without one nothing is known of calls but what a gate asks.</summary>
    public bool HasManager { get; init; } = true;

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

    /// <summary>Why the time before the guard is not known, for people; null: it is, or there is nothing that could tell.</summary>
    public string? MemoryProblem { get; set; }

    /// <summary>What of the site's own files could not be read, for people; null: nothing.</summary>
    public string? SiteProblem { get; init; }

    /// <summary>What asks it; null: nothing does.</summary>
    public GateServer? Gate { get; set; }

    /// <summary>What was learnt of that time; null: it was not read yet.</summary>
    public CallsLearnt? Learnt { get; set; }

    /// <summary>The places of records that are followed; empty: there are none, or they were not read yet.</summary>
    public IReadOnlyList<CallRecordsStatus> Records { get; set; } = [];

    private CallEngine Engine => _brake.Engine;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

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
            var now = Now;
            Engine.Advance(now);
            foreach (var late in _asked.Where(pair => _clock.GetElapsedTime(pair.Value.Since) > AskedFor).Select(static pair => pair.Key).ToList())
            {
                EndAsked(late, now);
            }

            if (_listId.Length > 0 && _clock.GetElapsedTime(_listAt) > ListPatience)
            {
                (_listId, _mustList) = ("", true);
                _blind = $"Asterisk did not list its channels within {ListPatience.TotalSeconds:0} s";
            }

            if (_wake is not null && _listId.Length == 0 && _clock.GetElapsedTime(_listAt) >= (_mustList ? ListAgain : ListEvery))
            {
                (_mustList, _listAt) = (false, _clock.GetTimestamp());
                _orders.Add(new AmiOrder("Status", []));
            }

            Do(now);
        }
    }

    /// <inheritdoc/>
    public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin)
    {
        lock (_turn)
        {
            // A dialplan knows its own channel alone: not that it was forwarded, nor that its caller dials on.
            var paid = _live.PaidBy(id) is { Extension.Length: > 0 } payer ? attempt with { Extension = payer.Extension, Origin = payer.Origin } : Stopped(attempt);
            var answer = Engine.Ask(id, paid, hasPin);
            _askedCount++;
            _lastEvent = _clock.GetUtcNow();
            _denied += answer.Verdict == GateVerdict.Deny ? 1 : 0;
            if (answer.Verdict == GateVerdict.Allow && _live.Find(id) is null)
            {
                _asked[id] = (paid, hasPin, _clock.GetTimestamp());
            }

            if (answer.Verdict == GateVerdict.Allow)
            {
                _heard.Asked(id, attempt.At);
                _meanwhile?.Ask(id, paid, hasPin);
            }

            Do(attempt.At);
            return _enforces || answer.Verdict == GateVerdict.Allow ? answer with { Seconds = _enforces ? answer.Seconds : null } : GateAnswer.Fine;
        }
    }

    // How a trunk's call came about its record alone tells, when it is over: what is stopped of such calls is all held that the trunk asks for.
    private CallAttempt Stopped(in CallAttempt attempt)
    {
        if (_site.IsTrunk(attempt.Extension) is not true && !ChannelName.IsSpan(attempt.Extension))
        {
            return attempt;
        }

        foreach (var stop in Engine.Stops.OrderBy(static stop => stop.NewOnly))
        {
            // Whether its country is known there the engine says.
            if (stop.Origin is { } origin && attempt with { Origin = origin } is var same && stop.Holds(same, attempt.At, Standing.NewToSite))
            {
                return same;
            }
        }

        return attempt;
    }

    /// <inheritdoc/>
    /// <remarks>A log has a time of its own, hours old or of another zone: the engine's is this machine's alone.</remarks>
    public void See(SiteEvent seen)
    {
        lock (_turn)
        {
            var now = Now;
            if (now - seen.At <= LatestNews)
            {
                Saw(seen with { At = now });
                Do(now);
            }
        }
    }

    /// <summary>Somebody logged in with an account's right password who is not like its owner.</summary>
    public void LoggedInElsewhere(string account, DateTimeOffset time) => See(new SiteEvent(SiteEventKind.NewPlace, time.ToUnixTimeMilliseconds(), account, ""));

    /// <summary>What is stopped is on disk when it returns; else the file's part does that soon.</summary>
    public void Save() => _book.Write();

    /// <inheritdoc/>
    public void Drop(string id, long at)
    {
        lock (_turn)
        {
            EndAsked(id, at);
            Do(at);
        }
    }

    public void Connected(Action wake)
    {
        lock (_turn)
        {
            (_wake, _listId, _mustList, _hasList, _blind, _refused) = (wake, "", false, false, null, null);
            _orders.Clear();
            _brake.Connected();
            _listAt = _clock.GetTimestamp();
            _orders.Add(new AmiOrder("Status", []));
        }
    }

    public void Lost()
    {
        lock (_turn)
        {
            (_wake, _listId) = (null, "");
            _orders.Clear();
            _heard.Lost(Now);
        }
    }

    /// <summary>What records tell, as they are written: of calls of which nobody told while they went on, that they were.</summary>
    /// <returns>How many there were.</returns>
    public int Tell(IEnumerable<PastEvent> read)
    {
        lock (_turn)
        {
            var (now, count) = (Now, 0);
            foreach (var one in read.Where(one => _heard.WasDeaf(one.Written)).OrderBy(static one => one.At))
            {
                if (one.Seen is { } seen)
                {
                    if (_heard.IsNew(one, now))
                    {
                        count++;
                        Engine.Tell(seen, now);
                    }

                    continue;
                }

                var known = IdOf(one);
                if (_heard.WasTold(known))
                {
                    // It went on when the session was lost: nobody else tells of its end.
                    if (_wake is null)
                    {
                        _live.End(known, now);
                        Engine.End(known, now);
                    }
                }
                else if (_heard.IsNew(one, now))
                {
                    count++;
                    EndAsked(known, now);
                    Engine.Tell(one.Call, now, _heard.WasAsked(known));
                }
            }

            if (count > 0)
            {
                _lastEvent = _clock.GetUtcNow();
                Do(now);
            }

            return count;
        }
    }

    public int Read(ReadOnlySpan<byte> bytes)
    {
        lock (_turn)
        {
            var now = Now;
            var taken = 0;
            while (taken < bytes.Length && LiveMessage.Read(bytes[taken..], _listId) is { Length: > 0 } message)
            {
                taken += message.Length;
                Take(message, now);
            }

            if (taken == 0 && bytes.Length > LiveMessage.Longest)
            {
                // No message is so long.
                (taken, _mustList) = (bytes.Length, true);
                _odd++;
            }

            Do(now);
            return taken;
        }
    }

    // By what a session or the gate knows the call that a record is of: mostly its own id. Where records have none (cdr.conf without loguniqueid), or a channel called several numbers at once, by who called whom and when.
    private string IdOf(in PastEvent one)
    {
        var (attempt, number, until) = (one.Call.Attempt, one.Call.Attempt.Dialled.ToString(), one.Written + CallsHeard.Rounding);
        foreach (var live in Engine.Live)
        {
            if (Is(live.Attempt))
            {
                return live.Id;
            }
        }

        var id = one.Call.Id;
        return _heard.WasTold(id) || _heard.WasAsked(id) ? id : _asked.FirstOrDefault(asked => Is(asked.Value.Attempt)).Key ?? id;

        bool Is(in CallAttempt other) =>
            other.At >= attempt.At - CallsHeard.Rounding && other.At <= until && other.Extension == attempt.Extension && other.Dialled.ToString() == number;
    }

    public IReadOnlyList<AmiOrder> TakeOrders()
    {
        lock (_turn)
        {
            AmiOrder[] taken = [.. _orders];
            _orders.Clear();
            return taken;
        }
    }

    public void Sent(AmiOrder order, string id)
    {
        lock (_turn)
        {
            if (order.Action == "Status")
            {
                _listId = id;
                _live.BeginList();
            }
            else
            {
                _brake.Sent(id);
            }
        }
    }

    /// <summary>Whether a call was seen since the guard began: its record tells nothing new.</summary>
    public bool HasSeen(string id)
    {
        lock (_turn)
        {
            return _meanwhile?.Knows(id) ?? true;
        }
    }

    /// <summary>Goes on with an engine that knows the time before: what happened since the guard began, what goes on now and what is stopped now is told to it.</summary>
    public void Remember(CallEngine engine)
    {
        lock (_turn)
        {
            // It was all looked at once, by the engine of until now: nobody is told of it again.
            engine.IsLearning = true;
            if (_meanwhile is { IsWhole: true })
            {
                _meanwhile.Replay(engine);
            }
            else
            {
                foreach (var call in _live.Calls.OrderBy(static call => call.Attempt.At))
                {
                    engine.Begin(call.Id, call.Attempt with { At = Math.Max(call.Attempt.At, engine.Now) });
                    if (call.AnsweredAt > 0)
                    {
                        engine.Answer(call.Id, Math.Max(call.AnsweredAt, engine.Now));
                    }
                }

                foreach (var (id, (attempt, hasPin, _)) in _asked)
                {
                    engine.Ask(id, attempt with { At = Math.Max(attempt.At, engine.Now) }, hasPin);
                }
            }

            // What it comes to together with the time before nobody has looked at yet.
            engine.IsLearning = false;
            _meanwhile = null;
            (_brake.Engine, _brake.KnowsBefore) = (engine, true);
            _brake.Restore(Now);
            engine.Review(Now);
            Do(Now);
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
            lifted = _brake.Lift(number, Now);
        }

        // Who is told that calls leave again will not find them stopped by a restart.
        return (_book.Write() && _book.Problem is null) || lifted.Lifted.Count == 0 ? lifted
            : throw new IOException($"calls leave again, but a restart would stop them anew: {_book.Problem}");
    }

    public LiveCallsReport Report()
    {
        lock (_turn)
        {
            var now = Now;
            Engine.Advance(now);
            List<LiveCallReport> calls = [.. _live.Calls.Select(call => Report(call, now)).OrderByDescending(static call => call.Cost).ThenBy(static call => call.Began)];
            return new LiveCallsReport(
                DateTimeOffset.FromUnixTimeMilliseconds(now), Mode, Currency, calls, calls.Sum(static call => call.Cost), calls.Sum(static call => call.Seconds is null ? 0 : call.PerMinute), _brake.Stops(now), Problem)
            { Source = Source, Records = Records, Note = Choice };
        }
    }

    public CallsStatus Status()
    {
        var report = Report();
        lock (_turn)
        {
            return new CallsStatus(
                Mode, Currency, Source, report.Calls.Count, report.Cost, report.PerMinute, report.Stops.Count(StopFile.Holds),
                _askedCount, _denied, _brake.Hung, _odd, _lastEvent, Records, Learnt, Note, report.Problem);
        }
    }

    private string Mode => _enforces ? "enforce" : "observe";

    private string? Currency => _site.Currency.Length == 0 ? null : _site.Currency;

    private string? Problem => string.Join("; ", new[] { Trouble, Gate?.Problem, SiteProblem }.OfType<string>()) is { Length: > 0 } problems ? problems : null;

    private string Source => _wake is not null ? "live" : Records.Any(static place => place.Problem is null) ? "records" : "none";

    private string? Trouble => _wake is not null ? _refused ?? _brake.Problem ?? _blind
        : IsChosen ? null
        : $"{(HasManager ? "not logged in at the manager interface" : "[ami] names no user")}: {Known}{(HasManager ? "; the part \"ami calls\" says why" : "")}";

    // A gate that refuses and records that say what was let through: who sets up no more than that knows what he does without.
    private bool IsChosen => _wake is null && !HasManager && _brake.HasGate && (Source == "records" || (Records.Count == 0 && Learnt is null && MemoryProblem is null));

    private string? Choice => IsChosen ? $"[ami] names no user: {Known}" : null;

    private string Known => (Source, _brake.HasGate) switch
    {
        ("records", _) => "of calls only their records tell, when they are over, and nothing can be hung up",
        (_, true) => "of calls is known only what a gate asks about, not what they come to, and nothing can be hung up",
        _ => "calls are not known, and nothing can be hung up",
    };

    // What the line of a place of records says already is not said again.
    private string? Note => string.Join("; ", new[] { Choice, Records.Any(place => place.Problem == MemoryProblem) ? null : MemoryProblem }.OfType<string>()) is { Length: > 0 } notes ? notes : null;

    private LiveCallReport Report(OutsideCall call, long now)
    {
        var (attempt, price) = (call.Attempt, call.Attempt.Price);
        long? seconds = call.AnsweredAt == 0 ? null : Math.Max(0, now - call.AnsweredAt) / 1000;
        return new LiveCallReport(
            call.Id, attempt.Extension, attempt.Caller, attempt.Dialled.ToString(), attempt.Number.Region is { Length: > 0 } region ? region : null, price.Risk.Name, attempt.Trunk, StopFrom.Word(attempt.Origin),
            DateTimeOffset.FromUnixTimeMilliseconds(attempt.At), seconds, Rate.Amount(price.Rate.Cost(seconds ?? 0)), Rate.Amount(price.Rate.PerMinute), _brake.IsCut(call.Id));
    }

    private void Take(LiveMessage message, long now)
    {
        switch (message.Kind)
        {
            case LiveKind.Odd:
                _odd++;
                _mustList = true;
                break;

            case LiveKind.Answer:
                Answered(message);
                break;

            case LiveKind.ListEnd:
                _listId = "";
                var untold = _live.EndList(now);
                _blind = _hasList && untold > 1 && !_mustList ? "Asterisk tells of no calls: the section of [ami]'s user in manager.conf needs read = security,call, and no eventfilter that hides them" : null;
                _hasList = true;
                if (_blind is null)
                {
                    _heard.Hears(now);
                }
                else
                {
                    _heard.Lost(now);
                }

                break;

            default:
                if (message.IsInjected)
                {
                    _odd++;
                }

                _lastEvent = message.Kind is LiveKind.Other or LiveKind.Listed ? _lastEvent : _clock.GetUtcNow();
                _live.See(message, now);
                break;
        }
    }

    private void Answered(LiveMessage answer)
    {
        if (answer.Text == _listId && _listId.Length > 0 && !answer.IsSuccess)
        {
            _listId = "";
            _refused = "Asterisk does not list its channels: the section of [ami]'s user in manager.conf needs read = security,call and write = call";
        }
        else
        {
            _brake.Answered(answer);
        }
    }

    // What the engine has said since.
    private void Do(long now)
    {
        _brake.Do(now, _wake is not null, _orders);
        if (_orders.Count > 0)
        {
            _wake?.Invoke();
        }
    }

    private void Saw(SiteEvent seen)
    {
        _meanwhile?.See(seen);
        Engine.See(seen);
    }

    private void EndAsked(string id, long at)
    {
        if (_asked.Remove(id) && _live.Find(id) is null)
        {
            _meanwhile?.End(id, at);
            Engine.End(id, at);
        }
    }

    // In the turn.
    private sealed class Told(CallDesk desk) : ILiveCalls
    {
        public void Begin(string id, in CallAttempt attempt)
        {
            desk._asked.Remove(id);
            desk._heard.Told(id, attempt.At);
            desk._meanwhile?.Begin(id, attempt);
            desk.Engine.Begin(id, attempt);
        }

        public void Answer(string id, long at)
        {
            desk._meanwhile?.Answer(id, at);
            desk.Engine.Answer(id, at);
        }

        public void End(string id, long at)
        {
            desk._brake.Ended(id);
            desk._meanwhile?.End(id, at);
            desk.Engine.End(id, at);
        }

        public void See(SiteEvent seen) => desk.Saw(seen);

        public void Gone(string channel, long at) => desk.EndAsked(channel, at);
    }
}
