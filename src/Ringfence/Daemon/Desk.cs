using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
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
    private readonly DateTimeOffset _started = clock.GetUtcNow();

    public ValueTask<StatusReport> StatusAsync(CancellationToken stop) => pipeline.InTurnAsync(
        () =>
        {
            var now = clock.GetUtcNow();
            var sources = tails().Select(tail => Source(tail, now)).ToList();
            return Task.FromResult(new StatusReport
            {
                From = "daemon",
                Version = Versions.Own,
                Now = now,
                Started = _started,
                Events = pipeline.Events,
                EventsPerSecond = sources.Sum(source => source.EventsPerSecond),
                Bans = pipeline.Bans.CountAt(now),
                Watched = pipeline.Watched,
                Sources = sources,
                Firewall = firewall.Status,
                Journal = journal.Status,
                Parts = parts(),
                Latest = [.. pipeline.Latest.Reverse()],
            });
        },
        stop);

    public ValueTask<BansReport> BansAsync(CancellationToken stop) => pipeline.InTurnAsync(
        () =>
        {
            var now = clock.GetUtcNow();
            return Task.FromResult(new BansReport("daemon", now, [.. pipeline.Bans.At(now).Select(entry => ReportFrom.Ban(entry.Ban, entry.Outcome))]));
        },
        stop);

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
                var outcomes = await pipeline.ActAsync([pipeline.BanByHand(subject, now, request.For, request.Reason)], stop);
                if (outcomes[0].Kind == OutcomeKind.Failed)
                {
                    throw new FirewallException($"{subject}: the firewall refused: {outcomes[0].Detail}");
                }
            }

            var observed = firewall.Status.Mode == "observe" ? " Ringfence only observes: nothing is blocked." : "";
            return new ChangeReport(subject, "banned", until, request.DryRun, $"{subject} {(request.DryRun ? "would be" : "is")} banned {End(request.For)}.{observed}");
        },
        stop);

    public ValueTask<ChangeReport> UnbanAsync(Network subject, bool dryRun, CancellationToken stop) => pipeline.InTurnAsync(
        async () =>
        {
            var now = clock.GetUtcNow();
            var exact = pipeline.Bans.Of(subject, now) is not null ? subject : AsBanned(subject);
            if (pipeline.Bans.Of(exact, now) is null)
            {
                if (pipeline.Bans.Over(subject, now) is { } wider)
                {
                    throw new RefusedException($"{subject} is banned with all of {wider.Ban.Subject}; to free them all: ringfence unban {wider.Ban.Subject}");
                }

                return new ChangeReport(subject, "none", null, dryRun, $"{subject} is not banned.");
            }

            if (!dryRun)
            {
                await pipeline.ActAsync([pipeline.Lift(exact, now, "lifted by hand")], stop);
            }

            return new ChangeReport(exact, "unbanned", null, dryRun, $"{exact} {(dryRun ? "would be" : "is")} free.");
        },
        stop);

    public ValueTask<TrustListReport> TrustedAsync(CancellationToken stop) => pipeline.InTurnAsync(
        () => Task.FromResult(new TrustListReport(clock.GetUtcNow(), [.. pipeline.Trust.Entries.Select(Report)])),
        stop);

    public async ValueTask<ChangeReport> TrustAsync(TrustRequest request, CancellationToken stop)
    {
        var until = clock.GetUtcNow() + request.For;
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
            await pipeline.InTurnAsync(() => LiftInsideAsync(request.Subject, stop), stop);
        }

        return new ChangeReport(
            request.Subject, "trusted", until, request.DryRun, $"{request.Subject} {(request.DryRun ? "would be" : "is")} trusted {End(request.For)}.");
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

    public ValueTask<WhyReport> WhyAsync(Network subject, CancellationToken stop) => pipeline.InTurnAsync(
        () =>
        {
            var now = clock.GetUtcNow();
            var decisions = journal.About(subject).Select(entry => ReportFrom.Decision(entry.Decision, entry.Outcomes, withEvidence: true)).ToList();
            var ban = pipeline.Bans.Over(subject, now);
            return Task.FromResult(new WhyReport(
                "daemon", now, subject, ban is { } entry ? ReportFrom.Ban(entry.Ban, entry.Outcome) : null, pipeline.Trust.Find(subject), decisions));
        },
        stop);

    // A ban by the operator's own hand falls too when he trusts the address: he has changed his mind.
    private async Task<bool> LiftInsideAsync(Network subject, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var lifted = pipeline.Bans.At(now).Where(entry => subject.Contains(entry.Ban.Subject)).Select(entry => entry.Ban.Subject).ToList()
            .ConvertAll<Decision>(banned => pipeline.Lift(banned, now, "trusted by hand"));
        if (lifted.Count > 0)
        {
            await pipeline.ActAsync(lifted, stop);
        }

        return true;
    }

    // One IPv6 address is banned as its /64, like every rule does it, unless the /64 is many hosts.
    private static Network AsBanned(Network subject) => subject.First.Subject is var host && host.PrefixLength < subject.PrefixLength ? host : subject;

    private static string End(TimeSpan? duration) => duration is { } time ? $"for {Duration.Words(time)}" : "for ever";

    private TrustReport Report(TrustEntry entry) => byHand.Of(entry.Network) ?? new TrustReport(
        entry.Network,
        entry.Source switch
        {
            TrustSource.Loopback or TrustSource.Own => "own",
            TrustSource.Configured => "configuration",
            TrustSource.Name => "name",
            TrustSource.Trunk => "trunk",
            TrustSource.SshPeer => "ssh",
            _ => "contact",
        },
        entry.Reason,
        null);

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
            state?.Rate.PerSecond(now) ?? 0,
            counts.Unmatched,
            0,
            tail.Problem ?? Problem(state, counts, tail));
    }

    private static string? Problem(LogState? state, Core.Parsing.LogCounts counts, TailStatus tail)
    {
        if (state is { IsMixed: true })
        {
            return "callers can write into this log (it has VERBOSE or DEBUG lines), so nothing in it counts; let logger.conf write security => [json]security and name that log";
        }

        if (state is { } seen && seen.Skew.Duration() > TimeSpan.FromMinutes(5))
        {
            return $"its times are {Duration.Words(seen.Skew.Duration())} {(seen.Skew > TimeSpan.Zero ? "behind" : "ahead of")} the clock: set timezone in ringfence.conf to the zone that Asterisk writes";
        }

        if (counts.Unmatched > 0 && counts.Events == 0)
        {
            return $"{counts.Unmatched} lines look like security lines and none is understood: run ringfence parse --unmatched {tail.Path}";
        }

        return tail.LostBytes > 0 ? $"{tail.LostBytes} bytes were truncated before they could be read; rotate by rename in place of copytruncate" : null;
    }
}
