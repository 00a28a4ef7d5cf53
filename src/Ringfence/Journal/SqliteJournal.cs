using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Sources;
using Ringfence.Sqlite;

namespace Ringfence.Journal;

/// <summary>The journal in a SQLite file. While the file can't be written, everything is kept in memory, in order, and tried again every second:
/// no call throws for the disk's sake and none waits for it, so a ban is never late because of the journal.</summary>
/// <remarks>
/// Reads answer with what is in the file and what waits in memory; where the file can't be read, with memory alone, and
/// <see cref="JournalStatus.Problem"/> says so. Thread-safe: one lock for the writing connection and the queue, one for the reading connection;
/// who needs both takes the writing lock first.
/// </remarks>
internal sealed partial class SqliteJournal : IJournal
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // Decisions and outcomes per transaction after a recovery: between two of them a new decision gets its turn.
    private const int RetryStep = 2000;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly JournalLimits _limits;
    private readonly Lock _writing = new();
    private readonly Lock _reading = new();
    private readonly UnwrittenQueue _unwritten;
    private readonly UnwrittenReading _memory;
    private readonly AlertTally _tally;
    private readonly HashSet<long> _counted = [];
    private readonly ITimer _retry;

    private JournalFile? _file;
    private long _nextId;
    private Failure? _failure;
    private bool _reopen;
    private bool _isReopened;
    private string? _movedTo;
    private bool _disposed;

    private SqliteJournal(string path, TimeProvider time, ILogger log, JournalLimits limits)
    {
        _path = path;
        _time = time;
        _log = log;
        _limits = limits;
        _tally = new AlertTally(limits.AlertsPerMinute);
        _unwritten = new UnwrittenQueue(limits.Unwritten, limits.UnwrittenEvidenceChars);
        _memory = new UnwrittenReading(_unwritten);
        _retry = time.CreateTimer(static journal => ((SqliteJournal)journal!).Retry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsOpen
    {
        get
        {
            lock (_writing)
            {
                return _file is not null && _failure is null;
            }
        }
    }

    public JournalStatus Status
    {
        get
        {
            lock (_writing)
            {
                var size = new[] { _path, _path + "-wal" }.Select(path => new FileInfo(path)).Where(file => file.Exists).Sum(file => file.Length);
                return new JournalStatus(_file?.Writer.Decisions ?? 0, size, _unwritten.Count, Problem)
                {
                    Lost = _unwritten.Dropped,
                    MaxBytes = _limits.MaxBytes,
                    Forgotten = _file?.Writer.Forgotten ?? 0,
                    CountedOnly = _tally.Counted,
                };
            }
        }
    }

    private string? Problem => (_failure, _movedTo) switch
    {
        (null, null) => _file is { Writer.IsFull: true }
            ? $"{_path}: bans in force take all of its {_limits.MaxBytes >> 20} MiB: new ones are kept without their evidence, and alerts are counted only; raise max_size"
            : null,
        (null, { } aside) => $"{_path} was damaged: it is kept as {aside} and a new journal was begun",
        ({ } failure, _) =>
            $"{failure.What}. Since {failure.Since.UtcDateTime:u} {_unwritten.Count} decisions and outcomes wait in memory{WaitingClock}, {_unwritten.Dropped} were lost; bans go on",
    };

    private string WaitingClock => _unwritten.ClockSetBy is var by && by == TimeSpan.Zero ? ""
        : $" (and that the clock was set {(by < TimeSpan.Zero ? "back" : "forward")} by {Duration.Words(by.Duration())})";

    /// <summary>Opens the journal, or begins one. Where the disk refuses, it starts in memory and tries again every second.</summary>
    /// <exception cref="JournalException">The file belongs to another program or to a newer version of this one.</exception>
    public static SqliteJournal Open(string path, TimeProvider time, ILogger log, JournalLimits? limits = null)
    {
        var journal = new SqliteJournal(path, time, log, limits ?? new JournalLimits());
        lock (journal._writing)
        {
            try
            {
                journal.OpenFile();
            }
            catch (Exception error) when (SqliteTrouble.Is(error))
            {
                journal.Fail(error);
            }
            catch (JournalException)
            {
                journal._retry.Dispose();
                throw;
            }

            // The caller begins with what the file says: there is nothing that it has to be told.
            journal._isReopened = false;

            // Without the file the last number is unknown: the clock in milliseconds is beyond every number that counting has reached.
            journal._nextId = Math.Max(journal._nextId, journal._file is null ? time.GetUtcNow().ToUnixTimeMilliseconds() : 1);
        }

        return journal;
    }

    public IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions) => Append(decisions, []);

    public IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions, IReadOnlyList<ReadPosition> positions)
    {
        lock (_writing)
        {
            TellCounted();
            _counted.Clear();
            var isFull = _file is { Writer.IsFull: true };
            var numbered = new Decision[decisions.Count];
            var kept = new Decision[decisions.Count];
            var count = 0;
            for (var i = 0; i < numbered.Length; i++)
            {
                numbered[i] = decisions[i] with { Id = _nextId++ };
                if (_tally.Takes(numbered[i], isFull))
                {
                    _counted.Add(numbered[i].Id);
                }
                else
                {
                    kept[count++] = numbered[i];
                }
            }

            Write(new Batch(new ArraySegment<Decision>(kept, 0, count), ArraySegment<Outcome>.Empty, positions));
            return numbered;
        }
    }

    public void Append(IReadOnlyList<Outcome> outcomes)
    {
        lock (_writing)
        {
            Write(new Batch(ArraySegment<Decision>.Empty, outcomes.Where(outcome => !_counted.Contains(outcome.DecisionId)).ToArray(), []));
        }
    }

    public void Save(IReadOnlyList<ReadPosition> positions)
    {
        lock (_writing)
        {
            Write(new Batch(ArraySegment<Decision>.Empty, ArraySegment<Outcome>.Empty, positions));
        }
    }

    public IReadOnlyList<ReadPosition> Positions() => Read(static reader => reader.Positions(), _memory.Positions);

    public IReadOnlyList<Ban> ActiveBans(DateTimeOffset now, bool withObserved = false) =>
        Read(reader => reader.ActiveBans(now, withObserved), stored => _memory.ActiveBans(stored, now, withObserved));

    public IReadOnlyList<ActiveBan> InForce(DateTimeOffset now) => Read(
        reader => reader.InForce(now),
        stored => _unwritten.Count == 0 ? stored : [.. ActiveBans(now, withObserved: false).Select(ban => new ActiveBan(ban.Subject, ban.Until) { Throttles = ban.Throttles })]);

    public IReadOnlyList<Ban> BansSince(DateTimeOffset since, bool withObserved = false) =>
        Read(reader => reader.BansSince(since, withObserved), stored => _memory.BansSince(stored, since, withObserved));

    public IReadOnlyList<Unban> ForgivenSince(DateTimeOffset since) => Read(reader => reader.ForgivenSince(since), stored => _memory.ForgivenSince(stored, since));

    public IReadOnlyList<Unban> Unfinished() => Read(static reader => reader.Unfinished(), _memory.Unfinished);

    public IReadOnlyList<Outcome> EnforcedFrom(long id) => Read(reader => reader.EnforcedFrom(id), static stored => stored);

    public IReadOnlyList<Alert> LateLoginsSince(DateTimeOffset since) => Read(reader => reader.LateLoginsSince(since), static stored => stored);

    public IReadOnlyList<Decision> Latest(int count) => Read(reader => reader.Latest(count), stored => _memory.Latest(stored, count));

    public IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network) =>
        Read(reader => reader.About(network), stored => _memory.About(stored, network));

    public int Purge(DateTimeOffset before)
    {
        lock (_writing)
        {
            if (_file is null)
            {
                return 0;
            }

            try
            {
                return _file.Writer.Purge(before, _limits.PurgeStep, _time.GetUtcNow());
            }
            catch (SqliteException error)
            {
                Fail(error);
                return 0;
            }
        }
    }

    public void ClockSet(TimeSpan by)
    {
        lock (_writing)
        {
            Write(new Batch(ArraySegment<Decision>.Empty, ArraySegment<Outcome>.Empty, []) { Clock = new ClockChange(by, _time.GetUtcNow() - by) });
        }
    }

    public bool TakeReopened()
    {
        lock (_writing)
        {
            TellCounted();
            if (_failure is null && !_disposed && _file is { HasMoved: true })
            {
                Fail(Removed());
            }

            var isReopened = _isReopened;
            _isReopened = false;
            return isReopened;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _retry.DisposeAsync();
        lock (_writing)
        {
            if (_disposed)
            {
                return;
            }

            while (!_unwritten.IsEmpty && WriteOldest())
            {
            }

            if (_unwritten.Count > 0)
            {
                LogLostAtStop(_path, _unwritten.Count);
            }
            else if (_unwritten.ClockSetBy is var by && by != TimeSpan.Zero)
            {
                LogClockLost(_path, Duration.Words(by.Duration()));
            }
            else if (_failure is null)
            {
                // Until when it ran, for a start with an earlier clock.
                TryWrite([]);
            }

            _disposed = true;
            Close();
        }
    }

    private SqliteException Removed() => new(_path, Sqlite3.CannotOpen, "the file was removed or renamed while in use; a new one will be begun");

    private void TellCounted()
    {
        if (_tally.TakeEnded(_time.GetUtcNow()) is { Count: > 0 } told)
        {
            Write(new Batch(told.Select(Decision (alert) => alert with { Id = _nextId++ }).ToArray(), ArraySegment<Outcome>.Empty, []));
        }
    }

    private void Write(Batch batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (batch.Count == 0 && batch.Positions.Count == 0 && batch.Clock is null)
        {
            return;
        }

        // What waits goes first: the newest decision about a subject decides, and newest means last written.
        if (_failure is null && TryWrite([batch]))
        {
            return;
        }

        var dropped = _unwritten.Dropped;
        _unwritten.Add(batch);
        if (dropped == 0 && _unwritten.Dropped > 0)
        {
            LogDropping(_path, _limits.Unwritten);
        }
    }

    private bool TryWrite(IReadOnlyList<Batch> batches)
    {
        try
        {
            if (_reopen || _file is null)
            {
                Close();
                OpenFile();
            }
            else if (_file.HasMoved)
            {
                throw Removed();
            }

            _file!.Writer.Write(batches, _time.GetUtcNow());
            return true;
        }
        catch (Exception error) when (SqliteTrouble.Is(error) || error is JournalException)
        {
            Fail(error);
            return false;
        }
    }

    private bool WriteOldest()
    {
        var oldest = _unwritten.Oldest(RetryStep);
        if (!TryWrite(oldest))
        {
            return false;
        }

        _unwritten.Remove(oldest.Count);
        return true;
    }

    private void Retry()
    {
        while (true)
        {
            lock (_writing)
            {
                if (_disposed || _failure is null)
                {
                    return;
                }

                var before = _unwritten.Count;
                if (!WriteOldest())
                {
                    return;
                }

                _failure = _failure with { Written = _failure.Written + before - _unwritten.Count };
                if (_unwritten.IsEmpty)
                {
                    LogRecovered(_path, _failure.Written, _unwritten.Dropped - _failure.DroppedBefore);
                    _failure = null;
                    _file?.WaitForLocks(_limits.LockWait);
                    return;
                }
            }
        }
    }

    /// <summary>Notes what is wrong and has it tried again; a damaged file is moved aside at once.</summary>
    private void Fail(Exception error)
    {
        if (error is SqliteException { IsCorruption: true })
        {
            Close();
            MoveAside();
        }

        if (_failure is null)
        {
            _failure = new Failure(SqliteTrouble.Explain(_path, error), _time.GetUtcNow(), Written: 0, _unwritten.Dropped);
            LogFailed(_failure.What);
        }
        else
        {
            _failure = _failure with { What = SqliteTrouble.Explain(_path, error) };
        }

        // A connection that was opened on a read-only file system stays read-only, and one that met an I/O error is not to be trusted; kept
        // until the retry, for reading. A full disk or a lock heals by itself.
        _reopen = error is not SqliteException { Code: Sqlite3.Full or Sqlite3.Busy or Sqlite3.Locked };
        _file?.WaitForLocks(TimeSpan.Zero);
        _retry.Change(RetryInterval, Timeout.InfiniteTimeSpan);
    }

    private void MoveAside()
    {
        try
        {
            _movedTo = JournalFile.MoveAside(_path, _time.GetUtcNow());
            LogMovedAside(_path, _movedTo);
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            LogFailed($"{_path}: damaged, and can't be moved aside: {error.Message}");
        }
    }

    private void OpenFile()
    {
        JournalFile file;
        try
        {
            file = JournalFile.Open(_path, _limits);
        }
        catch (SqliteException error) when (error.IsCorruption)
        {
            MoveAside();
            file = JournalFile.Open(_path, _limits);
        }

        // As it was before the clock was set, which waits to be written too.
        file.Writer.Bound(_time.GetUtcNow() - _unwritten.ClockSetBy);
        _reopen = false;
        _isReopened = true;
        _unwritten.DropUpTo(file.Writer.LastId);
        _nextId = Math.Max(_nextId, file.Writer.LastId + 1);
        lock (_reading)
        {
            _file = file;
        }
    }

    private void Close()
    {
        lock (_reading)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private List<T> Read<T>(Func<JournalReader, List<T>> read, Func<List<T>, List<T>> addUnwritten)
    {
        lock (_writing)
        {
            // While decisions wait the lock is held throughout, so that none of them is in both places or in neither.
            if (_file is null || !_unwritten.IsEmpty)
            {
                return addUnwritten(ReadFile(read));
            }
        }

        return ReadFile(read);
    }

    private List<T> ReadFile<T>(Func<JournalReader, List<T>> read)
    {
        JournalFile? file;
        SqliteException failed;
        lock (_reading)
        {
            file = _file;
            try
            {
                return file is null ? [] : read(file.Reader);
            }
            catch (SqliteException error)
            {
                failed = error;
            }
        }

        lock (_writing)
        {
            // Another thread may have replaced the file meanwhile: then the error is no longer about this one.
            if (ReferenceEquals(file, _file))
            {
                Fail(failed);
            }
        }

        return [];
    }

    [LoggerMessage(2501, LogLevel.Warning, "Journal: {Problem}. Bans go on; what is decided waits in memory until it can be written")]
    private partial void LogFailed(string problem);

    [LoggerMessage(2502, LogLevel.Information, "Journal {Path}: written again; {Written} decisions and outcomes had waited, {Lost} were lost")]
    private partial void LogRecovered(string path, long written, long lost);

    [LoggerMessage(2503, LogLevel.Error, "Journal {Path}: damaged; kept as {Aside}, and a new journal was begun. Bans in the kernel stand")]
    private partial void LogMovedAside(string path, string aside);

    [LoggerMessage(2504, LogLevel.Warning, "Journal {Path}: {Limit} decisions and outcomes wait in memory: from now on the oldest are lost")]
    private partial void LogDropping(string path, int limit);

    [LoggerMessage(2505, LogLevel.Error, "Journal {Path}: stopped with {Count} decisions and outcomes that could not be written: they are lost")]
    private partial void LogLostAtStop(string path, int count);

    [LoggerMessage(2506, LogLevel.Error, "Journal {Path}: stopped before it could be written that the clock was set by {By}: the next guard may end bans that much too early, or find them as long as at their beginning")]
    private partial void LogClockLost(string path, string by);

    /// <param name="Written">Decisions and outcomes written since, by retries.</param>
    /// <param name="DroppedBefore">The queue's count of drops when it began.</param>
    private sealed record Failure(string What, DateTimeOffset Since, long Written, long DroppedBefore);
}
