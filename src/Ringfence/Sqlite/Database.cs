using System.Runtime.InteropServices;
using System.Text;

namespace Ringfence.Sqlite;

/// <summary>One connection to a SQLite file that exists. Not thread-safe: its owner locks.</summary>
internal sealed class Database : IDisposable
{
    private readonly DatabaseHandle _handle;

    private Database(string path, DatabaseHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    /// <summary>No transaction is open on this connection.</summary>
    public bool IsIdle => Sqlite3.IsAutocommit(_handle) != 0;

    /// <summary>Somebody removed or renamed the file under us: what is written now is lost with the process.</summary>
    public unsafe bool HasMoved
    {
        get
        {
            var moved = 0;
            return Sqlite3.FileControl(_handle, "main", Sqlite3.ControlHasMoved, &moved) == Sqlite3.Ok && moved != 0;
        }
    }

    /// <exception cref="SqliteException">It can't be opened. That it is no database shows at the first statement only.</exception>
    /// <exception cref="DllNotFoundException">libsqlite3 is not installed.</exception>
    public static Database Open(string path, bool readOnly)
    {
        return Open(path, path, readOnly ? Sqlite3.OpenReadOnly : Sqlite3.OpenReadWrite);
    }

    /// <summary>Opens a file that nobody can write, without SQLite's locks and files beside it.</summary>
    /// <exception cref="SqliteException">It can't be opened.</exception>
    public static Database OpenImmutable(string path) =>
        Open(path, $"file:{Uri.EscapeDataString(System.IO.Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1", Sqlite3.OpenReadOnly | Sqlite3.OpenUri);

    private static Database Open(string path, string name, int flags)
    {
        var result = Sqlite3.Open(name, out var handle, flags | Sqlite3.OpenNoMutex | Sqlite3.OpenExtendedCodes, 0);
        var database = new Database(path, handle);
        if (result == Sqlite3.Ok)
        {
            return database;
        }

        using (database)
        {
            throw handle.IsInvalid ? new SqliteException(path, result, ErrorName(result)) : database.LastError();
        }
    }

    /// <summary>Runs statements that return nothing, separated by semicolons. Never with a value in them: those are bound.</summary>
    /// <exception cref="SqliteException">The first statement that failed; those before it took effect.</exception>
    public void Execute(string sql)
    {
        if (Sqlite3.Execute(_handle, sql, 0, 0, 0) != Sqlite3.Ok)
        {
            throw LastError();
        }
    }

    /// <exception cref="SqliteException">The statement is wrong or the file can't be read.</exception>
    public unsafe Statement Prepare(string sql)
    {
        var utf8 = Encoding.UTF8.GetBytes(sql);
        fixed (byte* start = utf8)
        {
            var result = Sqlite3.Prepare(_handle, start, utf8.Length, Sqlite3.PreparePersistent, out var statement, 0);
            return result == Sqlite3.Ok ? new Statement(this, statement) : throw LastError();
        }
    }

    /// <summary>The first column of the first row; 0 if there is no row or it is null.</summary>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>How long a statement waits for another process's lock before it fails with <see cref="Sqlite3.Busy"/>.</summary>
    public void WaitForLocks(TimeSpan limit) => _ = Sqlite3.BusyTimeout(_handle, (int)limit.TotalMilliseconds);

    public SqliteException LastError() =>
        new(Path, Sqlite3.ErrorCode(_handle), Marshal.PtrToStringUTF8(Sqlite3.ErrorMessage(_handle)) ?? "");

    public void Dispose() => _handle.Dispose();

    private static string ErrorName(int code) => Marshal.PtrToStringUTF8(Sqlite3.ErrorName(code)) ?? "";
}
