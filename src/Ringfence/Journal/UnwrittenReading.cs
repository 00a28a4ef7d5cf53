using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Sources;

namespace Ringfence.Journal;

/// <summary>What the file tells, with what waits in memory as if it were written.</summary>
/// <remarks>Under the journal's writing lock.</remarks>
internal sealed class UnwrittenReading(UnwrittenQueue unwritten)
{
    public List<ReadPosition> Positions(List<ReadPosition> stored)
    {
        var newest = stored.ToDictionary(position => position.Path);
        foreach (var position in unwritten.Positions)
        {
            newest[position.Path] = position;
        }

        return [.. newest.Values];
    }

    public List<Ban> ActiveBans(List<Ban> stored, DateTimeOffset now, bool withObserved)
    {
        if (unwritten.Count == 0)
        {
            // A hundred thousand at a start: nothing to sort in.
            return stored;
        }

        var left = Unobserved(withObserved);
        var newest = stored.Where(left).ToDictionary(ban => ban.Subject);
        foreach (var decision in unwritten.Decisions)
        {
            if (decision is Ban ban && !(ban.Until <= now) && left(ban))
            {
                newest[ban.Subject] = Bare(ban);
            }
            else if (decision.Replaces)
            {
                newest.Remove(decision.Subject);
            }
        }

        return [.. newest.Values.OrderBy(ban => ban.Id)];
    }

    public List<Ban> BansSince(List<Ban> stored, DateTimeOffset since, bool withObserved)
    {
        if (unwritten.Count == 0)
        {
            return stored;
        }

        var bans = stored;
        foreach (var decision in unwritten.Decisions)
        {
            if (decision is Ban ban && ban.Time >= since)
            {
                bans.Add(Bare(ban));
            }
            else if (decision is Unban { Forgives: true })
            {
                bans.RemoveAll(earlier => decision.Subject.Contains(earlier.Subject));
            }
        }

        return [.. bans.Where(Unobserved(withObserved)).OrderBy(ban => ban.Time).ThenBy(ban => ban.Id)];
    }

    public List<Unban> ForgivenSince(List<Unban> stored, DateTimeOffset since) =>
        [.. stored, .. unwritten.Decisions.OfType<Unban>().Where(unban => unban.Forgives && unban.Time >= since)];

    /// <summary>An unban that was carried out, or after which the subject was banned again, must not be carried out once more.</summary>
    public List<Unban> Unfinished(List<Unban> stored)
    {
        if (stored.Count == 0 || unwritten.Count == 0)
        {
            return stored;
        }

        var done = unwritten.Outcomes.Select(outcome => outcome.DecisionId).ToHashSet();
        var newest = unwritten.Decisions.Where(decision => decision.Replaces).ToLookup(decision => decision.Subject, decision => decision.Id);
        return stored.FindAll(unban => !done.Contains(unban.Id) && !newest[unban.Subject].Any(id => id > unban.Id));
    }

    public List<Decision> Latest(List<Decision> stored, int count) =>
        [.. unwritten.Decisions.Reverse().Select(decision => decision with { Evidence = [] }).Concat(stored).Take(count)];

    public List<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(List<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> stored, Network network)
    {
        var outcomes = unwritten.Outcomes.ToLookup(outcome => outcome.DecisionId);
        var waiting = unwritten.Decisions
            .Where(decision => network.Contains(decision.Subject) || decision.Subject.Contains(network))
            .Select(decision => (decision with { Evidence = JournalWriter.Select(decision.Evidence) }, (IReadOnlyList<Outcome>)[]));
        return stored.Concat(waiting).Select(about => (about.Item1, (IReadOnlyList<Outcome>)[.. about.Item2, .. outcomes[about.Item1.Id]])).ToList();
    }

    // Which bans an observing guard decided, as far as only the outcomes in memory say so.
    private Func<Ban, bool> Unobserved(bool withObserved)
    {
        var observed = withObserved ? [] : unwritten.Outcomes.Where(outcome => outcome.Kind == OutcomeKind.Observed).Select(outcome => outcome.DecisionId).ToHashSet();
        return ban => !observed.Contains(ban.Id);
    }

    private static Ban Bare(Ban ban) => ban with { Evidence = [] };
}
