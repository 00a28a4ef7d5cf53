using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>Who keeps the block, and so how it is lifted.</summary>
internal enum BlockKind
{
    Fail2ban,
    CrowdSec,
    XtRecent,
    HostsDeny,

    /// <summary>A rule or a set's element of a firewall: somebody's own, so it is lifted only if that is asked for.</summary>
    Rule,

    /// <summary>An access list of Asterisk that refuses all SIP: told, not changed.</summary>
    Acl,

    /// <summary>One that refuses single accounts' requests: told, and no block of the address.</summary>
    AccountAcl,
}

/// <summary>Something on this machine, beside Ringfence, that keeps an address out.</summary>
/// <param name="Where">For people: "fail2ban, jail sshd".</param>
/// <param name="Subject">Whom it blocks: the address, or a network that holds it.</param>
/// <param name="Since">null: it does not say.</param>
/// <param name="Why">What it says itself, others' text in it; may be empty.</param>
/// <param name="Lift">The program that lifts it, and its arguments; of a file the path and the text in question.</param>
internal sealed record Block(BlockKind Kind, string Where, Network Subject, DateTimeOffset? Since, string Why, IReadOnlyList<string> Lift)
{
    /// <summary>Why <see cref="Lift"/> frees more than <see cref="Subject"/>: "one rule for 203.0.113.5-203.0.113.9"; null: it does not.</summary>
    public string? Together { get; init; }

    /// <summary>What has to be run as well for the lift to last: firewalld's permanent configuration; null: nothing.</summary>
    public IReadOnlyList<string>? LiftForGood { get; init; }

    /// <summary>Of <see cref="BlockKind.AccountAcl"/> the accounts; else empty.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Who brings it back after it is lifted, for people; null: nobody.</summary>
    public string? Returns { get; init; }

    /// <summary>The kernel's table that holds it, "inet firewalld", "ip filter"; "": it is none of a table.</summary>
    public string Table { get; init; } = "";

    /// <summary>The chain of <see cref="Table"/> whose rule refuses.</summary>
    public string Chain { get; init; } = "";

    /// <summary>Whether it keeps out an address of the network, or a network that holds it.</summary>
    public bool Concerns(Network other) => Subject.Contains(other) || other.Contains(Subject);

    /// <summary>Whether lifting it frees more than was asked for.</summary>
    /// <remarks>Ringfence bans an IPv6 address as its /64, and others may do so too.</remarks>
    public bool IsWiderThan(Network asked) => Subject != asked && Subject.Contains(asked) && Subject != asked.First.Subject;
}
