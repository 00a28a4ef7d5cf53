using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>What somebody else may have done to the table.</summary>
/// <param name="Elements">All elements may be gone.</param>
/// <param name="Networks">The interval sets, or those that throttle, were touched.</param>
/// <param name="Hosts">These hosts were touched.</param>
internal sealed record Damage(bool Elements, bool Networks, IReadOnlyCollection<Network> Hosts)
{
    public static readonly Damage All = new(true, true, []);

    /// <summary>Nobody told: rules and interval sets are looked at; hosts need a comparison (<see cref="BanTable.CompareAsync"/>).</summary>
    public static readonly Damage Unseen = new(false, true, []);
}

/// <summary>Makes the kernel's table hold what <see cref="Desired"/> says. One caller at a time.</summary>
/// <param name="repaired">Is told when something was put back that somebody took out: who, and how many bans.</param>
internal sealed class BanTable(KernelTable kernel, NftCommand nft, Ruleset ruleset, OwnCommits own, TimeProvider time, Action<string, int> repaired)
    : IDisposable
{
    // Each round answers one kind of refusal (there already, not there any more, no table, overlap); more mean a quarrel with another program.
    private const int MaxRounds = 8;
    private const int MaxTries = 3;

    // While nft hangs each try costs everybody its patience of 8 s: so it is not tried again at once.
    private static readonly TimeSpan RestAfterTimeout = TimeSpan.FromSeconds(20);

    private readonly Dictionary<BanSet, List<Interval>> _placed = new() { [BanSet.Networks4] = [], [BanSet.Networks6] = [] };
    private readonly HashSet<Network> _overdue = [];
    private string _fingerprint = "";
    private (DateTimeOffset Until, string Why)? _rest;

    public DesiredBans Desired { get; } = new();

    /// <summary>Who meets no limit.</summary>
    public TrustedSets Trusted { get; } = new(kernel, ruleset.Limits is not null, time);

    /// <summary>Whose SIP comes through in drops.</summary>
    public ThrottledSets Throttled { get; } = new(kernel, ruleset.Limits is not null, time);

    public KernelTable Kernel => kernel;

    /// <summary>The kernel's generation at which all was known to be right: earlier commits need no look.</summary>
    public uint CheckedAt { get; private set; }

    /// <summary>Whether rules, chains and sets are as they were made.</summary>
    public bool HasShape => kernel.Shape().Fingerprint == _fingerprint;

    /// <summary>Makes the table, keeping what is in it, and puts every desired ban in.</summary>
    /// <exception cref="FirewallException">No permission, no nft, or the kernel refused.</exception>
    public async Task StartAsync(CancellationToken stop)
    {
        CheckedAt = kernel.Generation();
        await BuildAsync(kernel.Shape(), stop);
        Trusted.Place();
        Throttled.Place();
        await RestoreAsync(Damage.All, stop);
    }

    /// <summary>Puts right what was damaged; does nothing to what is as it should be.</summary>
    /// <returns>Whether something had to be put back.</returns>
    /// <exception cref="FirewallException">It can't be.</exception>
    public async Task<bool> PutBackAsync(Damage damage, string who, CancellationToken stop)
    {
        var generation = kernel.Generation();
        var shape = kernel.Shape();
        var isRebuilt = shape.Fingerprint != _fingerprint;
        if (isRebuilt)
        {
            await BuildAsync(shape, stop);

            // With a chain or a set, its elements may have gone in a commit that we did not hear of yet.
            damage = Damage.All;
        }

        var isTrustRepaired = (damage.Elements || damage.Networks) && (Trusted.Place() | Throttled.Place());
        var bans = await RestoreAsync(damage, stop);
        if (damage.Elements)
        {
            CheckedAt = generation;
        }

        var isRepaired = isRebuilt || isTrustRepaired || bans > 0;
        if (isRepaired)
        {
            repaired(who, bans);
        }

        return isRepaired;
    }

    /// <summary>Applies changes of hosts, and brings interval sets to what is desired, in one transaction if it fits.</summary>
    /// <param name="changes">Hosts.</param>
    /// <param name="networks">Interval sets in which a desired ban changed.</param>
    /// <returns>Why an interval set could not be changed, for those that could not; hosts carry their own failure.</returns>
    /// <exception cref="FirewallException">The table went away and can't be put back.</exception>
    public async Task<IReadOnlyDictionary<BanSet, string>> ChangeAsync(
        IReadOnlyList<PendingChange> changes, IReadOnlySet<BanSet> networks, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var all = new List<PendingChange>(changes);
        foreach (var set in networks)
        {
            _placed[set].RemoveAll(interval => interval.HasEnded(now));
            all.AddRange(DifferenceOf(set, Desired.Intervals(set, now), _placed[set]));
        }

        var conflicts = new HashSet<BanSet>();
        foreach (var chunk in all.Chunk(Math.Clamp(kernel.MaxChanges / 2, 1, KernelTable.MaxChangesAtOnce)))
        {
            await CommitAsync(chunk, now, conflicts, stop);
        }

        foreach (var change in changes.Where(change => change is { Delete: true, Add: false, Failure: not null }))
        {
            _overdue.Add(change.Subject);
        }

        var failures = new Dictionary<BanSet, string>();
        foreach (var set in networks)
        {
            if (!conflicts.Contains(set) && !all.Any(change => change.Set == set && change.Failure is not null))
            {
                _placed[set] = Desired.Intervals(set, now);
            }
            else if (PlaceAround(set).Failure is { } why)
            {
                failures[set] = why;
            }
        }

        return failures;
    }

    /// <summary>Takes over what the kernel bans of the freed and we did not put there: by hand, or by a guard whose journal was lost. The next change of the set takes it
    /// out, or the next repair where that fails. A range that is no network is listed in pieces (<see cref="StandingBans"/>): those that are not freed stay desired.</summary>
    /// <param name="freed">Hosts and networks of the set's family, which <see cref="Desired"/> does not hold any more.</param>
    /// <returns>Those of the freed that stood in the set.</returns>
    public HashSet<Network> TakeStrange(BanSet set, IReadOnlyList<Network> freed, DateTimeOffset now)
    {
        var standing = new HashSet<Network>();
        var ours = _placed[set].Select(interval => (interval.First, interval.Last)).ToHashSet();
        foreach (var range in KernelElement.Intervals(kernel.Elements(set), now).Where(interval => !ours.Contains((interval.First, interval.Last))))
        {
            List<Network> inside = [.. freed.Where(subject => StandingBans.Concerns(subject, range))];
            if (inside.Count == 0)
            {
                continue;
            }

            standing.UnionWith(inside);
            _placed[set].Add(range);
            foreach (var piece in range.Networks().Where(piece => !inside.Exists(subject => subject.Contains(piece))))
            {
                Desired.Adopt(Interval.Of(piece, range.Until));
            }
        }

        return standing;
    }

    /// <returns>How many intervals of a reading of one set nobody desired; one that was taken over because it overlaps ours is among them.</returns>
    public int CountStrange(IReadOnlyList<KernelElement> read)
    {
        var now = time.GetUtcNow();

        // What ends within moments was ours and is forgotten already.
        return KernelElement.Intervals(read, now).Count(interval => !interval.HasEnded(now + DesiredBans.SameEnd) && !Desired.Covers(interval, now));
    }

    /// <summary>Forgets bans that ended: the kernel forgot them by itself.</summary>
    public void Forget()
    {
        var now = time.GetUtcNow();
        Desired.Forget(now);
        Throttled.Tidy(now);
        foreach (var intervals in _placed.Values)
        {
            intervals.RemoveAll(interval => interval.HasEnded(now));
        }
    }

    /// <summary>Compares a reading of the host sets with what is desired, and puts right what differs.</summary>
    /// <param name="read">All elements of both host sets; bans applied since it was read are put in again, which changes nothing.</param>
    /// <returns>Bans that were missing, and elements that nobody desired.</returns>
    /// <exception cref="FirewallException">They can't be put right.</exception>
    public async Task<(int Missing, int Strangers)> CompareAsync(IReadOnlyList<KernelElement> read, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var there = new HashSet<Network>(read.Count);
        var wrong = new List<PendingChange>();
        var strangers = 0;
        foreach (var element in read)
        {
            var host = element.Key.Subject;

            // Put in by hand with bits behind its /64, it matches no packet.
            if (element.Key != host.First || !Desired.Holds(host, now))
            {
                strangers++;
                continue;
            }

            there.Add(host);
            if (!DesiredBans.IsSameEnd(now + element.Remaining, Desired.EndOfHost(host)))
            {
                // Before Linux 6.12 an element that was there at the start kept its old end.
                wrong.Add(new PendingChange(BanSets.For(host), Interval.Of(host, Desired.EndOfHost(host))) { Delete = true, Add = true });
            }
        }

        var missing = Desired.Hosts.Where(ban => !there.Contains(ban.Key) && Desired.Holds(ban.Key, now))
            .Select(ban => new PendingChange(BanSets.For(ban.Key), Interval.Of(ban.Key, ban.Value)) { Add = true }).ToList();
        await ChangeAsync([.. wrong, .. missing], new HashSet<BanSet>(), stop);
        if (wrong.Concat(missing).FirstOrDefault(change => change.Failure is not null) is { } failed)
        {
            throw new FirewallException($"nftables: the ban of {failed.Subject} can't be put back: {failed.Failure}");
        }

        // What the kernel had already was not missing: it was applied after the reading.
        return (missing.Count(change => !change.Delete), strangers);
    }

    public void Dispose() => kernel.Dispose();

    private static IEnumerable<PendingChange> DifferenceOf(BanSet set, List<Interval> wanted, List<Interval> actual)
    {
        // What goes goes first: what comes may lie where it was.
        var (remove, add) = NetworkCover.Difference(wanted, actual, DesiredBans.SameEnd);
        return remove.Select(interval => new PendingChange(set, interval) { Delete = true })
            .Concat(add.Select(interval => new PendingChange(set, interval) { Add = true }));
    }

    private async Task CommitAsync(PendingChange[] changes, DateTimeOffset now, HashSet<BanSet> conflicts, CancellationToken stop)
    {
        var elements = new List<ElementChange>();
        var owners = new List<PendingChange>();
        for (var round = 0; ; round++)
        {
            elements.Clear();
            owners.Clear();
            foreach (var change in changes.Where(change => !change.IsSettled && !conflicts.Contains(change.Set)))
            {
                var (set, interval) = (change.Set, change.Interval);
                if (change.Delete)
                {
                    elements.Add(new ElementChange(set, ElementVerb.Delete, interval.First, interval.Last, 0));
                    owners.Add(change);
                }

                if (change.Add)
                {
                    elements.Add(new ElementChange(
                        set, ElementVerb.Add, interval.First, interval.Last, DesiredBans.Milliseconds(interval.Until, now)));
                    owners.Add(change);
                }
            }

            if (elements.Count == 0 || kernel.Send(elements) is not { } errors)
            {
                return;
            }

            var isTableGone = false;
            for (var i = 0; i < errors.Length; i++)
            {
                if (errors[i] != 0)
                {
                    isTableGone |= React(elements[i].Verb, errors[i], owners[i], isLastRound: round >= MaxRounds - 1, conflicts);
                }
            }

            if (isTableGone)
            {
                await PutBackAsync(Damage.All, "somebody", stop);
            }
        }
    }

    // Changes what the kernel refused, so that the next round goes through or leaves it out. True: there is no set to put it in.
    private static bool React(ElementVerb verb, int errno, PendingChange change, bool isLastRound, HashSet<BanSet> conflicts)
    {
        switch (verb, errno)
        {
            case (ElementVerb.Delete, KernelWords.NoSuchThing):
                change.Delete = false;
                return false;

            case (_, KernelWords.Exists or KernelWords.NotEmpty or KernelWords.Busy) when change.Set.HoldsIntervals:
                conflicts.Add(change.Set);
                return false;

            case (ElementVerb.Add, KernelWords.NoSuchThing) when !isLastRound:
                return true;

            // Lost: it may be there, or may not. Taking out what is not there costs a round.
            case (ElementVerb.Add, KernelWords.Exists or KernelWords.AnswerLost) when !isLastRound:
                change.Delete = true;
                return false;

            case (_, KernelWords.AnswerLost or KernelWords.TryAgain or KernelWords.Interrupted or KernelWords.NoBuffers) when !isLastRound:
                return false;

            default:
                change.Failure = KernelWords.For(errno);
                return false;
        }
    }

    // Reads an interval set and puts ours in. Somebody else's intervals stay, but those that overlap ours in part or whole:
    // the kernel holds no two that overlap, so they are taken over as bans of ours and live on in the cover.
    private (int Added, string? Failure) PlaceAround(BanSet set)
    {
        string? why = null;
        for (var round = 0; round < MaxRounds; round++)
        {
            var now = time.GetUtcNow();
            var actual = KernelElement.Intervals(kernel.Elements(set), now);
            var ours = _placed[set].Select(interval => (interval.First, interval.Last)).ToHashSet();
            var wanted = Desired.Intervals(set, now);
            var strange = actual.Where(interval => !ours.Contains((interval.First, interval.Last)));
            NetworkCover.Conflicts(wanted, [.. strange]).ForEach(Desired.Adopt);
            wanted = Desired.Intervals(set, now);

            // Not ours and not in our way: not in the comparison either.
            var near = NetworkCover.Touching(wanted, actual);
            var compared = actual.Where(interval => ours.Contains((interval.First, interval.Last)) || near.Contains(interval)).ToList();
            var changes = DifferenceOf(set, wanted, compared).ToList();
            why = SendOnce(changes, now);
            if (why is null)
            {
                _placed[set] = wanted;
                return (changes.Count(change => change.Add), null);
            }
        }

        return (0, why);
    }

    private string? SendOnce(List<PendingChange> changes, DateTimeOffset now) => kernel.SendAll(changes.Select(change => change.Add
        ? new ElementChange(change.Set, ElementVerb.Add, change.Interval.First, change.Interval.Last, DesiredBans.Milliseconds(change.Interval.Until, now))
        : new ElementChange(change.Set, ElementVerb.Delete, change.Interval.First, change.Interval.Last, 0)));

    private async Task BuildAsync(TableShape actual, CancellationToken stop)
    {
        if (_rest is { } rest && time.GetUtcNow() < rest.Until)
        {
            throw new FirewallException(rest.Why);
        }

        string? said = null;
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            uint process = 0;
            try
            {
                said = await nft.RunAsync(RulesetText.Build(actual, ruleset), id => own.Expect(process = id), stop);
            }
            catch (NftTimeoutException e)
            {
                own.Close(process);
                _rest = (time.GetUtcNow() + RestAfterTimeout, e.Message);
                throw;
            }

            if (said is not null)
            {
                own.Close(process);
            }

            actual = kernel.Shape();
            if (actual.StrangeChains(ruleset).ToList() is { Count: > 0 } strange)
            {
                _ = kernel.Remove(strange);
                actual = kernel.Shape();
            }

            if (said is null && actual.IsWhole(ruleset))
            {
                _fingerprint = actual.Fingerprint;
                return;
            }
        }

        throw new FirewallException(said is null
            ? "nftables: table inet ringfence does not stay as it was made: another program changes it; look with nft monitor"
            : $"nftables: nft refused the table inet ringfence: {said}");
    }

    // Unbans that the kernel refused when they were decided.
    private async Task UnbanOverdueAsync(DateTimeOffset now, CancellationToken stop)
    {
        if (_overdue.Count == 0)
        {
            return;
        }

        var changes = _overdue.Where(subject => !Desired.Holds(subject, now))
            .Select(subject => new PendingChange(BanSets.For(subject), Interval.Of(subject, null)) { Delete = true }).ToList();
        _overdue.Clear();
        await ChangeAsync(changes, new HashSet<BanSet>(), stop);
        if (changes.Find(change => change.Failure is not null) is { } failed)
        {
            throw new FirewallException($"nftables: the ban of {failed.Subject} can't be lifted: {failed.Failure}");
        }
    }

    // What should be in the sets; what is there stays.
    private async Task<int> RestoreAsync(Damage damage, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        var bans = 0;
        if (damage.Elements)
        {
            Desired.Forget(now);
            bans = Desired.Hosts.Count;
            var errno = kernel.Ensure(Desired.KernelHosts(now));
            if (errno is KernelWords.AnswerLost or KernelWords.NoBuffers)
            {
                errno = kernel.Ensure(Desired.KernelHosts(now));
            }

            if (errno != 0)
            {
                throw new FirewallException($"nftables: {bans} bans can't be put into the kernel: {KernelWords.For(errno)}");
            }
        }
        else if (damage.Hosts.Count > 0)
        {
            var touched = damage.Hosts.Where(host => Desired.Holds(host, now))
                .Select(host => new PendingChange(BanSets.For(host), Interval.Of(host, Desired.EndOfHost(host))) { Delete = true, Add = true }).ToList();
            bans = touched.Count;
            await ChangeAsync(touched, new HashSet<BanSet>(), stop);
            if (touched.Find(change => change.Failure is not null) is { } failed)
            {
                throw new FirewallException($"nftables: the ban of {failed.Subject} can't be put back: {failed.Failure}");
            }
        }

        foreach (var set in _placed.Keys.Where(set => (damage.Elements || damage.Networks) && (_placed[set].Count > 0 || Desired.Intervals(set, now).Count > 0)).ToList())
        {
            var (added, failure) = PlaceAround(set);
            bans += added;
            if (failure is not null)
            {
                throw new FirewallException($"nftables: networks can't be put into the kernel: {failure}");
            }
        }

        if (damage.Elements || damage.Networks)
        {
            await UnbanOverdueAsync(now, stop);
        }

        return bans;
    }
}
