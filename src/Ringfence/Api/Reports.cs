using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Ringfence.Feeds;
using Ringfence.Journal;
using Ringfence.Notifiers;
using Ringfence.Outer;

namespace Ringfence.Api;

// What the daemon answers and what --json prints. The shapes are promised in docs/json.md and held by a test: members may be added, never renamed or removed.

/// <summary>One screen about the guard.</summary>
internal sealed record StatusReport
{
    /// <value>"daemon", or "journal" when the daemon does not run and the journal was read in its place.</value>
    public required string From { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>When the daemon started; null from the journal.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Events parsed since start.</summary>
    public long Events { get; init; }

    /// <summary>Mean of the last minute.</summary>
    public double EventsPerSecond { get; init; }

    /// <summary>Bans in force, those that are only observed included.</summary>
    public int Bans { get; init; }

    /// <summary>Those of <see cref="Bans"/> that are only observed.</summary>
    public int Observed { get; init; }

    /// <summary>Throttles in force, those that are only observed included; no bans.</summary>
    public int Throttles { get; init; }

    /// <summary>Those of <see cref="Throttles"/> that are only observed.</summary>
    public int ObservedThrottles { get; init; }

    /// <summary>Addresses with something against them in the detector's memory.</summary>
    public int Watched { get; init; }

    /// <summary>What was forgotten under a flood, for people; null: nothing.</summary>
    public string? Note { get; init; }

    public IReadOnlyList<SourceReport> Sources { get; init; } = [];

    /// <summary>Why what is watched shows less than this PBX could tell, for people; no problem. null: it does not, or nobody knows.</summary>
    public string? Weak { get; init; }

    /// <summary>The configuration has changed since the guard read it, for people; no problem. null: it has not.</summary>
    public string? Stale { get; init; }

    /// <summary>null from the journal: nobody looked.</summary>
    public FirewallStatus? Firewall { get; init; }

    /// <summary>Blocklists; null: none is configured, or nobody looked.</summary>
    public ListsStatus? Lists { get; init; }

    /// <summary>The firewall's policy; null: none was confirmed or tried, or nobody looked.</summary>
    public PolicyStatus? Policy { get; init; }

    /// <summary>Firewalls outside this machine, in the order of the configuration.</summary>
    public IReadOnlyList<OuterStatus> Outer { get; init; } = [];

    /// <summary>Users who opened a door for themselves; null: nobody can, or nobody looked.</summary>
    public RoamingReport? Roaming { get; init; }

    /// <summary>Calls to outside and the brake; null: nobody follows calls, or nobody looked.</summary>
    public CallsStatus? Calls { get; init; }

    /// <summary>Datagrams with a scanner's name that were dropped since start; null: none is to be.</summary>
    public long? ScannersDropped { get; init; }

    /// <summary>null: there is none yet.</summary>
    public JournalStatus? Journal { get; init; }

    /// <summary>The guard's own request to the PBX; null: none was sent yet, or none is to be.</summary>
    public CanaryReport? Canary { get; init; }

    public IReadOnlyList<PartReport> Parts { get; init; } = [];

    /// <summary>Who is told, in the order of the configuration.</summary>
    public IReadOnlyList<NotifierStatus> Notifiers { get; init; } = [];

    /// <summary>The latest decisions, newest first, without evidence; at most 10.</summary>
    public IReadOnlyList<DecisionReport> Latest { get; init; } = [];
}

/// <param name="Name">What is read: a log's path.</param>
/// <param name="Alive">Whether it can be read and what it says parses; false: the guard is blind here.</param>
/// <param name="Since">Since when it is alive, or blind.</param>
/// <param name="LastEvent">Time of the last event read from it; null: none since start.</param>
/// <param name="Unmatched">Lines that looked like security lines and did not parse, since start.</param>
/// <param name="LagBytes">Bytes of it that are not read and parsed yet.</param>
/// <param name="Problem">Why it is blind, for people; null when all is well.</param>
internal sealed record SourceReport(
    string Name, bool Alive, DateTimeOffset Since, DateTimeOffset? LastEvent, long Events, double EventsPerSecond, long Unmatched, long LagBytes, string? Problem)
{
    /// <summary>What is odd in it and needs nobody to be woken, for a sender alone may have caused it; null: nothing.</summary>
    public string? Note { get; init; }

    /// <summary>When it last told of the guard's own request; null: it did not since start.</summary>
    public CanaryBackReport? Canary { get; init; }

    /// <summary>What was read of it since start: lines of a log, packets over HEP and of the wire, messages of the manager interface.</summary>
    public long Seen { get; init; }

    /// <summary>Packets since start that came faster than they were read, and that the kernel dropped; of a log 0.</summary>
    public long Dropped { get; init; }

    /// <summary>Of the wire: streams and packets in fragments since start that could not be followed; of another source 0.</summary>
    public long Lost { get; init; }

    /// <summary>Of the wire: packets from outside since start with an address of this machine as their source, which say nothing; of another source 0.</summary>
    public long Forged { get; init; }

    /// <summary>Of the wire: packets since start with a wrong checksum, which the PBX did not read either; of another source 0.</summary>
    public long Damaged { get; init; }

    /// <summary>Of the wire: pieces of TCP streams since start that came in more than one version or with an urgent byte; of another source 0.</summary>
    public long Contradicted { get; init; }

    /// <summary>Of HEP and the wire: refusals by the PBX since start that answer no request which was seen; of another source 0.</summary>
    public long Unasked { get; init; }

    /// <summary>Of HEP and the wire: answers since start that came from elsewhere than where the request went, and say nothing; of another source 0.</summary>
    public long Misplaced { get; init; }

    /// <summary>Of HEP: messages since start, at least, that were too long for it, as other sources say; of another source 0.</summary>
    public long Untold { get; init; }
}

/// <param name="Time">When the source told of it.</param>
/// <param name="Milliseconds">So long after it was sent.</param>
internal sealed record CanaryBackReport(DateTimeOffset Time, long Milliseconds);

/// <summary>The guard's own request, by which blind sources are found out.</summary>
/// <param name="Target">The PBX's address and port; null: no transport was found.</param>
/// <param name="Sent">When the last one was sent; null: none.</param>
/// <param name="Answer">The PBX's answer, 401 as a rule; null: none.</param>
/// <param name="Problem">The PBX does not answer, for people; null: it does.</param>
internal sealed record CanaryReport(string? Target, string Account, DateTimeOffset? Sent, int? Answer, long? Milliseconds, string? Problem)
{
    /// <summary>Why it shows less than it could; null: it does not.</summary>
    public string? Note { get; init; }

