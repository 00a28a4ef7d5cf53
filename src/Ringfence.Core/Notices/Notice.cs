using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>One thing that people should know, as it waits in the queue: plain data, so that it is the same after a restart.</summary>
internal sealed record Notice
{
    /// <summary>The same each time this notice is sent, so that who gets it twice can tell: "ban-1234" by the journal's number, "alarm-..." by its time.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required NoticeKind Kind { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Short, plain ASCII and of our own making: "banned 198.51.100.7, password guessing (5 in 12 s)". No byte of it can be an attacker's.</summary>
    public required string Headline { get; init; }

    /// <summary>An address or a network; empty for what concerns none.</summary>
    public string Address { get; init; } = "";

    /// <summary>Id of the rule, "operator" or "trust"; empty for an alarm.</summary>
    public string Rule { get; init; } = "";

    /// <summary>One sentence for people. May hold what an attacker wrote, made safe to show.</summary>
    public string Reason { get; init; } = "";

    /// <summary>End of a ban or of a stop; null: for ever, or neither.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What lifts the stop of calls that was made; 0: none was.</summary>
    public int Stop { get; init; }

    /// <summary>"enforced", "observed", "expired", "failed"; empty for an alarm.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>What the firewall had to say; else empty.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Why the address is trusted: of a spare; else empty.</summary>
    public string Trust { get; init; } = "";

    /// <summary>The newest of the records that led to it, oldest first.</summary>
    public IReadOnlyList<NoticeLine> Lines { get; init; } = [];

    /// <summary>Who floods us must not keep "Ringfence is blind" from being read: alarms and calls that cost money now never wait behind the rest, nor vanish in its digest.</summary>
    public bool IsUrgent => Kind is NoticeKind.Alarm or NoticeKind.Test || (Kind == NoticeKind.Fraud && Severity == Severity.Critical);
}

/// <param name="Text">The record: an attacker's bytes made safe to show, at most <see cref="NoticeFrom.LongestLine"/> characters.</param>
internal sealed record NoticeLine(DateTimeOffset Time, string Log, long Line, string Text);
