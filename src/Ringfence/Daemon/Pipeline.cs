using System.Threading.Channels;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
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
    private readonly Decider _decider;
    private readonly Judge _judge;
    private readonly Unlimited _unlimited;
    private readonly FloodWatch _flood;
    private readonly Readers _readers;
    private readonly BansInForce _bans;
    private readonly TrustedBans _trusted;
    private readonly Recovery _recovery;
    private readonly FinalCheck _check;
    private readonly ClockSteps _clockSteps;
    private readonly FullBans _full;
    private readonly JustCutOff _cutOff = new();
    private readonly Queue<DecisionReport> _latest = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _turns;
    private long _strangersSeen;

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
        _logger = logger;
        _detector = new Detector(config.Detection);
        var steady = new SteadyClock(clock);
        var ledger = new BanLedger(config.Bans, ledgerKey);
        _bans = new BansInForce(steady);
        _decider = new Decider(config.Bans, config.Detection, ledger) { CanThrottle = firewall.CanThrottle };
        Amendments = new Amendments(_detector, ledger);
        _trusted = new TrustedBans(_bans, Amendments, _cutOff);
        _recovery = new Recovery(config.Bans, journal, firewall, _bans, ledger, _trusted, _cutOff);
        _check = new FinalCheck(_detector, ledger, config.Detection.Window, () => Own!(), clock);
        _clockSteps = new ClockSteps(steady, journal, ledger, logger);
        _full = new FullBans(_decider, config.Bans.MaxBans, steady, logger);
        _unlimited = new Unlimited(firewall);
        _flood = new FloodWatch(config.Detection);
        var own = new OwnLook(() => Own!(), clock);
        Canaries = new CanaryBook(own.Contains) { Now = clock.GetUtcNow() };
        _readers = new Readers(config, zone, managerOverHttp, _detector, own.Contains, sipPorts, clock) { KeepsLongOut = () => firewall.KeepsLongOut && config.Hep.Pbx.Count == 0 };
        _judge = new Judge(_detector, _decider) { Sessions = Sessions, Registrations = Registrations, Unlimited = _unlimited.Logins, CutOff = _cutOff, Canaries = Canaries, Check = _readers.Check };
    }

    /// <summary>The machine's own addresses as they are now; tests have their own.</summary>
    public Func<IReadOnlyList<Network>> Own { get; init; } = OwnAddresses.Read;

    /// <summary>Who is told; null: nobody.</summary>
    public Notifiers.Notices? Notices { get; init; }

    /// <summary>Is told of an account whose password was used from where it never was: what it calls next is looked at.</summary>
    public Action<string, DateTimeOffset>? LoggedInElsewhere { get; set; }

    /// <summary>What the PBX tells over HEP; null: it is not asked to. Only in turn.</summary>
    public HepReader? Hep => _readers.Hep;

    /// <summary>What the manager interface tells; null: it is not asked. Only in turn.</summary>
    public AmiReader? Ami => _readers.Ami;

    /// <summary>What passes on the wire; null: nobody reads it. Only in turn.</summary>
    public WireReader? Wire => _readers.Wire;

    /// <summary>Which source told of the guard's own requests. Only in turn.</summary>
    public CanaryBook Canaries { get; }

    /// <inheritdoc cref="AccountAlarms.Configure"/>
    public void Configure(IEnumerable<string> accounts) => _detector.Configure(accounts);

    /// <summary>Grows with each turn, also of an idle loop: the watchdog's proof of life.</summary>
    public long Turns => Interlocked.Read(ref _turns);

    /// <summary>Only in turn.</summary>
    public BansInForce Bans => _bans;

    /// <summary>Decisions that no rule makes, for <see cref="ActAsync"/>. Only in turn.</summary>
    public Amendments Amendments { get; }

    /// <summary>Only in turn.</summary>
    public LogReaders Logs => _readers.Logs;

    /// <summary>The latest decisions, oldest first. Only in turn.</summary>
    public IReadOnlyCollection<DecisionReport> Latest => _latest;

    /// <summary>Events since start. Only in turn.</summary>
    public long Events => _judge.SeenTotal;

    /// <summary>The last event of PJSIP that a log told; null: none since start. Only in turn.</summary>
    public DateTimeOffset? LastLogged => _judge.LastLoggedTicks == 0 ? null : new DateTimeOffset(_judge.LastLoggedTicks, TimeSpan.Zero);

    /// <returns>The number by which <see cref="Canaries"/> knows a source. Only in turn.</returns>
    public ushort NumberOf(string source) => _detector.AddLog(source);

    /// <summary>The source of a number of <see cref="NumberOf"/>. Only in turn.</summary>
    public string NameOf(ushort number) => _detector.LogOf(number);

    /// <summary>Addresses against which something counts now, as <see cref="LookAt"/> lists them. Only in turn.</summary>
    public int WatchedAt(DateTimeOffset now) => _detector.CountWatched(now);

    /// <summary>Addresses under watch. Only in turn.</summary>
    public int Watched => _detector.Watched;

    /// <summary>What counts now against addresses of a network, or of all, that nothing was decided about yet. Only in turn.</summary>
    /// <param name="most">So many addresses.</param>
    public IReadOnlyList<UnderWatch> LookAt(Network? network, DateTimeOffset now, int most) => _detector.LookAt(network, now, most);

    /// <summary>What a person may want to know of the detector, and is no problem; else null. Only in turn.</summary>
    public string? Note => (Forgotten, _clockSteps.Note) switch
    {
        ({ } forgotten, { } set) => $"{forgotten}; {set}",
        var (forgotten, set) => forgotten ?? set,
    };

    private string? Forgotten => _detector.Evicted == 0 ? null
        : $"addresses forgotten since start: {_detector.Evicted}, because more than {_config.Detection.MaxAddresses} (max_addresses) were seen at once";

    public TrustList Trust => _trusted.Trust;

    /// <summary>What is known of accounts; null: nothing is to be. Only in turn.</summary>
    public KnownAccounts? Accounts => _detector.Accounts;

    /// <summary>The logins seen lately, for the trust of registered contacts.</summary>
    public LoginSessions Sessions { get; } = new();

    /// <summary>Whose registration makes nobody trusted.</summary>
    public LateLogins Late => _cutOff.Late;

    /// <summary>Phones that were seen to register.</summary>
    public LiveRegistrations Registrations { get; } = new();

    /// <summary>The bans in force at the start, which somebody reads already; null: <see cref="RestoreAsync"/> reads them.</summary>
    public Task<IReadOnlyList<ActiveBan>>? InForce { get; init; }

    /// <summary>Takes up what the journal remembers.</summary>
    /// <param name="trust">Who is trusted from the beginning.</param>
    /// <exception cref="FirewallException">The firewall can't be had.</exception>
    public async Task RestoreAsync(TrustList trust, CancellationToken stop)
    {
        SetTrust(trust);
        var now = _clock.GetUtcNow();
        await _firewall.TrustAsync(Unlimited.NetworksOf(trust), stop);
        var restored = await _recovery.StartAsync(InForce, now, stop);
        _judge.Forgiven = _journal.ForgivenSince(now - _config.Detection.Window);
        foreach (var decision in _journal.Latest(MostLatest).Reverse())
        {
            _latest.Enqueue(ReportFrom.Decision(decision, [], withEvidence: false));
        }

        if (restored > 0)
        {
            LogRestored(restored);
        }

        await InTurnAsync(() => FreeTrustedAsync(now, stop), stop);
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
                    isTurn |= _readers.Read(batch, _judge);
                    if (batch is RawBatch { Lost: > 0 } log)
                    {
                        LogLost(log.Log, log.Lost);
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
            var decisions = _check.Of(_judge.Decisions);
            _judge.Decisions.Clear();
            await ActAsync(decisions, stop);
        }
    }

    /// <summary>Journal, kernel, journal, and tell: in this order. Only in turn.</summary>
    public async Task<IReadOnlyList<Outcome>> ActAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        _clockSteps.See();
        var written = _journal.Append(decisions, _readers.Logs.TakePositions());
        var outcomes = await _firewall.ApplyAsync(written, stop);
        _journal.Append(outcomes);
        var now = _clock.GetUtcNow();
        for (var i = 0; i < written.Count; i++)
        {
            switch (written[i])
            {
                case Ban ban:
                    _bans.Set(ban, outcomes[i].Kind, now);
                    if (ban.Throttles)
                    {
                        break;
                    }

                    if (outcomes[i].Kind == OutcomeKind.Enforced)
                    {
                        _cutOff.Enforced(ban.Subject, now);
                    }
                    else
                    {
                        _cutOff.Remove(ban.Subject);
                    }

                    break;
                case Unban unban:
                    _bans.Remove(unban.Subject);
                    if (unban.Forgives)
                    {
                        _cutOff.Remove(unban.Subject);
                    }
                    else
                    {
                        _cutOff.End(unban.Subject);
                    }

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
        foreach (var decision in written.Where(static decision => decision.Rule == StolenCredentials.Rule.Id))
        {
            if (decision.Evidence is [.., { Account.Length: > 0 } last])
            {
                LoggedInElsewhere?.Invoke(last.Account, decision.Time);
            }
        }

        return outcomes;
    }

    public void Dispose() => _turn.Dispose();

    private void SavePositions()
    {
        var positions = _readers.Logs.TakePositions();
        if (positions.Count > 0)
        {
            _journal.Save(positions);
        }
    }

    /// <summary>What is wrong when there were too many bans within the last minute; else null. Only in turn.</summary>
    public string? TooManyBans => _full.Problem;

    /// <summary>What is done every second, also while the logs are silent.</summary>
    public async Task TendAsync(CancellationToken stop) => await InTurnAsync(
        async () =>
        {
            _clockSteps.See();
            _full.Tend();
            SavePositions();
            SeeMended();
            var now = _clock.GetUtcNow();
            _judge.Tend();
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
        if (_recovery.IsDue)
        {
            LogRestored(await _recovery.TakeUpAsync(now, stop));
            await FreeTrustedAsync(now, stop);
        }

        var written = _recovery.WriteAgain(now);
        if (written > 0)
        {
            LogWrittenAgain(written);
        }
    }

    /// <summary>Takes a new list of who is trusted; a ban that a rule decided about somebody who is trusted now is lifted.</summary>
    public async Task TrustAsync(TrustList trust, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            SetTrust(trust);
            await _unlimited.TrustAsync(trust, _clock.GetUtcNow(), stop);
            await FreeTrustedAsync(_clock.GetUtcNow(), stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void SetTrust(TrustList trust)
    {
        _trusted.Trust = trust;
        _decider.TrustOf = trust.Find;
        _decider.FirmTrustOf = trust.FindFirm;
    }

    private async Task<IReadOnlyList<Outcome>> FreeTrustedAsync(DateTimeOffset now, CancellationToken stop) =>
        _trusted.Falling(now) is { Count: > 0 } freed ? await ActAsync(freed, stop) : [];

    /// <summary>Lifts what the kernel alone bans (a lost journal, nft by hand) of somebody who is trusted: our table blocks nobody who is. Of a network it cuts him out.</summary>
    /// <param name="isNewTrust">Who is trusted has changed; else it is enough to look when the number of strangers has.</param>
    public async Task FreeStrangersAsync(bool isNewTrust, CancellationToken stop)
    {
        // Observing, nobody counts strangers: then what stands is looked at when the trust has changed.
        var status = _firewall.Status;
        var observes = status.Mode == "observe";
        var strangers = observes ? status.Elements : status.Strangers;
        if (strangers == _strangersSeen && !isNewTrust)
        {
            return;
        }

        // Until what stands was read: no number of strangers is negative.
        _strangersSeen = -1;
        if (strangers == 0)
        {
            _strangersSeen = 0;
            return;
        }

        IReadOnlyList<ActiveBan> standing;
        try
        {
            // Out of turn: no ban waits for the half second that reading 100,000 elements takes.
            standing = [.. _firewall.Standing().Where(ban => Trust.Find(ban.Subject) is not null)];
        }
        catch (FirewallException)
        {
            // The kernel does not answer, which status says; the next look tries again.
            return;
        }

        _strangersSeen = strangers;
        if (standing.Count == 0)
        {
            return;
        }

        await InTurnAsync(
            async () => _trusted.Falling(standing, putsBack: !observes, _clock.GetUtcNow()) is { Count: > 0 } freed ? await ActAsync(freed, stop) : [],
            stop);
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

    [LoggerMessage(2301, LogLevel.Warning, "{Log}: {Bytes} bytes were truncated before they could be read; rotate by rename in place of copytruncate")]
    private partial void LogLost(string log, long bytes);
}