    /// <summary>Sources that must tell of the last one and did not yet; once they had half a minute they are blind.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>When the next one is due; null: that depends on the last one, which the sources may still tell of.</summary>
    public DateTimeOffset? Next { get; init; }
}

/// <summary>One part that the supervisor runs.</summary>
/// <param name="State">"running", "waiting" (failed, starts again at <paramref name="NextTry"/>) or "stopped".</param>
/// <param name="Since">When it came into this state.</param>
/// <param name="Failures">How often it failed since start.</param>
/// <param name="Problem">The last failure's message while it is not mended, or what a running part can't do; else null.</param>
internal sealed record PartReport(string Name, string State, DateTimeOffset Since, int Failures, DateTimeOffset? NextTry, string? Problem);

internal sealed record BansReport(string From, DateTimeOffset Now, IReadOnlyList<BanReport> Bans);

/// <param name="Until">null: for ever.</param>
/// <param name="Ordinal">1 for the subject's first ban in the ledger's memory, 2 for the second...</param>
/// <param name="Rule">Id of the rule, or "operator".</param>
/// <param name="State">"enforced", "observed", "failed", "kernel_only" (the journal does not know it), "not_in_kernel" (from the journal: it should be in the kernel and is not), or
/// "decided" while no outcome is known.</param>
internal sealed record BanReport(Network Subject, DateTimeOffset Since, DateTimeOffset? Until, int Ordinal, string Rule, string Reason, string State)
{
    /// <summary>Only SIP over UDP is held back, and a REGISTER or INVITE comes through now and then: the evidence proves no address.</summary>
    public bool Throttles { get; init; }
}

internal sealed record TrustListReport(DateTimeOffset Now, IReadOnlyList<TrustReport> Trust);

/// <param name="Source">"operator", "configuration", "name", "own", "trunk", "contact", "ssh".</param>
/// <param name="Reason">For people: "registered contact of 1001", "trunk trunk-ip in pjsip.conf:251".</param>
/// <param name="Until">null: as long as the source says so.</param>
internal sealed record TrustReport(Network Subject, string Source, string Reason, DateTimeOffset? Until);

/// <summary>What a change did, or would do.</summary>
/// <param name="Change">"banned", "unbanned", "trusted", "untrusted", or "none" when it was so already.</param>
/// <param name="Until">End of the ban or trust; null: for ever, or not applicable.</param>
/// <param name="DryRun">Nothing was changed: this is what would have been.</param>
/// <param name="Message">One sentence for people.</param>
internal sealed record ChangeReport(Network Subject, string Change, DateTimeOffset? Until, bool DryRun, string Message)
{
    /// <summary>"unbanned": a network that holds the subject and is banned too, so that the subject is not free; null: none.</summary>
    public Network? StillBannedWith { get; init; }
}

/// <param name="Ban">The ban that is in force for the subject, or for a network that holds it; null: none.</param>
/// <param name="Trust">Why it is trusted; null: it is not, or from the journal, where nobody knows.</param>
/// <param name="Decisions">Every decision about it, oldest first, with evidence and outcomes.</param>
internal sealed record WhyReport(string From, DateTimeOffset Now, Network Subject, BanReport? Ban, string? Trust, IReadOnlyList<DecisionReport> Decisions)
{
    /// <summary>Who else on the machine blocks it; null from the API: only the verb looks.</summary>
    public IReadOnlyList<OtherBlockReport>? AlsoBlocked { get; init; }

