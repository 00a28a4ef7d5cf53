using Ringfence.Core.Calls;
using Ringfence.Sqlite;

namespace Ringfence.Sources;

/// <summary>A table of CDRs in a file of SQLite (cdr_sqlite3_custom's master.db): read, never written; what was added since, by the number that each row has.</summary>
internal sealed class SqliteCdrs(string path, string table, TimeZoneInfo zone) : ICallSource
{
    private const int BatchRows = 2000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private long _last;

    public string Name => path;

    public TimeSpan Every => TimeSpan.FromSeconds(5);

    public IReadOnlyList<string> Problems => CallSources.Mistakes(path, Unread, FirstMistake);

    /// <summary>Rows that could not be read.</summary>
    public int Unread { get; private set; }

    public string? FirstMistake { get; private set; }

    /// <summary>Whether a file is a database of SQLite.</summary>
    /// <remarks>sqlite.org/fileformat2.html, section 1.3.</remarks>
    public static bool Is(string path)
    {
        Span<byte> beginning = stackalloc byte[16];
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.Read(file, beginning, 0) == beginning.Length && beginning.SequenceEqual("SQLite format 3\0"u8);
        }
        catch (Exception problem) when (FileTrouble.Is(problem))
        {
            // Told by whoever reads it as a file.
            return false;
        }
    }

    public Task ReadNewAsync(DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        ReadNew(from, take, stop);
        return Task.CompletedTask;
    }

    public void Finish(Action<CallRecord> take)
    {
        // A row is whole or not there.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Rows that were not given before.</summary>
    /// <param name="from">Calls that began then or later.</param>
    /// <returns>How many.</returns>
    /// <exception cref="CdrDatabaseException">It can't be read.</exception>
    public int ReadNew(DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        try
        {
            using var database = Database.Open(path, readOnly: true);
            database.WaitForLocks(Patience);
            return Read(database, from, take, stop);
        }
        catch (Exception problem) when (SqliteTrouble.Is(problem))
        {
            throw new CdrDatabaseException(SqliteTrouble.Explain(path, problem), problem);
        }
    }

    private int Read(Database database, DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        var names = Names(database);
        if (CdrColumns.Of(names) is not { } columns)
        {
            throw new CdrDatabaseException(names.Count == 0
                ? $"{path}: there is no table {table}: set cdr_table in [calls]"
                : $"{path}: the table {table} has no columns of calls: found {string.Join(", ", names.Take(12))}; expected calldate (or start), billsec, channel, and dst or lastapp and lastdata");
        }

        var rows = new CdrRows(zone, columns);
        var cells = new string?[names.Count];
        var earliest = from.ToUnixTimeSeconds();
        var count = 0;

        // Somebody made the table anew: its numbers begin at 1 again.
        using (var highest = database.Prepare($"SELECT max(rowid) FROM {Quoted(table)}"))
        {
            _last = highest.Step() && !highest.IsNull(0) && highest.Int64(0) >= _last ? _last : 0;
        }

        // The list of columns is the table's own: "*" in its order.
        using var statement = database.Prepare($"SELECT rowid, * FROM {Quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?");
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            statement.Bind(1, _last).Bind(2, BatchRows);
            var read = 0;
            while (statement.Step())
            {
                read++;
                _last = statement.Int64(0);
                for (var at = 0; at < cells.Length; at++)
                {
                    cells[at] = statement.IsNull(at + 1) ? null : statement.Text(at + 1);
                }

                rows.Add(cells, call =>
                {
                    if (call.Start >= earliest)
                    {
                        count++;
                        take(call);
                    }
                });
            }

            if (read < BatchRows)
            {
                break;
            }
        }

        Unread += rows.Reader.Unread;
        FirstMistake ??= rows.Reader.FirstMistake;
        return count;
    }

    private List<string> Names(Database database)
    {
        using var statement = database.Prepare("SELECT name FROM pragma_table_info(?)");
        statement.Bind(1, table);
        List<string> names = [];
        while (statement.Step())
        {
            names.Add(statement.Text(0));
        }

        return names;
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
