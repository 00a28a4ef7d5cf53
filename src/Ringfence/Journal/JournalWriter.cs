using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Sqlite;

namespace Ringfence.Journal;

/// <summary>The statements that change the journal, each prepared once. Used under the journal's writing lock.</summary>
internal sealed class JournalWriter : IDisposable
{
    /// <summary>Evidence kept per decision.</summary>
    public const int EvidenceLimit = 10;

    // Rows of evidence are numbered 16 times as high; the clock in milliseconds, where numbers may start, has 41 bits.
    private const long HighestId = 1L << 56;

    private readonly Database _database;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _replace;
    private readonly Statement _lift;
    private readonly Statement _observed;
    private readonly Statement _decision;
    private readonly Statement _evidence;
    private readonly Statement _addLog;
    private readonly Statement _findLog;
    private readonly Statement _outcome;
    private readonly Statement _position;
    private readonly Statement _over;
    private readonly Statement _move;
    private readonly Statement _bound;
    private readonly Statement _tick;
    private readonly Statement _ended;
    private readonly Statement _forget;
    private readonly Statement _forgetEvidence;
    private readonly Statement _forgetOutcomes;
    private readonly Statement _vacuum;
    private readonly Dictionary<string, long> _logs = [];
    private readonly JournalRoom _room;
    private long _clock;

