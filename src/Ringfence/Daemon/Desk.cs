using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Ringfence.Feeds;
using Ringfence.Journal;
using Ringfence.Notifiers;
using Ringfence.Outer;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Answers what the operator asks of a running guard, in the pipeline's turn.</summary>
internal sealed class Desk(
    Pipeline pipeline,
    IJournal journal,
    IFirewall firewall,
    OperatorTrust byHand,
    TrustKeeper keeper,
    Func<IReadOnlyList<TailStatus>> tails,
    Func<IReadOnlyList<PartReport>> parts,
    TimeProvider clock) : IDaemon
{
    /// <summary>What receives HEP; null: nobody.</summary>
    public HepReceiver? Hep { get; init; }

    /// <summary>What receives from the wire; null: nobody.</summary>
    public WireReceiver? Wire { get; init; }

    /// <summary>Sends the guard's own request; null: nobody does.</summary>
    public CanaryWatch? Canary { get; init; }

    /// <summary>Who is told; null: nobody.</summary>
    public Notices? Notices { get; init; }

    /// <summary>Blocklists; null: there are none.</summary>
    public ListKeeper? Lists { get; init; }

    /// <summary>Firewalls outside this machine.</summary>
    public IReadOnlyList<OuterFirewall> Outer { get; init; } = [];

    /// <summary>Users who open a door for themselves; null: nobody can.</summary>
    public RoamingWatch? Roaming { get; init; }

    /// <summary>What drops scanners by name; null: nothing does.</summary>
    public Perimeter.ScannerDrop? Scanners { get; init; }

    /// <summary>Why what is watched shows less than the PBX could tell; null: it does not.</summary>
    public Func<string?> Weakness { get; init; } = static () => null;

    /// <summary>That the configuration is not what the guard read any more; null: it is.</summary>
    public Func<string?> Staleness { get; init; } = static () => null;

    /// <summary>Whether the pipeline moves; null: nobody looks.</summary>
    public Pulse? Pulse { get; init; }

    /// <summary>The firewall's policy; null: nobody keeps it.</summary>
    public PolicyKeeper? Policy { get; init; }

    /// <summary>The databases of countries; null: there are none.</summary>
    public GeoKeeper? Countries { get; init; }

    // A log has it within milliseconds: who asks in these must not be told of silence.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    // Less than a client waits for an answer.
    private static readonly TimeSpan FeedPatience = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan OuterPatience = TimeSpan.FromSeconds(12);

    private readonly DateTimeOffset _started = clock.GetUtcNow();
    private StatusReport? _lastStatus;

    public async ValueTask<StatusReport> StatusAsync(CancellationToken stop)
    {
        // While the firewall keeps the pipeline waiting, status is what one asks: then it says what was so a moment ago, and the firewall as it is.
        var before = Volatile.Read(ref _lastStatus);
        var patience = before is null ? Pulse.Patience : TimeSpan.FromSeconds(1);
        if (await pipeline.TryInTurnAsync(Status, patience, stop) is not { } report)
        {
            before ??= new StatusReport { From = "daemon", Version = Versions.Own, Now = clock.GetUtcNow(), Started = _started };
            return before with { Now = clock.GetUtcNow(), Firewall = firewall.Status, Journal = journal.Status, Canary = Canary?.Report, Parts = Parts(), Notifiers = Notices?.Status ?? [], Lists = Lists?.Status(clock.GetUtcNow()), Outer = OuterNow() };
        }

        report = report with { Notifiers = Notices?.Status ?? [], Lists = Lists?.Status(report.Now), Outer = OuterNow(), Roaming = Roaming is null ? null : await Roaming.ReportAsync(stop), ScannersDropped = Scanners?.Dropped };
        Volatile.Write(ref _lastStatus, report);
        return report;
    }

    public async ValueTask<FeedsReport> UpdateFeedsAsync(string? name, bool force, CancellationToken stop)
    {
        List<Feed> feeds = [.. (Lists?.Feeds ?? []).Where(feed => name is null || feed.Settings.Name == name)];
        if (feeds.Count == 0)
        {
            throw new RefusedException(name is null || Lists is not { Feeds.Count: > 0 }
                ? "no feed is configured: expected a section such as [feed voipbl] in ringfence.conf"
                : $"there is no feed {Core.Pbx.Shown.Text(name)}: expected one of {string.Join(", ", Lists.Feeds.Select(feed => feed.Settings.Name))}");
        }

        // It goes on when whoever asked does not wait any longer.
        var updates = feeds.Select(feed => feed.UpdateAsync(force, CancellationToken.None)).ToList();
        await Task.WhenAny(Task.WhenAll(updates), Task.Delay(FeedPatience, clock, stop));
        var now = clock.GetUtcNow();
        return new FeedsReport(now, [.. feeds.Zip(updates, (feed, update) => new FeedUpdateReport(
            feed.Settings.Name, update.IsCompletedSuccessfully ? update.Result : null, feed.Status(now).Entries, !update.IsCompleted))]);
    }

    public async ValueTask<OuterTestReport> OuterTestAsync(string name, CancellationToken stop)
    {
        var outer = OuterOf(name);
        using var late = new CancellationTokenSource(OuterPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            return new OuterTestReport(name, [.. (await outer.TestAsync(either.Token)).Select(step => new OuterTestStep(step.What, step.Answer.Kind == AnswerKind.Taken, step.Answer.Words))]);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new OuterTestReport(name, [new OuterTestStep("ban and unban", false, $"{outer.Settings.Where}: no answer within {OuterPatience.TotalSeconds} s; the example may be banned there now")]);
        }
    }

    public ValueTask<OuterSyncReport> OuterSyncAsync(string name, CancellationToken stop)
    {
        var outer = OuterOf(name);
        outer.Sync();
        return new ValueTask<OuterSyncReport>(new OuterSyncReport(name, outer.Status(clock.GetUtcNow()).Waiting));
    }

    public async ValueTask<DoorsClosedReport> CloseDoorAsync(string who, CancellationToken stop) => Roaming is null
        ? throw new RefusedException("nobody can open a door here: there is no section [knock NAME] in the configuration that is in force, or the guard only observes")
        : new DoorsClosedReport([.. (await Roaming.CloseAsync(who, stop)).Select(static entry => new RoamingUserReport(entry.User, entry.Address.ToString(), entry.Until))]);

    private OuterFirewall OuterOf(string name) => Outer.FirstOrDefault(outer => outer.Settings.Name == name) ?? throw new RefusedException(Outer.Count == 0
        ? "no firewall outside this machine is told: there is no section [outer NAME] in the configuration that is in force, or the guard only observes"
        : $"there is no [outer {Core.Pbx.Shown.Text(name)}]: expected one of {string.Join(", ", Outer.Select(outer => outer.Settings.Name))}");

    private List<OuterStatus> OuterNow() => [.. Outer.Select(outer => outer.Status(clock.GetUtcNow()))];

    // The part runs; what it is there for is not done.
    private List<PartReport> Parts() => [.. parts().Select(part => part switch
    {
        { Name: "trust", Problem: null } => part with { Problem = keeper.Problem },
        { Name: "policy", Problem: null } => part with { Problem = Policy?.Problem },
        { Name: "countries", Problem: null } => part with { Problem = Countries?.Problem },
        { Name: "pipeline", Problem: null } => part with { Problem = Pulse?.Problem },
        _ => part,
    })];

    public async ValueTask<BansReport> BansAsync(CancellationToken stop)
    {
        var standing = StandingNow();
        return await pipeline.InTurnAsync(
            () =>
            {
                var now = clock.GetUtcNow();
                return Task.FromResult(new BansReport("daemon", now,
                [
                    .. pipeline.Bans.At(now).Select(entry => ReportFrom.Ban(entry.Ban, entry.Outcome)),
                    .. pipeline.Bans.Strangers(standing, now).Select(ban => ReportFrom.Stranger(ban, now)),
                ]));
            },
            stop);
    }

    private IReadOnlyList<ActiveBan> StandingNow()
    {
        try
        {
            return firewall.Standing();
        }
        catch (FirewallException)
        {
            // The kernel does not answer, which status says: what was decided is known all the same.
            return [];
        }
    }

    public ValueTask<WatchedListReport> WatchedAsync(CancellationToken stop) => pipeline.InTurnAsync(
        () =>
        {
            var now = clock.GetUtcNow();
            return Task.FromResult(new WatchedListReport(now, Watched(null, now, WatchedListReport.MostAddresses)));
        },
        stop);

    private List<WatchedReport> Watched(Network? subject, DateTimeOffset now, int most) => [.. pipeline.LookAt(subject, now, most).Select(ReportFrom.Watched)];

    public ValueTask<ChangeReport> BanAsync(BanRequest request, CancellationToken stop) => pipeline.InTurnAsync(
        async () =>
        {
            var now = clock.GetUtcNow();
            var subject = AsBanned(request.Subject);
            if (!request.Force && pipeline.Trust.Find(subject) is { } trust)
            {
                throw new RefusedException($"{subject} is not banned: {trust}. Use --force if you mean it.");
            }

            var until = now + request.For;
            if (!request.DryRun)
            {
                var outcomes = await pipeline.ActAsync([pipeline.Amendments.BanByHand(subject, now, request.For, request.Reason)], stop);
                if (outcomes[0].Kind == OutcomeKind.Failed)
                {
                    throw new FirewallException($"{subject}: the firewall refused: {outcomes[0].Detail}");
                }
            }

            var observes = firewall.Status.Mode == "observe";
            var verb = request.DryRun || observes ? "would be" : "is";
            return new ChangeReport(subject, "banned", until, request.DryRun, $"{subject} {verb} banned {End(request.For)}.{(observes ? " Ringfence only observes: nothing is blocked, nor will this ban hold when the guard begins to ban, for what was only observed bans nobody: ban it again then." : "")}");
        },
        stop);

    public async ValueTask<ChangeReport> UnbanAsync(Network subject, bool dryRun, CancellationToken stop)
    {
        // Out of turn: no ban waits for the half second that reading 100,000 elements takes.
        var standing = firewall.Standing();
        return await pipeline.InTurnAsync(() => UnbanAsync(subject, standing, dryRun, stop), stop);
    }

    public ValueTask<TrustListReport> TrustedAsync(CancellationToken stop) => pipeline.InTurnAsync(
        () => Task.FromResult(new TrustListReport(clock.GetUtcNow(), [.. pipeline.Trust.Entries.Select(Report)])),
        stop);

    public async ValueTask<ChangeReport> TrustAsync(TrustRequest request, CancellationToken stop)
    {
        var until = clock.GetUtcNow() + request.For;
        var before = StandingNow();
        var wider = await pipeline.InTurnAsync(() => Task.FromResult(Wider(AsBanned(request.Subject), before, clock.GetUtcNow())), stop);
        var problem = "";
        if (!request.DryRun)
        {
            await pipeline.InTurnAsync(
                () =>
                {
                    byHand.Set(new TrustReport(request.Subject, "operator", request.Reason, until));
                    return Task.FromResult(true);
                },
                stop);

            // Lifts the ban of whoever is trusted now.
            await keeper.PublishAsync(stop);
            problem = await FreeAsync(request.Subject, stop);
        }

        // As Decider and TrustedBans: of a rule's ban of a network nothing is left when somebody in it is trusted.
        var whole = wider.FindAll(ban => ban.Rule != Operator.Rule);
        var kept = Networks(wider.Except(whole), request.DryRun ? "would stay" : "stays", request.DryRun ? "would stay" : "stay", "banned without it.");
        var ended = Networks(whole, request.DryRun ? "would be" : "is", request.DryRun ? "would be" : "are", "free with it: no rule bans a network in which somebody is trusted. Who is banned by himself there stays so.");
        return new ChangeReport(
            request.Subject, "trusted", until, request.DryRun, $"{request.Subject} {(request.DryRun ? "would be" : "is")} trusted {End(request.For)}.{kept}{ended}{problem}");

        static string Networks(IEnumerable<Ban> bans, string one, string more, string what) => bans.Select(ban => ban.Subject).ToList() is { Count: > 0 } networks
            ? $" {string.Join(", ", networks)} {(networks.Count == 1 ? one : more)} {what}"
            : "";
    }

    public async ValueTask<ChangeReport> UntrustAsync(Network subject, bool dryRun, CancellationToken stop)
    {
        if (byHand.Of(subject) is null)
        {
            return pipeline.Trust.Entries.FirstOrDefault(entry => entry.Network == subject) is { } other
                ? throw new RefusedException($"{subject} is trusted as {other.Reason}: change it there.")
                : new ChangeReport(subject, "none", null, dryRun, $"{subject} was not trusted by hand.");
        }

        if (!dryRun)
        {
            await pipeline.InTurnAsync(
                () =>
                {
                    byHand.Remove(subject);
                    return Task.FromResult(true);
                },
                stop);
            await keeper.PublishAsync(stop);
        }

        return new ChangeReport(subject, "untrusted", null, dryRun, $"{subject} {(dryRun ? "would not be" : "is not")} trusted by hand any more.");
    }

    public async ValueTask<WhyReport> WhyAsync(Network subject, CancellationToken stop)
    {
        var report = await pipeline.InTurnAsync(
            () =>
            {
                var now = clock.GetUtcNow();
                var ban = pipeline.Bans.Over(subject, now);
                return Task.FromResult(new WhyReport(
                    "daemon", now, subject, ban is { } entry ? ReportFrom.Ban(entry.Ban, entry.Outcome) : null, pipeline.Trust.Find(subject), [])
                {
                    Watched = Watched(subject, now, 10),
                });
            },
            stop);

        // Out of turn, on the journal's reading connection: a network's years of decisions hold up no ban.
        return report with
        {
            Decisions = [.. journal.About(subject).Select(entry => ReportFrom.Decision(entry.Decision, entry.Outcomes, withEvidence: true))],
        };
    }

    public async ValueTask<NotifyTestReport> NotifyTestAsync(string? name, CancellationToken stop) =>
        await NotifyTest.RunAsync(Notices?.Receivers ?? [], name, clock, stop);

    private async Task<ChangeReport> UnbanAsync(Network subject, IReadOnlyList<ActiveBan> standing, bool dryRun, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var exact = pipeline.Bans.Of(subject, now) is not null ? subject : AsBanned(subject);
        var known = KnownInside(exact, now);
        var strangers = pipeline.Bans.Strangers(standing, now).Select(ban => ban.Subject).ToList();
        var strange = strangers.FindAll(stranger => exact.Contains(stranger));
        if (known.Count + strange.Count == 0)
        {
            if (pipeline.Bans.Over(subject, now) is { } wider)
            {
                throw new RefusedException($"{subject} is banned with all of {wider.Ban.Subject}. {Ways(wider.Ban.Subject, exact)}");
            }

            return strangers.Exists(stranger => stranger.Contains(exact))
                ? throw new RefusedException($"{subject} is banned in the kernel with all of {strangers.Find(stranger => stranger.Contains(exact))}. {Ways(strangers.Find(stranger => stranger.Contains(exact)), exact)}")
                : new ChangeReport(subject, "none", null, dryRun, $"{subject} is not banned.");
        }

        var problem = dryRun ? "" : await LiftAsync(exact, known, strange, [], "lifted by hand", stop);
        var others = known.Concat(strange).Count(one => one != exact);
        if (StillOver(exact, strangers, now) is { } over)
        {
            var not = dryRun ? "would not be" : "is not";
            var alone = pipeline.Bans.Of(over, now) is null ? " (in the kernel only)" : "";
            return new ChangeReport(
                exact, "unbanned", null, dryRun, $"{exact} {not} banned by itself any more, but still with all of {over}{alone}. {Ways(over, exact)}{problem}")
            {
                StillBannedWith = over,
            };
        }

        var what = known.Count == 0 ? $"{exact} was banned in the kernel only; it " : $"{exact} ";
        var inside = others == 0 ? "" : $", with {others} bans inside it";
        return new ChangeReport(exact, "unbanned", null, dryRun, $"{what}{(dryRun ? "would be" : "is")} free{inside}.{problem}");
    }

    // Who was banned for his neighbours is let in without them.
    private static string Ways(Network over, Network one) => $"To free them all: ringfence unban {over}; this one alone: ringfence trust {one}";

    // Hosts and networks are in sets of their own: with the end of the one the other still stands.
    private Network? StillOver(Network freed, IEnumerable<Network> strangers, DateTimeOffset now)
    {
        var over = pipeline.Bans.At(now).Select(entry => entry.Ban.Subject).Concat(strangers).Where(banned => banned != freed && banned.Contains(freed)).ToList();
        return over.Count == 0 ? null : over.MaxBy(banned => banned.PrefixLength);
    }

    // A ban by the operator's own hand falls too when he trusts the address: he has changed his mind. So does one that only the kernel knows.
    // Of a network that he banned the rest stays banned: he said nothing about the neighbours.
    private async Task<string> FreeAsync(Network subject, CancellationToken stop)
    {
        var standing = firewall.Standing();
        return await pipeline.InTurnAsync(
            () =>
            {
                var now = clock.GetUtcNow();
                var exact = AsBanned(subject);
                var strange = pipeline.Bans.Strangers(standing, now).Select(ban => ban.Subject).Where(exact.Contains).ToList();
                return LiftAsync(exact, KnownInside(exact, now), strange, Wider(exact, standing, now), "trusted by hand", stop);
            },
            stop);
    }

    // Observing, a network that an earlier guard left in the kernel is lifted as a whole: nobody puts a piece back.
    private List<Ban> Wider(Network subject, IReadOnlyList<ActiveBan> standing, DateTimeOffset now) =>
    [
        .. pipeline.Bans.At(now).Select(entry => entry.Ban)
            .Concat(firewall.Status.Mode == "observe" ? [] : pipeline.Bans.Strangers(standing, now).Select(ban => StrangersFreed.OfKernel(ban, now, "banned in the kernel only")))
            .Where(ban => ban.Subject != subject && ban.Subject.Contains(subject)),
    ];

    private List<Network> KnownInside(Network subject, DateTimeOffset now) =>
        [.. pipeline.Bans.At(now).Select(entry => entry.Ban.Subject).Where(subject.Contains)];

    // Returns what the firewall has to say about it, behind a space; empty if all went well.
    private async Task<string> LiftAsync(Network subject, List<Network> known, List<Network> strange, List<Ban> wider, string reason, CancellationToken stop)
    {
        // With the network itself all of its pieces go; hosts are in a set of their own and go one by one.
        var now = clock.GetUtcNow();
        var inside = known.Count + strange.Count == 0 ? [] : known.Concat(strange.Where(stranger => stranger.IsHost)).Append(subject).Distinct();
        var decisions = inside.Select(banned => (Decision)pipeline.Amendments.Lift(banned, now, Operator.Rule, reason)).Concat(pipeline.Amendments.CutOut(subject, wider, now, reason)).ToList();
        if (decisions.Count == 0)
        {
            return "";
        }

        var outcomes = await pipeline.ActAsync(decisions, stop);
        if (outcomes.FirstOrDefault(outcome => outcome.Kind == OutcomeKind.Failed) is { } failed)
        {
            throw new FirewallException($"{subject}: the kernel still bans it: {failed.Detail}");
        }

        return outcomes.FirstOrDefault(outcome => outcome.Detail.Length > 0) is { } said ? $" But {said.Detail}" : "";
    }

    private StatusReport Status()
    {
        var now = clock.GetUtcNow();
        var sources = tails().Select(tail => Source(tail, now)).ToList();
        if (pipeline.Hep is { } hep)
        {
            sources.Add(Source(hep, now));
        }

        if (pipeline.Wire is { } wire)
        {
            sources.Add(Source(wire, now));
        }

        if (pipeline.Ami is { } ami)
        {
            var problem = ami.ProblemAt(now);
            sources.Add(new SourceReport(ami.Name, problem is null, ami.Since, ami.LastEvent, ami.Counts.Events, ami.Rate.PerSecond(), ami.Counts.Unmatched, 0, problem) { Seen = ami.Counts.Messages, Note = ami.Note });
        }

        var bans = pipeline.Bans.CountAt(now, throttles: false);
        var throttles = pipeline.Bans.CountAt(now, throttles: true);
        return new StatusReport
        {
            From = "daemon",
            Version = Versions.Own,
            Now = now,
            Started = _started,
            Events = pipeline.Events,
            EventsPerSecond = sources.Sum(source => source.EventsPerSecond),
            Bans = bans.All,
            Observed = bans.Observed,
            Throttles = throttles.All,
            ObservedThrottles = throttles.Observed,
            Watched = pipeline.WatchedAt(now),
            Weak = Weakness(),
            Stale = Staleness(),
            Note = pipeline.Note,
            Sources = [.. sources.Select(source => WithCanary(source, now))],
            Canary = Canary?.Report is { } canary ? canary with { Silent = now - canary.Sent < AtOnce ? [] : [.. pipeline.Canaries.Silent.Select(pipeline.NameOf)] } : null,
            Firewall = firewall.Status is { Problem: null } well ? well with { Problem = pipeline.TooManyBans } : firewall.Status,
            Journal = journal.Status,
            Parts = Parts(),
            Latest = [.. pipeline.Latest.Reverse()],
        };
    }

    // What is known to be wrong already says more than that nothing comes out.
    private SourceReport WithCanary(SourceReport source, DateTimeOffset now)
    {
        var number = pipeline.NumberOf(source.Name);
        var back = pipeline.Canaries.LastOf(number);
        var report = source with { Canary = back is null ? null : new CanaryBackReport(back.Time, (long)back.After.TotalMilliseconds) };
        return source.Alive && source.Problem is null && pipeline.Canaries.MissedBy(number, source.Since, now) is { } missed
            ? report with { Alive = false, Since = missed, Problem = $"the guard's own request of {missed:yyyy-MM-dd HH:mm:ss} UTC, which the PBX answered, did not come out here: {(back is null ? CureOfMute(source.Name) : CureOf(source.Name))}" }
            : report;
    }

    // Since the start nothing came: not what has stopped is asked for, but what was never set up.
    private static string CureOfMute(string source) => source switch
    {
        _ when source.StartsWith("hep ", StringComparison.Ordinal) => "does hep.conf of this Asterisk name this address (ringfence init --write-hep writes it), and was Asterisk restarted since? asterisk -rx \"module show like res_hep\"",
        _ when source.StartsWith("ami ", StringComparison.Ordinal) || source.StartsWith("wire ", StringComparison.Ordinal) => CureOf(source),
        _ => "does Asterisk write it (asterisk -rx \"logger show channels\", and \"logger reload\" after a change of logger.conf), and does it tell security events? asterisk -rx \"module show like res_security_log\"",
    };

    private static string CureOf(string source) => source switch
    {
        _ when source.StartsWith("hep ", StringComparison.Ordinal) => "does Asterisk tell over HEP still? asterisk -rx \"module show like res_hep\"; capture_address in hep.conf",
        _ when source.StartsWith("ami ", StringComparison.Ordinal) => "may the manager's user hear security events? read = security in manager.conf",
        _ when source.StartsWith("wire ", StringComparison.Ordinal) => "are interface and port in [wire] right?",
        _ => "does Asterisk write it still? asterisk -rx \"logger show channels\", and \"logger reload\" after a change of logger.conf",
    };

    // One IPv6 address is banned as its /64, like every rule does it, unless the /64 is many hosts.
    private static Network AsBanned(Network subject) => subject.First.Subject is var host && host.PrefixLength < subject.PrefixLength ? host : subject;

    private static string End(TimeSpan? duration) => duration is { } time ? $"for {Duration.Words(time)}" : "for ever";

    private TrustReport Report(TrustEntry entry) => byHand.Of(entry.Network) ?? new TrustReport(
        entry.Network,
        entry.Source switch
        {
            TrustSource.Loopback or TrustSource.Own => "own",
            TrustSource.Operator => "operator",
            TrustSource.Configured => "configuration",
            TrustSource.Name => "name",
            TrustSource.Trunk => "trunk",
            TrustSource.SshPeer => "ssh",
            _ => "contact",
        },
        entry.Reason,
        null);

    // A part that can't run says itself why; of its source it is only said that nothing is seen.
    private bool IsDeaf(string name) => parts().Any(part => part.Name == name && part.Problem is not null);

    private SourceReport Source(HepReader hep, DateTimeOffset now)
    {
        var problem = IsDeaf("hep") ? "nothing is received: see the part hep" : hep.ProblemAt(now, pipeline.LastLogged);
        return new SourceReport(
            hep.Name, problem is null, hep.Since, hep.LastMessage, hep.Messages, hep.Rate.PerSecond(), hep.Unmatched, 0, problem ?? Hep?.Drops.Problem ?? hep.GapAt(now))
        {
            Untold = hep.Gaps.Total,
            Seen = hep.Packets,
            Dropped = Hep?.Drops.Total ?? 0,
            Unasked = hep.Unasked.Total,
            Misplaced = hep.Misplaced,
            Note = (Hep?.Drops.Note, hep.NoteAt(now, pipeline.LastLogged)) switch
            {
                ({ } drops, { } odd) => $"{drops}; {odd}",
                var (drops, odd) => drops ?? odd,
            },
        };
    }

    private SourceReport Source(WireReader wire, DateTimeOffset now)
    {
        var problem = IsDeaf("wire") ? "nothing is read: see the part wire" : Wire?.Problem ?? wire.ProblemAt(now, pipeline.LastLogged);
        return new SourceReport(
            wire.Name, problem is null, wire.Since, wire.LastMessage, wire.Messages, wire.Rate.PerSecond(), wire.Unmatched, 0, problem ?? Wire?.Drops.Problem)
        {
            Seen = wire.Packets,
            Dropped = Wire?.Drops.Total ?? 0,
            Lost = wire.Lost,
            Forged = wire.Forged,
            Damaged = wire.Damaged,
            Contradicted = wire.Contradicted,
            Unasked = wire.Unasked.Total,
            Misplaced = wire.Misplaced,
            Note = (Wire?.Drops.Note, wire.Note) switch
            {
                ({ } drops, { } opaque) => $"{drops}; {opaque}",
                var (drops, opaque) => drops ?? opaque,
            },
        };
    }

    private SourceReport Source(TailStatus tail, DateTimeOffset now)
    {
        var state = pipeline.Logs.States.FirstOrDefault(log => log.Path == tail.Path);
        var counts = pipeline.Logs.CountsOf(tail.Path);
        return new SourceReport(
            tail.Path,
            !tail.IsBlind,
            tail.Since,
            state?.LastEvent,
            counts.Events,
            state?.Rate.PerSecond() ?? 0,
            counts.Unmatched,
            // What the tail has not read, and what it has read and the pipeline has not.
            tail.UnreadBytes + Math.Max(0, tail.Bytes - (state?.BytesRead ?? 0)),
            LogHealth.ProblemOf(state, counts, tail, now))
        {
            Seen = state?.Lines ?? 0,
            Note = LogHealth.NoteOf(state, counts, tail, now),
        };
    }
}
