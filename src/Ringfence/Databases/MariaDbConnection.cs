using System.Runtime.InteropServices;
using System.Text;

namespace Ringfence.Databases;

/// <summary>MariaDB or MySQL. Statements have no parameters, for its protocol of text has none: a value in one is a number or a time that this program made itself.</summary>
internal sealed unsafe class MariaDbConnection : DatabaseConnection
{
    private readonly MariaDbHandle _handle;

    private MariaDbConnection(MariaDbHandle handle, DatabaseLimits limits)
        : base(handle, limits) => _handle = handle;

    /// <summary>Waits until it is open. ~/.my.cnf is not read: the library does so only if it is told to.</summary>
    /// <exception cref="DatabaseException">It can't be had.</exception>
    public static MariaDbConnection Open(DatabaseServer server, DatabaseLimits limits)
    {
        MariaDb.Load();
        _ = MariaDb.BeginThread();
        var handle = MariaDb.Initialise(0);
        var isOpen = false;
        try
        {
            if (handle.IsInvalid)
            {
                throw new DatabaseException("the library of MariaDB can't start: there is no memory left");
            }

            var isSocket = server.Host.StartsWith('/');
            SetOptions(handle, limits, isSocket);
            if (MariaDb.Connect(handle, isSocket ? null : server.Host, server.User, server.Password ?? "", server.Database, (uint)(server.Port == 0 ? 3306 : server.Port), isSocket ? server.Host : null, 0) == 0)
            {
                throw LastError(handle);
            }

            // Nothing is written whatever is sent.
            if (!Run(handle, "SET SESSION TRANSACTION READ ONLY"))
            {
                throw LastError(handle);
            }

            // The server goes on with what nobody waits for: so it ends by itself, in MariaDB (from 10.1 on, seconds) or in MySQL (from 5.7 on, milliseconds). An older one has neither.
            _ = Run(handle, $"SET SESSION max_statement_time = {limits.Query.TotalSeconds:0.###}") || Run(handle, $"SET SESSION max_execution_time = {limits.Query.TotalMilliseconds:0}");
            isOpen = true;
            return new MariaDbConnection(handle, limits);
        }
        finally
        {
            if (!isOpen)
            {
                handle.Dispose();
            }

            MariaDb.EndThread();
        }
    }

    protected override DatabaseRows Query(string sql, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            throw new ArgumentException("a statement of MariaDB has no parameters", nameof(values));
        }

        _ = MariaDb.BeginThread();
        try
        {
            if (!Run(_handle, sql))
            {
                throw LastError(_handle);
            }

            var result = MariaDb.StoreResult(_handle);
            if (result.IsInvalid)
            {
                result.Dispose();
                throw LastError(_handle);
            }

            return new MariaDbRows(result);
        }
        finally
        {
            MariaDb.EndThread();
        }
    }

    private static void SetOptions(MariaDbHandle handle, DatabaseLimits limits, bool isSocket)
    {
        // Whole seconds, and one more: who waits for it gives up first and says so.
        Set(MariaDb.OptionConnectTimeout, (uint)Math.Ceiling(limits.Connect.TotalSeconds) + 1);
        Set(MariaDb.OptionReadTimeout, (uint)Math.Ceiling(limits.Query.TotalSeconds) + 1);
        Set(MariaDb.OptionWriteTimeout, (uint)Math.Ceiling(limits.Query.TotalSeconds) + 1);

        // Else "localhost" would be a socket wherever the library was built to look for one.
        Set(MariaDb.OptionProtocol, isSocket ? MariaDb.ProtocolSocket : MariaDb.ProtocolTcp);

        // Else a server may ask for any file that we can read (mariadb.com/kb/en/load-data-infile): Connector/C allows it.
        Set(MariaDb.OptionLocalInfile, 0);
        if (MariaDb.IsConnector)
        {
            // TLS where the server has it, whoever signed its certificate: Connector/C 3.3 uses none by default, and 3.4 no server without it (plugins/auth/my_auth.c).
            Set(MariaDb.OptionVerifyCertificate, 0);
            Set(MariaDb.OptionTls, isSocket ? 0u : 1);
        }

        _ = MariaDb.SetOption(handle, MariaDb.OptionCharacterSet, "utf8mb4");

        void Set(int option, uint value) => _ = MariaDb.SetOption(handle, option, &value);
    }

    private static bool Run(MariaDbHandle handle, string sql)
    {
        var utf8 = Encoding.UTF8.GetBytes(sql);
        fixed (byte* start = utf8)
        {
            return MariaDb.Query(handle, start, (nuint)utf8.Length) == 0;
        }
    }

    private static DatabaseException LastError(MariaDbHandle handle)
    {
        var number = MariaDb.ErrorNumber(handle);
        return new DatabaseException($"{Marshal.PtrToStringUTF8(MariaDb.ErrorMessage(handle))} ({number})", number switch
        {
            MariaDb.AccessDenied or MariaDb.AccessDeniedToDatabase or MariaDb.AccessDeniedWithoutPassword => DatabaseRefusal.User,
            MariaDb.AccessDeniedToTable => DatabaseRefusal.TableAccess,
            MariaDb.NoSuchTable => DatabaseRefusal.Table,
            MariaDb.UnknownDatabase => DatabaseRefusal.Database,
            _ => DatabaseRefusal.Other,
        });
    }
}

/// <summary>An answer of MariaDB or MySQL.</summary>
internal sealed unsafe class MariaDbRows : DatabaseRows
{
    private readonly MariaDbResultHandle _result;

    public MariaDbRows(MariaDbResultHandle result)
    {
        _result = result;
        var columns = new DatabaseColumn[MariaDb.FieldCount(result)];
        for (var at = 0; at < columns.Length; at++)
        {
            var field = MariaDb.Field(result, (uint)at);

            // MYSQL_TYPE_TINY, SHORT, LONG, LONGLONG and INT24 of enum_field_types.
            columns[at] = new DatabaseColumn(Encoding.UTF8.GetString((byte*)field->Name, (int)field->NameLength), field->Type is 1 or 2 or 3 or 8 or 9, HasZone: false);
        }

        Columns = columns;
    }

    public override IReadOnlyList<DatabaseColumn> Columns { get; }

    public override bool Read(Span<string?> cells)
    {
        var row = MariaDb.FetchRow(_result);
        if (row is null)
        {
            return false;
        }

        var lengths = MariaDb.FetchLengths(_result);
        for (var at = 0; at < Columns.Count; at++)
        {
            cells[at] = row[at] is null ? null : Encoding.UTF8.GetString(row[at], (int)lengths[at]);
        }

        return true;
    }

    public override void Dispose() => _result.Dispose();
}
