using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Journal;

namespace Ringfence.Daemon;

/// <summary>Sees when somebody sets the machine's clock, and has journal and ledger follow: bans last as long as they were to.</summary>
/// <remarks>Only in the pipeline's turn.</remarks>
internal sealed partial class ClockSteps(SteadyClock steady, IJournal journal, BanLedger ledger, ILogger logger)
{
    private readonly ILogger _logger = logger;
    private TimeSpan _ahead;
    private (TimeSpan By, DateTimeOffset At)? _last;

    /// <summary>For a day: who looks into the journal or the logs then wonders at their times. null: nothing to say.</summary>
    public string? Note => _last is var (by, at) && steady.GetUtcNow() - at < TimeSpan.FromDays(1)
        ? $"the machine's clock was set {Direction(by)} by {Duration.Words(by.Duration())} while the guard ran: bans last as long as they were to"
        : null;

    /// <summary>Before each decision is written: what is in the journal by then was decided by the clock as it was.</summary>
    public void See()
    {
        var ahead = steady.Ahead;
        if (!SteadyClock.IsStep(ahead, _ahead))
        {
            return;
        }

        var by = ahead - _ahead;
        _ahead = ahead;
        _last = (by, steady.GetUtcNow());
        journal.ClockSet(by);
        ledger.ClockSet(by);
        LogClockSet(Duration.Words(by.Duration()), Direction(by));
    }

    private static string Direction(TimeSpan by) => by < TimeSpan.Zero ? "back" : "forward";

    [LoggerMessage(2304, LogLevel.Warning, "The machine's clock was set {Direction} by {By}: bans last as long as they were to")]
    private partial void LogClockSet(string by, string direction);
}
