using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Sources;
using Ringfence.Sqlite;

namespace Ringfence.Journal;

/// <summary>The statements that read the journal, each prepared once, on a connection of their own so that a long answer does not hold up a ban.
/// Used under the journal's reading lock.</summary>
internal sealed class JournalReader : IDisposable
{
    private const string Columns = "id, kind, time, subject, prefix, rule, reason, until, ordinal, trust, throttles, observed";

    private readonly Database _database;
    private readonly Statement _active;
    private readonly Statement _inForce;
    private readonly Statement _since;
    private readonly Statement _forgiven;
    private readonly Statement _unfinished;
    private readonly Statement _enforced;
    private readonly Statement _late;
    private readonly Statement _latest;
    private readonly Statement _inside;
    private readonly Statement _exact;
    private readonly Statement _evidence;
    private readonly Statement _log;
    private readonly Statement _outcomes;
    private readonly Statement _positions;
    private readonly Dictionary<long, string> _logs = [];

    /// <exception cref="SqliteException">The file's tables are not what they should be, or can't be read.</exception>
    public JournalReader(Database database)
    {
        _database = database;

        // The inner question is answered from the index alone; the rows are then read in the order in which they lie, not in that of their ends.
        _active = database.Prepare(
            $"SELECT {Columns} FROM decisions WHERE id IN (SELECT id FROM decisions WHERE ends > ?1 AND current = 1) AND observed <= ?2 ORDER BY id");
        _inForce = database.Prepare("SELECT id, ends, subject, prefix, throttles, time FROM decisions WHERE ends > ?1 AND current = 1 AND observed = 0");
        _since = database.Prepare($"SELECT {Columns} FROM decisions WHERE kind = 1 AND time >= ?1 AND lifted = 0 AND observed <= ?2 ORDER BY time, id");
        _forgiven = database.Prepare($"SELECT {Columns} FROM decisions WHERE kind = 2 AND time >= ?1 ORDER BY id");

        // While observing, what an outcome tells is what may still stand. Bans that only made room come by the hundred thousand: the newest are enough.
        _unfinished = database.Prepare(
            $"""
            SELECT {Columns} FROM decisions AS unban WHERE kind = 2 AND id IN (SELECT id FROM decisions WHERE kind = 2 ORDER BY time DESC LIMIT 10000)
                AND NOT EXISTS (SELECT 1 FROM outcomes WHERE decision_id = unban.id AND (kind = {(int)OutcomeKind.Enforced} OR (kind = {(int)OutcomeKind.Observed} AND detail = '')))
                AND NOT EXISTS (SELECT 1 FROM decisions AS later WHERE later.subject = unban.subject AND later.prefix = unban.prefix AND later.id > unban.id AND later.kind IN (1, 2))
            ORDER BY id DESC
            """);
        _enforced = database.Prepare(
            $"""
            SELECT decision_id, min(time), detail FROM outcomes WHERE kind = {(int)OutcomeKind.Enforced} AND decision_id >= ?1
            GROUP BY decision_id
            """);

        // An alert "ends" at its time: so the index of ends finds those of a day.
        _late = database.Prepare(
            $"""
            SELECT {Columns} FROM decisions WHERE ends >= ?1 AND current = 0 AND kind = 4 AND rule = '{LateLogins.Rule}'
                AND substr(reason, 1, {AccountAlarms.LateWords.Length}) = '{AccountAlarms.LateWords}'
            """);
        _latest = database.Prepare($"SELECT {Columns} FROM decisions ORDER BY id DESC LIMIT ?1");

        // Blobs sort by their bytes, so 4-byte and 16-byte addresses mix: the length keeps the families apart.
        _inside = database.Prepare($"SELECT {Columns} FROM decisions WHERE subject BETWEEN ?1 AND ?2 AND prefix >= ?3 AND length(subject) = length(?1)");
        _exact = database.Prepare($"SELECT {Columns} FROM decisions WHERE subject = ?1 AND prefix = ?2");
        _evidence = database.Prepare("SELECT time, log, line, kind, proof, account, text, source FROM evidence WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
        _log = database.Prepare("SELECT path FROM logs WHERE id = ?1");
        _outcomes = database.Prepare("SELECT time, kind, detail FROM outcomes WHERE decision_id = ?1 ORDER BY id");
        _positions = database.Prepare("SELECT path, device, inode, offset, line, head FROM positions ORDER BY path");
    }

    /// <returns>By id.</returns>
    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<Ban> ActiveBans(DateTimeOffset now, bool withObserved) =>
        Bans(_active.Bind(1, now.UtcTicks).Bind(2, withObserved ? 1 : 0)).ConvertAll(ban => ban.AsOf(now));

    /// <summary>Subjects and ends alone.</summary>
    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<ActiveBan> InForce(DateTimeOffset now) => Read(
        _inForce.Bind(1, now.UtcTicks),
        row => new ActiveBan(Subject(row, 2), row.Int64(1) is var ends && ends == JournalSchema.Never ? null : Ban.EndAsOf(Time(row.Int64(5)), Time(ends), now)) { Throttles = row.Int64(4) != 0 });

    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<Ban> BansSince(DateTimeOffset since, bool withObserved) => Bans(_since.Bind(1, since.UtcTicks).Bind(2, withObserved ? 1 : 0));

    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<Unban> ForgivenSince(DateTimeOffset since) =>
        [.. Read(_forgiven.Bind(1, since.UtcTicks), ReadDecision).OfType<Unban>().Where(unban => unban.Forgives)];

    /// <inheritdoc cref="IJournal.Unfinished"/>
    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<Unban> Unfinished() => [.. Read(_unfinished, ReadDecision).OfType<Unban>()];

    /// <inheritdoc cref="IJournal.EnforcedFrom"/>
    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<Outcome> EnforcedFrom(long id) => Read(
        _enforced.Bind(1, id), row => new Outcome(row.Int64(0), Time(row.Int64(1)), OutcomeKind.Enforced, row.Text(2)));

    /// <inheritdoc cref="IJournal.LateLoginsSince"/>
    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<Alert> LateLoginsSince(DateTimeOffset since) => [.. Read(_late.Bind(1, since.UtcTicks), ReadDecision).OfType<Alert>()];

    /// <returns>Without evidence, newest first.</returns>
    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<Decision> Latest(int count) => Read(
        _latest.Bind(1, count), row => ReadDecision(row) is Ban ban ? ban with { Observed = row.Int64(11) != 0 } : ReadDecision(row));

    /// <returns>By id.</returns>
    /// <exception cref="SqliteException">The file can't be read, or a row makes no sense.</exception>
    public List<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network)
    {
        // One snapshot, so that a decision is not shown without the outcome that was written with the next one.
        _database.Execute("BEGIN");
        try
        {
            var decisions = Read(_inside.Bind(1, network.First.ToBytes()).Bind(2, network.Last.ToBytes()).Bind(3, network.PrefixLength), ReadDecision);
            for (var length = network.PrefixLength - 1; length >= 0; length--)
            {
                decisions.AddRange(Read(_exact.Bind(1, new Network(network.First, length).First.ToBytes()).Bind(2, length), ReadDecision));
            }

            decisions.Sort((a, b) => a.Id.CompareTo(b.Id));
            return decisions.ConvertAll(decision => (decision with { Evidence = EvidenceOf(decision.Id) }, OutcomesOf(decision.Id)));
        }
        finally
        {
            // Nothing was written: it ends the snapshot and can't lose anything.
            if (!_database.IsIdle)
            {
                _database.Execute("COMMIT");
            }
        }
    }

