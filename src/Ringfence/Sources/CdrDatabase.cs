using System.Globalization;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Databases;

namespace Ringfence.Sources;

/// <summary>A table of CDRs in MariaDB, MySQL or PostgreSQL: read, never written, a batch at a time, by the index on the beginning of calls that FreePBX's table has.</summary>
/// <remarks>
/// A row is written when its call ends and has the time of its beginning, and FreePBX's table has no number that grows: so what was read last is asked for again,
/// <see cref="Overlap"/> back, and what was seen is left out. Mostly the database itself leaves out what ended before the last round; each half hour, and behind a
/// connection that broke, it does not, for rows may be written late. A connection that breaks is opened anew by the next call. Not for several threads at once.
/// </remarks>
internal sealed class CdrDatabase(CdrPlace place, CallSettings settings, TimeZoneInfo zone, TimeProvider? clock = null, DatabaseLimits? limits = null) : ICallSource
{
    /// <summary>As <see cref="CallOrder"/>: longer than any call that is one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(36);

    private const int BatchRows = 2000;
    private const string Format = "yyyy-MM-dd HH:mm:ss";

    private static readonly TimeSpan WholeEvery = TimeSpan.FromMinutes(30);

    // A row is written within a second of its call's end; cdr.conf's batch = yes waits for five minutes at most.
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(15);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    // 128 bits of each row (RecentKeys): 100,000 calls a day are 10 MB.
    private readonly Dictionary<UInt128, long> _seen = [];
    private long _forgotten;
    private DatabaseConnection? _connection;
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
            var local = TimeZoneInfo.ConvertTime(now, table.IsUtc ? TimeZoneInfo.Utc : zone).DateTime;
            var isWhole = _ended is null || table.SqlOfEnded is null || now - _wholeAt is not { } since || since >= WholeEvery;

