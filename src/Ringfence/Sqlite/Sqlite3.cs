using System.Runtime.InteropServices;

namespace Ringfence.Sqlite;

/// <summary>The functions of the distribution's SQLite that the journal calls; see <see cref="Database"/> and <see cref="Statement"/> for their use.</summary>
/// <remarks>sqlite.org/c3ref. Statements are used under one lock per connection, so connections are opened without SQLite's own mutexes.</remarks>
internal static unsafe partial class Sqlite3
{
    public const int Ok = 0;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int ReadOnly = 8;
    public const int IoError = 10;
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int NotADatabase = 26;
    public const int Row = 100;
    public const int Done = 101;

    public const int OpenReadOnly = 0x1;
    public const int OpenReadWrite = 0x2;
    public const int OpenUri = 0x40;
    public const int OpenNoMutex = 0x8000;
    public const int OpenExtendedCodes = 0x0200_0000;
    public const uint PreparePersistent = 0x1;
    public const int TypeNull = 5;
    public const int ControlHasMoved = 20;

    /// <summary>SQLITE_TRANSIENT: SQLite copies what is bound before the call returns.</summary>
    public static readonly nint Transient = -1;

    // The soname of every SQLite 3, so that the -dev package with its libsqlite3.so is not needed.
    private const string Library = "libsqlite3.so.0";

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, out DatabaseHandle database, int flags, nint vfs);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    public static partial int Close(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    public static partial nint ErrorMessage(DatabaseHandle database);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_errcode")]
    public static partial int ErrorCode(DatabaseHandle database);

    [LibraryImport(Library, EntryPoint = "sqlite3_errstr")]
    public static partial nint ErrorName(int code);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_timeout")]
    public static partial int BusyTimeout(DatabaseHandle database, int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_get_autocommit")]
    public static partial int IsAutocommit(DatabaseHandle database);

    [LibraryImport(Library, EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileControl(DatabaseHandle database, string schema, int operation, int* value);

    [LibraryImport(Library, EntryPoint = "sqlite3_exec", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(DatabaseHandle database, string sql, nint callback, nint argument, nint error);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v3")]
    public static partial int Prepare(DatabaseHandle database, byte* sql, int lengthBytes, uint flags, out StatementHandle statement, nint tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    public static partial int Finalize(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(StatementHandle statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(StatementHandle statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    public static partial int BindInt64(StatementHandle statement, int parameter, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    public static partial int BindNull(StatementHandle statement, int parameter);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    public static partial int BindText(StatementHandle statement, int parameter, byte* utf8, int lengthBytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    public static partial int BindBlob(StatementHandle statement, int parameter, byte* bytes, int lengthBytes, nint destructor);

    // Columns are read without leaving the collector's sight: each takes some nanoseconds, a hundred thousand bans have a million of them.
    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    [SuppressGCTransition]
    public static partial int ColumnType(StatementHandle statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    [SuppressGCTransition]
    public static partial long ColumnInt64(StatementHandle statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    [SuppressGCTransition]
    public static partial byte* ColumnBlob(StatementHandle statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_text")]
    [SuppressGCTransition]
    public static partial byte* ColumnText(StatementHandle statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    [SuppressGCTransition]
    public static partial int ColumnBytes(StatementHandle statement, int column);
}

/// <summary>An open connection (sqlite3*).</summary>
internal sealed class DatabaseHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    // close_v2 and not close: a statement that the finalizer reaches later keeps the connection alive until then.
    protected override bool ReleaseHandle() => Sqlite3.Close(handle) == Sqlite3.Ok;
}

/// <summary>A prepared statement (sqlite3_stmt*).</summary>
internal sealed class StatementHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    // The result repeats the last step's error, which was reported then.
    protected override bool ReleaseHandle()
    {
        _ = Sqlite3.Finalize(handle);
        return true;
    }
}
