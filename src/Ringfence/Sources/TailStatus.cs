namespace Ringfence.Sources;

/// <summary>Whether a log can be read. The numbers leave the process; never reuse one.</summary>
internal enum TailState
{
    /// <summary>Not looked at yet.</summary>
    Starting = 0,
    Reading = 1,

    /// <summary>Nothing is at the path, or its directory is not there.</summary>
    Missing = 2,
    NoPermission = 3,

    /// <summary>A directory, a FIFO, a device or a socket is at the path.</summary>
    NotAFile = 4,

    /// <summary>The system refused for another reason: a broken disk, a loop of links, too many open files.</summary>
    Unreadable = 5,
}

/// <summary>How it stands with one log.</summary>
/// <param name="Problem">What is wrong and what to do, for people; null when all is well.</param>
/// <param name="Since">Since when the log is in this state.</param>
/// <param name="Bytes">Read since start.</param>
/// <param name="LostBytes">Known to be lost since start, by truncation.</param>
/// <param name="Rotations">Times that another file took the path, or the file was truncated, since start.</param>
/// <param name="Refusals">Looks since start that were refused for want of permission.</param>
/// <param name="LastRead">When bytes were last read; null: none since start.</param>
internal sealed record TailStatus(
    string Path, TailState State, string? Problem, DateTimeOffset Since, long Bytes, long LostBytes, long Rotations, long Refusals, DateTimeOffset? LastRead)
{
    /// <summary>Bytes of the file at the path that were not read yet at the last look; an earlier part that is being read does not count.</summary>
    public long UnreadBytes { get; init; }

    /// <summary>What happens at the PBX now is not seen in this log.</summary>
    public bool IsBlind => State != TailState.Reading;
}
