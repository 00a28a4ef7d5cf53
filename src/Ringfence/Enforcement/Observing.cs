using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>The firewall of `observe`: everything is decided and shown, nothing is banned. What an earlier, enforcing guard left in the kernel
/// is counted, and goes when it is unbanned.</summary>
/// <param name="open">Opens a netlink socket; null: the kernel is never looked at.</param>
/// <param name="problem">Why nothing can be done; null where the operator asked to observe.</param>
internal sealed class Observing(TimeProvider time, Func<NetlinkSocket>? open = null, string? problem = null) : IFirewall
{
    private readonly DropCount _drops = new();
    private long _elements;

    public FirewallStatus Status
    {
        get
        {
            var elements = Math.Max(0, Interlocked.Read(ref _elements));
            return new("observe", elements, elements == 0 ? 0 : Dropped(), 0, problem);
        }
    }

    public ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop)
    {
        Count();
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        return new([.. decisions.Select(decision => new Outcome(decision.Id, now, OutcomeKind.Observed, decision is Unban ? Free(decision.Subject, now) : ""))]);
    }

    /// <summary>It puts no rule into the kernel.</summary>
    public bool KeepsLongOut => false;

    public IReadOnlyList<ActiveBan> Standing()
    {
        if (open is null)
        {
            return [];
        }

        try
        {
            using var kernel = new KernelTable(open());
            return StandingBans.Read(kernel, time.GetUtcNow());
        }
        catch (FirewallException)
        {
            // Observing needs no permission: who has none did not ban anybody before either.
            return [];
        }
    }

    public async Task WatchAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                // Reading 100,000 takes half a second: as seldom as keeps it under a thousandth of a core.
                await Task.Delay(TimeSpan.FromMinutes(1) + TimeSpan.FromMilliseconds(6 * Interlocked.Read(ref _elements)), time, stop);
                Count();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // What an earlier guard's bans drop still: its table counts on, whoever looks.
    private long Dropped()
    {
        if (open is null)
        {
            return 0;
        }

        try
        {
            using var kernel = new KernelTable(open());
            return _drops.See(kernel.Packets(RulesetText.Counter));
        }
        catch (FirewallException)
        {
            return _drops.See(null);
        }
    }

    private void Count() => Interlocked.Exchange(ref _elements, Standing().Count);

    // Returns why it may still be banned; empty if it is free.
    private string Free(Network subject, DateTimeOffset now)
    {
        if (open is null)
        {
            return "";
        }

        try
        {
            using var kernel = new KernelTable(open());
            _ = kernel.Generation();

            // A range is lifted as a whole, whatever piece of it is freed: nobody puts the rest back.
            List<(BanSet Set, Interval Interval)> standing = [.. StandingBans.Around(kernel, subject, now).Select(range => (BanSets.IntervalsOf(subject), range))];
            if (subject.IsHost)
            {
                _ = kernel.Send([new ElementChange(subject.IsIPv4 ? BanSet.Throttled4 : BanSet.Throttled6, ElementVerb.Delete, subject.First, subject.First, 0)]);
                standing.Add((BanSets.For(subject), Interval.Of(subject, null)));
            }

            foreach (var (set, interval) in standing)
            {
                var errno = kernel.Send([new ElementChange(set, ElementVerb.Delete, interval.First, interval.Last, 0)])?[0];
                if (errno is null)
                {
                    Interlocked.Add(ref _elements, -interval.Networks().LongCount());
                }
                else if (errno != KernelWords.NoSuchThing)
                {
                    return $"a ban of an earlier guard may stand in the kernel: {KernelWords.For(errno.Value)}";
                }
            }

            return "";
        }
        catch (FirewallException e)
        {
            return $"a ban of an earlier guard may stand in the kernel: {e.Message}";
        }
    }
}
