using System.Threading.Channels;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Sip;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>
/// Where a log line becomes a ban: bytes -> events -> suspicions -> decisions -> journal -> kernel -> journal.
/// </summary>
/// <remarks>
/// One consumer, so the same input gives the same decisions. What the operator asks through the API and what the trust keeper finds
/// takes its turn between two batches (<see cref="_turn"/>). A decision is in the journal before it is in the kernel.
/// </remarks>
internal sealed partial class Pipeline : IDisposable
{
    private const int MostLatest = 10;
    private static readonly TimeSpan PositionsEvery = TimeSpan.FromSeconds(1);

    private readonly RingfenceConfig _config;
    private readonly ChannelReader<SourceBatch> _batches;
    private readonly IJournal _journal;
    private readonly IFirewall _firewall;
    private readonly Announcer _announcer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Detector _detector;
    private readonly BanLedger _ledger;
    private readonly Decider _decider;
    private readonly Judge _judge;
    private readonly Unlimited _unlimited;
    private readonly FloodWatch _flood;
    private readonly LogReaders _logs;
    private readonly SteadyClock _steady;
    private readonly BansInForce _bans;
    private readonly Queue<DecisionReport> _latest = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TrustList _trust = TrustList.Empty;
    private bool _isUnread;
    private long _turns;
    private long _refused;
    private long _strangersSeen;
    private TimeSpan _ahead;
    private (TimeSpan By, DateTimeOffset At)? _clockSet;
    private DateTimeOffset _lastFull = DateTimeOffset.MinValue;
    private DateTimeOffset _fullSaid = DateTimeOffset.MinValue;

    public Pipeline(
        RingfenceConfig config,
        TimeZoneInfo zone,
        bool managerOverHttp,
        ulong ledgerKey,
        ChannelReader<SourceBatch> batches,
        IJournal journal,
        IFirewall firewall,
        Announcer announcer,
        TimeProvider clock,
        ILogger<Pipeline> logger,
        SipPorts? sipPorts = null)
    {
        _config = config;
        _batches = batches;
        _journal = journal;
        _firewall = firewall;
        _announcer = announcer;
        _clock = clock;
        _steady = new SteadyClock(clock);
        _bans = new BansInForce(_steady);
        _logger = logger;
        _detector = new Detector(config.Detection);
        _ledger = new BanLedger(config.Bans, ledgerKey);
        _decider = new Decider(config.Bans, config.Detection, _ledger) { CanThrottle = firewall.CanThrottle };
        _unlimited = new Unlimited(firewall);
        _flood = new FloodWatch(config.Detection);
        var own = new OwnLook(() => Own!(), clock);
        Canaries = new CanaryBook(own.Contains) { Now = clock.GetUtcNow() };
        _judge = new Judge(_detector, _decider) { Sessions = Sessions, Registrations = Registrations, Unlimited = _unlimited.Logins, Canaries = Canaries };
        _logs = new LogReaders(_detector, zone, managerOverHttp, config.Doors, clock);
        var exchanges = new SipExchanges(SystemRandom.Number(), address => own.Contains(address) || config.Wire.Mirrored.Contains(address)) { TellsCanaries = true };
        if (config.Hep.Listen is { } listen)
        {
            Hep = new HepReader(HepReceiver.NameOf(listen), _detector.AddLog(HepReceiver.NameOf(listen)), config.Hep.Password, exchanges, clock);
        }

        if (config.Ami.User is not null)
        {
            Ami = new AmiReader(config.Ami, _detector.AddLog(AmiClient.NameOf(config.Ami)), managerOverHttp, clock);
        }

        if (config.Wire.IsUsed)
        {
            var name = WireReceiver.NameOf(config.Wire);
            Wire = new WireReader(name, _detector.AddLog(name), exchanges, sipPorts ?? new SipPorts(config.Wire.Ports, config.Wire.TlsPorts), clock, config.Wire.Mirrored.Count > 0) { Misses = () => !config.Wire.IsAll, SeesAll = () => config.Wire.IsAll };
        }

        if (Hep is not null || Wire is not null)
        {
            var sight = new MessageSight(Hep, Wire, clock);
            _judge.Check = new CrossCheck(exchanges.Senders, sight.Covers, sight.IsEverywhere, sight.IsWhole, clock.GetUtcNow().UtcTicks);
        }
    }

