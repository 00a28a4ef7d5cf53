using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using MySqlConnector;
using Npgsql;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;

namespace Ringfence.Sources;

/// <summary>A table of CDRs in MariaDB, MySQL or PostgreSQL: read, never written, a batch at a time, by the index on the beginning of calls that FreePBX's table has.</summary>
/// <remarks>
/// A row is written when its call ends and has the time of its beginning, and FreePBX's table has no number that grows: so what was read last is asked for again,
/// <see cref="Overlap"/> back, and what was seen is left out. Mostly the database itself leaves out what ended before the last round; each half hour, and behind a
/// connection that broke, it does not, for rows may be written late. A connection that breaks is opened anew by the next call. Not for several threads at once.
/// </remarks>
internal sealed class CdrDatabase(CdrPlace place, CallSettings settings, TimeZoneInfo zone, TimeProvider? clock = null) : ICallSource
{
    /// <summary>As <see cref="CallOrder"/>: longer than any call that is one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(36);

    private const int BatchRows = 2000;
    private const int TimeoutSeconds = 30;
    private const string Format = "yyyy-MM-dd HH:mm:ss";

    private static readonly TimeSpan WholeEvery = TimeSpan.FromMinutes(30);

    // A row is written within a second of its call's end; cdr.conf's batch = yes waits for five minutes at most.
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(15);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    // 128 bits of each row (RecentKeys): 100,000 calls a day are 10 MB.
    private readonly Dictionary<UInt128, long> _seen = [];
    private long _forgotten;
    private DbConnection? _connection;
    private Table? _table;

    /// <summary>Rows that could not be read.</summary>
    public int Unread { get; private set; }

    /// <summary>The first of them: what was found, and what was expected.</summary>
    public string? FirstMistake { get; private set; }

    public string Name => place.ToString();

    public TimeSpan Every => TimeSpan.FromSeconds(10);

    public IReadOnlyList<string> Problems => CallSources.Mistakes(Name, Unread, FirstMistake);

    /// <summary>Rows that are known, so as not to be given twice.</summary>
    public int Remembered => _seen.Count;

    // The beginning and the end of the latest calls that were read, in the database's own time, and no later than it was: a row of a wrong clock hides none. null: none was.
    private DateTime? _latest;
    private DateTime? _ended;
    private DateTimeOffset? _wholeAt;

    /// <summary>Everything from a time on that was not given before.</summary>
    /// <param name="from">Calls that began then or later; of later rounds what ended since.</param>
    /// <exception cref="CdrDatabaseException">It can't be asked; what was given stays given, and the next round goes on there.</exception>
    public async Task ReadNewAsync(DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        try
        {
            var table = _table ??= await FindAsync(stop);
            var begin = TimeZoneInfo.ConvertTime(from, table.IsUtc ? TimeZoneInfo.Utc : zone).DateTime;
            if (_latest is { } latest && latest - Overlap > begin)
            {
                begin = latest - Overlap;
            }

            var now = _clock.GetUtcNow();
            var isWhole = _ended is null || table.SqlOfEnded is null || now - _wholeAt is not { } since || since >= WholeEvery;
            await ReadAsync(table, begin, isWhole ? null : _ended - Late, TimeZoneInfo.ConvertTime(now, table.IsUtc ? TimeZoneInfo.Utc : zone).DateTime, take, stop);
            _wholeAt = isWhole ? now : _wholeAt;
        }
        catch (Exception problem) when (problem is DbException or SocketException or IOException or TimeoutException or InvalidOperationException)
        {
            await DisposeAsync();
            throw new CdrDatabaseException($"{place}: {Explain(problem)}", problem);
        }
    }

    public void Finish(Action<CallRecord> take)
    {
        // A row is whole or not there.
    }

    public async ValueTask DisposeAsync()
    {
        _wholeAt = null;
        if (_connection is { } open)
        {
            _connection = null;
            _table = null;
            await open.DisposeAsync();
        }
    }

