using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Fail2ban;
using Ringfence.Core.Pbx;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>Decides by a configuration what was to be done about logs that are already written, as replay does.</summary>
/// <param name="logs">Existing files.</param>
/// <returns>In the order of their times.</returns>
internal delegate IReadOnlyList<Decision> Rehearse(
    RingfenceConfig config, IReadOnlyList<string> logs, TrustList trust, Surroundings surroundings, CancellationToken stop);

/// <summary><c>ringfence init</c>: looks at the machine, writes ringfence.conf, says whom it would have banned.</summary>
internal static class InitCommand
{
    private const int ShownBans = 10;

    /// <param name="rehearse">null: nothing is replayed.</param>
    /// <param name="sshPeers">From where somebody is logged in by ssh.</param>
    public static Command Build(Rehearse? rehearse, Func<IEnumerable<Address>> sshPeers) => Build(
        rehearse, (directory, surroundings, stop) => MachineLook.SurveyAsync(directory, new ConfigDirectory(), sshPeers(), surroundings.Clock, stop));

    /// <param name="look">Looks at the machine, with Asterisk's configuration directory given; tests have their own.</param>
    public static Command Build(Rehearse? rehearse, Func<string, Surroundings, CancellationToken, Task<MachineSurvey>> look)
    {
        var asterisk = new Option<string>("--asterisk")
        {
            Description = "Asterisk's configuration directory.",
            HelpName = "DIR",
            DefaultValueFactory = _ => RingfenceConfig.Default.AsteriskDirectory,
        };
        var output = new Option<string>("--output")
        {
            Description = "Write the configuration here.",
            HelpName = "FILE",
            DefaultValueFactory = _ => ConfigOption.DefaultPath,
        };
        var force = new Option<bool>("--force") { Description = "Replace an existing file; the old one is kept beside it." };
        var writeAmi = new Option<bool>("--write-ami") { Description = "Add a user for Ringfence to Asterisk's manager.conf (manager_custom.conf on a FreePBX); the old file is kept beside it." };
        var writeHep = new Option<bool>("--write-hep") { Description = "Let Asterisk tell of every SIP message: write hep.conf, load its modules, and set [hep]. What was there is kept beside." };
        var fail2ban = new Option<string?>("--from-fail2ban")
        {
            Description = "Take over fail2ban's jails, from /etc/fail2ban or this directory: what is, and what is not and why, is said jail by jail.",
            HelpName = "DIR",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var dryRun = SharedOptions.DryRun();
        var json = SharedOptions.Json();
        var verb = new Verb("init", "Look at this machine, write ringfence.conf, and say whom it would have banned.")
        {
            Examples =
            [
                ("ringfence init", "write /etc/ringfence/ringfence.conf"),
                ("ringfence init --dry-run", "show what would be written"),
                ("ringfence init --write-ami", "also let Ringfence listen to Asterisk's manager interface"),
                ("ringfence init --write-hep", "and let Asterisk tell of every SIP message"),
                ("ringfence init --from-fail2ban", "take over jails, ignoreip and times of /etc/fail2ban"),
                ("ringfence init --asterisk /opt/asterisk/etc --force", "begin again; the old file is kept"),
            ],
        };
        verb.Add(asterisk);
        verb.Add(output);
        verb.Add(force);
        verb.Add(writeAmi);
        verb.Add(writeHep);
        verb.Add(fail2ban);
        verb.Add(dryRun);
        verb.Add(json);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var directory = Path.GetFullPath(parsed.GetRequiredValue(asterisk));
            if (parsed.GetResult(asterisk) is { Implicit: false } && !Directory.Exists(directory))
            {
                throw new MistakeException($"--asterisk {directory}: expected a directory");
            }

            var path = Path.GetFullPath(parsed.GetRequiredValue(output));
            var isDry = parsed.GetValue(dryRun);
            if (Directory.Exists(path))
            {
                throw new MistakeException($"--output {path}: expected a file, not a directory");
            }

            var isThere = File.Exists(path);
            var adds = isThere && !parsed.GetValue(force) && (parsed.GetValue(writeHep) || parsed.GetValue(writeAmi)) && parsed.GetResult(fail2ban) is null;
            if (!isDry && isThere && !parsed.GetValue(force) && !adds)
            {
                throw new MistakeException($"{path} exists already: --force replaces it, with whatever you changed in it, and keeps the old one beside it; --dry-run shows the new one");
            }

            var survey = await look(directory, surroundings, stop);
            if (!survey.HasAsterisk && survey.AsteriskVersion is null && !isDry && parsed.GetResult(output) is not { Implicit: false })
            {
                throw new WorldFailedException(
                    $"no Asterisk found: {directory} holds no configuration; name its directory with --asterisk DIR, or write a file all the same with --output {path}");
            }

            if (parsed.GetValue(writeAmi) && survey.Manager is null)
            {
                throw new MistakeException($"--write-ami: there is no {directory}/manager.conf");
            }

            var hep = parsed.GetValue(writeHep) ? HepSetup.Plan(survey, new ConfigDirectory()) : null;
            string? amiFile = null;
            if (survey.Manager is { Exists: false } manager)
            {
                manager = manager with { Secret = RandomNumberGenerator.GetHexString(32, lowercase: true) };
                if (parsed.GetValue(writeAmi) && !isDry)
                {
                    AddUser(manager, surroundings.Clock);
                    amiFile = manager.File;
                    manager = manager with { Exists = true, HearsSecurity = true };
                }

                survey = survey with { Manager = manager };
            }

            if (parsed.GetResult(fail2ban) is not null)
            {
                survey = survey with { Fail2ban = TakeOver(parsed.GetValue(fail2ban)) };
            }

            var password = hep?.Password ?? (survey.Hep is { State: HepState.Own } told ? told.Password : null);
            var text = adds ? Added(Read(path), survey, hep, parsed.GetValue(writeAmi)) : FirstConfig.Text(survey, password);
            var kept = isDry ? null : hep?.Write(directory, surroundings.Clock);
            var backup = isDry ? null : Write(path, text, surroundings.Clock);
            var rehearsal = adds ? null : RunRehearsal(rehearse, survey, path, text, surroundings, stop);
            var report = InitReport.From(survey, path, !isDry, backup, amiFile, rehearsal, hep) with
            {
                // Nobody is told to do what he is doing.
                Advice = FirstConfig.Advice(hep is not null && survey.Hep is { } found ? survey with { Hep = found with { State = HepState.Own } } : survey),
            };
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, InitJson.Default.InitReport);
            }
            else
            {
                if (adds)
                {
                    PrintAdded(report, hep, parsed.GetValue(writeAmi), screen);
                }
                else
                {
                    Print(report, isDry ? text : null, survey.Phones is not null, screen);
                }

                Print(hep, kept, screen);
            }

