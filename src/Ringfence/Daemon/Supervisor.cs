using Ringfence.Api;

namespace Ringfence.Daemon;

/// <summary>Runs the daemon's parts and starts again what fails: the only retry of the program, and the only place that catches everything.</summary>
/// <remarks>Add all parts, then run once. <see cref="Parts"/> may be read from any thread.</remarks>
internal sealed partial class Supervisor(TimeProvider clock, ILogger<Supervisor> log)
{
    /// <summary>So many failures without <see cref="Steady"/> between them are said aloud, again each time as many more.</summary>
    public const int Alarming = 5;

    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);

    /// <summary>A part that ran this long has recovered: its next failure is a first one.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromSeconds(60);

    private readonly List<Part> _parts = [];

    /// <summary>A part whose failure the world causes (a log, a socket, the kernel's table): started again after 1 s, 2 s, 4 s ... 60 s.</summary>
    /// <param name="run">Runs until its token is cancelled. Returning earlier is our bug: it is a problem in status, and not started again.</param>
    public void Add(string name, Func<CancellationToken, Task> run) => _parts.Add(new Part(name, run, isVital: false, clock.GetUtcNow()));

    /// <summary>A part that holds the daemon's state: its failure is our bug, so everything stops and the exception leaves <see cref="RunAsync"/>.
    /// systemd starts the process again; the kernel keeps the bans.</summary>
    /// <param name="run">As for <see cref="Add"/>; its end is the end of all parts.</param>
    public void AddVital(string name, Func<CancellationToken, Task> run) => _parts.Add(new Part(name, run, isVital: true, clock.GetUtcNow()));

    public IReadOnlyList<PartReport> Parts => [.. _parts.Select(part => part.Report)];

    /// <summary>Runs all parts until <paramref name="stop"/>, or until a vital one ends; returns when all have stopped.</summary>
    /// <exception cref="Exception">What a vital part threw.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var stopAll = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAll(_parts.Select(part => part.IsVital ? RunVitalAsync(part, stopAll) : RunAgainAndAgainAsync(part, stopAll.Token)));
    }

    private async Task RunVitalAsync(Part part, CancellationTokenSource stopAll)
    {
        try
        {
            part.Report = New(part, "running");
            // A part that works before its first await must not keep the others from starting.
            await Task.Yield();
            await part.Run(stopAll.Token);
        }
        catch (OperationCanceledException) when (stopAll.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            LogVitalFailed(failure, part.Name);
            throw;
        }
        finally
        {
            part.Report = New(part, "stopped");
            await stopAll.CancelAsync();
        }
    }

    private async Task RunAgainAndAgainAsync(Part part, CancellationToken stop)
    {
        var delay = FirstDelay;
        await Task.Yield();
        while (true)
        {
            var started = clock.GetTimestamp();
            var failure = await TryAsync(part, stop);
            if (failure is null)
            {
                part.Report = New(part, "stopped");
                if (!stop.IsCancellationRequested)
                {
                    part.Report = part.Report with { Problem = "it ended by itself, and what it does is not done: restart the guard" };
                    LogEnded(part.Name);
                }

                return;
            }

            if (clock.GetElapsedTime(started) >= Steady)
            {
                delay = FirstDelay;
                part.FailuresInRow = 0;
            }

            Fail(part, failure, delay);
            await Task.Delay(delay, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                part.Report = New(part, "stopped");
                return;
            }

            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    /// <returns>null: it ended, or was stopped.</returns>
    private async Task<Exception?> TryAsync(Part part, CancellationToken stop)
    {
        try
        {
            part.Report = New(part, "running");
            await part.Run(stop);
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private void Fail(Part part, Exception failure, TimeSpan delay)
    {
        part.Failures++;
        part.FailuresInRow++;
        var now = clock.GetUtcNow();
        part.Report = new PartReport(part.Name, "waiting", now, part.Failures, now + delay, failure.Message);
        LogFailed(IsOurBug(failure) ? failure : null, part.Name, failure.Message, delay.TotalSeconds);
        if (part.FailuresInRow % Alarming == 0)
        {
            LogKeepsFailing(part.Name, part.FailuresInRow, failure.Message);
        }
    }

    // The world's failures say in their message what to do; a trace of them every minute would bury it. Only a bug needs one.
    private static bool IsOurBug(Exception failure) => failure is SystemException and not (
        TimeoutException or OperationCanceledException or System.Runtime.InteropServices.ExternalException) && !FileTrouble.Is(failure);

    private PartReport New(Part part, string state) => new(part.Name, state, clock.GetUtcNow(), part.Failures, null, null);

    [LoggerMessage(2000, LogLevel.Warning, "{Part}: {Problem}; next try in {Seconds} s")]
    private partial void LogFailed(Exception? failure, string part, string problem, double seconds);

    [LoggerMessage(2001, LogLevel.Error, "{Part} failed {Count} times in a row; what it does is not done; last: {Problem}")]
    private partial void LogKeepsFailing(string part, int count, string problem);

    [LoggerMessage(2002, LogLevel.Critical, "{Part} failed; the daemon ends and bans stay in the kernel")]
    private partial void LogVitalFailed(Exception failure, string part);

    [LoggerMessage(2003, LogLevel.Error, "{Part} ended by itself; what it does is not done")]
    private partial void LogEnded(string part);

    private sealed class Part(string name, Func<CancellationToken, Task> run, bool isVital, DateTimeOffset now)
    {
        private volatile PartReport _report = new(name, "waiting", now, 0, null, null);

        public string Name => name;

        public Func<CancellationToken, Task> Run => run;

        public bool IsVital => isVital;

        public int Failures { get; set; }

        public int FailuresInRow { get; set; }

        public PartReport Report
        {
            get => _report;
            set => _report = value;
        }
    }
}
