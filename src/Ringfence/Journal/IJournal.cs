using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Sources;

namespace Ringfence.Journal;

/// <summary>The memory that outlives the process. A failed write never stops a ban: it is counted and said, and tried again later.</summary>
internal interface IJournal : IAsyncDisposable
{
    /// <summary>Writes decisions, with their evidence, in one transaction, before anyone acts on them.</summary>
    /// <returns>The same decisions with their ids. If the disk refuses, ids come from memory and <see cref="JournalStatus.Problem"/> says so.</returns>
    IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions);

    /// <summary>The same, and in the same transaction how far the logs were read that the decisions come from: after a crash neither is there
    /// without the other, so no line is lost and none counted twice.</summary>
    /// <param name="positions">Positions behind every line that went into <paramref name="decisions"/> or gave none.</param>
    IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions, IReadOnlyList<ReadPosition> positions)
    {
        var numbered = Append(decisions);
        Save(positions);
        return numbered;
    }

    void Append(IReadOnlyList<Outcome> outcomes);

    /// <summary>Where each log was read up to, when nothing was decided since; with decisions: Append.</summary>
    void Save(IReadOnlyList<ReadPosition> positions);

    IReadOnlyList<ReadPosition> Positions();

    /// <summary>Bans that have not ended at <paramref name="now"/>, the newest decision per subject deciding (the last appended); without evidence.</summary>
    /// <param name="withObserved">Also those that an observing guard decided, which never blocked anybody.</param>
    IReadOnlyList<Ban> ActiveBans(DateTimeOffset now, bool withObserved = false);

    /// <summary>Subject and end of the same, in no order: what the kernel needs after a reboot, without the rest of each row.</summary>
    IReadOnlyList<ActiveBan> InForce(DateTimeOffset now) => [.. ActiveBans(now).Select(ban => new ActiveBan(ban.Subject, ban.Until) { Throttles = ban.Throttles })];

    /// <summary>Bans since <paramref name="since"/> that count for the ledger's growth, oldest first, without evidence: none that the operator
    /// lifted, itself or with a network around it (<see cref="Unban.Forgives"/>).</summary>
    /// <param name="withObserved">Also those that an observing guard decided.</param>
    IReadOnlyList<Ban> BansSince(DateTimeOffset since, bool withObserved = false);

    /// <summary>Ends of bans since <paramref name="since"/> that forgive (<see cref="Unban.Forgives"/>), without evidence.</summary>
    IReadOnlyList<Unban> ForgivenSince(DateTimeOffset since);

    /// <summary>Ends of bans that the kernel is not known to have carried out (it refused, or the process died before), and no ban of the subject came since; the newest first, without evidence.</summary>
    IReadOnlyList<Unban> Unfinished() => [];

    /// <summary>When the kernel had each ban from that decision on, as the file says.</summary>
    IReadOnlyList<Outcome> EnforcedFrom(long id) => [];

    /// <summary>Alerts since <paramref name="since"/> of right passwords among the guesses of whoever was banned or throttled for them (<see cref="LateLogins"/>), as the file says; without evidence.</summary>
    IReadOnlyList<Alert> LateLoginsSince(DateTimeOffset since) => [];

    /// <summary>The newest decisions, newest first, without evidence.</summary>
    IReadOnlyList<Decision> Latest(int count);

    /// <summary>Every decision whose subject contains or lies in <paramref name="network"/>, oldest first, with evidence and outcome.</summary>
    IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network);

    /// <summary>Forgets decisions that ended before <paramref name="before"/>, with their evidence and outcomes; a bounded number per call.</summary>
    /// <returns>Decisions forgotten; call again until it is 0.</returns>
    int Purge(DateTimeOffset before);

    /// <summary>The machine's clock was set forward by so much, or back: what is in force ends as much later by it.</summary>
    void ClockSet(TimeSpan by)
    {
    }

    /// <summary>Whether the file was opened anew since the last call, perhaps empty since somebody removed it: then what is in force has to be
    /// written again, or the next start knows nothing of it. Notices a removed file also when nothing is written.</summary>
    bool TakeReopened() => false;

    /// <summary>Whether the file can be read: what was asked before was answered by it, and not only by memory.</summary>
    bool IsOpen => true;

    JournalStatus Status { get; }
}

/// <param name="Decisions">In the file.</param>
/// <param name="Unwritten">Decisions and outcomes that wait in memory for the disk.</param>
/// <param name="Problem">For people; null when all is well.</param>
internal sealed record JournalStatus(long Decisions, long SizeBytes, long Unwritten, string? Problem)
{
    /// <summary>Decisions and outcomes dropped since start because too many waited.</summary>
    public long Lost { get; init; }

    /// <summary>What the file may take; 0: nobody said.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Decisions forgotten before their time since the file was opened, because it may not take more.</summary>
    public long Forgotten { get; init; }

    /// <summary>Alerts and spares since start that came too fast to be kept each.</summary>
    public long CountedOnly { get; init; }
}