    /// <summary>Outcomes of one decision, in the order in which they came.</summary>
    /// <exception cref="SqliteException">The file can't be read.</exception>
    public IReadOnlyList<Outcome> OutcomesOf(long id) => Read(
        _outcomes.Bind(1, id), row => new Outcome(id, Time(row.Int64(0)), (OutcomeKind)row.Int64(1), row.Text(2)));

    /// <exception cref="SqliteException">The file can't be read.</exception>
    public List<ReadPosition> Positions() => Read(
        _positions, row => new ReadPosition(row.Text(0), (ulong)row.Int64(1), (ulong)row.Int64(2), row.Int64(3), row.Int64(4), (ulong)row.Int64(5)));

    public void Dispose()
    {
        Statement[] all = [_active, _inForce, _since, _forgiven, _unfinished, _enforced, _late, _latest, _inside, _exact, _evidence, _log, _outcomes, _positions];
        foreach (var statement in all)
        {
            statement.Dispose();
        }
    }

    private static List<T> Read<T>(Statement statement, Func<Statement, T> row)
    {
        var rows = new List<T>();
        try
        {
            while (statement.Step())
            {
                rows.Add(row(statement));
            }
        }
        finally
        {
            statement.Reset();
        }

        return rows;
    }

    private List<Ban> Bans(Statement statement) => Read(statement, row => ReadDecision(row) as Ban ?? throw Nonsense(row));

    private Decision ReadDecision(Statement row)
    {
        var id = row.Int64(0);
        var time = Time(row.Int64(2));
        var subject = Subject(row, 3);
        var rule = row.Text(5);
        var reason = row.Text(6);
        return (DecisionKind)row.Int64(1) switch
        {
            DecisionKind.Ban => new Ban(id, time, subject, rule, reason, row.IsNull(7) ? null : Time(row.Int64(7)), (int)row.Int64(8)) { Throttles = row.Int64(10) != 0 },
            DecisionKind.Unban => new Unban(id, time, subject, rule, reason),
            DecisionKind.Spare => new Spare(id, time, subject, rule, reason, row.Text(9)),
            DecisionKind.Alert => new Alert(id, time, subject, rule, reason),
            _ => throw Nonsense(row),
        };
    }

    private Network Subject(Statement row, int column)
    {
        var bytes = row.Bytes(column);
        var prefix = row.Int64(column + 1);
        return bytes.Length is 4 or 16 && prefix >= 0 && prefix <= bytes.Length * 8
            && Address.FromBytes(bytes) is var first && first.IsIPv4 == (bytes.Length == 4)
            ? new Network(first, (int)prefix)
            : throw Nonsense(row);
    }

    private DateTimeOffset Time(long ticks) => (ulong)ticks <= (ulong)DateTime.MaxValue.Ticks
        ? new DateTimeOffset(ticks, TimeSpan.Zero)
        : throw new SqliteException(_database.Path, Sqlite3.Corrupt, $"{ticks} is no time");

    private SqliteException Nonsense(Statement row) => new(_database.Path, Sqlite3.Corrupt, $"decision {row.Int64(0)} is of no known kind or subject");

    private List<Evidence> EvidenceOf(long id) => Read(
        _evidence.Bind(1, id * JournalSchema.EvidencePlaces).Bind(2, ((id + 1) * JournalSchema.EvidencePlaces) - 1),
        row => new Evidence(
            Time(row.Int64(0)), Log(row.Int64(1)), row.Int64(2), (EventKind)row.Int64(3), (Proof)row.Int64(4), row.Text(5), row.Text(6))
        {
            Source = row.IsNull(7) ? null : Network.Parse(row.Text(7)),
        });

    private string Log(long id)
    {
        if (_logs.TryGetValue(id, out var known))
        {
            return known;
        }

        var path = Read(_log.Bind(1, id), row => row.Text(0)).FirstOrDefault("");
        _logs[id] = path;
        return path;
    }
}
