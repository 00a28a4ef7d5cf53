using Ringfence.Core.Decisions;
using Ringfence.Core.Events;

namespace Ringfence.Daemon;

/// <summary>The bans that are in force, with what became of each.</summary>
/// <param name="steady">Ends go by it: whoever sets the machine's clock makes no ban longer or shorter. What is told is by the machine's clock.</param>
internal sealed class BansInForce(SteadyClock steady)
{
    private readonly Dictionary<Network, Entry> _bans = [];
    private DateTimeOffset _nextTidy;

    /// <summary>Another one after each change but the end of a ban.</summary>
    public long Version { get; private set; }

    /// <param name="throttles">Those that throttle, or those that ban.</param>
    /// <returns>How many there are, and how many of them are only observed.</returns>
    public (int All, int Observed) CountAt(DateTimeOffset now, bool throttles)
    {
        Tidy(now, always: true);
        var counted = _bans.Values.Where(entry => entry.Ban.Throttles == throttles);
        return (counted.Count(), counted.Count(entry => entry.Outcome == OutcomeKind.Observed));
    }

    public IEnumerable<(Ban Ban, OutcomeKind? Outcome)> At(DateTimeOffset now) =>
        _bans.Values.Select(Now).Where(entry => !IsOver(entry.Ban, now));

    public void Set(Ban ban, OutcomeKind? outcome, DateTimeOffset now)
    {
        // Evidence stays in the journal: a hundred thousand bans would hold a hundred megabytes of it.
        _bans[ban.Subject] = new Entry(ban.Evidence.Count == 0 ? ban : ban with { Evidence = [] }, outcome, steady.Ahead);
        Version++;
        Tidy(now, always: false);
    }

    /// <summary>What became of some of them later.</summary>
    public void Set(IReadOnlyList<Outcome> outcomes)
    {
        Version++;
        var kinds = outcomes.ToDictionary(outcome => outcome.DecisionId, outcome => outcome.Kind);
        foreach (var (subject, entry) in _bans.Where(pair => kinds.ContainsKey(pair.Value.Ban.Id)).ToList())
        {
            _bans[subject] = entry with { Outcome = kinds[entry.Ban.Id] };
        }
    }

    public bool Remove(Network subject)
    {
        Version++;
        return _bans.Remove(subject);
    }

    /// <returns>The ban of exactly this network; null if there is none.</returns>
    public (Ban Ban, OutcomeKind? Outcome)? Of(Network subject, DateTimeOffset now) =>

        _bans.TryGetValue(subject, out var entry) && Now(entry) is var shown && !IsOver(shown.Ban, now) ? shown : null;

    /// <returns>The ban of the smallest banned network that holds it all; null if there is none.</returns>
    public (Ban Ban, OutcomeKind? Outcome)? Over(Network subject, DateTimeOffset now)
    {
        for (var length = subject.PrefixLength; length >= 0; length--)
        {
            if (Of(new Network(subject.First, length), now) is { } entry)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>What the kernel holds and nobody here decided. A network is in the kernel in pieces of what was decided; and its clock ends a ban a little later.</summary>
    /// <param name="standing">What the kernel holds.</param>
    public IEnumerable<ActiveBan> Strangers(IReadOnlyList<ActiveBan> standing, DateTimeOffset now) => standing.Where(ban =>
        !(ban.Until <= now + TimeSpan.FromSeconds(2)) && (ban.Subject.IsHost && !ban.IsPiece ? Of(ban.Subject, now) : Over(ban.Subject, now)) is null);

    private static bool IsOver(Ban ban, DateTimeOffset now) => ban.Until is { } until && until <= now;

    private void Tidy(DateTimeOffset now, bool always)
    {
        if (!always && steady.GetUtcNow() < _nextTidy)
        {
            return;
        }

        _nextTidy = steady.GetUtcNow() + TimeSpan.FromMinutes(1);
        foreach (var subject in _bans.Where(pair => IsOver(Now(pair.Value).Ban, now)).Select(pair => pair.Key).ToList())
        {
            _bans.Remove(subject);
        }
    }

    private (Ban Ban, OutcomeKind? Outcome) Now(Entry entry) => steady.Ahead is var ahead && !SteadyClock.IsStep(ahead, entry.Ahead)
        ? (entry.Ban, entry.Outcome)
        : (entry.Ban with { Time = SteadyClock.Moved(entry.Ban.Time, ahead - entry.Ahead)!.Value, Until = SteadyClock.Moved(entry.Ban.Until, ahead - entry.Ahead) }, entry.Outcome);

    /// <param name="Ahead">How far the machine's clock had been set when the ban came, by which its times are.</param>
    private readonly record struct Entry(Ban Ban, OutcomeKind? Outcome, TimeSpan Ahead);
}
