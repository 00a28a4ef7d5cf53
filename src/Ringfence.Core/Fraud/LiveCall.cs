namespace Ringfence.Core.Fraud;

/// <summary>A call to outside from when it was asked about until it ends.</summary>
internal sealed class LiveCall(string id, CallAttempt attempt, LimitKey?[] keys, ulong limits)
{
    public string Id => id;

    public CallAttempt Attempt => attempt;

    /// <summary>By <see cref="LimitScope"/>: whom its money is counted for; null where it has no such key.</summary>
    public LimitKey?[] Keys => keys;

    /// <summary>The limits of the policy that look at it, a bit for each.</summary>
    public ulong Limits => limits;

    /// <summary>Whether it was sent to the other side: before that it is an intention.</summary>
    public bool HasBegun { get; set; }

    /// <summary>0: nobody answered.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>It is to be hung up, and whoever runs the PBX was told.</summary>
    public bool IsCut { get; set; }

    /// <summary>What it came to by a moment, as the deck counts it.</summary>
    public long Cost(long at) => AnsweredAt == 0 || at <= AnsweredAt ? 0 : attempt.Price.Rate.Cost((at - AnsweredAt + 999) / 1000);
}
