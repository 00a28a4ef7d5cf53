using Ringfence.Core.Fraud;

namespace Ringfence.Gate;

/// <summary>Who decides about calls that are about to leave. Asked from several connections at once.</summary>
internal interface IGate
{
    /// <summary>Whether a call may leave.</summary>
    /// <param name="id">The unique id of the channel that calls, as AMI's Uniqueid has it. A call that tries a second trunk is asked about again.</param>
    /// <param name="hasPin">The caller gave his PIN, and it was right.</param>
    GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin);

    /// <summary>Something that tells of fraud: a wrong PIN.</summary>
    void See(SiteEvent seen);

    /// <summary>A call that was asked about, and may have been let through, will not be made by that answer: it did not reach the dialplan, which decides by itself.</summary>
    void Drop(string id);
}
