using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>One way to tell people. The world's failures are an <see cref="Answer"/>, never an exception: the queue decides when to try again.</summary>
internal interface INotifier
{
    /// <summary>Tells now, in bounded time. May be called twice at once.</summary>
    Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop);
}

internal enum AnswerKind
{
    /// <summary>The other side has it.</summary>
    Taken,

    /// <summary>Not now: down, busy, or set up wrongly. Tried again later.</summary>
    TryAgain,

    /// <summary>The other side will never take this one, for what is in it: it is dropped, and status says so. Who refuses any is <see cref="TryAgain"/>.</summary>
    Refused,
}

/// <param name="Words">What the other side said, or what went wrong: for people, safe to show, no secret in it.</param>
internal sealed record Answer(AnswerKind Kind, string Words)
{
    public static Answer Taken(string words) => new(AnswerKind.Taken, words);

    public static Answer TryAgain(string words) => new(AnswerKind.TryAgain, words);

    public static Answer Refused(string words) => new(AnswerKind.Refused, words);
}

/// <summary>How one receiver does.</summary>
/// <param name="Kind">"mail", "webhook", "syslog" or "command".</param>
/// <param name="Waiting">Notices that it has not got yet, those that a digest will hold included.</param>
/// <param name="Refused">Messages since start that the other side will never take.</param>
/// <param name="Lost">Notices since start that were dropped untold: the queue was full, or four days had passed.</param>
/// <param name="LastFailure">null: none since start.</param>
/// <param name="Problem">Why it is not told now; null while all is well.</param>
internal sealed record NotifierStatus(
    string Name, string Kind, int Waiting, DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure, long Refused, long Lost, string? Problem)
{
    /// <summary>What the other side said when it refused one for good, or how many were lost; null: nothing since start.</summary>
    public string? Note { get; init; }

    /// <summary>Since when it, or one of its recipients, has taken nothing that it was sent; null: it took the last, or refused only that for good.</summary>
    public DateTimeOffset? FailingSince { get; init; }
}
