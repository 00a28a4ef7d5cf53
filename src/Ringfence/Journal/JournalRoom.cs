using Ringfence.Sqlite;

namespace Ringfence.Journal;

/// <summary>Keeps the file within its size: for each decision that is written two that are over are forgotten, as soon as the room is nearly used up.
/// Never one that is in force. Used by <see cref="JournalWriter"/> in its transaction.</summary>
/// <remarks>So that no flood outruns it, however fast, and no single ban waits for more than two deletions.</remarks>
internal sealed class JournalRoom : IDisposable
{
    private const int Page = 64;

    private readonly Statement _pages;
    private readonly Statement _free;
    private readonly Statement _over;
    private readonly long _maxPages;
    private readonly TimeSpan _memory;
    private long _from;

    /// <param name="maxBytes">Of the file, without SQLite's write-ahead log (16 MiB).</param>
    /// <param name="memory">How long a ban that is over still counts for the next one: until then everything else goes before it.</param>
    /// <exception cref="SqliteException">The file can't be read.</exception>
    public JournalRoom(Database database, long maxBytes, TimeSpan memory)
    {
        _memory = memory;
        _maxPages = maxBytes / Math.Max(512, database.Scalar("PRAGMA page_size"));
        _pages = database.Prepare("PRAGMA page_count");
        _free = database.Prepare("PRAGMA freelist_count");
        _over = database.Prepare(
            "SELECT id, kind = 1 AND ordinal > 0 AND lifted = 0, time, ends FROM decisions WHERE ends >= ?1 AND ends < ?2 ORDER BY ends LIMIT ?3");
    }

    /// <summary>All of it is taken, by what is in force.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Nearly all of it is taken: what is over has to give way.</summary>
    public bool IsShort { get; private set; }

    /// <summary>Looks how much is taken.</summary>
    /// <exception cref="SqliteException">The file can't be read.</exception>
    public void Measure()
    {
        var taken = Value(_pages) - Value(_free);
        IsFull = taken > _maxPages;
        IsShort = taken > _maxPages - (_maxPages / 16);
    }

    /// <summary>From now on those are looked at again that were passed over.</summary>
    public void Restart() => _from = 0;

    /// <summary>Who goes next: those that are over, the oldest first, and bans that still count for growth only when nothing else is left.</summary>
    /// <exception cref="SqliteException">The file can't be read.</exception>
    public IReadOnlyList<long> Next(int count, DateTimeOffset now)
    {
        List<long> chosen = [];
        for (var pass = 0; pass < 4; pass++)
        {
            var rows = Over(_from, now, Math.Max(count, Page));
            if (rows.Count == 0)
            {
                break;
            }

            var remembered = (now - _memory).UtcTicks;
            chosen = [.. rows.Where(row => !row.Counts || row.Time < remembered).Take(count).Select(row => row.Id)];
            if (chosen.Count > 0)
            {
                return chosen;
            }

            // Many can end in the same instant: from the next one on, once all of these were passed over.
            _from = Math.Max(rows[^1].Ends, _from + 1);
        }

        return Over(_from, now, 1).Count > 0 ? [] : [.. Over(0, now, count).Select(row => row.Id)];
    }

    public void Dispose()
    {
        _pages.Dispose();
        _free.Dispose();
        _over.Dispose();
    }

    private List<(long Id, bool Counts, long Time, long Ends)> Over(long from, DateTimeOffset now, int limit)
    {
        var rows = new List<(long, bool, long, long)>();
        _over.Bind(1, from).Bind(2, now.UtcTicks).Bind(3, limit);
        while (_over.Step())
        {
            rows.Add((_over.Int64(0), _over.Int64(1) != 0, _over.Int64(2), _over.Int64(3)));
        }

        return rows;
    }

    private static long Value(Statement pragma)
    {
        var value = pragma.Step() ? pragma.Int64(0) : 0;
        pragma.Reset();
        return value;
    }
}
