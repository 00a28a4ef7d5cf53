namespace Ringfence.Notifiers;

/// <summary>How one way to a receiver does.</summary>
/// <param name="LastSuccess">null: none since start.</param>
/// <param name="LastFailure">null: none since start.</param>
/// <param name="Refused">Messages since start that the other side will never take.</param>
/// <param name="TooOld">Notices since start that were given up after four days.</param>
internal sealed record LaneStatus(DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure, long Refused, long TooOld)
{
    /// <summary>Why it is not told now; null while all is well.</summary>
    public string? Problem { get; private init; }

    /// <summary>Since when it has taken nothing that it was sent; null: it took the last, or refused one since it took one.</summary>
    public DateTimeOffset? FailingSince { get; private init; }

    /// <summary>What the other side said when it refused one for good.</summary>
    public string? LastRefusal { get; private init; }

    private int RefusedInRow { get; init; }

    private DateTimeOffset? FirstOfRow { get; init; }

    public LaneStatus Taken(DateTimeOffset now) => this with { LastSuccess = now, Problem = null, FailingSince = null, RefusedInRow = 0, FirstOfRow = null };

    /// <param name="dropped">So many notices were given up with it.</param>
    public LaneStatus NotYet(DateTimeOffset now, string words, int dropped) =>
        this with { LastFailure = now, Problem = words, FailingSince = FailingSince ?? FirstOfRow ?? now, TooOld = TooOld + dropped };

    /// <remarks>One that is refused may have something in it that the other side does not like; two with none taken between them mean that it takes nothing.</remarks>
    public LaneStatus WasRefused(DateTimeOffset now, string words)
    {
        var inRow = RefusedInRow + 1;
        var first = FirstOfRow ?? now;
        return this with
        {
            LastFailure = now,
            Refused = Refused + 1,
            LastRefusal = words,
            RefusedInRow = inRow,
            FirstOfRow = first,
            Problem = inRow < 2 ? null : $"the last {inRow} were refused for good and dropped: {words}",
            FailingSince = inRow < 2 ? null : FailingSince ?? first,
        };
    }
}
