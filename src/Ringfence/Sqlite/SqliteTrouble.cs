namespace Ringfence.Sqlite;

/// <summary>Why a file of SQLite can't be had, and what to do.</summary>
internal static class SqliteTrouble
{
    /// <summary>The world failed: it is tried again.</summary>
    public static bool Is(Exception error) => error is SqliteException or DllNotFoundException || FileTrouble.Is(error);

    public static string Explain(string path, Exception error) => error switch
    {
        SqliteException { Code: Sqlite3.Full } => $"{path}: the disk is full: free some space",
        SqliteException { Code: Sqlite3.Busy or Sqlite3.Locked } => $"{path}: another process keeps it locked: end that process",
        SqliteException { Code: Sqlite3.ReadOnly } => $"{path}: the file or its file system is read-only: make it writable",
        DllNotFoundException => $"{path}: libsqlite3.so.0 is not installed: install the package libsqlite3-0 (Debian, Ubuntu) or sqlite-libs (Rocky)",
        SqliteException => error.Message,
        _ => $"{path}: {error.Message}",
    };
}
