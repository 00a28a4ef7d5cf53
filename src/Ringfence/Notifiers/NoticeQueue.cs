using System.Text.Json;
using Ringfence.Core.Notices;
using Ringfence.Core.Rules;
using Ringfence.Journal;
using Ringfence.Sources;
using Ringfence.Sqlite;

namespace Ringfence.Notifiers;

/// <summary>Notices on disk until each receiver has them: one list, and for each receiver how far in it he is.</summary>
/// <remarks>
/// A SQLite file of its own beside the journal's: the journal's lock and its room belong to the bans. Urgent notices and the others are two lists,
/// each with positions of its own. Thread-safe.
/// </remarks>
internal sealed class NoticeQueue : IDisposable
{
    /// <summary>Beyond it the oldest are dropped and counted: half a month of an outage with an attack each ten seconds.</summary>
    public const int MostNotices = 100_000;

    /// <summary>While more wait, new ones are kept without their records, which a digest does not show: some 300 bytes each.</summary>
    public const int MostWithLines = 2_000;

    // Step n leads from version n to n + 1. A published step is never changed.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE notices (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            came INTEGER NOT NULL,          -- UTC ticks
            urgent INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            severity INTEGER NOT NULL,
            json TEXT NOT NULL
        ) STRICT;
        CREATE INDEX notices_order ON notices (urgent, id);

        CREATE TABLE receivers (
            name TEXT NOT NULL,
            urgent INTEGER NOT NULL,
            position INTEGER NOT NULL,      -- the last notice that he has, or does not want
            start INTEGER,                  -- of the digest's window, UTC ticks
            told INTEGER NOT NULL,
            flood INTEGER NOT NULL,
            PRIMARY KEY (name, urgent)
        ) STRICT, WITHOUT ROWID;

        -- The last decision of the journal that became a notice.
        CREATE TABLE decided (id INTEGER NOT NULL) STRICT;
        INSERT INTO decided VALUES (0);
        """,
    ];

    private readonly Lock _lock = new();
    private readonly Database _database;
    private readonly int _most;
    private readonly Dictionary<string, long> _lost = new(StringComparer.Ordinal);

    private NoticeQueue(Database database, int most)
    {
        _database = database;
        _most = most;
        _database.WaitForLocks(TimeSpan.FromSeconds(2));
        _database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216");
        for (var version = _database.Scalar("PRAGMA user_version"); version < Steps.Length; version++)
        {
            _database.Execute($"BEGIN IMMEDIATE; {Steps[version]} PRAGMA user_version = {version + 1}; COMMIT");
        }
    }

    /// <summary>Opens the queue, or makes it; what is no database is renamed and a new one begun.</summary>
    /// <param name="receivers">Those that are configured: a new one begins with what comes from now on, one that is gone is forgotten.</param>
    /// <exception cref="SqliteException">It can't be opened.</exception>
    /// <exception cref="IOException">The file can't be made, or is no regular file.</exception>
    public static NoticeQueue Open(string path, IReadOnlyList<string> receivers, DateTimeOffset now, int most = MostNotices)
    {
        NoticeQueue queue;
        try
        {
            queue = OpenFile(path, most);
        }
        catch (SqliteException damaged) when (damaged.IsCorruption)
        {
            JournalFile.MoveAside(path, now);
            queue = OpenFile(path, most);
        }

        queue.Know(receivers);
        return queue;
    }

    /// <summary>The number of the journal's last decision that is in the queue, or was.</summary>
    public long LastDecision
    {
        get
        {
            lock (_lock)
            {
                return _database.Scalar("SELECT id FROM decided");
            }
        }
    }

    /// <summary>Puts notices behind the others, in one transaction.</summary>
    /// <param name="lastDecision">null: none of them comes from a decision.</param>
    public void Append(IReadOnlyList<Notice> notices, DateTimeOffset came, long? lastDecision)
    {
        lock (_lock)
        {
            InTransaction(() =>
            {
                using var insert = _database.Prepare("INSERT INTO notices (came, urgent, kind, severity, json) VALUES (?1, ?2, ?3, ?4, ?5)");
                foreach (var notice in notices)
                {
                    insert.Bind(1, came.UtcTicks).Bind(2, notice.IsUrgent ? 1 : 0).Bind(3, (long)notice.Kind).Bind(4, (long)notice.Severity)
                        .Bind(5, JsonSerializer.Serialize(notice, NoticeJson.Default.Notice)).Run();
                }

                if (lastDecision is { } decision)
                {
                    using var decided = _database.Prepare("UPDATE decided SET id = ?1");
                    decided.Bind(1, decision).Run();
                }

                DropBeyond();
            });
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return (int)_database.Scalar("SELECT count(*) FROM notices");
            }
        }
    }

    /// <summary>What waits for a receiver, in order.</summary>
    public Waiting For(string receiver, bool urgent, NoticeFilter filter)
    {
        lock (_lock)
        {
            using var where = _database.Prepare("SELECT position, start, told, flood FROM receivers WHERE name = ?1 AND urgent = ?2");
            where.Bind(1, receiver).Bind(2, urgent ? 1 : 0);
            if (!where.Step())
            {
                return new Waiting([], [], default, 0, HasUnwanted: false);
            }

            var begin = where.Int64(0);
            var position = begin;
            var state = new DigestState(where.IsNull(1) ? null : new DateTimeOffset(where.Int64(1), TimeSpan.Zero), (int)where.Int64(2), where.Int64(3) != 0);
            where.Reset();

            using var select = _database.Prepare("SELECT id, came, kind, severity FROM notices WHERE urgent = ?1 AND id > ?2 ORDER BY id");
            select.Bind(1, urgent ? 1 : 0).Bind(2, position);
            var ids = new List<long>();
            var came = new List<DateTimeOffset>();
            while (select.Step())
            {
                position = select.Int64(0);
                if (filter.Passes((NoticeKind)select.Int64(2), (Severity)select.Int64(3)))
                {
                    ids.Add(position);
                    came.Add(new DateTimeOffset(select.Int64(1), TimeSpan.Zero));
                }
            }

            return new Waiting(ids, came, state, position, position > begin);
        }
    }

    /// <summary>How many wait for at least one of them.</summary>
    public int CountFor(IReadOnlyList<string> receivers, NoticeFilter filter) =>
        receivers.Max(receiver => For(receiver, urgent: false, filter).Ids.Count) + receivers.Max(receiver => For(receiver, urgent: true, filter).Ids.Count);

    /// <returns>null: it is gone, or damaged: those behind it must not wait for it for ever.</returns>
    /// <exception cref="SqliteException">It can't be read.</exception>
    public Notice? Read(long id)
    {
        lock (_lock)
        {
            using var select = _database.Prepare("SELECT json FROM notices WHERE id = ?1");
            select.Bind(1, id);
            return select.Step() ? NoticeJson.Read(select.Text(0)) : null;
        }
    }

    /// <summary>The receiver has everything up to this one, or will never take it.</summary>
    public void Advance(string receiver, bool urgent, long position, DigestState state)
    {
        lock (_lock)
        {
            InTransaction(() =>
            {
                using var update = _database.Prepare("UPDATE receivers SET position = max(position, ?3), start = ?4, told = ?5, flood = ?6 WHERE name = ?1 AND urgent = ?2");
                update.Bind(1, receiver).Bind(2, urgent ? 1 : 0).Bind(3, position).Bind(4, state.Start?.UtcTicks).Bind(5, state.Told).Bind(6, state.IsFlood ? 1 : 0).Run();
                using var delete = _database.Prepare("DELETE FROM notices WHERE urgent = ?1 AND id <= (SELECT min(position) FROM receivers WHERE urgent = ?1)");
                delete.Bind(1, urgent ? 1 : 0).Run();
            });
        }
    }

    /// <summary>How many were dropped since start before one of these receivers had them.</summary>
    public long LostFor(IReadOnlyList<string> receivers)
    {
        lock (_lock)
        {
            return receivers.Max(receiver => _lost.GetValueOrDefault(receiver));
        }
    }

    /// <summary>Removes the file of a guard that told somebody, where nobody is to be told any more: what waited is nobody's.</summary>
    /// <exception cref="IOException">It can't be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    public static void Remove(string path)
    {
        // The log first: with a new database an old one must not be played back.
        foreach (var file in (string[])[$"{path}-wal", $"{path}-shm", path])
        {
            if (Libc.Stat(file) is { Error: 0, Facts.IsRegular: true })
            {
                File.Delete(file);
            }
        }
    }

    public void Dispose() => _database.Dispose();

    private static NoticeQueue OpenFile(string path, int most)
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        // A FIFO without a reader would hold up whoever opens it for writing.
        if (Libc.Stat(path) is { Error: 0, Facts: { IsRegular: false } facts })
        {
            throw new IOException($"{path}: it is {facts.TypeName}: expected a regular file");
        }

        try
        {
            // An empty file is an empty database.
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = Mode });
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"{path}: can't be made or written: {denied.Message}", denied);
        }

        var database = Database.Open(path, readOnly: false);
        try
        {
            return new NoticeQueue(database, most);
        }
        catch (SqliteException)
        {
            database.Dispose();
            throw;
        }
    }

    private void Know(IReadOnlyList<string> receivers)
    {
        lock (_lock)
        {
            InTransaction(() =>
            {
                var known = new List<string>();
                using (var select = _database.Prepare("SELECT DISTINCT name FROM receivers"))
                {
                    while (select.Step())
                    {
                        known.Add(select.Text(0));
                    }
                }

                foreach (var gone in known.Except(receivers))
                {
                    using var delete = _database.Prepare("DELETE FROM receivers WHERE name = ?1");
                    delete.Bind(1, gone).Run();
                }

                foreach (var receiver in receivers.Except(known))
                {
                    using var insert = _database.Prepare(
                        "INSERT INTO receivers SELECT ?1, lane, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'notices'), 0), NULL, 0, 0 FROM (SELECT 0 AS lane UNION SELECT 1)");
                    insert.Bind(1, receiver).Run();
                }
            });
        }
    }

    private void DropBeyond()
    {
        var surplus = _database.Scalar("SELECT count(*) FROM notices") - _most;
        if (surplus <= 0)
        {
            return;
        }

        // The alarms go last: of them there are few.
        using var last = _database.Prepare("SELECT max(id) FROM (SELECT id FROM notices WHERE urgent = 0 ORDER BY id LIMIT ?1)");
        last.Bind(1, surplus);
        var end = last.Step() ? last.Int64(0) : 0;
        last.Reset();
        using var lost = _database.Prepare(
            "SELECT name, (SELECT count(*) FROM notices WHERE urgent = 0 AND id > position AND id <= ?1) FROM receivers WHERE urgent = 0");
        lost.Bind(1, end);
        while (lost.Step())
        {
            _lost[lost.Text(0)] = _lost.GetValueOrDefault(lost.Text(0)) + lost.Int64(1);
        }

        using var delete = _database.Prepare("DELETE FROM notices WHERE urgent = 0 AND id <= ?1");
        delete.Bind(1, end).Run();
    }

    private void InTransaction(Action work)
    {
        _database.Execute("BEGIN IMMEDIATE");
        var done = false;
        try
        {
            work();
            _database.Execute("COMMIT");
            done = true;
        }
        finally
        {
            if (!done && !_database.IsIdle)
            {
                _database.Execute("ROLLBACK");
            }
        }
    }
}

/// <param name="Ids">Of those that he wants, in order.</param>
/// <param name="Came">When each came.</param>
/// <param name="End">The last that there is, wanted or not.</param>
/// <param name="HasUnwanted">Behind the receiver's position there is something.</param>
internal sealed record Waiting(IReadOnlyList<long> Ids, IReadOnlyList<DateTimeOffset> Came, DigestState State, long End, bool HasUnwanted);