    /// <summary>The machine's own addresses as they are now; tests have their own.</summary>
    public Func<IReadOnlyList<Network>> Own { get; init; } = OwnAddresses.Read;

    /// <summary>Who is told; null: nobody.</summary>
    public Notifiers.Notices? Notices { get; init; }

    /// <summary>What the PBX tells over HEP; null: it is not asked to. Only in turn.</summary>
    public HepReader? Hep { get; }

    /// <summary>What the manager interface tells; null: it is not asked. Only in turn.</summary>
    public AmiReader? Ami { get; }

    /// <summary>What passes on the wire; null: nobody reads it. Only in turn.</summary>
    public WireReader? Wire { get; }

    /// <summary>Which source told of the guard's own requests. Only in turn.</summary>
    public CanaryBook Canaries { get; }

    /// <summary>Grows with each turn, also of an idle loop: the watchdog's proof of life.</summary>
    public long Turns => Interlocked.Read(ref _turns);

    /// <summary>Only in turn.</summary>
    public BansInForce Bans => _bans;

    /// <summary>Only in turn.</summary>
    public LogReaders Logs => _logs;

    /// <summary>The latest decisions, oldest first. Only in turn.</summary>
    public IReadOnlyCollection<DecisionReport> Latest => _latest;

    /// <summary>Events since start. Only in turn.</summary>
    public long Events => _judge.SeenTotal;

    /// <summary>The last event of PJSIP that a log told; null: none since start. Only in turn.</summary>
    public DateTimeOffset? LastLogged => _judge.LastLoggedTicks == 0 ? null : new DateTimeOffset(_judge.LastLoggedTicks, TimeSpan.Zero);

    /// <returns>The number by which <see cref="Canaries"/> knows a source. Only in turn.</returns>
    public ushort NumberOf(string source) => _detector.AddLog(source);

    /// <summary>Addresses under watch. Only in turn.</summary>
    public int Watched => _detector.Watched;

    /// <summary>What counts now against addresses of a network, or of all, that nothing was decided about yet. Only in turn.</summary>
    /// <param name="most">So many addresses.</param>
    public IReadOnlyList<UnderWatch> LookAt(Network? network, DateTimeOffset now, int most) => _detector.LookAt(network, now, most);

    /// <summary>What a person may want to know of the detector, and is no problem; else null. Only in turn.</summary>
    public string? Note => (Forgotten, ClockSet) switch
    {
        ({ } forgotten, { } set) => $"{forgotten}; {set}",
        var (forgotten, set) => forgotten ?? set,
    };

    private string? Forgotten => _detector.Evicted == 0 ? null
        : $"addresses forgotten since start: {_detector.Evicted}, because more than {_config.Detection.MaxAddresses} (max_addresses) were seen at once";

    // For a day: who looks into the journal or the logs then wonders at their times.
    private string? ClockSet => _clockSet is var (by, at) && _steady.GetUtcNow() - at < TimeSpan.FromDays(1)
        ? $"the machine's clock was set {(by < TimeSpan.Zero ? "back" : "forward")} by {Duration.Words(by.Duration())} while the guard ran: bans last as long as they were to"
        : null;

    public TrustList Trust => _trust;

    /// <summary>What is known of accounts; null: nothing is to be. Only in turn.</summary>
    public KnownAccounts? Accounts => _detector.Accounts;

    /// <summary>The logins seen lately, for the trust of registered contacts.</summary>
    public LoginSessions Sessions { get; } = new();

    /// <summary>Phones that were seen to register.</summary>
    public LiveRegistrations Registrations { get; } = new();

    /// <summary>The bans in force at the start, which somebody reads already; null: <see cref="RestoreAsync"/> reads them.</summary>
    public Task<IReadOnlyList<ActiveBan>>? InForce { get; init; }

