using Ringfence.Core.Decisions;

namespace Ringfence.Daemon;

/// <summary>Tells that there were more bans than max_bans allows.</summary>
/// <remarks>Only in the pipeline's turn.</remarks>
/// <param name="most">max_bans.</param>
internal sealed partial class FullBans(Decider decider, int most, SteadyClock steady, ILogger logger)
{
    private static readonly TimeSpan SaidFor = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private long _refused;
    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private DateTimeOffset _said = DateTimeOffset.MinValue;

    /// <summary>What is wrong when it was so within the last minute; else null.</summary>
    public string? Problem => steady.GetUtcNow() - _last < SaidFor && decider.Refused > 0
        ? $"too many bans: {most} (max_bans); {decider.Refused} more on unproven evidence were refused since start"
        : null;

    /// <summary>Once a second.</summary>
    public void Tend()
    {
        var now = steady.GetUtcNow();
        if (decider.Refused == _refused)
        {
            return;
        }

        _refused = decider.Refused;
        _last = now;
        if (now - _said >= SaidFor)
        {
            _said = now;
            LogFull(most, _refused);
        }
    }

    [LoggerMessage(2303, LogLevel.Warning, "Too many bans: {Max} are in force (max_bans); {Refused} more on unproven evidence were refused since start")]
    private partial void LogFull(int max, long refused);
}
