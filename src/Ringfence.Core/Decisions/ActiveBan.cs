using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>A ban that is in force.</summary>
/// <param name="Until">null: for ever.</param>
internal readonly record struct ActiveBan(Network Subject, DateTimeOffset? Until)
{
    /// <inheritdoc cref="Ban.Throttles"/>
    public bool Throttles { get; init; }

    /// <summary>Part of a range in the kernel's interval sets, perhaps with others of one ban; a host too may be one.</summary>
    public bool IsPiece { get; init; }
}
