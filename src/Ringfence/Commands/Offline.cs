using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>Answers from the journal while no daemon runs. The kernel still holds the bans, so the question is a good one.</summary>
internal static class Offline
{
    /// <summary>Asks the daemon, or failing it the journal, and then says so on stderr.</summary>
    /// <param name="fromJournal">The same report out of the journal at a time.</param>
    /// <exception cref="NotRunningException">There is no daemon and no journal.</exception>
    public static async Task<T> AskAsync<T>(
        Surroundings surroundings, RingfenceConfig config, Func<IDaemon, ValueTask<T>> ask, Func<IJournal, DateTimeOffset, T> fromJournal)
    {
        using var daemon = new DaemonClient(config.Socket);
        try
        {
            return await ask(daemon);
        }
        catch (NotRunningException notRunning)
        {
            await using var journal = surroundings.OpenJournal(config);
            if (journal is null)
            {
                throw;
            }

            new Screen(surroundings).Note($"ringfence: {surroundings.Explain(notRunning)}\nThis is what the journal says:");
            return fromJournal(journal, surroundings.Clock.GetUtcNow());
        }
    }

    /// <summary>What the journal says is in force, and whether the kernel holds it: the bans outlive the guard.</summary>
    /// <param name="standing">What the kernel holds; null: it can't be asked.</param>
    public static Func<IJournal, DateTimeOffset, BansReport> Bans(Func<IReadOnlyList<ActiveBan>?> standing) => (journal, now) =>
    {
        var inForce = journal.InForce(now).Select(ban => ban.Subject).ToHashSet();
        var known = journal.ActiveBans(now, withObserved: true);
        var kernel = standing();
        var held = kernel?.Select(ban => ban.Subject).ToHashSet();

        // A network is in the kernel in pieces, beside its neighbours' perhaps.
        bool IsHeld(Network subject) => held!.Contains(subject) || (!subject.IsHost && held.Any(piece => piece.Contains(subject) || subject.Contains(piece)));
        string StateOf(Ban ban) => !inForce.Contains(ban.Subject) ? "observed" : held is null ? "decided" : IsHeld(ban.Subject) ? "enforced" : "not_in_kernel";
        var strangers = kernel?.Where(ban => !(ban.Until <= now) && !known.Any(one => one.Subject.Contains(ban.Subject) || ban.Subject.Contains(one.Subject))) ?? [];
        return new("journal", now,
        [
            .. known.Select(ban => ReportFrom.Ban(ban, null) with { State = StateOf(ban) }),
            .. strangers.Select(ban => ReportFrom.Stranger(ban, now)),
        ]);
    };

    public static StatusReport Status(IJournal journal, DateTimeOffset now)
    {
        var bans = Bans(static () => null)(journal, now).Bans;
        return new()
        {
            From = "journal",
            Version = Versions.Own,
            Now = now,
            Bans = bans.Count(ban => !ban.Throttles),
            Observed = bans.Count(ban => ban is { Throttles: false, State: "observed" }),
            Throttles = bans.Count(ban => ban.Throttles),
            ObservedThrottles = bans.Count(ban => ban is { Throttles: true, State: "observed" }),
            Journal = journal.Status,
            Latest = [.. journal.Latest(10).Select(decision => ReportFrom.Decision(decision, [], withEvidence: false))],
        };
    }

    public static Func<IJournal, DateTimeOffset, WhyReport> Why(Network subject) => (journal, now) =>
    {
        var about = journal.About(subject);
        var inForce = journal.ActiveBans(now, withObserved: true).Where(ban => ban.Subject.Contains(subject)).MaxBy(ban => ban.Subject.PrefixLength);
        return new WhyReport(
            "journal",
            now,
            subject,
            inForce is null ? null : ReportFrom.Ban(inForce, LastOutcome(about, inForce.Id)),
            null,
            [.. about.Select(entry => ReportFrom.Decision(entry.Decision, entry.Outcomes, withEvidence: true))]);
    };

    private static OutcomeKind? LastOutcome(IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> about, long id) =>
        about.Where(entry => entry.Decision.Id == id).SelectMany(entry => entry.Outcomes).LastOrDefault()?.Kind;
}
