using System.Runtime.InteropServices;

namespace Ringfence.Databases;

/// <summary>A connection that can't write, to MariaDB, MySQL or PostgreSQL, by the library that the distribution has for it. Not for several threads at once.</summary>
/// <remarks>
/// The libraries wait in the kernel, and for a name's address without a limit of their own: so each call has a thread of its own, and who called waits no longer than the limit and the
/// token say. What was broken off goes on until the library's own limits end it; only then the connection is closed, by that thread, for its handle counts who uses it.
/// </remarks>
internal abstract class DatabaseConnection : IDisposable
{
    private readonly SafeHandle _handle;
    private readonly DatabaseLimits _limits;

    protected DatabaseConnection(SafeHandle handle, DatabaseLimits limits)
    {
        _handle = handle;
        _limits = limits;
    }

    /// <exception cref="DatabaseException">It can't be had, or not in time.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Task<DatabaseConnection> OpenAsync(DatabaseServer server, DatabaseLimits limits, CancellationToken stop) =>
        RunAsync<DatabaseConnection>(() => server.IsMySql ? MariaDbConnection.Open(server, limits) : LibpqConnection.Open(server, limits), limits.Connect, stop);

    /// <param name="values">Bound to $1, $2 and so on, as text; of MySQL and MariaDB none, see <see cref="MariaDbConnection"/>.</param>
    /// <exception cref="DatabaseException">It failed, or there was no answer in time: the connection is of no more use.</exception>
    /// <exception cref="OperationCanceledException">It was stopped: the connection is of no more use.</exception>
    public Task<DatabaseRows> QueryAsync(string sql, IReadOnlyList<string> values, CancellationToken stop) =>
        RunAsync(() =>
        {
            // Who gives up waiting disposes of the connection: until this call ends it stays.
            var isHeld = false;
            try
            {
                _handle.DangerousAddRef(ref isHeld);
                return Query(sql, values);
            }
            finally
            {
                if (isHeld)
                {
                    _handle.DangerousRelease();
                }
            }
        }, _limits.Query, stop);

    public void Dispose() => _handle.Dispose();

    /// <summary>Waits for the whole answer.</summary>
    protected abstract DatabaseRows Query(string sql, IReadOnlyList<string> values);

    private static async Task<T> RunAsync<T>(Func<T> call, TimeSpan limit, CancellationToken stop)
        where T : IDisposable
    {
        stop.ThrowIfCancellationRequested();
        var calling = Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        try
        {
            return await calling.WaitAsync(limit, TimeProvider.System, stop);
        }
        catch (Exception problem) when (problem is TimeoutException or OperationCanceledException)
        {
            // What comes too late is closed when it comes.
            _ = calling.ContinueWith(static late =>
            {
                if (late.IsCompletedSuccessfully)
                {
                    late.Result.Dispose();
                }
                else
                {
                    _ = late.Exception;
                }
            }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw problem is TimeoutException ? DatabaseException.NoAnswer(limit) : problem;
        }
    }
}
