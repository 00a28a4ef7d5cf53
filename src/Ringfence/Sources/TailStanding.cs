namespace Ringfence.Sources;

/// <summary>Whether a log can be read, since when, and what is said about it: each change once. Written by the tail's thread, read by any.</summary>
internal sealed partial class TailStanding(string path, TimeProvider time, ILogger logger)
{
    private Standing _now = new(TailState.Starting, null, time.GetUtcNow());
    private long _refusals;

    public TailState State => _now.State;

    /// <summary>Looks that were refused for want of permission.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>State, problem and time that belong together.</summary>
    public Standing Now => Volatile.Read(ref _now);

    public void Reads() => Set(TailState.Reading, null);

    public void IsNoFile(string typeName) =>
        Set(TailState.NotAFile, $"{path}: is {typeName} and not a file; name the log file itself");

    /// <summary>What is open fails: not the name.</summary>
    public void ReadFails(int error) => Set(TailState.Unreadable, $"{path}: {Libc.Describe(error)}");

    /// <param name="error">The errno of a look at the path.</param>
    /// <param name="hasOpen">The file that stood there before is still open.</param>
    public void LookFails(int error, bool hasOpen)
    {
        switch (error)
        {
            case Libc.NoEntry or Libc.NotADirectory:
                Set(TailState.Missing, hasOpen
                    ? $"{path}: was deleted or renamed and not made again; what is still written to the old file is read"
                    : $"{path}: there is no such file; it will be read from its first byte when it appears");
                break;
            case Libc.NoPermission or Libc.NotPermitted:
                Volatile.Write(ref _refusals, _refusals + 1);
                Set(TailState.NoPermission, $"{path}: no permission to read it; the daemon needs CAP_DAC_READ_SEARCH, or a group that may read it");
                break;
            default:
                ReadFails(error);
                break;
        }
    }

    private void Set(TailState state, string? problem)
    {
        if (_now.State == state && string.Equals(_now.Problem, problem, StringComparison.Ordinal))
        {
            return;
        }

        if (problem is not null)
        {
            LogBlind(logger, problem);
        }
        else if (_now.State != TailState.Starting)
        {
            LogSees(logger, path);
        }

        var since = _now.State == state ? _now.Since : time.GetUtcNow();
        Volatile.Write(ref _now, new Standing(state, problem, since));
    }

    public sealed record Standing(TailState State, string? Problem, DateTimeOffset Since);

    [LoggerMessage(2101, LogLevel.Warning, "{Problem}")]
    private static partial void LogBlind(ILogger logger, string problem);

    [LoggerMessage(2102, LogLevel.Information, "{Log}: can be read again")]
    private static partial void LogSees(ILogger logger, string log);
}
