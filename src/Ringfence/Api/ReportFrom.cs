using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Api;

/// <summary>Core's types as reports.</summary>
internal static class ReportFrom
{
    /// <param name="withEvidence">false for lists: a ban carries up to a thousand characters per line of evidence.</param>
    public static DecisionReport Decision(Decision decision, IReadOnlyList<Outcome> outcomes, bool withEvidence) => new(
        decision.Id,
        decision.Time,
        Action(decision),
        decision.Subject,
        decision.Rule,
        decision.Reason,
        (decision as Ban)?.Until,
        (decision as Ban)?.Ordinal,
        (decision as Spare)?.Trust,
        // Of a list the journal keeps this much of what became of it.
        outcomes.Count == 0 && decision is Ban { Observed: true } ? [new OutcomeReport(decision.Time, Name(OutcomeKind.Observed), "")] : [.. outcomes.Select(Outcome)],
        withEvidence ? [.. decision.Evidence.Select(evidence => Evidence(evidence, decision.Subject))] : []);

    /// <param name="outcome">The latest one; null while none is known.</param>
    public static BanReport Ban(Ban ban, OutcomeKind? outcome) =>
        new(ban.Subject, ban.Time, ban.Until, ban.Ordinal, ban.Rule, ban.Reason, outcome is { } kind ? Name(kind) : "decided") { Throttles = ban.Throttles };

    /// <summary>A ban that only the kernel knows: nobody can say since when and why.</summary>
    public static BanReport Stranger(ActiveBan ban, DateTimeOffset now) =>
        new(ban.Subject, now, ban.Until, 0, "unknown", "in the kernel, not in the journal", "kernel_only") { Throttles = ban.Throttles };

    public static WatchedReport Watched(UnderWatch watch) => new(
        watch.Source.Subject, Name(watch.Kind), Name(watch.Proof), watch.Count, watch.Enough, (long)watch.Within.TotalSeconds, watch.First, watch.Last, watch.Accounts, watch.Door);

    public static string Name(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Enforced => "enforced",
        OutcomeKind.Observed => "observed",
        OutcomeKind.Expired => "expired",
        OutcomeKind.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an outcome"),
    };

    public static string Name(Proof proof) => proof switch
    {
        Proof.Forgeable => "forgeable",
        Proof.Unproven => "unproven",
        Proof.Proven => "proven",
        _ => throw new ArgumentOutOfRangeException(nameof(proof), proof, "not a proof"),
    };

    public static string Name(EventKind kind) => kind switch
    {
        EventKind.None => "none",
        EventKind.ChallengeSent => "challenge_sent",
        EventKind.LoginSucceeded => "login_succeeded",
        EventKind.PasswordRefused => "password_refused",
        EventKind.AccountUnknown => "account_unknown",
        EventKind.AclRefused => "acl_refused",
        EventKind.RequestRefused => "request_refused",
        EventKind.CallRefused => "call_refused",
        EventKind.ContactLimit => "contact_limit",
        EventKind.PacketMalformed => "packet_malformed",
        EventKind.LimitReached => "limit_reached",
        EventKind.UnknownAccountFailed => "unknown_account_failed",
        EventKind.AddressAccepted => "address_accepted",
        EventKind.Injection => "injection",
        EventKind.ScannerSeen => "scanner_seen",
        EventKind.NumberRefused => "number_refused",
        EventKind.LoginOmitted => "login_omitted",
        EventKind.ChallengeAnswered => "challenge_answered",
        EventKind.NonceStale => "nonce_stale",
        EventKind.CrossSiteRefused => "cross_site_refused",
        EventKind.DoorFailed => "door_failed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an event"),
    };

    private static string Action(Decision decision) => decision switch
    {
        Core.Decisions.Ban { Throttles: true } => "throttle",
        Core.Decisions.Ban => "ban",
        Unban => "unban",
        Spare => "spare",
        Alert => "alert",
        _ => throw new ArgumentOutOfRangeException(nameof(decision), decision.GetType().Name, "not a decision"),
    };

    private static OutcomeReport Outcome(Outcome outcome) => new(outcome.Time, Name(outcome.Kind), outcome.Detail);

    private static EvidenceReport Evidence(Evidence evidence, Network subject) =>
        new(evidence.Time, evidence.Log, evidence.Line, Name(evidence.Kind), Name(evidence.Proof), evidence.Account, evidence.Text)
        {
            // What only one address can be banned for is that address's.
            Source = evidence.Source ?? (subject == subject.First.Subject ? subject : null),
        };
}
