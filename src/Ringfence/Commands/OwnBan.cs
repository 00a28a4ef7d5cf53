using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;

namespace Ringfence.Commands;

/// <summary>Ringfence's own ban, for <c>free</c>: by the daemon, or without one in the journal; the kernel's part of it <c>nft</c> then tells.</summary>
internal static class OwnBan
{
    private const string Where = "ringfence";

    /// <returns>What was done; empty: it was not banned.</returns>
    /// <exception cref="NotRunningException">There is no daemon.</exception>
    public static async Task<IReadOnlyList<FreedReport>> LiftAsync(DaemonClient daemon, Network subject, bool dryRun, CancellationToken stop)
    {
        var why = await daemon.WhyAsync(subject, stop);
        var banned = why.Ban?.Subject ?? subject;
        FreedReport Report(string result, string detail) => new(
            Where, banned, why.Ban?.Since, why.Ban is { } ban ? $"{ban.Rule}: {ban.Reason}" : "in the kernel, not in the journal", result, detail, $"ringfence unban {banned}");
        try
        {
            var change = await daemon.UnbanAsync(subject, dryRun, stop);
            var lifted = Report(dryRun ? "would_lift" : "lifted", "");
            return change switch
            {
                { Change: "none" } => [],
                { StillBannedWith: { } over } => [lifted, lifted with { Subject = over, Since = null, Why = "", Result = "left", Detail = change.Message, Command = $"ringfence unban {over}" }],
                _ => [lifted],
            };
        }
        catch (RefusedException refused)
        {
            return [Report("left", refused.Message)];
        }
        catch (WorldFailedException failed)
        {
            return [Report("failed", failed.Message)];
        }
    }

    /// <summary>Writes the ban's end into the journal, so that a guard that starts later does not take it up again.</summary>
    public static async Task<IReadOnlyList<FreedReport>> LiftInJournalAsync(Surroundings surroundings, RingfenceConfig config, Network subject, bool dryRun)
    {
        var now = surroundings.Clock.GetUtcNow();
        List<Ban> bans;
        await using (var journal = surroundings.OpenJournal(config))
        {
            bans = journal is null ? [] : [.. journal.ActiveBans(now).Where(ban => ban.Subject.Contains(subject) || subject.Contains(ban.Subject))];
        }

        if (bans.Count == 0)
        {
            return [];
        }

        // As for the daemon: one IPv6 address is banned as its /64; a wider network would free more than was asked.
        var lifted = bans.FindAll(ban => subject.Contains(ban.Subject) || ban.Subject == subject.First.Subject);
        if (!dryRun && lifted.Count > 0)
        {
            // Nobody else may write it meanwhile: a guard that starts waits for this to end, or is there already.
            using var alone = OneGuard.Take(config.Socket, config.Journal.Path);
            await using var journal = SqliteJournal.Open(config.Journal.Path, surroundings.Clock, NullLogger.Instance);
            // Without an outcome: what the kernel keeps all the same, the next guard takes out of it (Recovery).
            journal.Append([.. lifted.Select(ban => new Unban(0, now, ban.Subject, Operator.Rule, "freed by hand while no guard ran"))]);
        }

        return [.. bans.Select(ban => new FreedReport(
            $"{Where}, journal", ban.Subject, ban.Time, $"{ban.Rule}: {ban.Reason}", !lifted.Contains(ban) ? "left" : dryRun ? "would_lift" : "lifted",
            lifted.Contains(ban) ? "" : $"to free all of {ban.Subject}, name it", $"ringfence free {ban.Subject}"))];
    }
}
