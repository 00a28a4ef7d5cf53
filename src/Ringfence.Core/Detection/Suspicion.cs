using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>One record that speaks against an address, kept for `why`: when, where it was read, and its text made safe to show.</summary>
/// <param name="Log">Path of the log that held it.</param>
/// <param name="Line">1-based line number in that log.</param>
/// <param name="Text">The record: valid UTF-8, control characters escaped, at most 1,000 characters.</param>
internal sealed record Evidence(DateTimeOffset Time, string Log, long Line, EventKind Kind, Proof Proof, string Account, string Text)
{
    /// <summary>Whom it speaks against, where that is not the subject of its decision: an address of a network, of IPv6 its /64. null: the subject, or a journal of
    /// before this was kept.</summary>
    public Network? Source { get; init; }
}

/// <summary>A rule's claim that an address attacks, with the evidence that the claim stands on, oldest first.</summary>
/// <param name="Rule">Id of the rule, such as RF2001.</param>
/// <param name="Time">Time of the event that completed the claim.</param>
/// <param name="Reason">One sentence for people: "5 wrong passwords in 1 min 12 s".</param>
internal sealed record Suspicion(
    string Rule, DateTimeOffset Time, Address Source, Proof Proof, int Count, string Reason, IReadOnlyList<Evidence> Evidence)
{
    /// <summary>It may throttle its sender instead of banning him: the messages themselves are seen (HEP, wire), where a sender proves his address by what he does
    /// next: whoever guesses passwords must. A log tells of no proof, so where there is nothing else nothing follows from its silence.</summary>
    public bool MayThrottle { get; init; }

    /// <summary>Hashes of the accounts whose wrong passwords it stands on (<see cref="Detector.Hash"/>), each once.</summary>
    public IReadOnlyList<uint> Guessed { get; init; } = [];

    /// <summary>It is to be known, and bans nobody.</summary>
    public bool TellOnly { get; init; }

    /// <inheritdoc cref="Claim.ThrottleOnly"/>
    public bool ThrottleOnly { get; init; }
}
