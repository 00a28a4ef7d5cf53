using Ringfence.Api;
using Ringfence.Core.Pbx;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>What <c>init</c> found and did, for people.</summary>
internal static class InitOutput
{
    private const int ShownBans = 10;

    public static void PrintAdded(InitReport report, HepSetup? hep, ManagerSetup? manager, GuardProcess? guard, Screen screen)
    {
        var sections = string.Join(" and ", ((string[])[hep is null ? "" : "[hep]", manager is null ? "" : "[ami]"]).Where(section => section.Length > 0));
        screen.Line(report.Backup is { } backup
            ? $"Set {sections} in {report.Output} and left the rest of it as it was; the old one is {backup}"
            : $"Would set {sections} in {report.Output}, and leave the rest of it as it is");
        PrintUser(report, manager, screen);
        if (report.Written)
        {
            screen.Line($"The guard reads it when it starts: {GuardProcess.Restart(guard)}");
        }
    }

    private static void PrintUser(InitReport report, ManagerSetup? manager, Screen screen)
    {
        if (report.AmiFile is { } amiFile)
        {
            screen.Line($"Added the user {ManagerAccount.Name} to {amiFile}; the old file is beside it. Asterisk reads it with: asterisk -rx \"manager reload\"");
        }
        else if (manager is { Text: not null })
        {
            screen.Line($"Would add the user {ManagerAccount.Name} to {manager.Account.File}");
        }
    }

    // Asterisk may hold calls: when it is restarted is the operator's choice.
    public static void Print(HepSetup? hep, IReadOnlyList<string>? kept, Screen screen)
    {
        if (hep is null)
        {
            return;
        }

        foreach (var (path, text) in hep.Files)
        {
            screen.Line($"{(kept is null ? "Would write" : "Wrote")} {path}{(kept is null ? ":" : "")}");
            foreach (var line in kept is null ? text.TrimEnd('\n').Split('\n') : [])
            {
                // The password is another one when it is written.
                screen.Verbatim("  " + (line.StartsWith("capture_password", StringComparison.Ordinal) ? "capture_password = (a new one)" : line));
            }
        }

        foreach (var backup in kept ?? [])
        {
            screen.Line($"  the old one is {backup}");
        }

        screen.Line(hep.Files.Count == 0 ? "Asterisk tells Ringfence of every SIP message already."
            : kept is null ? "" : "Restart Asterisk when it holds no call (asterisk -rx \"core restart gracefully\"): from then on it tells of every SIP message.");
    }

    public static void Print(InitReport report, ManagerSetup? manager, string? text, bool knowsPhones, bool hasAsterisk, Screen screen)
    {
        screen.Line($"Asterisk {report.AsteriskVersion ?? "(not running)"}, {(hasAsterisk ? "configuration in" : "no configuration in")} {report.AsteriskDirectory}");
        foreach (var log in report.Logs)
        {
            screen.Line($"  log    {log.Path}  ({log.Rank.Replace('_', ' ')})", new Span(File.Exists(log.Path) ? "" : "  ! not there", Tone.Warning));
        }

        foreach (var door in report.Doors)
        {
            screen.Line($"  door   {door}");
        }

        if (report.Fail2ban is { } taken && taken.Any(item => item.IsTaken))
        {
            screen.Line(new Span("  ! ", Tone.Warning), "once Ringfence bans, turn off the jails that it took over: enabled = false in jail.local, then fail2ban-client reload; else two programs ban, and free must ask both");
        }

        foreach (var item in report.Fail2ban ?? [])
        {
            screen.Line($"  fail2ban  {item.Subject}", new Span(item.IsTaken ? "  taken over" : "  NOT taken over", item.IsTaken ? Tone.Good : Tone.Warning));
            foreach (var note in item.Notes)
            {
                screen.Line($"      {note}");
            }
        }

        foreach (var trunk in report.Trunks)
        {
            screen.Line($"  trusts {trunk.Host}  ({trunk.Origin})");
        }

        foreach (var peer in report.SshPeers)
        {
            screen.Line($"  trusts {peer}  (ssh session)");
        }

        foreach (var advice in report.Advice)
        {
            screen.Line(new Span("  ! ", Tone.Warning), advice);
        }

        if (text is not null)
        {
            screen.Line($"Would write {report.Output}:");
            foreach (var line in text.TrimEnd('\n').Split('\n'))
            {
                screen.Verbatim("  " + WithoutSecret(line));
            }
        }
        else
        {
            screen.Line(report.Backup is { } backup ? $"Wrote {report.Output}; the old one is {backup}" : $"Wrote {report.Output}");
        }

        PrintUser(report, manager, screen);
        if (report.Rehearsal is { } rehearsal)
        {
            Print(rehearsal, screen);
            if (rehearsal.Bans > 0 && !knowsPhones)
            {
                screen.Line("Registered phones stand in no log: guard asks Asterisk for them, and would spare them.");
            }
        }
        else if (report.Logs.Count > 0)
        {
            screen.Line("None of the logs was there to replay.");
        }

        if (text is null)
        {
            // The service reads the default place, and no other.
            screen.Line(report.Output == ConfigOption.DefaultPath
                ? "Next: ringfence guard --observe (bans nobody); then ringfence guard, or the service: systemctl enable --now ringfence"
                : $"Next: ringfence guard --observe --config {report.Output} (bans nobody); then ringfence guard --config {report.Output}. The service reads {ConfigOption.DefaultPath}");
        }
    }

    // A terminal is recorded, and what a dry run shows is pasted into tickets.
    private static string WithoutSecret(string line) =>
        line.StartsWith("password = ", StringComparison.Ordinal) ? "password = (as in hep.conf)"
        : line.IndexOf("secret = ", StringComparison.Ordinal) is var at and >= 0 && line[..at].Trim(';', ' ').Length == 0 ? $"{line[..at]}secret = (as in manager.conf)"
        : line;

    private static void Print(RehearsalReport rehearsal, Screen screen)
    {
        screen.Line($"By the logs that are there it would have banned {Words.Count(rehearsal.Banned.Count, "address")}, {Words.Count(rehearsal.Bans, "time")}, and spared {rehearsal.Spared.Count} trusted.");
        foreach (var ban in rehearsal.Banned.Take(ShownBans))
        {
            screen.Line(new Span($"  {ban.Subject,-24}", Tone.Bad), $"  {screen.Time(ban.First)}  {ban.Rule}: {ban.Reason}{(ban.Bans > 1 ? $" ({ban.Bans} bans)" : "")}");
        }

        if (rehearsal.Banned.Count > ShownBans)
        {
            screen.Line($"  and {rehearsal.Banned.Count - ShownBans} more: ringfence replay {string.Join(' ', rehearsal.Logs)}");
        }

        foreach (var spare in rehearsal.Spared.Take(ShownBans))
        {
            screen.Line(new Span($"  {spare.Subject,-24}", Tone.Warning), $"  spared as {spare.Trust}: {spare.Reason}");
        }
    }
}
