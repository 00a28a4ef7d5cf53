namespace Ringfence.Bench.Reporting;

/// <summary>One line of the table: a figure of ours, the same of a peer, and what was promised.</summary>
internal sealed record Row
{
    /// <summary>What is measured; {lines}, {bans} are replaced by that figure of ours.</summary>
    public required string What { get; init; }

    public required string Part { get; init; }

    public required string Figure { get; init; }

    public required string Unit { get; init; }

    public string Program { get; init; } = "ringfence";

    /// <summary>null: nobody to compare with.</summary>
    public string? Peer { get; init; }

    /// <summary>The figure of the amount of work, where the peer was given less: its figure is scaled up by it. null: both did the same.</summary>
    public string? ScaleBy { get; init; }

    public bool IsLessBetter { get; init; }

    /// <summary>At least so many times better than the peer.</summary>
    public double? TargetRatio { get; init; }

    /// <summary>At least, or where less is better at most, this.</summary>
    public double? Target { get; init; }
}