    /// <summary>Who of them could not be asked, a sentence each; null from the API.</summary>
    public IReadOnlyList<string>? Unknown { get; init; }

    /// <summary>What counts against it and was not enough yet; empty from the journal, where nobody knows.</summary>
    public IReadOnlyList<WatchedReport> Watched { get; init; } = [];
}

/// <param name="Watched">Those with most against them first, at most <see cref="MostAddresses"/> addresses.</param>
internal sealed record WatchedListReport(DateTimeOffset Now, IReadOnlyList<WatchedReport> Watched)
{
    public const int MostAddresses = 100;
}

/// <summary>Refusals of one kind that count against an address, and were not enough yet.</summary>
/// <param name="Event">Name of the event's kind, in the snake case of <c>parse</c>.</param>
/// <param name="Proof">"proven" or "unproven": the best of them.</param>
/// <param name="Enough">So many make an attacker; null: of this kind no number alone does.</param>
/// <param name="WithinSeconds">The time within which they count together.</param>
/// <param name="Accounts">Whom it tried, the newest first; at most 5. Attacker's text, escaped.</param>
/// <param name="Door">Which door told it; null: the PBX.</param>
internal sealed record WatchedReport(
    Network Subject, string Event, string Proof, int Count, int? Enough, long WithinSeconds, DateTimeOffset First, DateTimeOffset Last, IReadOnlyList<string> Accounts, string? Door);

/// <summary>Somebody else's block.</summary>
/// <param name="Where">"fail2ban, jail sshd".</param>
/// <param name="Since">null: it does not say.</param>
/// <param name="Why">Others' words; may be empty.</param>
internal sealed record OtherBlockReport(string Where, Network Subject, DateTimeOffset? Since, string Why)
{
    /// <summary>An access list that refuses single accounts from there, and does not block the address.</summary>
    public bool AccountsOnly { get; init; }

    /// <summary>Of such a list: whose requests it refuses; else empty.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];
}

/// <param name="Action">"ban", "throttle", "unban", "spare" or "alert".</param>
/// <param name="Until">End of a ban; null: for ever, or no ban.</param>
/// <param name="Ordinal">Of a ban; else null.</param>
/// <param name="Trust">Of a spare: why the subject is trusted; else null.</param>
internal sealed record DecisionReport(
    long Id,
    DateTimeOffset Time,
    string Action,
    Network Subject,
    string Rule,
    string Reason,
    DateTimeOffset? Until,
    int? Ordinal,
    string? Trust,
    IReadOnlyList<OutcomeReport> Outcomes,
    IReadOnlyList<EvidenceReport> Evidence);

/// <param name="Kind">"enforced", "observed", "expired" or "failed".</param>
internal sealed record OutcomeReport(DateTimeOffset Time, string Kind, string Detail);

/// <param name="Event">Name of the event's kind, in the snake case of <c>parse</c>: "password_refused".</param>
/// <param name="Proof">"proven", "unproven" or "forgeable".</param>
internal sealed record EvidenceReport(DateTimeOffset Time, string Log, long Line, string Event, string Proof, string Account, string Text)
{
    /// <summary>Whom it speaks against, of IPv6 its /64; null: an older journal did not keep it of a network's ban.</summary>
    public Network? Source { get; init; }
}

/// <summary>What came of fetching blocklists now.</summary>
internal sealed record FeedsReport(DateTimeOffset Now, IReadOnlyList<FeedUpdateReport> Updates);

/// <param name="Problem">Why it was not taken, for people; null: it was, or nothing has changed.</param>
/// <param name="Entries">That are held now.</param>
/// <param name="Running">It is not done yet, and goes on.</param>
internal sealed record FeedUpdateReport(string Name, string? Problem, int Entries, bool Running);

/// <summary>Entries of blocklists around an address or inside a network.</summary>
/// <param name="Trust">Why it comes in whatever list it is on; null: it does not, or no guard runs who would know.</param>
/// <param name="Missing">Lists that have never come: whether they have it nobody knows.</param>
internal sealed record ListedReport(DateTimeOffset Now, Network Subject, IReadOnlyList<ListedEntryReport> Entries, string? Trust, IReadOnlyList<string> Missing);

/// <param name="Since">Since when the list has it; of a list in pages, when it was last named.</param>
/// <param name="LeftOut">Why it is not blocked for that; null: it is.</param>
internal sealed record ListedEntryReport(string Feed, Network Entry, DateTimeOffset Since, string? LeftOut);

/// <summary>How the policy stands in the kernel.</summary>
/// <param name="State">"none", "trial" or "confirmed".</param>
/// <param name="TrialSeconds">How long the kernel still tries it; null: nothing is tried.</param>
/// <param name="Repairs">How often it had to be put back since start.</param>
/// <param name="CountriesMissing">Zones that lack their countries since it was loaded.</param>
/// <param name="NamesStale">Names that do not resolve, and stand for their addresses of before.</param>
internal sealed record PolicyStatus(string State, int? TrialSeconds, int Repairs, IReadOnlyList<string> CountriesMissing, IReadOnlyList<string> NamesStale);
