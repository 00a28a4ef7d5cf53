using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Sources;
using Ringfence.Sqlite;

namespace Ringfence.Journal;

/// <summary>The journal while no guard runs, for looking only: nothing is made, mended or moved aside, since that is the guard's.</summary>
internal sealed class ReadOnlyJournal : IJournal
{
    private readonly Database _database;
    private readonly JournalReader _reader;

    private ReadOnlyJournal(Database database, JournalReader reader)
    {
        _database = database;
        _reader = reader;
    }

    public JournalStatus Status => new(_database.Scalar("SELECT count(*) FROM decisions"), new FileInfo(_database.Path).Length, 0, null);

    /// <returns>null: there is no file.</returns>
    /// <exception cref="JournalException">It is a directory, damaged, another program's, or of another version; or can't be opened.</exception>
    /// <exception cref="IOException">Its directory can't be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    public static ReadOnlyJournal? Open(string path)
    {
        try
        {
            // Not File.Exists: it says no of what may not be seen.
            if (File.GetAttributes(path).HasFlag(FileAttributes.Directory))
            {
                throw new JournalException($"{path}: this is a directory, and should be the journal: set path in [journal]");
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        Database? database = null;
        JournalReader? reader = null;
        try
        {
            database = OpenDatabase(path);
            JournalSchema.Check(database);
            reader = new JournalReader(database);
            var journal = new ReadOnlyJournal(database, reader);
            (database, reader) = (null, null);
            return journal;
        }
        catch (SqliteException error)
        {
            throw new JournalException(error.IsCorruption
                ? $"{error.Message}: damaged, or no journal at all; the guard keeps it aside and begins a new one when it starts"
                : error.Message);
        }
        catch (DllNotFoundException)
        {
            throw new JournalException("libsqlite3.so.0 is not installed: install the package libsqlite3-0 (Debian, Ubuntu) or sqlite-libs (Rocky)");
        }
        finally
        {
            reader?.Dispose();
            database?.Dispose();
        }
    }

    public IReadOnlyList<ReadPosition> Positions() => _reader.Positions();

    public IReadOnlyList<Ban> ActiveBans(DateTimeOffset now, bool withObserved = false) => _reader.ActiveBans(now, withObserved);

    public IReadOnlyList<ActiveBan> InForce(DateTimeOffset now) => _reader.InForce(now);

    public IReadOnlyList<Ban> BansSince(DateTimeOffset since, bool withObserved = false) => _reader.BansSince(since, withObserved);

    public IReadOnlyList<Unban> ForgivenSince(DateTimeOffset since) => _reader.ForgivenSince(since);

    public IReadOnlyList<Decision> Latest(int count) => _reader.Latest(count);

    public IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network) => _reader.About(network);

    public IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions) => throw new NotSupportedException("opened to read");

    public void Append(IReadOnlyList<Outcome> outcomes) => throw new NotSupportedException("opened to read");

    public void Save(IReadOnlyList<ReadPosition> positions) => throw new NotSupportedException("opened to read");

    public int Purge(DateTimeOffset before) => throw new NotSupportedException("opened to read");

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Database OpenDatabase(string path)
    {
        var database = Database.Open(path, readOnly: true);
        try
        {
            database.WaitForLocks(TimeSpan.FromSeconds(2));
            _ = database.Scalar("SELECT count(*) FROM sqlite_schema");
            return database;
        }
        catch (SqliteException error) when (error.Code is Sqlite3.CannotOpen or Sqlite3.ReadOnly && !HasLog(path))
        {
            // On a read-only file system SQLite can't make the index of the write-ahead log; without a log there is nothing to index,
            // and a file that nobody can write may be read as it is (sqlite.org/wal.html, "Read-Only Databases").
            database.Dispose();
            return Database.OpenImmutable(path);
        }
        catch (SqliteException)
        {
            database.Dispose();
            throw;
        }
    }

    private static bool HasLog(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
}