    /// <summary>Takes up what the journal remembers: bans in force go to the firewall with their remaining time, earlier ones count for growth.</summary>
    /// <param name="trust">Who is trusted from the beginning.</param>
    /// <exception cref="FirewallException">The firewall can't be had.</exception>
    public async Task RestoreAsync(TrustList trust, CancellationToken stop)
    {
        _trust = trust;
        _decider.TrustOf = trust.Find;
        _decider.FirmTrustOf = trust.FindFirm;

        // The kernel first: what was banned before is dropped again before anything else is remembered.
        var now = _clock.GetUtcNow();
        await _firewall.TrustAsync(Unlimited.NetworksOf(trust), stop);
        await _firewall.StartAsync(WithoutTrusted(InForce is { } read ? await read : _journal.InForce(now), now), stop);

        // What was only observed bans nobody, and counts against nobody, when it is enforced from now on.
        var observes = _firewall.Status.Mode == "observe";
        var active = _journal.ActiveBans(now, observes);
        foreach (var ban in _journal.BansSince(now - _config.Bans.Remembered, observes))
        {
            _ledger.Remember(ban);
        }

        _judge.Forgiven = _journal.ForgivenSince(now - _config.Detection.Window);

        // Observing puts nothing into the kernel: only what an enforcing guard left there is enforced.
        var standing = observes ? _firewall.Standing().Select(ban => ban.Subject).ToHashSet() : null;
        foreach (var ban in active)
        {
            _bans.Set(ban, standing is null || standing.Contains(ban.Subject) ? OutcomeKind.Enforced : OutcomeKind.Observed, now);
            _ledger.Restore(ban);
        }

        foreach (var decision in _journal.Latest(MostLatest).Reverse())
        {
            _latest.Enqueue(ReportFrom.Decision(decision, [], withEvidence: false));
        }

        _isUnread = !_journal.IsOpen;
        var restored = active.Count(ban => standing is null || standing.Contains(ban.Subject));
        if (restored > 0)
        {
            LogRestored(restored);
        }

        await InTurnAsync(() => FreeTrustedAsync(now, stop), stop);
    }

    // Who is trusted already (TrustKeeper.AtOnce) is not banned for the moment until the ban is lifted. What the operator banned by hand stays.
    private IReadOnlyList<ActiveBan> WithoutTrusted(IReadOnlyList<ActiveBan> bans, DateTimeOffset now)
    {
        var trusted = bans.Where(ban => _trust.Find(ban.Subject) is not null).Select(ban => ban.Subject).ToHashSet();
        if (trusted.Count == 0)
        {
            return bans;
        }

        trusted.ExceptWith(_journal.ActiveBans(now).Where(ban => ban.Rule == Operator.Rule || IsThief(ban.Subject, ban.Rule)).Select(ban => ban.Subject));
        return [.. bans.Where(ban => !trusted.Contains(ban.Subject))];
    }

    // The journal could not be read at the start, and can be now: what it knows is taken up as then, beside what was decided meanwhile.
    private async Task TakeUpAsync(DateTimeOffset now, CancellationToken stop)
    {
        var observes = _firewall.Status.Mode == "observe";
        var unknown = _journal.ActiveBans(now, observes).Where(ban => _bans.Of(ban.Subject, now) is null).ToList();
        var outcomes = await _firewall.ApplyAsync(unknown, stop);
        for (var i = 0; i < unknown.Count; i++)
        {
            _bans.Set(unknown[i], outcomes[i].Kind, now);
        }

        _ledger.Clear();
        foreach (var ban in _journal.BansSince(now - _config.Bans.Remembered, observes))
        {
            _ledger.Remember(ban);
        }

        foreach (var (ban, _) in _bans.At(now))
        {
            _ledger.Restore(ban);
        }

        _isUnread = !_journal.IsOpen;
        LogRestored(unknown.Count);
        await FreeTrustedAsync(now, stop);
    }

