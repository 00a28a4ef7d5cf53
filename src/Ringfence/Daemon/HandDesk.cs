using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;

namespace Ringfence.Daemon;

/// <summary>What the operator does by hand: bans, lifts, trusts.</summary>
internal sealed class HandDesk(Pipeline pipeline, IFirewall firewall, OperatorTrust byHand, TrustKeeper keeper, TimeProvider clock)
{
    /// <summary>What the kernel holds; nothing where it does not answer.</summary>
    public IReadOnlyList<ActiveBan> StandingNow()
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
}
