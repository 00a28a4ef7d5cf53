using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>Bans in the kernel's nftables: table inet ringfence, made by nft, its elements by netlink. It puts back what others take out.
/// Nothing in the table ends with this process.</summary>
/// <param name="nft">Runs the ruleset's script.</param>
/// <param name="open">Opens a netlink socket: all of them, and nft, must stand in the same network namespace.</param>
/// <param name="limits">How much SIP comes in from strangers; null: all.</param>
internal sealed partial class Nftables(
    FirewallSettings settings, NftCommand nft, Func<NetlinkSocket> open, TimeProvider time, ILogger<Nftables> logger, SipLimits? limits = null) : IFirewall
{
    private const int WatchBufferBytes = 64 << 20;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    // What nobody told of, as an element whose end is not the journal's, is found by then.
    private static readonly TimeSpan LongestUnseen = TimeSpan.FromHours(1);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    // One at a time changes the desired bans and the kernel: the pipeline by ApplyAsync, the repairs of WatchAsync.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly OwnCommits _own = new();

    // All that is desired is by it, as the kernel's own ends are: whoever sets the machine's clock must not make a ban of a minute one of a year at the next repair.
    private readonly SteadyClock _steady = new(time);
    private readonly TableCounts _counts = new(limits);
    private readonly FailedBans _failed = new();
    private IReadOnlyCollection<Network> _trusted = [];
    private BanTable? _table;
    private volatile NetlinkSocket? _watch;
    private volatile bool _isUnfinished;
    private volatile bool _isRecountDue;
    private DateTimeOffset _counted;
    private long _elements;
    private long _strangers;
    private int _throttled;
    private long _repairs;
    private string? _problem;
    private DateTimeOffset _warned = DateTimeOffset.MinValue;
    private int _unsaid;

    public FirewallStatus Status => new(
        "nftables",
        Volatile.Read(ref _elements) + Volatile.Read(ref _strangers),
        _counts.Dropped(_table?.Kernel),
        Volatile.Read(ref _repairs),
        Volatile.Read(ref _problem))
    {
        Strangers = Strangers,
        Limits = _counts.Limits(_table?.Kernel, Volatile.Read(ref _throttled)),
    };

    /// <summary>Hosts and networks in the sets that nobody asked us for: put there by hand, or by an earlier run. They stay until they end.</summary>
    public long Strangers => Volatile.Read(ref _strangers);

    public bool CanThrottle => limits is { Datagrams.Count: > 0 };

    public bool KeepsLongOut => CanThrottle;

    private BanTable Table => _table ?? throw new InvalidOperationException("StartAsync comes first");

    public async ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            if (_table is null)
            {
                var kernel = new KernelTable(open());
                _own.Begin(kernel.Port);
                _table = new BanTable(kernel, nft, new Ruleset(settings.Reject, limits), _own, _steady, Repaired);
            }

            var steady = bans.Select(ban => ban with { Until = _steady.Of(ban.Until) }).ToList();
            _table.Desired.Replace(steady);
            _table.Throttled.Replace(steady.Where(ban => ban.Throttles));
            _table.Trusted.Begin(_trusted);
            await _table.StartAsync(stop);
        }
        finally
        {
            EndTurn();
        }
    }

    public async ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            return await ApplyInTurnAsync(decisions, stop);
        }
        finally
        {
            EndTurn();
        }
    }

    public async ValueTask TrustAsync(IReadOnlyCollection<Network> trusted, CancellationToken stop)
    {
        _trusted = trusted;
        if (_table is { } table)
        {
            await InTurnAsync(
                () =>
                {
                    table.Trusted.Replace(trusted);
                    return Task.CompletedTask;
                },
                stop);
        }
    }

    public (long Alone, long Together) Limiting() => _counts.Limiting(_table?.Kernel);

    public IReadOnlyList<LimitedAddress> Limited() => _counts.Limited(_table?.Kernel);

    public IReadOnlyList<ActiveBan> Standing()
    {
        // Over a socket of its own, so that no ban waits for a long answer.
        using var kernel = new KernelTable(open());
        return StandingBans.Read(kernel, time.GetUtcNow());
    }

    public async Task WatchAsync(CancellationToken stop)
    {
        using var socket = open();
        socket.Subscribe(WatchBufferBytes);
        _watch = socket;
        _own.Forget();
        var reader = new CommitReader(_own.IsOurs);
        var buffer = new byte[64 * 1024];
        using var timer = new PeriodicTimer(CheckInterval, time);
        try
        {
            // What was changed before anybody listened.
            await VerifyAsync(stop);

            var seen = Table.Kernel.Generation();
            var isBehind = false;
            var received = socket.ReceiveAsync(buffer, stop).AsTask();
            var tick = timer.WaitForNextTickAsync(stop).AsTask();
            while (true)
            {
                await Task.WhenAny(received, tick);
                if (received.IsCompleted)
                {
                    var length = await received;
                    if (length < 0)
                    {
                        reader.Reset();
                        LogLostSight();
                        await VerifyAsync(stop);
                        seen = Table.Kernel.Generation();
                    }
                    else
                    {
                        foreach (var commit in reader.Read(buffer.AsSpan(0, length)))
                        {
                            seen = commit.Generation;
                            _own.Close(commit.Port);
                            await SeeAsync(commit, stop);
                        }
                    }

                    isBehind = false;
                    received = socket.ReceiveAsync(buffer, stop).AsTask();
                }

                if (tick.IsCompleted)
                {
                    await tick;
                    var generation = Table.Kernel.Generation();

                    // Behind twice with nothing received in between: the notifications have stopped without saying so.
                    await CheckAsync(isLost: isBehind && generation != seen, stop);
                    isBehind = generation != seen;
                    tick = timer.WaitForNextTickAsync(stop).AsTask();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop. The table stays as it is.
        }
        finally
        {
            _watch = null;
        }
    }

    /// <summary>Does something that commits very many elements of other tables, and does not listen to it: telling each takes the kernel as long as adding it (bench/lists).
    /// What others did meanwhile is looked for at the next check, within 5 s.</summary>
    public void Unheard(Action commit)
    {
        // A watch that ends meanwhile takes its socket with it, and begins anew by looking at everything.
        var watch = _watch;
        try
        {
            watch?.Pause();
            commit();
        }
        finally
        {
            if (watch is not null && watch == _watch)
            {
                watch.Resume();
                _isUnfinished = true;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _table?.Dispose();
        _table = null;
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyList<Outcome>> ApplyInTurnAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var kinds = new OutcomeKind[decisions.Count];

        // Of several decisions about one subject the last holds; those before it are enforced by being overtaken.
        var last = new Dictionary<Network, Decision>();
        for (var i = 0; i < decisions.Count; i++)
        {
            kinds[i] = decisions[i] switch
            {
                Ban { Until: { } until } when until <= now => OutcomeKind.Expired,
                Ban or Unban => OutcomeKind.Enforced,
                _ => OutcomeKind.Observed,
            };
            if (kinds[i] == OutcomeKind.Enforced)
            {
                last[decisions[i].Subject] = decisions[i];
            }
        }

        var failures = await ChangeAsync([.. last.Values.Select(Steady)], _steady.GetUtcNow(), stop);
        var done = time.GetUtcNow();
        _failed.See(last.Values, failures);

        return
        [
            .. decisions.Select((decision, i) => kinds[i] == OutcomeKind.Enforced && failures.TryGetValue(decision.Subject, out var why)
                ? new Outcome(decision.Id, done, OutcomeKind.Failed, why)
                : new Outcome(decision.Id, done, kinds[i], "")),
        ];
    }

    private Decision Steady(Decision decision) => decision is Ban { Until: not null } ban && _steady.Of(ban.Until) is var until && until != ban.Until
        ? ban with { Until = until }
        : decision;

    // One decision per subject, ends by the steady clock. What fails stays desired: the next check tries again.
    private async Task<Dictionary<Network, string>> ChangeAsync(List<Decision> decisions, DateTimeOffset now, CancellationToken stop)
    {
        var failures = new Dictionary<Network, string>();
        if (decisions.Count == 0)
        {
            return failures;
        }

        var changes = new List<PendingChange>(decisions.Count);
        var networks = new HashSet<BanSet>();
        var freed = new List<Network>();

        // Freed hosts that were a piece of a range, and so in an interval set.
        var pieces = new HashSet<Network>();
        foreach (var decision in decisions)
        {
            var subject = decision.Subject;
            var set = BanSets.For(subject);
            var isHeld = Table.Desired.Holds(subject, now);
            var ban = decision is Ban { Throttles: false } cuts ? cuts : null;
            if (ban is not null)
            {
                Table.Desired.Set(subject, ban.Until);
            }
            else if (decision is Unban)
            {
                freed.Add(subject);
                if (Table.Desired.Remove(subject))
                {
                    pieces.Add(subject);
                }
            }
            else
            {
                Table.Desired.End(subject);
            }

            if (set.HoldsIntervals)
            {
                networks.Add(set);
            }
            else
            {
                // A longer ban is taken out and put in anew: before Linux 6.12 an addition leaves the old end as it was.
                changes.Add(new PendingChange(set, Interval.Of(subject, ban?.Until)) { Delete = isHeld || decision is Unban, Add = ban is not null });
            }
        }

        foreach (var family in freed.GroupBy(BanSets.IntervalsOf))
        {
            pieces.UnionWith(Table.TakeStrange(family.Key, [.. family], now));
        }

        networks.UnionWith(pieces.Select(BanSets.IntervalsOf));
        try
        {
            var refused = await Table.ChangeAsync(changes, networks, stop);
            foreach (var change in changes.Where(change => change.Failure is not null))
            {
                failures[change.Subject] = change.Failure!;
            }

            foreach (var subject in decisions.Select(decision => decision.Subject))
            {
                if (refused.TryGetValue(pieces.Contains(subject) ? BanSets.IntervalsOf(subject) : BanSets.For(subject), out var why))
                {
                    failures[subject] = why;
                }
            }
        }
        catch (FirewallException e)
        {
            foreach (var decision in decisions)
            {
                failures[decision.Subject] = e.Message;
            }
        }

        // Behind the bans: whoever goes from one to the other is in both for a moment, and never in none.
        if (Table.Throttled.Apply(decisions) is { } refusal)
        {
            foreach (var decision in decisions.Where(decision => decision is Ban { Throttles: true }))
            {
                failures[decision.Subject] = refusal;
            }
        }

        if (failures.Count > 0)
        {
            _isUnfinished = _isRecountDue = true;
            Volatile.Write(ref _problem, $"{failures.Count} bans or unbans are not in the kernel yet: {failures.Values.First()}");
        }

        return failures;
    }

    private async Task SeeAsync(Commit commit, CancellationToken stop)
    {
        // What was committed before the last full repair is put right already. The number wraps, so the difference decides.
        if (!commit.ConcernsUs || unchecked((int)(commit.Generation - Table.CheckedAt)) <= 0)
        {
            return;
        }

        var damage = new Damage(commit.AllElements, commit.Networks, commit.Hosts);
        _isRecountDue |= commit.Hosts.Count > 0 || commit.Networks || commit.AllElements;
        await InTurnAsync(() => Table.PutBackAsync(damage, commit.Process, stop), stop);
    }

    private async Task CheckAsync(bool isLost, CancellationToken stop)
    {
        await InTurnAsync(
            async () =>
            {
                Table.Forget();
                if (!Table.HasShape)
                {
                    await Table.PutBackAsync(Damage.All, "somebody", stop);
                }
            },
            stop);
        if (_isUnfinished || isLost)
        {
            await VerifyAsync(stop);
            return;
        }

        // Reading 100,000 takes half a second: as seldom as keeps it under a thousandth of a core.
        var rest = TimeSpan.FromMinutes(1) + TimeSpan.FromMilliseconds(6 * Volatile.Read(ref _elements));
        var since = _steady.GetUtcNow() - _counted;
        if (((_isRecountDue || _strangers > 0) && since > rest) || since > LongestUnseen)
        {
            await CompareAsync(stop);
        }
    }

    // Everything is looked at: something failed, or nobody knows what happened. What is as it should be is not counted as repaired.
    private async Task VerifyAsync(CancellationToken stop)
    {
        _isUnfinished = false;
        await InTurnAsync(() => Table.PutBackAsync(Damage.Unseen, "somebody", stop), stop);
        await CompareAsync(stop);
        await InTurnAsync(
            () =>
            {
                if (!_isUnfinished)
                {
                    _failed.Mend(time.GetUtcNow());
                    Volatile.Write(ref _problem, null);
                }

                return Task.CompletedTask;
            },
            stop);
    }

    public IReadOnlyList<Outcome> TakeMended() => _failed.TakeMended();

    // The sets are read over a socket of its own and out of turn, so that no ban waits for a long answer.
    private async Task CompareAsync(CancellationToken stop)
    {
        _isRecountDue = false;
        _counted = _steady.GetUtcNow();
        List<KernelElement> read;
        List<List<KernelElement>> networks;
        try
        {
            using var kernel = new KernelTable(open());
            read = [.. kernel.Elements(BanSet.Hosts4), .. kernel.Elements(BanSet.Hosts6)];
            networks = [kernel.Elements(BanSet.Networks4), kernel.Elements(BanSet.Networks6)];
        }
        catch (FirewallException e)
        {
            SayUnfinished(e);
            return;
        }

        await InTurnAsync(
            async () =>
            {
                var (missing, strangers) = await Table.CompareAsync(read, stop);
                strangers += networks.Sum(Table.CountStrange);
                if (strangers > 0 && strangers != _strangers)
                {
                    LogStrangers(strangers);
                }

                Volatile.Write(ref _strangers, strangers);
                if (missing > 0)
                {
                    Repaired("somebody", missing);
                }
            },
            stop);
    }

    // A failure is said and tried again at the next check: the watch goes on, since the rest of the table still needs it.
    private async Task InTurnAsync(Func<Task> act, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            await act();
        }
        catch (FirewallException e)
        {
            SayUnfinished(e);
        }
        finally
        {
            EndTurn();
        }
    }

    private void SayUnfinished(FirewallException failure)
    {
        _isUnfinished = true;
        if (Volatile.Read(ref _problem) != failure.Message)
        {
            LogUnfinished(failure.Message);
        }

        Volatile.Write(ref _problem, failure.Message);
    }

    private void EndTurn()
    {
        Volatile.Write(ref _elements, _table?.Desired.Count ?? 0);
        Volatile.Write(ref _throttled, _table?.Throttled.Count ?? 0);
        _turn.Release();
    }

    private void Repaired(string who, int bans)
    {
        Interlocked.Increment(ref _repairs);
        var now = _steady.GetUtcNow();
        if (now - _warned < WarningInterval)
        {
            _unsaid++;
            return;
        }

        LogRepaired(who, bans, _unsaid);
        _warned = now;
        _unsaid = 0;
    }

    [LoggerMessage(2200, LogLevel.Warning, "{Who} took rules or bans out of table inet ringfence: put back, with {Bans} bans. To lift a ban: ringfence unban ADDRESS. ({Unsaid} more repairs since the last such line)")]
    private partial void LogRepaired(string who, int bans, int unsaid);

    [LoggerMessage(2201, LogLevel.Warning, "The firewall's changes came faster than they could be read: all bans are looked at, to be sure")]
    private partial void LogLostSight();

    [LoggerMessage(2202, LogLevel.Warning, "{Problem}; next try in 5 s")]
    private partial void LogUnfinished(string problem);

    [LoggerMessage(2203, LogLevel.Information, "{Count} addresses or networks are in the sets of table inet ringfence that the journal does not know: kept until they end (ringfence bans lists them, ringfence unban lifts them)")]
    private partial void LogStrangers(int count);
}
