using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>What is to be done about a subject (an address, an IPv6 /64 or a network), and why. In the journal before it is acted on.</summary>
/// <param name="Id">Position in the journal; 0 until the journal has given it one.</param>
/// <param name="Rule">Id of the rule behind it ("RF2001"), "operator" for a decision made by hand, "trust" for the end of a ban of whoever became trusted.</param>
/// <param name="Reason">One sentence for people.</param>
internal abstract record Decision(long Id, DateTimeOffset Time, Network Subject, string Rule, string Reason)
{
    /// <summary>The records that led to it, oldest first; empty for the operator's own.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];
}

/// <summary>Drop everything from the subject until <see cref="Until"/>, or nearly all of its SIP over UDP (<see cref="Throttles"/>).</summary>
/// <param name="Until">null: for ever (an operator's ban only).</param>
/// <param name="Ordinal">1 for the subject's first ban in the memory of the ledger, 2 for the second...; 0: on evidence that proves no address.</param>
internal sealed record Ban(long Id, DateTimeOffset Time, Network Subject, string Rule, string Reason, DateTimeOffset? Until, int Ordinal)
    : Decision(Id, Time, Subject, Rule, Reason)
{
    /// <summary>Nothing is cut off but SIP over UDP, and of that a REGISTER or INVITE comes through now and then: the evidence proves no address,
    /// so whoever lives there must be able to log in. See <see cref="Firewall.LimitRules"/>.</summary>
    public bool Throttles { get; init; }

    /// <summary>An observing guard decided it, so it blocked nobody; known of the latest that the journal lists alone.</summary>
    public bool Observed { get; init; }

    /// <summary>The ban for a clock that stands before its decision: it was set back since, or the machine started in 1970. How much of the ban is over
    /// nobody knows then; it never lasts longer than it was to.</summary>
    public Ban AsOf(DateTimeOffset now) => this with { Time = IsAhead(Time, now) ? now : Time, Until = EndAsOf(Time, Until, now) };

    /// <inheritdoc cref="AsOf"/>
    public static DateTimeOffset? EndAsOf(DateTimeOffset time, DateTimeOffset? until, DateTimeOffset now) =>
        until is { } end && end > time && IsAhead(time, now) ? now + (end - time) : until;

    // A log's clock may be a little ahead of the machine's.
    private static bool IsAhead(DateTimeOffset time, DateTimeOffset now) => time > now + TimeSpan.FromMinutes(1);

    /// <summary>Whether later bans of the subject grow by it. One by hand says nothing about its conduct, and packets over UDP may be forged.</summary>
    public bool Counts => Rule != Operator.Rule && Ordinal > 0;
}

/// <summary>End the ban of the subject now.</summary>
internal sealed record Unban(long Id, DateTimeOffset Time, Network Subject, string Rule, string Reason)
    : Decision(Id, Time, Subject, Rule, Reason)
{
    /// <summary>No earlier ban of the subject, or inside of it, counts against anybody any more: the operator ended it, or the subject is trusted now.
    /// Not one that only made room, nor one of a network of which the rest stays banned.</summary>
    public bool Forgives { get; init; } = Rule is Operator.Rule or TrustList.Rule;
}

/// <summary>A rule spoke against the subject, and it is trusted: nothing is blocked, somebody should look.</summary>
/// <param name="Trust">Why it is trusted: "trunk trunk-ip in pjsip.conf:251", "registered contact of 1001"...</param>
internal sealed record Spare(long Id, DateTimeOffset Time, Network Subject, string Rule, string Reason, string Trust)
    : Decision(Id, Time, Subject, Rule, Reason);

/// <summary>A rule spoke against the subject, and policy says to tell only.</summary>
internal sealed record Alert(long Id, DateTimeOffset Time, Network Subject, string Rule, string Reason)
    : Decision(Id, Time, Subject, Rule, Reason);

/// <summary>What became of a decision at the firewall.</summary>
internal enum OutcomeKind : byte
{
    /// <summary>The kernel has it.</summary>
    Enforced = 1,

    /// <summary>Observing: nothing was to be done.</summary>
    Observed = 2,

    /// <summary>It was over before it could be enforced (read after the fact).</summary>
    Expired = 3,

    /// <summary>The firewall refused or could not be reached; the next repair tries again.</summary>
    Failed = 4,
}

/// <param name="Detail">For <see cref="OutcomeKind.Failed"/>: the kernel's words; else empty.</param>
internal sealed record Outcome(long DecisionId, DateTimeOffset Time, OutcomeKind Kind, string Detail);