    /// <exception cref="SqliteException">The file's tables are not what they should be, or can't be read.</exception>
    public JournalWriter(Database database, JournalLimits limits)
    {
        _database = database;
        _room = new JournalRoom(database, limits.MaxBytes, limits.Memory);

        // IMMEDIATE: a lock held elsewhere shows here, before anything was done.
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _replace = database.Prepare("UPDATE decisions SET current = 0, ends = min(ends, ?3) WHERE subject = ?1 AND prefix = ?2 AND current = 1");
        _lift = database.Prepare(
            "UPDATE decisions SET lifted = 1 WHERE subject BETWEEN ?1 AND ?2 AND prefix >= ?3 AND length(subject) = length(?1) AND kind = 1 AND lifted = 0");
        _observed = database.Prepare("UPDATE decisions SET observed = 1 WHERE id = ?1 AND kind = 1");
        _decision = database.Prepare(
            """
            INSERT INTO decisions (id, kind, time, subject, prefix, rule, reason, until, ordinal, trust, current, ends, throttles)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """);
        _evidence = database.Prepare("INSERT INTO evidence (id, time, log, line, kind, proof, account, text, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        _addLog = database.Prepare("INSERT OR IGNORE INTO logs (path) VALUES (?1)");
        _findLog = database.Prepare("SELECT id FROM logs WHERE path = ?1");

        // An outcome can come after its decision was forgotten, or lost in memory: it would never be found again, nor purged.
        _outcome = database.Prepare(
            "INSERT INTO outcomes (decision_id, time, kind, detail) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM decisions WHERE id = ?1)");
        _position = database.Prepare("INSERT OR REPLACE INTO positions (path, device, inode, offset, line, head) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        var last = DateTime.MaxValue.Ticks;

        // What the clock's new time would make bans again.
        _over = database.Prepare("UPDATE decisions SET current = 0 WHERE ends > ?1 AND ends <= ?2 AND current = 1");
        _move = database.Prepare(
            $"""
            UPDATE decisions SET time = max(0, min(time + ?1, {last})), until = max(0, min(until + ?1, {last})), ends = max(0, min(ends + ?1, {last}))
            WHERE ends > ?2 AND current = 1 AND ends < {JournalSchema.Never}
            """);

        // As Ban.AsOf.
        _bound = database.Prepare(
            $"""
            UPDATE decisions SET time = ?1, until = ?1 + (ends - time), ends = ?1 + (ends - time)
            WHERE ends > ?1 AND current = 1 AND time > ?2 AND ends > time AND ends < {JournalSchema.Never}
            """);
        database.Execute("INSERT INTO clock (time) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clock)");
        _tick = database.Prepare("UPDATE clock SET time = ?1");
        _clock = database.Scalar("SELECT time FROM clock");
        _ended = database.Prepare("SELECT id FROM decisions WHERE ends < ?1 ORDER BY ends LIMIT ?2");
        _forget = database.Prepare("DELETE FROM decisions WHERE id = ?1");
        _forgetEvidence = database.Prepare("DELETE FROM evidence WHERE id BETWEEN ?1 AND ?2");
        _forgetOutcomes = database.Prepare("DELETE FROM outcomes WHERE decision_id = ?1");
        _vacuum = database.Prepare("PRAGMA incremental_vacuum(500)");
        Decisions = database.Scalar("SELECT count(*) FROM decisions");
        LastId = database.Scalar("SELECT max(seq) FROM sqlite_sequence WHERE name = 'decisions'");
        _room.Measure();
        if (LastId is < 0 or > HighestId)
        {
            throw new SqliteException(database.Path, Sqlite3.Corrupt, $"{LastId} is no number of a decision");
        }
    }

    /// <summary>Decisions in the file.</summary>
    public long Decisions { get; private set; }

    /// <summary>The highest id that the file has ever held.</summary>
    public long LastId { get; }

    /// <summary>All the room is taken by what is in force: evidence is not kept.</summary>
    public bool IsFull => _room.IsFull;

    /// <summary>Decisions forgotten before their time since the file was opened, for want of room.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Writes everything in one transaction: all of it, or nothing; and makes room for it.</summary>
    /// <exception cref="SqliteException">Nothing was written.</exception>
    public void Write(IReadOnlyList<Batch> batches, DateTimeOffset now)
    {
        var forgotten = InTransaction(() =>
        {
            var count = 0;
            foreach (var batch in batches)
            {
                if (batch.Clock is { } clock)
                {
                    MoveInTransaction(clock.By, clock.Before);
                }

                var (decisions, outcomes, positions) = batch;
                foreach (var decision in decisions)
                {
                    Write(decision);
                    count++;
                }

                foreach (var outcome in outcomes)
                {
                    if (outcome.Kind == OutcomeKind.Observed)
                    {
                        _observed.Bind(1, outcome.DecisionId).Run();
                    }

                    _outcome.Bind(1, outcome.DecisionId).Bind(2, outcome.Time.UtcTicks).Bind(3, (long)outcome.Kind).Bind(4, outcome.Detail).Run();
                }

                foreach (var position in positions)
                {
                    _position.Bind(1, position.Path).Bind(2, (long)position.Device).Bind(3, (long)position.Inode)
                        .Bind(4, position.Offset).Bind(5, position.Line).Bind(6, (long)position.Head).Run();
                }
            }

            Tick(now);
            return count == 0 ? 0 : MakeRoom(2 * count, now);
        });
        Decisions += batches.Sum(batch => batch.Decisions.Count) - forgotten;
        Forgotten += forgotten;
    }

    /// <summary>Forgets at most <paramref name="limit"/> decisions that ended before <paramref name="before"/>, and gives up to 2 MB back to the disk if a quarter
    /// of the file is empty.</summary>
    /// <returns>Decisions forgotten.</returns>
    /// <exception cref="SqliteException">Nothing was forgotten.</exception>
    public int Purge(DateTimeOffset before, int limit, DateTimeOffset now)
    {
        var forgotten = InTransaction(() =>
        {
            var ids = new List<long>();
            _ended.Bind(1, before.UtcTicks).Bind(2, limit);
            while (_ended.Step())
            {
                ids.Add(_ended.Int64(0));
            }

            ids.ForEach(Forget);
            Tick(now);
            return ids.Count;
        });
        Decisions -= forgotten;
        if (forgotten == 0)
        {
            // A smaller max_size than yesterday's: nothing but this brings the file down when little is written.
            _room.Restart();
            forgotten = InTransaction(() => MakeRoom(limit, now));
            Decisions -= forgotten;
            Forgotten += forgotten;
        }

        // New decisions fill the room of the forgotten ones; only what a flood left behind is given back, since moving pages costs as much
        // as writing them.
        if (_database.Scalar("PRAGMA freelist_count") * 4 > _database.Scalar("PRAGMA page_count"))
        {
            _vacuum.Run();
        }

        return forgotten;
    }

    /// <summary>Where the file was last written by a clock that was ahead of this time, it was set back since: as <see cref="ClockChange"/>. Bans that were decided after this time
    /// even so end no later than their own length from now. Written down, or each restart before that time comes would begin them anew.</summary>
    /// <exception cref="SqliteException">Nothing was changed.</exception>
    public void Bound(DateTimeOffset now) => InTransaction(() =>
    {
        var ahead = TimeSpan.FromTicks(_clock - now.UtcTicks);
        if (ahead > TimeSpan.FromMinutes(1))
        {
            MoveInTransaction(-ahead, now + ahead);
        }

        Tick(now);
        _bound.Bind(1, now.UtcTicks).Bind(2, (now + TimeSpan.FromMinutes(1)).UtcTicks).Run();
        return true;
    });

    public void Dispose()
    {
        Statement[] all =
        [
            _begin, _commit, _replace, _lift, _observed, _decision, _evidence, _addLog, _findLog, _outcome, _position, _over, _move, _bound, _tick, _ended, _forget, _forgetEvidence, _forgetOutcomes, _vacuum,
        ];
        foreach (var statement in all)
        {
            statement.Dispose();
        }

        _room.Dispose();
    }

    /// <summary>The first five records show how it began, the last five what completed the claim; a long middle repeats them.</summary>
    public static IReadOnlyList<Evidence> Select(IReadOnlyList<Evidence> evidence) => evidence.Count <= EvidenceLimit
        ? evidence
        : [.. evidence.Take(EvidenceLimit / 2), .. evidence.Skip(evidence.Count - (EvidenceLimit / 2))];

    // What is over first: bans that were moved already may end within the same hours.
    private void MoveInTransaction(TimeSpan by, DateTimeOffset before)
    {
        if (by < TimeSpan.Zero)
        {
            _over.Bind(1, (before + by).UtcTicks).Bind(2, before.UtcTicks).Run();
        }

        _move.Bind(1, by.Ticks).Bind(2, before.UtcTicks).Run();
    }

    // Once a second is enough, and costs a page of each commit else.
    private void Tick(DateTimeOffset now)
    {
        if (Math.Abs(now.UtcTicks - _clock) >= TimeSpan.TicksPerSecond)
        {
            _tick.Bind(1, now.UtcTicks).Run();
            _clock = now.UtcTicks;
        }
    }

    private T InTransaction<T>(Func<T> work)
    {
        // A rollback that failed left it open.
        RollBack();
        _begin.Run();
        try
        {
            var result = work();
            _commit.Run();
            return result;
        }
        finally
        {
            RollBack();
        }
    }

    private void RollBack()
    {
        if (_database.IsIdle)
        {
            return;
        }

        // Ids of logs that were added in this transaction are gone with it.
        _logs.Clear();
        _clock = 0;
        _database.Execute("ROLLBACK");
    }

    private int MakeRoom(int count, DateTimeOffset now)
    {
        _room.Measure();
        if (!_room.IsShort)
        {
            return 0;
        }

        var ids = _room.Next(count, now);
        foreach (var id in ids)
        {
            Forget(id);
        }

        return ids.Count;
    }

    private void Forget(long id)
    {
        _forgetEvidence.Bind(1, id * JournalSchema.EvidencePlaces).Bind(2, ((id + 1) * JournalSchema.EvidencePlaces) - 1).Run();
        _forgetOutcomes.Bind(1, id).Run();
        _forget.Bind(1, id).Run();
    }

    private void Write(Decision decision)
    {
        var subject = decision.Subject.First.ToBytes();
        var time = decision.Time.UtcTicks;
        if (decision.Replaces)
        {
            _replace.Bind(1, subject).Bind(2, decision.Subject.PrefixLength).Bind(3, time).Run();
        }

        if (decision is Unban { Forgives: true })
        {
            _lift.Bind(1, subject).Bind(2, decision.Subject.Last.ToBytes()).Bind(3, decision.Subject.PrefixLength).Run();
        }

        var ban = decision as Ban;
        var ends = ban is null ? time : ban.Until?.UtcTicks ?? JournalSchema.Never;
        _decision.Bind(1, decision.Id).Bind(2, (long)decision.Kind).Bind(3, time)
            .Bind(4, subject).Bind(5, decision.Subject.PrefixLength).Bind(6, decision.Rule).Bind(7, decision.Reason)
            .Bind(8, ban?.Until?.UtcTicks).Bind(9, ban?.Ordinal).Bind(10, (decision as Spare)?.Trust)
            .Bind(11, ban is null ? 0 : 1).Bind(12, ends).Bind(13, ban is { Throttles: true } ? 1 : 0).Run();

        var row = decision.Id * JournalSchema.EvidencePlaces;
        foreach (var evidence in _room.IsFull ? [] : Select(decision.Evidence))
        {
            _evidence.Bind(1, row).Bind(2, evidence.Time.UtcTicks).Bind(3, LogId(evidence.Log)).Bind(4, evidence.Line)
                .Bind(5, (long)evidence.Kind).Bind(6, (long)evidence.Proof).Bind(7, evidence.Account).Bind(8, evidence.Text).Bind(9, evidence.Source?.ToString()).Run();
            row++;
        }
    }

    private long LogId(string path)
    {
        if (_logs.TryGetValue(path, out var known))
        {
            return known;
        }

        _addLog.Bind(1, path).Run();
        _findLog.Bind(1, path);
        var id = _findLog.Step() ? _findLog.Int64(0) : 0;
        _findLog.Reset();
        _logs[path] = id;
        return id;
    }
}
