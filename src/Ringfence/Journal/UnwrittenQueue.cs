using Ringfence.Core.Decisions;
using Ringfence.Sources;

namespace Ringfence.Journal;

/// <summary>What belongs into one transaction: decisions with their ids, outcomes, and how far the logs were read that they come from.</summary>
/// <remarks>Segments, so that dropping the oldest copies nothing; an empty one is Empty, since a default segment can't be walked.</remarks>
internal sealed record Batch(ArraySegment<Decision> Decisions, ArraySegment<Outcome> Outcomes, IReadOnlyList<ReadPosition> Positions)
{
    /// <summary>The machine's clock was set before these were decided; null: it was not.</summary>
    public ClockChange? Clock { get; init; }

    /// <summary>Decisions and outcomes.</summary>
    public int Count => Decisions.Count + Outcomes.Count;
}

/// <summary>Batches that wait in memory while the disk refuses them, oldest first, bounded in number and in text.</summary>
/// <remarks>
/// Beyond <paramref name="limit"/> the oldest decisions and outcomes are dropped and counted: the newest bans are those that are still in force.
/// Beyond <paramref name="evidenceChars"/> decisions are kept without their evidence: 100,000 of them with it would take half a gigabyte.
/// </remarks>
internal sealed class UnwrittenQueue(int limit, long evidenceChars)
{
    private readonly LinkedList<Batch> _batches = [];
    private long _evidence;

    /// <summary>Decisions and outcomes that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Nothing waits, not even a position.</summary>
    public bool IsEmpty => _batches.Count == 0;

    /// <summary>Decisions and outcomes dropped, ever.</summary>
    public long Dropped { get; private set; }

    public IEnumerable<Decision> Decisions => _batches.SelectMany(batch => batch.Decisions);

    public IEnumerable<Outcome> Outcomes => _batches.SelectMany(batch => batch.Outcomes);

    /// <summary>By how much the clock was set, all in all, as far as the file does not know it yet.</summary>
    public TimeSpan ClockSetBy => _batches.Aggregate(TimeSpan.Zero, static (sum, batch) => sum + (batch.Clock?.By ?? TimeSpan.Zero));

    public IEnumerable<ReadPosition> Positions => _batches.SelectMany(batch => batch.Positions);

    public void Add(Batch batch)
    {
        // A position must be written with or after the decisions before it, never earlier; alone it joins the last batch, so that logs that
        // are read for hours while the disk is full do not grow the queue.
        if (batch.Count == 0 && _batches.Last is { } last)
        {
            last.Value = last.Value with { Positions = Newest(last.Value.Positions, batch.Positions) };
            if (batch.Clock is null)
            {
                return;
            }

            if (last.Value.Count == 0)
            {
                last.Value = last.Value with { Clock = batch.Clock.After(last.Value.Clock) };
                return;
            }

            batch = batch with { Positions = [] };
        }

        batch = batch with { Decisions = batch.Decisions.Select(Afford).ToArray() };
        _batches.AddLast(batch);
        Count += batch.Count;
        while (Count > limit)
        {
            DropOldest(Count - limit);
        }
    }

    /// <summary>The oldest batches, for one transaction: whole ones, and about <paramref name="count"/> decisions and outcomes.</summary>
    public IReadOnlyList<Batch> Oldest(int count)
    {
        var taken = new List<Batch>();
        var sum = 0;
        foreach (var batch in _batches)
        {
            taken.Add(batch);
            sum += batch.Count;
            if (sum >= count)
            {
                break;
            }
        }

        return taken;
    }

    /// <summary>Forgets the <paramref name="batches"/> oldest batches: they were written.</summary>
    public void Remove(int batches)
    {
        for (; batches > 0; batches--)
        {
            Forget(_batches.First!.Value.Decisions, _batches.First.Value.Count);
            _batches.RemoveFirst();
        }
    }

    /// <summary>Drops decisions whose ids the file already has, which happens only if the clock was set back while the file could not be opened.</summary>
    public void DropUpTo(long id)
    {
        for (var node = _batches.First; node is not null; node = node.Next)
        {
            var taken = node.Value.Decisions.Where(decision => decision.Id <= id).ToArray();
            if (taken.Length > 0)
            {
                Forget(taken, taken.Length);
                Dropped += taken.Length;
                node.Value = node.Value with { Decisions = node.Value.Decisions.Where(decision => decision.Id > id).ToArray() };
            }
        }
    }

    private static IReadOnlyList<ReadPosition> Newest(IReadOnlyList<ReadPosition> older, IReadOnlyList<ReadPosition> newer) =>
        [.. older.Where(position => newer.All(other => other.Path != position.Path)), .. newer];

    private static long Chars(Decision decision) => decision.Evidence.Sum(evidence => (long)evidence.Text.Length + evidence.Account.Length);

    private Decision Afford(Decision decision)
    {
        var chars = Chars(decision);
        if (_evidence + chars > evidenceChars)
        {
            return decision with { Evidence = [] };
        }

        _evidence += chars;
        return decision;
    }

    private void DropOldest(int excess)
    {
        var head = _batches.First!;
        var (decisions, outcomes, positions) = head.Value;
        var clock = head.Value.Clock;
        if (excess >= head.Value.Count)
        {
            Dropped += head.Value.Count;
            Remove(1);
            if (_batches.First is { } next)
            {
                next.Value = next.Value with { Positions = Newest(positions, next.Value.Positions), Clock = next.Value.Clock?.After(clock) ?? clock };
            }
            else
            {
                _batches.AddFirst(new Batch(ArraySegment<Decision>.Empty, ArraySegment<Outcome>.Empty, positions) { Clock = clock });
            }

            return;
        }

        var fromDecisions = Math.Min(excess, decisions.Count);
        var fromOutcomes = excess - fromDecisions;
        Forget(decisions[..fromDecisions], excess);
        Dropped += excess;
        head.Value = new Batch(decisions[fromDecisions..], outcomes[fromOutcomes..], positions) { Clock = clock };
    }

    private void Forget(IEnumerable<Decision> decisions, int count)
    {
        _evidence -= decisions.Sum(Chars);
        Count -= count;
    }
}
