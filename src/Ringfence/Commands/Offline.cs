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

            new Screen(surroundings).Note($"ringfence: {notRunning.Message}\nThis is what the journal says:");
            return fromJournal(journal, surroundings.Clock.GetUtcNow());
        }
    }

    public static BansReport Bans(IJournal journal, DateTimeOffset now)
    {
        var inForce = journal.InForce(now).Select(ban => ban.Subject).ToHashSet();
        return new("journal", now,
            [.. journal.ActiveBans(now, withObserved: true).Select(ban => ReportFrom.Ban(ban, inForce.Contains(ban.Subject) ? null : OutcomeKind.Observed))]);
    }

    public static StatusReport Status(IJournal journal, DateTimeOffset now) => new()
    {
        From = "journal",
        Version = Versions.Own,
        Now = now,
        Bans = journal.ActiveBans(now).Count,
        Journal = journal.Status,
        Latest = [.. journal.Latest(10).Select(decision => ReportFrom.Decision(decision, [], withEvidence: false))],
    };

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