    /// <param name="ended">Only calls that ended then or later; null: all.</param>
    private async Task ReadAsync(Table table, DateTime begin, DateTime? ended, DateTime now, Action<CallRecord> take, CancellationToken stop)
    {
        var (most, from) = (BatchRows, begin);
        var rows = new CdrRows(table.IsUtc ? TimeZoneInfo.Utc : zone, table.Columns);
        var cells = new string?[table.Names.Count];
        while (true)
        {
            var (read, last) = (0, from);
            await using (var command = _connection!.CreateCommand())
            {
                command.CommandText = ended is null ? table.Sql : table.SqlOfEnded;
                command.CommandTimeout = TimeoutSeconds;
                Bind(command, "from", from);
                Bind(command, "most", most);
                if (ended is { } since)
                {
                    Bind(command, "ended", since);
                }

                await using var reader = await command.ExecuteReaderAsync(stop);
                while (await reader.ReadAsync(stop))
                {
                    read++;
                    for (var at = 0; at < cells.Length; at++)
                    {
                        cells[at] = await reader.IsDBNullAsync(at, stop) ? null : reader.GetString(at);
                    }

                    last = Time(cells[table.Columns.Start]) ?? last;
                    if (!Remember(cells, last))
                    {
                        continue;
                    }

                    rows.Add(cells, call =>
                    {
                        var end = last.AddSeconds(call.Seconds);
                        _ended = end > _ended || _ended is null ? end < now ? end : now : _ended;
                        take(call);
                    });
                }
            }

            _latest = last > _latest || _latest is null ? last < now ? last : now : _latest;
            Forget();
            if (read < most)
            {
                break;
            }

            // The next batch begins at the last one's second: more calls than a batch holds in one second make it larger.
            most = last == from ? most * 2 : BatchRows;
            from = last;
        }

        Unread += rows.Reader.Unread;
        FirstMistake ??= rows.Reader.FirstMistake;
    }

    // Whatever makes a row what it is: of two alike one is another's copy.
    private bool Remember(string?[] cells, DateTime at) => _seen.TryAdd(RecentKeys.Hash(string.Join('\u001f', cells)), at.Ticks);

    private void Forget()
    {
        if (_latest is not { } latest)
        {
            return;
        }

        // What is asked for again next time stays known. To look through all of it at each round would cost more than it saves.
        var before = (latest - Overlap).Ticks;
        if (before - _forgotten < TimeSpan.TicksPerHour)
        {
            return;
        }

        _forgotten = before;
        foreach (var (key, at) in _seen)
        {
            if (at < before)
            {
                _seen.Remove(key);
            }
        }
    }

