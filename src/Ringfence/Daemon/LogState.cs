using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Where a log stands: what the consumer knows of it beside its parser.</summary>
internal sealed class LogState(string path, TimeProvider clock)
{
    public string Path { get; } = path;

    public DateTimeOffset Since { get; } = clock.GetUtcNow();

    /// <summary>Counts of the files that were finished by rotation.</summary>
    public LogCounts Finished { get; set; }

    public DateTimeOffset? LastEvent { get; set; }

    public DateTimeOffset? LastRead { get; set; }

    /// <summary>How far the log's own times are from the clock, by the newest event that was read as it was written; zero: none was. A line that waited to be read
    /// (the guard was down, the log is being caught up with) says nothing about clocks.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>Bytes that the consumer was given since start.</summary>
    public long BytesRead { get; set; }

    /// <summary>Lines that were read since start; of the files together, and without those that stood before the place where reading began.</summary>
    public long Lines { get; set; }

    /// <summary>The newest line that looks like a security line and was not understood.</summary>
    public DateTimeOffset? LastUnmatched { get; set; }

    /// <summary>Such lines since the last event, with less than an hour between each two: no line of the log is understood.</summary>
    public long UnmatchedInRow { get; set; }

    /// <summary>Refusals whose address can't be told from what their sender wrote; in a window, and beside them what was understood.</summary>
    public UnsureRefusals Unsure { get; } = new();

    public bool IsMixed { get; set; }

    public RateMeter Rate { get; } = new(clock);

    /// <summary>To be written to the journal; null: unchanged since it was.</summary>
    public ReadPosition? Position { get; set; }
}
