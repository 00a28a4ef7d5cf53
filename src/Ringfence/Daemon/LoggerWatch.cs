using Ringfence.Core.Pbx;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Follows logger.conf: which logs are the best to read can change while the guard runs.</summary>
/// <param name="directory">Asterisk's configuration directory.</param>
/// <param name="others">Logs of other doors, which stay.</param>
internal sealed partial class LoggerWatch(string directory, IReadOnlyList<string> others, FileTail tail, TimeProvider clock, ILogger logger)
{
    // Reading the files takes a fifth of a millisecond. What is written to a new log before we look is read all the same (FileTail.Follow).
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConfigDirectory _files = new();

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Look();
        }
    }

    public void Look()
    {
        var planned = LoggerConf.Read(directory, _files, Environment.MachineName).Watch.Select(log => Path.GetFullPath(log.Path)).ToList();
        var watched = tail.Paths.Except(others).ToList();

        // FreePBX writes the file anew at each "Apply Config": one that names nothing is half written, or a mistake that must not blind us.
        if (planned.Count == 0 || planned.ToHashSet().SetEquals(watched))
        {
            return;
        }

        // What Asterisk wrote until now it writes until its "logger reload", which puts a line into each log (measured on 22.10).
        var changed = LastChange();
        var isReloaded = planned.TrueForAll(log => File.Exists(log) && File.GetLastWriteTimeUtc(log) >= changed);
        var next = isReloaded ? planned : planned.Concat(watched.Except(planned)).ToList();
        if (next.ToHashSet().SetEquals(watched))
        {
            return;
        }

        tail.Follow(next.Concat(others));
        LogFollowed(string.Join(", ", next.Select(log => Shown.Text(log, 200))), isReloaded ? "" : "; the former ones until Asterisk has reloaded its logger");
    }

    // logger.conf and what it includes, by the names that FreePBX gives them.
    private DateTime LastChange() =>
        _files.Match($"{directory}/logger*.conf").Append($"{directory}/asterisk.conf").Select(File.GetLastWriteTimeUtc).Max();

    [LoggerMessage(2340, LogLevel.Information, "logger.conf has changed: now watching {Logs}{Until}")]
    private partial void LogFollowed(string logs, string until);
}
