namespace Ringfence.Core.Fraud;

/// <summary>A call to outside from when it was asked about until it ends.</summary>
/// <param name="since">The moment, by the engine's time.</param>
internal sealed class LiveCall(string id, in CallAttempt attempt, long since)
{
    private CallAttempt _attempt = attempt;
    private ByScope<LimitKey?> _keys;
    private ByScope<int> _places;

    public string Id => id;

    public ref readonly CallAttempt Attempt => ref _attempt;

    /// <summary>By <see cref="LimitScope"/>: whom its money is counted for; null where it has no such key.</summary>
    public ref ByScope<LimitKey?> Keys => ref _keys;

    /// <summary>The limits of the policy that look at it, a bit for each.</summary>
    public ulong Limits { get; set; }

    public long Since { get; private set; } = since;

    /// <summary>Of its country.</summary>
    public Standing Standing { get; set; }

    /// <summary>How often its channel tried the number just before, over other trunks.</summary>
    public int Tries { get; set; }

    /// <summary>It was counted when it was tried first.</summary>
    public bool IsAgain => Tries > 0;

    /// <summary>Where it is in the list of each key.</summary>
    public ref ByScope<int> Places => ref _places;

    /// <summary>The meters know of it.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Whether it was sent to the other side: before that it is an intention.</summary>
    public bool HasBegun { get; set; }

    /// <summary>0: nobody answered.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>0: it goes on.</summary>
    public long EndedAt { get; set; }

    /// <summary>It is to be hung up, and whoever runs the PBX was told.</summary>
    public bool IsCut { get; set; }

    /// <summary>What it came to by a moment, as the deck counts it.</summary>
    public long Cost(long at) => Talk(at) is > 0 and var talk ? _attempt.Price.Rate.Cost((talk + 999) / 1000) : 0;

    /// <summary>Milliseconds since its answer, by a moment; 0: nobody answered.</summary>
    public long Talk(long at) => AnsweredAt == 0 ? 0 : Math.Max(0, (EndedAt > 0 ? Math.Min(at, EndedAt) : at) - AnsweredAt);

    /// <summary>The clock was set by so many milliseconds: it has lasted for as long as it had.</summary>
    public void Shift(long by) => (Since, AnsweredAt) = (Since + by, AnsweredAt > 0 ? AnsweredAt + by : 0);

    /// <summary>The gate is asked before everything is known: who pays, how the call came about, which trunk it will be.</summary>
    public void Learn(in CallAttempt attempt) => _attempt = attempt;
}