            return ExitCode.Fine;
        });
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new MistakeException($"{path} is not UTF-8, and would not stay as it is: set the section by hand, or --force");
        }
    }

    // What its owner wrote into the rest of it stays.
    private static string Added(string text, MachineSurvey survey, HepSetup? hep, bool withManager)
    {
        if (hep is not null)
        {
            text = ConfigEdit.Set(text, "hep", [("listen", HepConf.Address), ("password", hep.Password)]);
        }

        if (withManager && survey.Manager is { } manager)
        {
            (string, string)[] settings = [("user", ManagerAccount.Name), ("secret", manager.Secret ?? "")];
            text = ConfigEdit.Set(text, "ami", manager.Address.Equals(RingfenceConfig.Default.Ami.Manager) ? settings : [.. settings, ("manager", manager.Address.ToString())]);
        }

        return text;
    }

    private static void PrintAdded(InitReport report, HepSetup? hep, bool withManager, Screen screen)
    {
        var sections = string.Join(" and ", ((string[])[hep is null ? "" : "[hep]", withManager ? "[ami]" : ""]).Where(section => section.Length > 0));
        screen.Line(report.Backup is { } backup
            ? $"Set {sections} in {report.Output} and left the rest of it as it was; the old one is {backup}"
            : $"Would set {sections} in {report.Output}, and leave the rest of it as it is");
        PrintUser(report, screen);
        if (report.Written)
        {
            screen.Line("The guard reads it when it starts: systemctl restart ringfence");
        }
    }

    private static void PrintUser(InitReport report, Screen screen)
    {
        if (report.AmiFile is { } amiFile)
        {
            screen.Line($"Added the user {ManagerAccount.Name} to {amiFile}; the old file is beside it. Asterisk reads it with: asterisk -rx \"manager reload\"");
        }
    }

    // To a file that is there: it keeps its owner, and Asterisk, which is not root, can read it.
    private static void AddUser(ManagerAccount manager, TimeProvider clock)
    {
        string old;
        try
        {
            old = File.ReadAllText(manager.File, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new MistakeException($"--write-ami: {manager.File} is not UTF-8, and would not stay as it is; add the section by hand (ringfence init shows it in ringfence.conf)");
        }

        var section = string.Join('\n', ManagerAccount.Section(manager.Secret!, manager.Address.Address));
        File.Copy(manager.File, $"{manager.File}.{clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}", overwrite: false);
        AtomicFile.WriteAllText(manager.File, $"{old.TrimEnd('\n')}\n\n; Written by `ringfence init`: may hear security events, and ask for nothing.\n{section}\n");
    }

    /// <exception cref="MistakeException">There is no fail2ban.</exception>
    private static Fail2banTakeover TakeOver(string? given)
    {
        var directory = Path.GetFullPath(given ?? "/etc/fail2ban");
        return Fail2banReader.Read(new ConfigDirectory(), directory)
            ?? throw new MistakeException($"--from-fail2ban {directory}: expected a directory with jail.conf or jail.local");
    }

    /// <returns>Where the old file is kept; null if there was none.</returns>
    private static string? Write(string path, string text, TimeProvider clock)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string? backup = null;
        if (File.Exists(path))
        {
            backup = $"{path}.{clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
            File.Copy(path, backup, overwrite: false);
        }

        AtomicFile.WriteAllText(path, text);
        if (backup is null)
        {
            SystemGroup.Give(path);
        }

        return backup;
    }

    private static RehearsalReport? RunRehearsal(
        Rehearse? rehearse, MachineSurvey survey, string path, string text, Surroundings surroundings, CancellationToken stop)
    {
        // Names are not looked up here: what they resolve to today says little of last month.
        var config = ConfigReader.Parse(Path.GetFileName(path), text).Config ?? RingfenceConfig.Default;
        var logs = survey.Logs.Watch.Select(log => log.Path).Concat(config.Doors.SelectMany(door => door.Logs)).Where(File.Exists).ToList();
        if (rehearse is null || logs.Count == 0)
        {
            return null;
        }

        var trust = new TrustList([.. TrustEntries.Of(survey), .. TrustEntries.Trunks(survey.Trunks, _ => [])]);
        return RehearsalReport.From(logs, rehearse(config, logs, trust, surroundings, stop));
    }

    // Asterisk may hold calls: when it is restarted is the operator's choice.
    private static void Print(HepSetup? hep, IReadOnlyList<string>? kept, Screen screen)
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

    private static void Print(InitReport report, string? text, bool knowsPhones, Screen screen)
    {
        screen.Line($"Asterisk {report.AsteriskVersion ?? "(not running)"}, configuration in {report.AsteriskDirectory}");
        foreach (var log in report.Logs)
        {
            screen.Line($"  log    {log.Path}  ({log.Rank.Replace('_', ' ')})");
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

        PrintUser(report, screen);
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
            var own = report.Output == ConfigOption.DefaultPath ? "" : $" --config {report.Output}";
            screen.Line($"Next: ringfence guard --observe{own} (bans nobody); then ringfence guard{own}, or the service: systemctl enable --now ringfence");
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