    private static DateTime? Time(string? text) =>
        text is { Length: >= 19 } && DateTime.TryParseExact(text[..19], Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static void Bind(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    // The table's columns as they are: another module, another version and another site have others.
    private async Task<Table> FindAsync(CancellationToken stop)
    {
        _connection = Connection();
        await _connection.OpenAsync(stop);
        await using var command = _connection.CreateCommand();
        command.CommandTimeout = TimeoutSeconds;
        if (place.Kind == CdrPlaceKind.MySql)
        {
            command.CommandText = "SET SESSION TRANSACTION READ ONLY";
            await command.ExecuteNonQueryAsync(stop);
        }

        command.CommandText = $"SELECT * FROM {Quoted(settings.CdrTable, mayHaveSchema: true)} WHERE 1 = 0";
        await using var reader = await command.ExecuteReaderAsync(stop);
        List<(string Name, string Type)> columns = [.. Enumerable.Range(0, reader.FieldCount).Select(at => (reader.GetName(at), reader.GetDataTypeName(at)))];

        // Only what is wanted: a row has recordings' names and more.
        List<(string Name, string Type)> wanted = [.. columns.Where(static column => CdrColumns.Known.Contains(column.Name, StringComparer.OrdinalIgnoreCase))];
        var names = wanted.ConvertAll(static column => column.Name);
        if (CdrColumns.Of(names) is not { } of)
        {
            throw new CdrDatabaseException($"{place}: the table {settings.CdrTable} has no columns of calls: found {string.Join(", ", columns.Take(12).Select(static column => column.Name))}; expected calldate (or start), billsec, channel, and dst or lastapp and lastdata; set cdr_table in [calls]");
        }

        var start = wanted[of.Start];
        var isUtc = start.Type.Equals("timestamp with time zone", StringComparison.OrdinalIgnoreCase);
        var list = string.Join(", ", wanted.Select(column => place.Kind == CdrPlaceKind.MySql ? $"CAST({Quoted(column.Name)} AS CHAR)"
            : column == start ? isUtc ? $"to_char({Quoted(column.Name)} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')" : $"to_char({Quoted(column.Name)}, 'YYYY-MM-DD HH24:MI:SS')" : $"{Quoted(column.Name)}::text"));
        var from = place.Kind == CdrPlaceKind.MySql ? "@from" : isUtc ? "@from AT TIME ZONE 'UTC'" : "@from";
        var begins = $"SELECT {list} FROM {Quoted(settings.CdrTable, mayHaveSchema: true)} WHERE {Quoted(start.Name)} >= {from}";
        var ends = of.Duration >= 0 ? Ends(start.Name, wanted[of.Duration]) : null;
        var order = $" ORDER BY {Quoted(start.Name)} LIMIT @most";
        return new Table(names, of, isUtc, begins + order, ends is null ? null : $"{begins} AND {ends} >= {(isUtc ? "@ended AT TIME ZONE 'UTC'" : "@ended")}{order}");
    }

    // When a call ended, where its length is a number: in text may stand anything. Where it is NULL nothing says that it is old.
    private string? Ends(string start, (string Name, string Type) length) =>
        !length.Type.Contains("int", StringComparison.OrdinalIgnoreCase) || length.Type.Equals("interval", StringComparison.OrdinalIgnoreCase) ? null
        : place.Kind == CdrPlaceKind.MySql ? $"TIMESTAMPADD(SECOND, {Quoted(length.Name)}, {Quoted(start)})" : $"{Quoted(start)} + {Quoted(length.Name)} * interval '1 second'";

    private string Quoted(string name, bool mayHaveSchema = false)
    {
        var quote = place.Kind == CdrPlaceKind.MySql ? "`" : "\"";
        return string.Join('.', (mayHaveSchema ? name.Split('.') : [name]).Select(part => quote + part.Replace(quote, quote + quote, StringComparison.Ordinal) + quote));
    }

    private DbConnection Connection() => place.Kind == CdrPlaceKind.MySql
        ? new MySqlConnection(new MySqlConnectionStringBuilder
        {
            Server = place.Path.Length > 0 ? place.Path : place.Host,
            ConnectionProtocol = place.Path.Length > 0 ? MySqlConnectionProtocol.UnixSocket : MySqlConnectionProtocol.Socket,
            Port = place.Port == 0 ? 3306u : (uint)place.Port,
            Database = place.Database,
            UserID = settings.CdrUser,
            Password = settings.CdrPassword ?? "",
            ConnectionTimeout = 10,
            Pooling = false,
            ApplicationName = "ringfence",
        }.ConnectionString)
        : new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = place.Path.Length > 0 ? place.Path : place.Host,
            Port = place.Port == 0 ? 5432 : place.Port,
            Database = place.Database,
            Username = settings.CdrUser,
            Password = settings.CdrPassword,
            Timeout = 10,
            Pooling = false,
            ApplicationName = "ringfence",

            // Nothing is written whatever is sent; times come as UTC.
            Options = "-c default_transaction_read_only=on -c TimeZone=UTC",
        }.ConnectionString);

    private string Explain(Exception problem) => problem switch
    {
        MySqlException { ErrorCode: MySqlErrorCode.AccessDenied or MySqlErrorCode.DatabaseAccessDenied } or PostgresException { SqlState: "28P01" or "28000" } =>
            $"the user {settings.CdrUser} was refused: check cdr_user and cdr_password in [calls], and that it may read {settings.CdrTable}",
        MySqlException { ErrorCode: MySqlErrorCode.TableAccessDenied } or PostgresException { SqlState: "42501" } => $"the user {settings.CdrUser} may not read {settings.CdrTable}: GRANT SELECT on it",
        MySqlException { ErrorCode: MySqlErrorCode.NoSuchTable } or PostgresException { SqlState: "42P01" } => $"there is no table {settings.CdrTable}: set cdr_table in [calls]",
        MySqlException { ErrorCode: MySqlErrorCode.UnknownDatabase } or PostgresException { SqlState: "3D000" } => $"there is no database {place.Database}",
        _ => $"{problem.Message.Replace('\n', ' ')} (it is tried again)",
    };

    private sealed record Table(IReadOnlyList<string> Names, CdrColumns Columns, bool IsUtc, string Sql, string? SqlOfEnded);
}
