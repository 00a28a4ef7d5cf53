namespace Ringfence.Sqlite;

/// <summary>SQLite refused, in its own words and with the path of the file.</summary>
internal sealed class SqliteException(string path, int extendedCode, string message)
    : Exception($"{path}: {message} (SQLite error {extendedCode})")
{
    /// <summary>The primary result code, such as <see cref="Sqlite3.Full"/>.</summary>
    /// <remarks>sqlite.org/rescode.html: the low eight bits of an extended code are the primary one.</remarks>
    public int Code { get; } = extendedCode & 0xff;

    /// <summary>The file is not what it should be; waiting will not cure it.</summary>
    public bool IsCorruption => Code is Sqlite3.Corrupt or Sqlite3.NotADatabase;
}
