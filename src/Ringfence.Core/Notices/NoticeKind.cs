namespace Ringfence.Core.Notices;

/// <summary>What people are told of. The numbers are in the queue on disk, the names in ringfence.conf and in what is sent: never reuse one.</summary>
internal enum NoticeKind : byte
{
    /// <summary>An address was banned, or would have been.</summary>
    Ban = 1,

    /// <summary>A ban was lifted.</summary>
    Unban = 2,

    /// <summary>A rule spoke against somebody who is trusted.</summary>
    Spare = 3,

    /// <summary>A rule spoke, and policy says to tell only.</summary>
    Alert = 4,

    /// <summary>Ringfence itself can't do its work: blind, or the firewall or the journal fails. Also the end of that.</summary>
    Alarm = 5,

    /// <summary><c>ringfence notify test</c>: everybody gets it.</summary>
    Test = 6,

    /// <summary>Calls came to a limit, and were stopped if it is a critical one.</summary>
    Fraud = 7,

    /// <summary>What the calls of a day came to.</summary>
    Report = 8,
}

internal static class NoticeKinds
{
    /// <summary>Those that can be chosen, by the names that ringfence.conf and JSON have for them.</summary>
    public static readonly IReadOnlyList<NoticeKind> Chosen = [NoticeKind.Ban, NoticeKind.Unban, NoticeKind.Spare, NoticeKind.Alert, NoticeKind.Alarm, NoticeKind.Fraud, NoticeKind.Report];

    public static string Name(NoticeKind kind) => kind switch
    {
        NoticeKind.Ban => "ban",
        NoticeKind.Unban => "unban",
        NoticeKind.Spare => "spare",
        NoticeKind.Alert => "alert",
        NoticeKind.Alarm => "alarm",
        NoticeKind.Test => "test",
        NoticeKind.Fraud => "fraud",
        NoticeKind.Report => "report",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind of notice"),
    };
}
