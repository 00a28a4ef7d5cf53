using System.Text.Json.Serialization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;

namespace Ringfence.Commands;

/// <summary>What <c>init</c> found and did, as JSON: docs/json.md.</summary>
/// <param name="AsteriskVersion">null if no Asterisk was running.</param>
/// <param name="Nft">null if there is none.</param>
/// <param name="Written">false with --dry-run.</param>
/// <param name="Backup">Where the old file is kept; null if there was none.</param>
/// <param name="AmiFile">Where the manager's user was written; null: nowhere.</param>
/// <param name="Rehearsal">null if there was no log to replay.</param>
/// <param name="Doors">Other doors that were found, each with what is read.</param>
/// <param name="Fail2ban">Jail by jail what was taken over; null: it was not asked for.</param>
internal sealed record InitReport(
    string AsteriskDirectory,
    string? AsteriskVersion,
    IReadOnlyList<LogReport> Logs,
    IReadOnlyList<TrunkReport> Trunks,
    IReadOnlyList<string> Networks,
    IReadOnlyList<string> SshPeers,
    string? Nft,
    IReadOnlyList<string> Fail2banJails,
    IReadOnlyList<string> Advice,
    string Output,
    bool Written,
    string? Backup,
    string? AmiFile,
    RehearsalReport? Rehearsal,
    IReadOnlyList<string> Doors,
    IReadOnlyList<Core.Fail2ban.Fail2banItem>? Fail2ban)
{
    /// <summary>Whether Asterisk tells of every SIP message: "absent", "off", "own", "other" as it was found; null: nobody looked.</summary>
    public string? Hep { get; init; }

    /// <summary>Asterisk's files that were written, or with --dry-run would be.</summary>
    public IReadOnlyList<string> AsteriskFiles { get; init; } = [];

    public static InitReport From(MachineSurvey survey, string output, bool written, string? backup, string? amiFile, RehearsalReport? rehearsal, HepSetup? hep) => new(
        survey.AsteriskDirectory,
        survey.AsteriskVersion,
        [.. survey.Logs.Watch.Select(log => new LogReport(log.Path, LogReport.RankName(log.Rank)))],
        [.. survey.Trunks.Hosts.Select(host => new TrunkReport(host.Network?.ToString() ?? host.Name!, host.Origin))],
        [.. survey.Own.Select(own => own.Network.ToString()).Distinct()],
        [.. survey.SshPeers.Select(peer => peer.ToString())],
        survey.Nft,
        survey.Fail2banJails,
        FirstConfig.Advice(survey),
        output,
        written,
        backup,
        amiFile,
        rehearsal,
        [.. survey.Doors.Select(door => $"{door.Name}: {(door.Journal is null ? string.Join(", ", door.Logs) : "systemd's journal")}")],
        survey.Fail2ban?.Items)
    {
        Hep = survey.Hep?.State switch
        {
            Core.Pbx.HepState.Absent => "absent",
            Core.Pbx.HepState.Off => "off",
            Core.Pbx.HepState.Own => "own",
            Core.Pbx.HepState.Other => "other",
            null => null,
            _ => throw new System.Diagnostics.UnreachableException(),
        },
        AsteriskFiles = [.. hep?.Files.Select(file => file.Path) ?? []],
    };
}

/// <param name="Rank">"security_json", "security", "notice_only", "notice_json" or "mixed".</param>
internal sealed record LogReport(string Path, string Rank)
{
    public static string RankName(Core.Pbx.LogRank rank) => rank switch
    {
        Core.Pbx.LogRank.SecurityJson => "security_json",
        Core.Pbx.LogRank.Security => "security",
        Core.Pbx.LogRank.NoticeOnly => "notice_only",
        Core.Pbx.LogRank.NoticeJson => "notice_json",
        Core.Pbx.LogRank.Mixed => "mixed",
        Core.Pbx.LogRank.Useless => "useless",
        _ => throw new ArgumentOutOfRangeException(nameof(rank), rank, "not a rank"),
    };
}

internal sealed record TrunkReport(string Host, string Origin);

/// <summary>Whom the new configuration would have banned, by the logs that are there.</summary>
/// <param name="Banned">Most bans first.</param>
internal sealed record RehearsalReport(IReadOnlyList<string> Logs, int Bans, IReadOnlyList<RehearsedBan> Banned, IReadOnlyList<RehearsedSpare> Spared)
{
    public static RehearsalReport From(IReadOnlyList<string> logs, IReadOnlyList<Decision> decisions)
    {
        var bans = decisions.OfType<Ban>().Where(ban => !ban.Throttles).ToList();
        return new RehearsalReport(
            logs,
            bans.Count,
            [.. bans.GroupBy(ban => ban.Subject).Select(group => new RehearsedBan(group.Key.ToString(), group.Count(), group.First().Time, group.First().Rule, group.First().Reason))
                .OrderByDescending(ban => ban.Bans).ThenBy(ban => ban.First)],
            [.. decisions.OfType<Spare>().GroupBy(spare => spare.Subject).Select(group => new RehearsedSpare(group.Key.ToString(), group.First().Trust, group.First().Reason))]);
    }
}

/// <param name="First">Time of the first ban; <paramref name="Rule"/> and <paramref name="Reason"/> are that ban's.</param>
internal sealed record RehearsedBan(string Subject, int Bans, DateTimeOffset First, string Rule, string Reason);

internal sealed record RehearsedSpare(string Subject, string Trust, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(InitReport))]
internal sealed partial class InitJson : JsonSerializerContext;
