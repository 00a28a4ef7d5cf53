using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Ringfence.Databases;

/// <summary>PostgreSQL. libpq has no limit of time on an answer: so it is never left to wait by itself.</summary>
internal sealed unsafe class LibpqConnection : DatabaseConnection
{
    private readonly LibpqHandle _handle;
    private readonly TimeSpan _limit;

    private LibpqConnection(LibpqHandle handle, DatabaseLimits limits)
        : base(handle, limits)
    {
        _handle = handle;
        _limit = limits.Query;
    }

    /// <summary>Waits until it is open.</summary>
    /// <exception cref="DatabaseException">It can't be had.</exception>
    public static LibpqConnection Open(DatabaseServer server, DatabaseLimits limits)
    {
        Libpq.Load();
        var invariant = CultureInfo.InvariantCulture;

        // Nothing is written whatever is sent; times come as UTC; and what nobody waits for any more the server ends by itself.
        (string Keyword, string? Value)[] parameters =
        [
            ("host", server.Host),
            ("port", (server.Port == 0 ? 5432 : server.Port).ToString(invariant)),
            ("dbname", server.Database),
            ("user", server.User),
            ("password", server.Password),
            ("application_name", "ringfence"),
            ("client_encoding", "UTF8"),
            ("options", string.Create(invariant, $"-c default_transaction_read_only=on -c TimeZone=UTC -c statement_timeout={limits.Query.TotalMilliseconds:0}")),
        ];
        var handle = Libpq.StartConnecting([.. parameters.Select(static parameter => parameter.Keyword), null], [.. parameters.Select(static parameter => parameter.Value), null], 0);
        var isOpen = false;
        try
        {
            Connect(handle, limits.Connect);
            var connection = new LibpqConnection(handle, limits);
            if (Marshal.PtrToStringUTF8(Libpq.Parameter(handle, "server_encoding")) == "SQL_ASCII")
            {
                // Such a database holds bytes of any kind; asked for UTF-8 it refuses the whole answer for one that is none, and a caller may have written it.
                connection.Query("SET client_encoding = 'SQL_ASCII'", []).Dispose();
            }

            isOpen = true;
            return connection;
        }
        finally
        {
            if (!isOpen)
            {
                handle.Dispose();
            }
        }
    }

    protected override DatabaseRows Query(string sql, IReadOnlyList<string> values)
    {
        var until = Environment.TickCount64 + (long)_limit.TotalMilliseconds;
        if (Libpq.SendQuery(_handle, sql, values.Count, 0, [.. values], 0, 0, 0) == 0)
        {
            throw ConnectionError(_handle);
        }

        // Who sends reads too: else both sides may wait for the other (libpq's documentation of PQflush).
        while (Libpq.Flush(_handle) is not 0 and var answer)
        {
            if (answer > 0)
            {
                Wait(Libpq.PollIn | Libpq.PollOut, until, _limit, _handle);
            }

            if (answer < 0 || Libpq.ConsumeInput(_handle) == 0)
            {
                throw ConnectionError(_handle);
            }
        }

        var first = NextResult(until);
        try
        {
            if (first.IsInvalid)
            {
                throw ConnectionError(_handle);
            }

            // One statement has one answer, and null behind it.
            for (var isMore = true; isMore;)
            {
                using var next = NextResult(until);
                isMore = !next.IsInvalid;
            }

            if (Libpq.ResultStatus(first) is not (Libpq.CommandOk or Libpq.TuplesOk))
            {
                throw Error(first);
            }

            return new LibpqRows(first);
        }
        catch (DatabaseException)
        {
            first.Dispose();
            throw;
        }
    }

    private LibpqResultHandle NextResult(long until)
    {
        while (Libpq.IsBusy(_handle) != 0)
        {
            Wait(Libpq.PollIn, until, _limit, _handle);
            if (Libpq.ConsumeInput(_handle) == 0)
            {
                throw ConnectionError(_handle);
            }
        }

        return Libpq.Result(_handle);
    }

