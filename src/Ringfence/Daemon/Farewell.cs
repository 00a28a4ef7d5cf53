using Ringfence.Core.Decisions;
using Ringfence.Enforcement;
using Ringfence.Output;

namespace Ringfence.Daemon;

/// <summary>The guard's last line: that nobody guards any more, and what the kernel goes on doing.</summary>
internal static class Farewell
{
    /// <param name="bans">Those in force, with what became of each.</param>
    public static string Text(IEnumerable<(Ban Ban, OutcomeKind? Outcome)> bans, FirewallStatus firewall, Screen screen)
    {
        if (firewall.Mode == "observe")
        {
            return firewall.Elements == 0
                ? "ringfence ended; it banned nobody"
                : $"ringfence ended; it banned nobody, and {Words.Count(firewall.Elements, "ban")} of an earlier enforcing guard still {(firewall.Elements == 1 ? "blocks" : "block")}: ringfence bans";
        }

        var standing = bans.Where(ban => ban.Outcome == OutcomeKind.Enforced).Select(ban => ban.Ban).ToList();
        if (standing.Count == 0)
        {
            return "ringfence ended: nobody is guarded any more, and nobody is banned";
        }

        var banned = standing.Count(ban => !ban.Throttles);
        var throttled = standing.Count - banned;
        var what = throttled == 0 ? Words.Count(banned, "ban") : banned == 0 ? Words.Count(throttled, "throttle") : $"{Words.Count(banned, "ban")} and {Words.Count(throttled, "throttle")}";
        var end = standing.Exists(ban => ban.Until is null) ? "for ever, or until it is lifted" : $"until {screen.Time(standing.Max(ban => ban.Until!.Value))}";
        return $"ringfence ended: nobody is guarded any more. The kernel holds {what}, {(standing.Count == 1 ? "" : "the last ")}{end}: ringfence bans lists them, ringfence free ADDRESS lifts one";
    }
}
