using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Daemon;

namespace Ringfence.Enforcement;

/// <summary>Bans in the kernel's nftables: table inet ringfence, made by nft, its elements by netlink. It holds what <see cref="DesiredBans"/>
/// says and puts back what others take out. Nothing in it ends with this process.</summary>
/// <param name="nft">Runs the ruleset's script.</param>
/// <param name="open">Opens a netlink socket: all of them, and nft, must stand in the same network namespace.</param>
internal sealed partial class Nftables(
    FirewallSettings settings, NftCommand nft, Func<NetlinkSocket> open, TimeProvider time, ILogger<Nftables> logger) : IFirewall
{
    // Each round answers one kind of refusal (there already, not there any more, no table, overlap); more mean a quarrel with another program.
    private const int MaxRounds = 8;
    private const int WatchBufferBytes = 64 << 20;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SameEnd = TimeSpan.FromSeconds(2);

    // One at a time changes the desired bans and the kernel: the pipeline by ApplyAsync, the repairs of WatchAsync.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly DesiredBans _desired = new();
    private readonly Dictionary<BanSet, List<Interval>> _placed = new() { [BanSet.Networks4] = [], [BanSet.Networks6] = [] };
    private readonly OwnCommits _own = new();
    private readonly DropCount _drops = new();
    private KernelTable? _kernel;
    private string _fingerprint = "";
    private uint _checked;
    private long _elements;
    private long _strangers;
    private long _repairs;
    private string? _problem;
    private DateTimeOffset _lastWarning;
    private int _unsaid;

    public FirewallStatus Status => new(
        "nftables",
        Volatile.Read(ref _elements) + Volatile.Read(ref _strangers),
        _kernel is { } kernel ? _drops.See(kernel.Dropped()) : 0,
        Volatile.Read(ref _repairs),
        Volatile.Read(ref _problem));

    /// <summary>Elements that were in the sets and that nobody asked us for: put there by hand, or by an earlier run. They stay until they end.</summary>
    public long Strangers => Volatile.Read(ref _strangers);

    private KernelTable Kernel => _kernel ?? throw new InvalidOperationException("StartAsync comes first");

    public async ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            _kernel ??= new KernelTable(open());
            _checked = _kernel.Generation();
            await BuildAsync(_kernel.Shape(), stop);
            _desired.Replace(bans);
            await RestoreAsync(stop);
        }
        finally
        {
            Volatile.Write(ref _elements, _desired.Count);
            _turn.Release();
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
            Volatile.Write(ref _elements, _desired.Count);
            _turn.Release();
        }
    }

    public async Task WatchAsync(CancellationToken stop)
    {
        using var socket = open();
        socket.Subscribe(WatchBufferBytes);
        _own.Begin(Kernel.Port);
        var reader = new CommitReader(_own.IsOurs);
        var buffer = new byte[64 * 1024];
        using var timer = new PeriodicTimer(CheckInterval, time);
        try
        {
            await AdoptAsync(stop);
            var seen = Kernel.Generation();
            var isBehind = false;
            var received = socket.ReceiveAsync(buffer, stop).AsTask();
            var tick = timer.WaitForNextTickAsync(stop).AsTask();
            while (true)
            {
                await Task.WhenAny(received, tick);
                if (received.IsCompleted)
                {
                    var length = await received;
                    foreach (var commit in length < 0 ? Lost(reader) : reader.Read(buffer.AsSpan(0, length)))
                    {
                        seen = commit.Generation;
                        _own.Close(commit.Port);
                        await SeeAsync(commit, stop);
                    }

                    isBehind = false;
                    received = socket.ReceiveAsync(buffer, stop).AsTask();
                }

                if (tick.IsCompleted)
                {
                    await tick;
                    var generation = Kernel.Generation();

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
    }

    public ValueTask DisposeAsync()
    {
        _kernel?.Dispose();
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

        var hosts = new List<Network>(last.Count);
        var networks = new HashSet<BanSet>();
        var strays = new List<ElementChange>();
        var held = new HashSet<Network>();
        foreach (var (subject, decision) in last)
        {
            var set = BanSets.For(subject);
            if (_desired.Holds(subject, now))
            {
                held.Add(subject);
            }
            else if (decision is Unban)
            {
                // Put there by hand, perhaps: then it goes all the same.
                strays.Add(new ElementChange(set, ElementVerb.Delete, subject.First, set.HoldsIntervals ? subject.Last : subject.First, 0));
            }

            if (decision is Ban ban)
            {
                _desired.Set(subject, ban.Until);
            }
            else
            {
                _desired.Remove(subject);
            }

            if (set.HoldsIntervals)
            {
                networks.Add(set);
            }
            else if (decision is Ban || held.Contains(subject))
            {
                hosts.Add(subject);
            }
        }

        var failures = new Dictionary<Network, string>();
        await ChangeHostsAsync(hosts, held, now, failures, stop);
        foreach (var set in networks)
        {
            if (await PlaceNetworksAsync(set, now, stop) is { } why)
            {
                foreach (var subject in last.Keys.Where(subject => BanSets.For(subject) == set))
                {
                    failures[subject] = why;
                }
            }
        }

        foreach (var stray in strays)
        {
            // Not there: as it should be.
            _ = Kernel.Send([stray]);
        }

        _problem = failures.Count == 0 ? null : $"{failures.Count} changes were refused: {failures.First().Value}";
        var done = time.GetUtcNow();
        return
        [
            .. decisions.Select((decision, i) => kinds[i] == OutcomeKind.Enforced && failures.TryGetValue(decision.Subject, out var why)
                ? new Outcome(decision.Id, done, OutcomeKind.Failed, why)
                : new Outcome(decision.Id, done, kinds[i], "")),
        ];
    }

    private static ElementChange DeleteHost(Network host) => new(BanSets.For(host), ElementVerb.Delete, host.First, host.First, 0);

    private async Task ChangeHostsAsync(List<Network> hosts, HashSet<Network> held, DateTimeOffset now, Dictionary<Network, string> failures, CancellationToken stop)
    {
        // Two changes for a host at most, and all of a chunk in one transaction.
        foreach (var chunk in hosts.Chunk(Math.Max(1, Math.Min(1_000, Kernel.MaxChanges / 2))))
        {
            var changes = new List<ElementChange>(chunk.Length * 2);
            foreach (var host in chunk)
            {
                if (held.Contains(host))
                {
                    // A longer ban is taken out and put in anew: before Linux 6.12 an addition leaves the old end as it was.
                    changes.Add(DeleteHost(host));
                }

                if (_desired.Holds(host, now))
                {
                    changes.Add(new ElementChange(
                        BanSets.For(host), ElementVerb.Ensure, host.First, host.First, DesiredBans.Milliseconds(_desired.EndOfHost(host), now)));
                }
            }

            if (await SendAsync(changes, stop) is { } why)
            {
                foreach (var host in chunk)
                {
                    failures[host] = why;
                }
            }
        }
    }

    // null: done. Else why not, and nothing of it is done.
    private async Task<string?> SendAsync(List<ElementChange> changes, CancellationToken stop)
    {
        int[]? errors = null;
        for (var round = 0; round < MaxRounds && changes.Count > 0; round++)
        {
            errors = Kernel.Send(changes);
            if (errors is null)
            {
                return null;
            }

            if (!Kernel.Shape().IsWhole(settings.Reject))
            {
                // The table went away under us: it is put back with everything that should be in it, this change included.
                await RebuildAsync("somebody", stop);
                return null;
            }

            // What is not there need not be deleted.
            var kept = changes.Where((change, i) => !(change.Verb == ElementVerb.Delete && errors[i] == KernelWords.NoSuchThing)).ToList();
            if (kept.Count == changes.Count && errors.All(error => error is not (0 or KernelWords.Busy or 4 or 11)))
            {
                break;
            }

            changes = kept;
        }

        return errors is null || changes.Count == 0 ? null : KernelWords.For(errors.First(error => error != 0));
    }

    private async Task<string?> PlaceNetworksAsync(BanSet set, DateTimeOffset now, CancellationToken stop)
    {
        string? why = null;
        for (var round = 0; round < MaxRounds; round++)
        {
            var actual = _placed[set].Where(interval => !interval.HasEnded(now)).ToList();
            var wanted = _desired.Intervals(set, now);
            var (remove, add) = NetworkCover.Difference(wanted, actual, SameEnd);
            List<ElementChange> changes =
            [
                .. remove.Select(interval => new ElementChange(set, ElementVerb.Delete, interval.First, interval.Last, 0)),
                .. add.Select(interval => new ElementChange(
                    set, ElementVerb.Add, interval.First, interval.Last, DesiredBans.Milliseconds(interval.Until, now))),
            ];
            why = changes.Count == 0 ? null : await SendAsync(changes, stop);
            if (why is null)
            {
                _placed[set] = wanted;
                return null;
            }

            // Somebody's own intervals stand in the way, or one ended meanwhile: look, take over what is there, and try again.
            _placed[set] = KernelElement.Intervals(Kernel.Elements(set), now);
            foreach (var interval in _placed[set])
            {
                _desired.Adopt(interval);
            }
        }

        return why;
    }

    private async Task BuildAsync(TableShape actual, CancellationToken stop)
    {
        if (await nft.RunAsync(RulesetText.Build(actual, settings.Reject), _own.Expect, stop) is { } problem)
        {
            throw new FirewallException(problem.Contains("not permitted", StringComparison.Ordinal)
                ? $"nft: {problem}; run as root or give the process CAP_NET_ADMIN, or run without --enforce"
                : $"nft refused the table inet ringfence: {problem}");
        }

        var strange = Kernel.Shape().StrangeChains.ToList();
        if (strange.Count > 0)
        {
            _ = Kernel.Remove(strange);
        }

        var shape = Kernel.Shape();
        if (!shape.IsWhole(settings.Reject))
        {
            throw new FirewallException("table inet ringfence is not as it was made: another program changes it; run nft list table inet ringfence");
        }

        _fingerprint = shape.Fingerprint;
    }

    // Everything that should be in the sets; what is there stays.
    private async Task RestoreAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        _desired.Forget(now);
        if (Kernel.Ensure(_desired.KernelHosts(now)) is not 0 and var errno)
        {
            throw new FirewallException($"nftables: {_desired.Count} bans can't be put back: {KernelWords.For(errno)}");
        }

        foreach (var set in BanSets.All.Where(set => set.HoldsIntervals))
        {
            _placed[set] = KernelElement.Intervals(Kernel.Elements(set), now);
            foreach (var interval in _placed[set])
            {
                _desired.Adopt(interval);
            }

            _problem = await PlaceNetworksAsync(set, now, stop) is { } why ? $"networks are not banned: {why}" : _problem;
        }
    }

    // Elements of nobody's wish, and the intervals: read over a socket of its own, so that no ban waits for a long answer.
    private async Task AdoptAsync(CancellationToken stop)
    {
        using var reader = new KernelTable(open());
        _own.Begin(reader.Port);
        var elements = BanSets.All.Where(set => !set.HoldsIntervals).SelectMany(reader.Elements).ToList();
        await _turn.WaitAsync(stop);
        try
        {
            var now = time.GetUtcNow();
            Volatile.Write(ref _strangers, elements.Count(element => !_desired.Holds(element.Key.Subject, now)));
        }
        finally
        {
            _turn.Release();
        }
    }

    // Notifications were lost: all may have changed.
    private static IReadOnlyList<Commit> Lost(CommitReader reader)
    {
        reader.Reset();
        return [new Commit(0, 0, "somebody") { Structure = true, AllElements = true, Networks = true }];
    }

    private async Task SeeAsync(Commit commit, CancellationToken stop)
    {
        if (!commit.ConcernsUs)
        {
            return;
        }

        await _turn.WaitAsync(stop);
        try
        {
            if ((commit.Structure || commit.AllElements) && Kernel.Shape().Fingerprint != _fingerprint)
            {
                await RebuildAsync(commit.Process, stop);
                return;
            }

            var now = time.GetUtcNow();
            var missing = commit.AllElements;
            if (commit.AllElements)
            {
                await RestoreAsync(stop);
            }
            else if (commit.Hosts.Count > 0)
            {
                var ours = commit.Hosts.Where(host => _desired.Holds(host, now)).ToList();
                missing = ours.Count > 0;
                _ = Kernel.Ensure(_desired.KernelHosts(ours, now));
                Volatile.Write(ref _strangers, Math.Max(0, Volatile.Read(ref _strangers) + commit.Hosts.Count - ours.Count));
            }

            if (commit.Networks && !commit.AllElements)
            {
                foreach (var set in BanSets.All.Where(set => set.HoldsIntervals))
                {
                    var actual = KernelElement.Intervals(Kernel.Elements(set), now);
                    missing |= NetworkCover.Difference(_desired.Intervals(set, now), actual, SameEnd).Add.Count > 0;
                    _placed[set] = actual;
                    actual.ForEach(_desired.Adopt);
                    await PlaceNetworksAsync(set, now, stop);
                }
            }

            if (missing)
            {
                Repaired(commit.Process);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    // In turn only.
    private async Task RebuildAsync(string who, CancellationToken stop)
    {
        await BuildAsync(Kernel.Shape(), stop);
        await RestoreAsync(stop);
        Repaired(who);
    }

    private void Repaired(string who)
    {
        Interlocked.Increment(ref _repairs);
        var now = time.GetUtcNow();
        if (now - _lastWarning < TimeSpan.FromSeconds(10))
        {
            _unsaid++;
            return;
        }

        LogRepaired(who, _unsaid);
        _lastWarning = now;
        _unsaid = 0;
    }

    private async Task CheckAsync(bool isLost, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            _desired.Forget(time.GetUtcNow());
            Volatile.Write(ref _elements, _desired.Count);
            var generation = Kernel.Generation();
            if (generation == _checked)
            {
                return;
            }

            if (Kernel.Shape().Fingerprint != _fingerprint)
            {
                await RebuildAsync("somebody", stop);
            }
            else if (isLost)
            {
                await RestoreAsync(stop);
            }

            _checked = Kernel.Generation();
        }
        finally
        {
            _turn.Release();
        }
    }

    [LoggerMessage(2200, LogLevel.Warning, "Somebody ({Who}) took rules or bans out of table inet ringfence; they are back. Lift a ban with ringfence unban ADDRESS. ({Unsaid} more repairs not said)")]
    private partial void LogRepaired(string who, int unsaid);
}
