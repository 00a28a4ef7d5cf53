using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>Prints what counts against whom, and was not enough yet.</summary>
internal static class WatchedOutput
{
    public static int Print(WatchedListReport report, Surroundings surroundings, bool asJson)
    {
        var screen = new Screen(surroundings);
        if (asJson)
        {
            screen.Json(report, ApiJson.Default.WatchedListReport);
        }
        else if (report.Watched.Count == 0)
        {
            screen.Note("Nobody is under watch.");
        }
        else
        {
            screen.Table(["Watched", "Last", "What"], [.. report.Watched.Select(watched => new Span[]
            {
                watched.Subject.ToString(),
                $"{Duration.Words(report.Now - watched.Last)} ago",
                $"{Words(watched)}{Accounts(watched)}",
            })]);
        }

        return ExitCode.Fine;
    }

    /// <returns>"3 of 5 wrong passwords within 10 min, the last 10 s ago, account 1002".</returns>
    public static string Sentence(WatchedReport watched, DateTimeOffset now) => $"{Words(watched)}, the last {Duration.Words(now - watched.Last)} ago{Accounts(watched)}";

    private static string Words(WatchedReport watched)
    {
        var count = watched.Enough is { } enough ? $"{watched.Count} of {enough}" : $"{watched.Count}";
        var what = (watched.Event, watched.Enough ?? watched.Count) switch
        {
            ("password_refused", > 1) => "wrong passwords",
            ("password_refused", _) => "wrong password",
            ("account_unknown", > 1) => "tries of accounts that do not exist",
            ("account_unknown", _) => "try of an account that does not exist",
            ("acl_refused", > 1) => "refusals by an access list",
            ("acl_refused", _) => "refusal by an access list",
            _ => watched.Event.Replace('_', ' '),
        };
        var door = watched.Door is { } name ? $" ({name})" : "";
        return $"{count} {what}{door} within {Duration.Words(TimeSpan.FromSeconds(watched.WithinSeconds))}";
    }

    private static string Accounts(WatchedReport watched) => watched.Accounts.Count switch
    {
        0 => "",
        1 => $", account {watched.Accounts[0]}",
        _ => $", accounts {string.Join(", ", watched.Accounts)}",
    };
}
