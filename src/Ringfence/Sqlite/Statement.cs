using System.Buffers;
using System.Text;

namespace Ringfence.Sqlite;

/// <summary>A prepared statement, used again and again: bind (parameters count from 1), step, read columns (from 0), reset.</summary>
/// <remarks>Bound values stay until bound again, so each use binds all of its parameters. Not thread-safe, like its connection.</remarks>
internal sealed class Statement(Database database, StatementHandle handle) : IDisposable
{
    public Statement Bind(int parameter, long value)
    {
        Check(Sqlite3.BindInt64(handle, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, long? value) => value is { } number ? Bind(parameter, number) : BindNull(parameter);

    /// <summary>Binds text as UTF-8; zero characters inside are kept, a lone surrogate becomes U+FFFD.</summary>
    public unsafe Statement Bind(int parameter, string? text)
    {
        if (text is null)
        {
            return BindNull(parameter);
        }

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, rented);
        fixed (byte* start = rented)
        {
            Check(Sqlite3.BindText(handle, parameter, start, length, Sqlite3.Transient));
        }

        ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    /// <param name="bytes">Not empty: SQLite takes an empty blob's null pointer for NULL.</param>
    public unsafe Statement Bind(int parameter, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            Check(Sqlite3.BindBlob(handle, parameter, start, bytes.Length, Sqlite3.Transient));
        }

        return this;
    }

    /// <returns>true: there is a row to read; false: the statement is done, and reset.</returns>
    /// <exception cref="SqliteException">It failed; the statement is reset.</exception>
    public bool Step()
    {
        var result = Sqlite3.Step(handle);
        if (result == Sqlite3.Row)
        {
            return true;
        }

        // The error is read first: resetting may replace it.
        var error = result == Sqlite3.Done ? null : database.LastError();
        Reset();
        return error is null ? false : throw error;
    }

    /// <summary>Runs a statement whose rows, if any, nobody wants.</summary>
    /// <exception cref="SqliteException">It failed; the statement is reset.</exception>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Lets go of the read lock of a statement that was not stepped to its end.</summary>
    public void Reset() => _ = Sqlite3.Reset(handle);

    public bool IsNull(int column) => Sqlite3.ColumnType(handle, column) == Sqlite3.TypeNull;

    public long Int64(int column) => Sqlite3.ColumnInt64(handle, column);

    public unsafe string Text(int column)
    {
        // The text is asked for first: asking its length first could convert it twice (sqlite.org/c3ref/column_blob.html).
        var start = Sqlite3.ColumnText(handle, column);
        return start is null ? "" : Encoding.UTF8.GetString(start, Sqlite3.ColumnBytes(handle, column));
    }

    /// <returns>Bytes of the row that are gone at the next step.</returns>
    public unsafe ReadOnlySpan<byte> Bytes(int column)
    {
        var start = Sqlite3.ColumnBlob(handle, column);
        return new ReadOnlySpan<byte>(start, start is null ? 0 : Sqlite3.ColumnBytes(handle, column));
    }

    public void Dispose() => handle.Dispose();

    private Statement BindNull(int parameter)
    {
        Check(Sqlite3.BindNull(handle, parameter));
        return this;
    }

    private void Check(int result)
    {
        if (result != Sqlite3.Ok)
        {
            throw database.LastError();
        }
    }
}