    private static void Connect(LibpqHandle handle, TimeSpan limit)
    {
        if (handle.IsInvalid)
        {
            throw new DatabaseException("libpq can't start: there is no memory left");
        }

        _ = Libpq.SetVerbosity(handle, Libpq.VerbosityVerbose);
        _ = Libpq.SetNoticeProcessor(handle, &HearNotice, 0);
        if (Libpq.Status(handle) == Libpq.ConnectionBad)
        {
            throw ConnectionError(handle);
        }

        var until = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var waitsFor = Libpq.PollOut;
        while (true)
        {
            Wait(waitsFor, until, limit, handle);
            switch (Libpq.GoOnConnecting(handle))
            {
                case Libpq.PollingOk:
                    _ = Libpq.SetNonBlocking(handle, 1);
                    return;
                case Libpq.PollingFailed:
                    throw ConnectionError(handle);
                case Libpq.PollingReading:
                    waitsFor = Libpq.PollIn;
                    break;
                default:
                    waitsFor = Libpq.PollOut;
                    break;
            }
        }
    }

    // The socket is asked for each time: where a server has several addresses, or no TLS, each attempt has another.
    private static void Wait(int events, long until, TimeSpan limit, LibpqHandle handle)
    {
        var descriptor = new Libpq.PollDescriptor { Descriptor = Libpq.Socket(handle), Events = (short)events };
        while (until - Environment.TickCount64 is > 0 and var left)
        {
            // Nothing, or a signal to this thread (EINTR): what is left is waited for.
            if (Libpq.Poll(&descriptor, 1, (int)left) > 0)
            {
                return;
            }
        }

        throw DatabaseException.NoAnswer(limit);
    }

    private static DatabaseException Error(LibpqResultHandle result)
    {
        var state = Marshal.PtrToStringUTF8(Libpq.ErrorField(result, Libpq.FieldSqlState));
        return new DatabaseException($"{Marshal.PtrToStringUTF8(Libpq.ErrorField(result, Libpq.FieldMessage))} ({state})", Refusal(state));
    }

    private static DatabaseException ConnectionError(LibpqHandle handle)
    {
        var message = Marshal.PtrToStringUTF8(Libpq.ErrorMessage(handle)) ?? "";
        foreach (var line in message.Split('\n'))
        {
            // "SEVERITY:  SQLSTATE: message", behind libpq's own words; the severity is in the server's language.
            for (var at = line.IndexOf(":  ", StringComparison.Ordinal); at >= 0; at = line.IndexOf(":  ", at + 1, StringComparison.Ordinal))
            {
                var rest = line[(at + 3)..];
                if (rest.Length > 7 && rest[5..7] == ": " && rest[..5].All(static c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)))
                {
                    return new DatabaseException($"{rest[7..]} ({rest[..5]})", Refusal(rest[..5]));
                }
            }
        }

        return new DatabaseException(message.Trim().Replace("\n\t", " ", StringComparison.Ordinal), Libpq.NeedsPassword(handle) != 0 ? DatabaseRefusal.User : DatabaseRefusal.Other);
    }

    // postgresql.org/docs/current/errcodes-appendix.html.
    private static DatabaseRefusal Refusal(string? state) => state switch
    {
        "28P01" or "28000" => DatabaseRefusal.User,
        "42501" => DatabaseRefusal.TableAccess,
        "42P01" => DatabaseRefusal.Table,
        "3D000" => DatabaseRefusal.Database,
        _ => DatabaseRefusal.Other,
    };

    // By default libpq writes them to our standard error.
    [UnmanagedCallersOnly]
    private static void HearNotice(nint argument, nint message)
    {
    }
}

/// <summary>An answer of PostgreSQL.</summary>
internal sealed unsafe class LibpqRows : DatabaseRows
{
    private readonly LibpqResultHandle _result;
    private readonly int _rows;
    private int _row;

    public LibpqRows(LibpqResultHandle result)
    {
        _result = result;
        _rows = Libpq.RowCount(result);
        var columns = new DatabaseColumn[Libpq.FieldCount(result)];
        for (var at = 0; at < columns.Length; at++)
        {
            var type = Libpq.FieldType(result, at);
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Libpq.FieldName(result, at));
            columns[at] = new DatabaseColumn(Encoding.UTF8.GetString(name), type is Libpq.TypeInt2 or Libpq.TypeInt4 or Libpq.TypeInt8, type == Libpq.TypeTimestampWithZone);
        }

        Columns = columns;
    }

    public override IReadOnlyList<DatabaseColumn> Columns { get; }

    public override bool Read(Span<string?> cells)
    {
        if (_row == _rows)
        {
            return false;
        }

        for (var at = 0; at < Columns.Count; at++)
        {
            cells[at] = Libpq.IsNull(_result, _row, at) != 0 ? null : Encoding.UTF8.GetString(Libpq.Value(_result, _row, at), Libpq.Length(_result, _row, at));
        }

        _row++;
        return true;
    }

    public override void Dispose() => _result.Dispose();
}
