using Ringfence.Api;
using Ringfence.Calls;
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

    /// <summary>Follows calls; null: nobody does.</summary>
    public CallDesk? Calls { get; init; }

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

    private readonly HandDesk _hand = new(pipeline, firewall, byHand, keeper, clock);
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
            return before with { Now = clock.GetUtcNow(), Firewall = firewall.Status, Journal = journal.Status, Canary = Canary?.Report, Parts = Parts(), Calls = Calls?.Status(), Notifiers = Notices?.Status ?? [], Lists = Lists?.Status(clock.GetUtcNow()), Policy = Policy?.Status, Outer = OuterNow() };
        }

        report = report with { Calls = Calls?.Status(), Notifiers = Notices?.Status ?? [], Lists = Lists?.Status(report.Now), Policy = Policy?.Status, Outer = OuterNow(), Roaming = Roaming is null ? null : await Roaming.ReportAsync(stop), ScannersDropped = Scanners?.Dropped };
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

    public ValueTask<LiveCallsReport> LiveCallsAsync(CancellationToken stop) => new(CallsOrRefuse().Report());

    public ValueTask<LiftReport> LiftAsync(int? number, CancellationToken stop) => new(CallsOrRefuse().Lift(number));

    private CallDesk CallsOrRefuse() => Calls ?? throw new RefusedException("calls are not followed: set country = CODE in [calls] of ringfence.conf, and restart the guard");

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
        var standing = _hand.StandingNow();
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

    public ValueTask<WatchedListReport> WatchedAsync(CancellationToken stop) => pipeline.InTurnAsync(
        () =>
        {
            var now = clock.GetUtcNow();
            return Task.FromResult(new WatchedListReport(now, Watched(null, now, WatchedListReport.MostAddresses)));
        },
        stop);

    private List<WatchedReport> Watched(Network? subject, DateTimeOffset now, int most) => [.. pipeline.LookAt(subject, now, most).Select(ReportFrom.Watched)];

    public ValueTask<ChangeReport> BanAsync(BanRequest request, CancellationToken stop) => _hand.BanAsync(request, stop);

    public ValueTask<ChangeReport> UnbanAsync(Network subject, bool dryRun, CancellationToken stop) => _hand.UnbanAsync(subject, dryRun, stop);

    public ValueTask<TrustListReport> TrustedAsync(CancellationToken stop) => _hand.TrustedAsync(stop);

    public ValueTask<ChangeReport> TrustAsync(TrustRequest request, CancellationToken stop) => _hand.TrustAsync(request, stop);

    public ValueTask<ChangeReport> UntrustAsync(Network subject, bool dryRun, CancellationToken stop) => _hand.UntrustAsync(subject, dryRun, stop);

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

    private StatusReport Status()
    {
        var now = clock.GetUtcNow();
        var sources = new SourceReports(pipeline, parts(), Hep, Wire).Of(tails(), now);
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
            Sources = sources,
            Canary = Canary?.Report is { } canary ? canary with { Silent = now - canary.Sent < AtOnce ? [] : [.. pipeline.Canaries.Silent.Select(pipeline.NameOf)] } : null,
            Firewall = firewall.Status is { Problem: null } well ? well with { Problem = pipeline.TooManyBans } : firewall.Status,
            Journal = journal.Status,
            Parts = Parts(),
            Latest = [.. pipeline.Latest.Reverse()],
        };
    }
}
