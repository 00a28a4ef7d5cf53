using Ringfence.Sqlite;

namespace Ringfence.Journal;

/// <summary>The journal's tables, and the steps from each earlier version of them (PRAGMA user_version) to the newest.</summary>
/// <remarks>Times are UTC ticks: datetime(time / 10000000 - 62135596800, 'unixepoch') shows them.</remarks>
internal static class JournalSchema
{
    /// <summary>A ban without an end, in the column "ends".</summary>
    public const long Never = long.MaxValue;

    /// <summary>Evidence rows per decision that their numbering leaves room for.</summary>
    public const int EvidencePlaces = 16;

    /// <summary>The newest version that this program knows.</summary>
    public static int Version => Steps.Length;

    // "RFJ1" in ASCII: tells our file from another program's, which we must neither fill with our tables nor move away.
    private const int ApplicationId = 0x52464A31;

    // Step n leads from version n to n + 1. A published step is never changed.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE decisions (
            -- AUTOINCREMENT: a number is not used again after its decision was forgotten; logs and mails still name it.
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind INTEGER NOT NULL,
            time INTEGER NOT NULL,
            subject BLOB NOT NULL,          -- first address: 4 or 16 bytes, most significant first
            prefix INTEGER NOT NULL,
            rule TEXT NOT NULL,
            reason TEXT NOT NULL,
            until INTEGER,                  -- bans: as decided; null for ever
            ordinal INTEGER,                -- bans
            trust TEXT,                     -- spares
            current INTEGER NOT NULL,       -- 1: a ban that no later decision about its subject has replaced
            ends INTEGER NOT NULL           -- when it stops to matter: a ban's end or replacement; else its time
        ) STRICT;
        CREATE INDEX decisions_subject ON decisions (subject, prefix, current);
        CREATE INDEX decisions_ends ON decisions (ends, current);
        CREATE INDEX decisions_bans ON decisions (time) WHERE kind = 1;

        CREATE TABLE logs (
            id INTEGER PRIMARY KEY,
            path TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE evidence (
            -- 16 times the decision plus a place: rows of one decision lie together and need no second index.
            id INTEGER PRIMARY KEY,
            decision_id INTEGER AS (id >> 4) VIRTUAL,
            time INTEGER NOT NULL,
            log INTEGER NOT NULL,
            line INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            proof INTEGER NOT NULL,
            account TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;

        CREATE TABLE outcomes (
            id INTEGER PRIMARY KEY,
            decision_id INTEGER NOT NULL,
            time INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            detail TEXT NOT NULL
        ) STRICT;
        CREATE INDEX outcomes_decision ON outcomes (decision_id);

        CREATE TABLE positions (
            path TEXT PRIMARY KEY,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            line INTEGER NOT NULL,
            head INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- 1: a ban that an observing guard decided: it blocked nobody, and must not begin to when the next guard enforces.
        ALTER TABLE decisions ADD COLUMN observed INTEGER NOT NULL DEFAULT 0;
        UPDATE decisions SET observed = 1
            WHERE kind = 1 AND id IN (SELECT decision_id FROM outcomes GROUP BY decision_id HAVING min(kind) = 2 AND max(kind) = 2);

        CREATE INDEX decisions_unbans ON decisions (time) WHERE kind = 2;

        -- 1: a ban that the operator ended, which does not count against its subject.
        ALTER TABLE decisions ADD COLUMN lifted INTEGER NOT NULL DEFAULT 0;
        UPDATE decisions SET lifted = 1 WHERE kind = 1 AND EXISTS (
            SELECT 1 FROM decisions AS unban WHERE unban.kind = 2 AND unban.rule = 'operator' AND unban.id > decisions.id
                AND unban.subject = decisions.subject AND unban.prefix = decisions.prefix);
        """,
        """
        -- 1: a ban that throttles: SIP over UDP comes through in drops, all else as before.
        ALTER TABLE decisions ADD COLUMN throttles INTEGER NOT NULL DEFAULT 0;
        """,
        """
        -- One row: the machine's clock when the file was last written, to the second. A machine that starts with an earlier one was not there before;
        -- the times of decisions don't show it, since those of alerts are the log's.
        CREATE TABLE clock (
            time INTEGER NOT NULL
        ) STRICT;
        """,
        """
        -- Whom a row speaks against, where that is not its decision's subject: "198.51.100.4", of IPv6 the /64.
        ALTER TABLE evidence ADD COLUMN source TEXT;
        """,
    ];

    /// <summary>Makes the tables in a new file, or brings an older file to the newest version, each step in its own transaction.</summary>
    /// <exception cref="JournalException">A newer program wrote the file, or another program.</exception>
    /// <exception cref="SqliteException">It is no database, or can't be read or written.</exception>
    public static void Prepare(Database database)
    {
        var version = VersionOf(database);
        if (version == 0)
        {
            // Only takes effect before the first table; lets a purge give space back to the disk little by little.
            database.Execute("PRAGMA auto_vacuum = INCREMENTAL");
        }

        // WAL: readers do not wait for the writer. NORMAL: a commit survives the death of the process; a power cut may take back the last
        // ones, whole, in order, and with their read positions, so that those lines are read again (sqlite.org/wal.html).
        // 4,000 pages of log before they are copied into the file, by the commit that fills them up: of single bans one in some hundred meets
        // that (with SQLite's 1,000 pages it was one in 60, and the 99th percentile of Append was 26 ms on a busy machine in place of 4).
        database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216; PRAGMA wal_autocheckpoint = 4000");
        for (; version < Version; version++)
        {
            database.Execute($"BEGIN IMMEDIATE; {Steps[version]} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version + 1}; COMMIT");
        }
    }

    /// <summary>That the file can be read as it is, by a program that may not change it.</summary>
    /// <exception cref="JournalException">Another version wrote it, or another program.</exception>
    /// <exception cref="SqliteException">It is no database, or can't be read.</exception>
    public static void Check(Database database)
    {
        if (VersionOf(database) is var version && version < Version)
        {
            throw new JournalException($"{database.Path}: written by an older Ringfence (format {version}, this one reads {Version}): the guard brings it up to date when it starts");
        }
    }

    private static long VersionOf(Database database)
    {
        var version = database.Scalar("PRAGMA user_version");
        var owner = database.Scalar("PRAGMA application_id");
        if (owner != ApplicationId && (owner != 0 || version != 0 || database.Scalar("SELECT count(*) FROM sqlite_schema") != 0))
        {
            throw new JournalException($"{database.Path}: this is another program's SQLite database; name another file as the journal");
        }

        if (version > Version)
        {
            throw new JournalException($"{database.Path}: written by a newer Ringfence (format {version}, this one knows {Version}): install that version, or move the file away");
        }

        return version;
    }
}