    /// <summary>Reads until stopped. Vital: a failure here is our bug.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // The timer makes the loop turn when the logs are silent: positions are saved, and the watchdog sees that it lives.
        using var timer = new PeriodicTimer(PositionsEvery, _clock);
        var tick = timer.WaitForNextTickAsync(stop).AsTask();
        var more = _batches.WaitToReadAsync(stop).AsTask();
        while (true)
        {
            await Task.WhenAny(more, tick);
            Interlocked.Increment(ref _turns);
            if (more.IsCompleted)
            {
                if (!await more)
                {
                    return;
                }

                await ReadAsync(stop);
                more = _batches.WaitToReadAsync(stop).AsTask();
            }

            if (tick.IsCompleted)
            {
                await tick;
                await TendAsync(stop);
                tick = timer.WaitForNextTickAsync(stop).AsTask();
            }
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            var isTurn = false;
            Canaries.Now = _clock.GetUtcNow();

            // All that is there, up to a limit, becomes one transaction of the journal and one of the kernel.
            for (var taken = 0; taken < 8 && _batches.TryRead(out var batch); taken++)
            {
                using (batch)
                {
                    if (batch is RawBatch log)
                    {
                        _logs.Read(log, _judge);
                        isTurn |= log.StartsFile || log.EndOfFile;
                        if (log.Lost > 0)
                        {
                            LogLost(log.Log, log.Lost);
                        }
                    }
                    else if (batch is HepBatch hep)
                    {
                        Hep!.Read(hep, _judge);
                    }
                    else if (batch is AmiBatch ami)
                    {
                        Ami!.Read(ami, _judge);
                    }
                    else if (batch is WireBatch wire)
                    {
                        Wire!.Read(wire, _judge);
                    }
                }
            }

            await ActOnJudgedAsync(stop);
            if (isTurn)
            {
                // A new file's first position, at once: killed before the next tick, the guard would begin at its end and miss what came since.
                SavePositions();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ActOnJudgedAsync(CancellationToken stop)
    {
        if (_judge.Decisions.Count > 0)
        {
            var decisions = _judge.Decisions.ConvertAll(Enforceable);
            _judge.Decisions.Clear();
            SpareOwn(decisions);
            await ActAsync(decisions, stop);
        }
    }

    // A log whose clock or zone runs ahead must not make bans longer than they are, nor hide whoever was judged then until that time comes.
    private Decision Enforceable(Decision decision)
    {
        var now = _clock.GetUtcNow();
        if (decision.Time <= now + TimeSpan.FromMinutes(1))
        {
            return decision;
        }

        if (decision is not Ban { Until: { } until } ban)
        {
            _detector.CorrectQuiet(decision.Subject, now + _config.Detection.Window);
            return decision;
        }

        // Its time too: a restart would take it for one that was decided before the machine's clock was set back.
        var corrected = ban with { Time = now, Until = now + (until - ban.Time) };
        _ledger.Restore(corrected);
        _detector.CorrectQuiet(ban.Subject, corrected.Until.Value);
        return corrected;
    }

    // An address that the machine got a moment ago is not on the list yet. Asked once for all bans of a batch: about 30 us.
    private void SpareOwn(List<Decision> decisions)
    {
        if (!decisions.Exists(decision => decision is Ban))
        {
            return;
        }

        var own = Own();
        for (var i = 0; i < decisions.Count; i++)
        {
            if (decisions[i] is Ban ban && own.Any(address => ban.Subject.Contains(address)))
            {
                _ledger.Lift(ban.Subject);
                decisions[i] = new Spare(0, ban.Time, ban.Subject, ban.Rule, ban.Reason, OwnAddresses.Reason) { Evidence = ban.Evidence };
            }
        }
    }

    /// <summary>Journal, kernel, journal, and tell: in this order. Only in turn.</summary>
    public async Task<IReadOnlyList<Outcome>> ActAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        SeeClock();
        var written = _journal.Append(decisions, _logs.TakePositions());
        var outcomes = await _firewall.ApplyAsync(written, stop);
        _journal.Append(outcomes);
        var now = _clock.GetUtcNow();
        for (var i = 0; i < written.Count; i++)
        {
            switch (written[i])
            {
                case Ban ban:
                    _bans.Set(ban, outcomes[i].Kind, now);
                    break;
                case Unban unban:
                    _bans.Remove(unban.Subject);
                    break;
            }

            _latest.Enqueue(ReportFrom.Decision(written[i], [outcomes[i]], withEvidence: false));
            if (_latest.Count > MostLatest)
            {
                _latest.Dequeue();
            }
        }

        _announcer.Post(written, outcomes);
        Notices?.Post(written, outcomes);
        return outcomes;
    }

    public void Dispose() => _turn.Dispose();

    private void SavePositions()
    {
        var positions = _logs.TakePositions();
        if (positions.Count > 0)
        {
            _journal.Save(positions);
        }
    }

    /// <summary>What is wrong when there were too many bans within the last minute; else null. Only in turn.</summary>
    public string? TooManyBans => _steady.GetUtcNow() - _lastFull < TimeSpan.FromMinutes(1) && _decider.Refused > 0
        ? $"too many bans: {_config.Bans.MaxBans} (max_bans); {_decider.Refused} more on unproven evidence were refused since start"
        : null;

    // Before each decision is written: what is in the journal by then was decided by the clock as it was.
    private void SeeClock()
    {
        var ahead = _steady.Ahead;
        if (!SteadyClock.IsStep(ahead, _ahead))
        {
            return;
        }

        var by = ahead - _ahead;
        _ahead = ahead;
        _clockSet = (by, _steady.GetUtcNow());
        _journal.ClockSet(by);
        _ledger.ClockSet(by);
        LogClockSet(Duration.Words(by.Duration()), by < TimeSpan.Zero ? "back" : "forward");
    }

    private void SeeRefused()
    {
        var now = _steady.GetUtcNow();
        if (_decider.Refused == _refused)
        {
            return;
        }

        _refused = _decider.Refused;
        _lastFull = now;
        if (now - _fullSaid >= TimeSpan.FromMinutes(1))
        {
            _fullSaid = now;
            LogFull(_config.Bans.MaxBans, _refused);
        }
    }

    /// <summary>What is done every second, also while the logs are silent.</summary>
    public async Task TendAsync(CancellationToken stop) => await InTurnAsync(
        async () =>
        {
            SeeClock();
            SeeRefused();
            SavePositions();
            SeeMended();
            var now = _clock.GetUtcNow();
            _judge.Tend(now);
            await ActOnJudgedAsync(stop);
            await _unlimited.TendAsync(now, stop);
            var (alone, together) = _firewall.Limiting();
            if (_flood.See(alone, together, _firewall.Limited, now) is { } flood)
            {
                await ActAsync([flood], stop);
            }

            if (_journal.TakeReopened())
            {
                await KeepJournalAsync(stop);
            }

            return true;
        },
        stop);

    // Bans that the kernel refused at first and has now.
    private void SeeMended()
    {
        var mended = _firewall.TakeMended();
        if (mended.Count > 0)
        {
            _journal.Append(mended);
            _bans.Set(mended);
        }
    }

    private async Task KeepJournalAsync(CancellationToken stop)
    {
        var now = _clock.GetUtcNow();
        if (_isUnread)
        {
            await TakeUpAsync(now, stop);
        }

        // A journal that was removed begins empty: after the next start its bans would be in the kernel and nobody would know why.
        var known = _journal.ActiveBans(now, withObserved: true).Select(ban => ban.Subject).ToHashSet();
        var missing = _bans.At(now).Where(entry => !known.Contains(entry.Ban.Subject)).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var written = _journal.Append(missing.ConvertAll<Decision>(entry => entry.Ban));
        _journal.Append([.. written.Zip(missing, (ban, entry) => new Outcome(ban.Id, now, entry.Outcome ?? OutcomeKind.Enforced, "written again: the journal was begun anew"))]);
        LogWrittenAgain(missing.Count);
    }

    /// <summary>Takes a new list of who is trusted; a ban that a rule decided about somebody who is trusted now is lifted.</summary>
    public async Task TrustAsync(TrustList trust, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            _trust = trust;
            _decider.TrustOf = trust.Find;
            _decider.FirmTrustOf = trust.FindFirm;
            await _unlimited.TrustAsync(trust, _clock.GetUtcNow(), stop);
            await FreeTrustedAsync(_clock.GetUtcNow(), stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IReadOnlyList<Outcome>> FreeTrustedAsync(DateTimeOffset now, CancellationToken stop)
    {
        var freed = _bans.At(now).Where(entry => entry.Ban.Rule != Operator.Rule && !IsThief(entry.Ban.Subject, entry.Ban.Rule)).Select(entry => Freed(entry.Ban.Subject, now)).OfType<Decision>().ToList();
        return freed.Count == 0 ? [] : await ActAsync(freed, stop);
    }

    // Whoever logs in with a stolen password is a registered contact by that.
    private bool IsThief(Network subject, string rule) => rule == StolenCredentials.Rule.Id && _trust.FindFirm(subject) is null;

    private Unban? Freed(Network subject, DateTimeOffset now) => _trust.Find(subject) is { } reason ? Lift(subject, now, TrustList.Rule, reason.StartsWith("trusted", StringComparison.Ordinal) ? reason : $"trusted now: {reason}") : null;

    /// <summary>Lifts what the kernel alone bans (a lost journal, nft by hand) of somebody who is trusted: our table blocks nobody who is.</summary>
    /// <param name="isNewTrust">Who is trusted has changed; else it is enough to look when the number of strangers has.</param>
    public async Task FreeStrangersAsync(bool isNewTrust, CancellationToken stop)
    {
        // Observing, nobody counts strangers: then what stands is looked at when the trust has changed.
        var status = _firewall.Status;
        var strangers = status.Mode == "observe" ? status.Elements : status.Strangers;
        var isSeen = strangers == _strangersSeen && !isNewTrust;
        _strangersSeen = strangers;
        if (strangers == 0 || isSeen)
        {
            return;
        }

        IReadOnlyList<ActiveBan> standing;
        try
        {
            // Out of turn: no ban waits for the half second that reading 100,000 elements takes.
            standing = [.. _firewall.Standing().Where(ban => _trust.Find(ban.Subject) is not null)];
        }
        catch (FirewallException)
        {
            // The kernel does not answer, which status says; the next look tries again.
            return;
        }

        if (standing.Count == 0)
        {
            return;
        }

        await InTurnAsync(
            () =>
            {
                var now = _clock.GetUtcNow();
                List<Decision> freed = [.. _bans.Strangers(standing, now).Select(ban => Freed(ban.Subject, now)).OfType<Decision>()];
                return freed.Count == 0 ? Task.FromResult<IReadOnlyList<Outcome>>([]) : ActAsync(freed, stop);
            },
            stop);
    }

    /// <summary>An end of the subject's ban that counts nothing against it any more; for <see cref="ActAsync"/>. Only in turn.</summary>
    /// <param name="rule"><see cref="Operator.Rule"/> where somebody asked for it, <see cref="TrustList.Rule"/> where trust came by itself.</param>
    public Unban Lift(Network subject, DateTimeOffset now, string rule, string reason)
    {
        _ledger.Lift(subject);
        _detector.Forget(subject);
        return new Unban(0, now, subject, rule, reason);
    }

    /// <summary>Ends bans of networks and bans what is left of each without a part, until the same time; for <see cref="ActAsync"/>. Only in turn.</summary>
    public List<Decision> CutOut(Network part, IReadOnlyList<Ban> wider, DateTimeOffset now, string reason)
    {
        List<Decision> decisions = [.. wider.Select(ban => new Unban(0, now, ban.Subject, Operator.Rule, reason) { Forgives = false })];

        // Two nested networks leave the same pieces near the part: the later end counts.
        var pieces = wider.OrderBy(ban => ban.Until ?? DateTimeOffset.MaxValue)
            .SelectMany(ban => ban.Subject.Without(part).Select(piece => ban with { Id = 0, Time = now, Subject = piece, Reason = $"{ban.Reason} ({ban.Subject} without {part})" }))
            .GroupBy(piece => piece.Subject).Select(same => same.Last());
        foreach (var piece in pieces)
        {
            _ledger.Restore(piece);
            decisions.Add(piece);
        }

        return decisions;
    }

    /// <summary>Numbers a ban by hand; for <see cref="ActAsync"/>. Only in turn.</summary>
    public Ban BanByHand(Network subject, DateTimeOffset now, TimeSpan? duration, string reason)
    {
        var ban = new Ban(0, now, subject, Operator.Rule, reason, now + duration, _ledger.Next(subject, now).Ordinal);
        _ledger.Add(ban);
        return ban;
    }

    /// <summary>Runs between two batches, alone.</summary>
    public async ValueTask<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            return await work();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The same for a question that need not wait for a slow firewall.</summary>
    /// <returns>null: the turn did not come in time.</returns>
    public async ValueTask<T?> TryInTurnAsync<T>(Func<T> work, TimeSpan patience, CancellationToken stop)
        where T : class
    {
        if (!await _turn.WaitAsync(patience, stop))
        {
            return null;
        }

        try
        {
            return work();
        }
        finally
        {
            _turn.Release();
        }
    }

    [LoggerMessage(2300, LogLevel.Information, "{Count} bans of before are in force again")]
    private partial void LogRestored(int count);

    [LoggerMessage(2302, LogLevel.Warning, "The journal was begun anew: the {Count} bans in force are written into it; earlier ones and their evidence are not known any more")]
    private partial void LogWrittenAgain(int count);

    [LoggerMessage(2304, LogLevel.Warning, "The machine's clock was set {Direction} by {By}: bans last as long as they were to")]
    private partial void LogClockSet(string by, string direction);

    [LoggerMessage(2303, LogLevel.Warning, "Too many bans: {Max} are in force (max_bans); {Refused} more on unproven evidence were refused since start")]
    private partial void LogFull(int max, long refused);

    [LoggerMessage(2301, LogLevel.Warning, "{Log}: {Bytes} bytes were truncated before they could be read; rotate by rename in place of copytruncate")]
    private partial void LogLost(string log, long bytes);
}