            // In autumn what ends now has an earlier time than what ended half an hour ago.
            await ReadAsync(table, begin, isWhole ? null : (_ended < local ? _ended : local) - Late, local, take, stop);
            _wholeAt = isWhole ? now : _wholeAt;
        }
        catch (DatabaseException problem)
        {
            await DisposeAsync();
            throw new CdrDatabaseException($"{place}: {Explain(problem)}", problem);
        }
        catch (Exception problem) when (problem is OperationCanceledException or CdrDatabaseException)
        {
            // Behind an answer that was broken off no other is read; of a table that is none the next round looks anew.
            await DisposeAsync();
            throw;
        }
    }

    public void Finish(Action<CallRecord> take)
    {
        // A row is whole or not there.
    }

    public ValueTask DisposeAsync()
    {
        _wholeAt = null;
        _connection?.Dispose();
        _connection = null;
        _table = null;
        return ValueTask.CompletedTask;
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
            var (sql, values) = Select(table, from, ended, most);
            using (var answer = await _connection!.QueryAsync(sql, values, stop))
            {
                while (answer.Read(cells))
                {
                    read++;
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

    // The table's columns as they are: another module, another version and another site have others.
    private async Task<Table> FindAsync(CancellationToken stop)
    {
        _connection = await DatabaseConnection.OpenAsync(
            new DatabaseServer(place.Kind == CdrPlaceKind.MySql, place.Path.Length > 0 ? place.Path : place.Host, place.Port, place.Database, settings.CdrUser, settings.CdrPassword), limits ?? DatabaseLimits.Usual, stop);
        using var answer = await _connection.QueryAsync($"SELECT * FROM {Quoted(settings.CdrTable, mayHaveSchema: true)} WHERE 1 = 0", [], stop);

        // Only what is wanted: a row has recordings' names and more.
        List<DatabaseColumn> wanted = [.. answer.Columns.Where(static column => CdrColumns.Known.Contains(column.Name, StringComparer.OrdinalIgnoreCase))];
        var names = wanted.ConvertAll(static column => column.Name);
        if (CdrColumns.Of(names) is not { } of)
        {
            throw new CdrDatabaseException($"{place}: the table {settings.CdrTable} has no columns of calls: found {string.Join(", ", answer.Columns.Take(12).Select(static column => column.Name))}; expected calldate (or start), billsec, channel, and dst or lastapp and lastdata; set cdr_table in [calls]");
        }

        var start = wanted[of.Start];
        var list = string.Join(", ", wanted.Select(column => place.Kind == CdrPlaceKind.MySql ? $"CAST({Quoted(column.Name)} AS CHAR)"
            : column == start ? start.HasZone ? $"to_char({Quoted(column.Name)} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')" : $"to_char({Quoted(column.Name)}, 'YYYY-MM-DD HH24:MI:SS')" : $"{Quoted(column.Name)}::text"));
        return new Table(names, of, start.HasZone, $"SELECT {list} FROM {Quoted(settings.CdrTable, mayHaveSchema: true)}", Quoted(start.Name), of.Duration >= 0 ? Ends(start.Name, wanted[of.Duration]) : null);
    }

    /// <param name="ended">Only calls that ended then or later; null: all.</param>
    private (string Sql, IReadOnlyList<string> Values) Select(Table table, DateTime from, DateTime? ended, int most)
    {
        List<string> values = [];
        var sql = $"{table.Select} WHERE {table.Start} >= {Time(from)}{(ended is { } since ? $" AND {table.SqlOfEnded} >= {Time(since)}" : "")} ORDER BY {table.Start} LIMIT ";
        return (sql + Value(most.ToString(CultureInfo.InvariantCulture), "bigint"), values);

        string Time(DateTime time)
        {
            var value = Value(time.ToString(Format, CultureInfo.InvariantCulture), "timestamp");
            return place.Kind == CdrPlaceKind.MySql ? $"TIMESTAMP'{value}'" : table.IsUtc ? $"{value} AT TIME ZONE 'UTC'" : value;
        }

        // Where nothing can be bound it is written as it is: two times and a number that this program made itself, and never what anybody else wrote.
        string Value(string text, string type)
        {
            if (place.Kind == CdrPlaceKind.MySql)
            {
                return text;
            }

            values.Add(text);
            return $"${values.Count}::{type}";
        }
    }

    // When a call ended, where its length is a number: in text may stand anything. Where it is NULL nothing says that it is old.
    private string? Ends(string start, DatabaseColumn length) =>
        !length.IsInteger ? null
        : place.Kind == CdrPlaceKind.MySql ? $"TIMESTAMPADD(SECOND, {Quoted(length.Name)}, {Quoted(start)})" : $"{Quoted(start)} + {Quoted(length.Name)} * interval '1 second'";

    private string Quoted(string name, bool mayHaveSchema = false)
    {
        var quote = place.Kind == CdrPlaceKind.MySql ? "`" : "\"";
        return string.Join('.', (mayHaveSchema ? name.Split('.') : [name]).Select(part => quote + part.Replace(quote, quote + quote, StringComparison.Ordinal) + quote));
    }

    private string Explain(DatabaseException problem) => problem.Refusal switch
    {
        DatabaseRefusal.User => $"the user {settings.CdrUser} was refused: check cdr_user and cdr_password in [calls], and that it may read {settings.CdrTable}",
        DatabaseRefusal.TableAccess => $"the user {settings.CdrUser} may not read {settings.CdrTable}: GRANT SELECT on it",
        DatabaseRefusal.Table => $"there is no table {settings.CdrTable}: set cdr_table in [calls]",
        DatabaseRefusal.Database => $"there is no database {place.Database}",
        _ => $"{problem.Message.Replace('\n', ' ')} (it is tried again)",
    };

    /// <param name="IsUtc">Its times are UTC; else of the site's zone.</param>
    /// <param name="Select">Without a condition.</param>
    /// <param name="Start">The column of beginnings, quoted.</param>
    /// <param name="SqlOfEnded">When a call ended; null: the table does not tell.</param>
    private sealed record Table(IReadOnlyList<string> Names, CdrColumns Columns, bool IsUtc, string Select, string Start, string? SqlOfEnded);
}
