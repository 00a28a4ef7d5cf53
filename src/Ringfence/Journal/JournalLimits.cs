using Ringfence.Core.Configuration;

namespace Ringfence.Journal;

/// <summary>Bounds of the journal's memory and file.</summary>
internal sealed record JournalLimits
{
    /// <summary>What the file may take, without SQLite's write-ahead log (16 MiB): see <see cref="JournalRoom"/>.</summary>
    public long MaxBytes { get; init; } = JournalSettings.DefaultMaxBytes;

    /// <summary>How long a ban that is over counts for the next one.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Alerts of one rule that are kept each in a minute, and spares; the others are counted.</summary>
    public int AlertsPerMinute { get; init; } = 100;

    /// <summary>Decisions and outcomes that wait in memory while the disk refuses them.</summary>
    public int Unwritten { get; init; } = 100_000;

    /// <summary>Characters of evidence among them (two bytes each).</summary>
    public long UnwrittenEvidenceChars { get; init; } = 16_000_000;

    /// <summary>Pages of 4,096 bytes that the file may have; null: what the disk holds.</summary>
    public long? FilePages { get; init; }

    /// <summary>How long the first write that meets another process's lock waits; while the lock lasts, none does.</summary>
    /// <value>Longer than a backup tool's lock, shorter than an operator notices.</value>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Decisions that one purge forgets: about 20 ms of work (measured by the journal's tests).</summary>
    public int PurgeStep { get; init; } = 200;
}
