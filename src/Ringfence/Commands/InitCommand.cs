using System.CommandLine;
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
                throw new MistakeException($"{path} exists already: --force replaces it, with whatever you changed in it, and keeps the old one beside it; --dry-run shows the new one{(parsed.GetResult(fail2ban) is null ? "" : ", and what it would take over")}; --output FILE writes another");
            }

            var survey = await look(directory, surroundings, stop);
            if (!survey.HasAsterisk && survey.AsteriskVersion is null && !isDry && parsed.GetResult(output) is not { Implicit: false })
            {
                throw new WorldFailedException(
                    $"no Asterisk found: {directory} holds no configuration; name its directory with --asterisk DIR, or write a file all the same with --output {path}");
            }

            // Whatever can be refused is refused before the first file is touched.
            var hep = parsed.GetValue(writeHep) ? HepSetup.Plan(survey, new ConfigDirectory()) : null;
            var manager = parsed.GetValue(writeAmi) ? ManagerSetup.Plan(survey) : null;
            survey = survey with { Manager = manager?.Account ?? (survey.Manager is { } found ? ManagerSetup.WithSecret(found) : null) };
            if (parsed.GetResult(fail2ban) is not null)
            {
                survey = survey with { Fail2ban = TakeOver(parsed.GetValue(fail2ban)) };
            }

            var password = hep?.Password ?? (survey.Hep is { State: HepState.Own } told ? told.Password : null);
            var text = adds ? Added(Read(path), hep, manager) : FirstConfig.Text(survey, password);
            string? amiFile = null;
            string? backup = null;
            IReadOnlyList<string>? kept = null;
            if (!isDry)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                amiFile = manager?.Write(surroundings.Clock);
                kept = hep?.Write(directory, surroundings.Clock);
                backup = Write(path, text, surroundings.Clock);
            }

            var rehearsal = adds ? null : RunRehearsal(rehearse, survey, path, text, surroundings, stop);
            var report = InitReport.From(survey, path, !isDry, backup, amiFile, rehearsal, hep) with
            {
                // Nobody is told to do what he is doing.
                Advice = FirstConfig.Advice(hep is not null && survey.Hep is { } before ? survey with { Hep = before with { State = HepState.Own } } : survey),
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
                    InitOutput.PrintAdded(report, hep, manager, surroundings.FindGuard(), screen);
                }
                else
                {
                    InitOutput.Print(report, manager, isDry ? text : null, survey.Phones is not null, survey.HasAsterisk, screen);
                }

                InitOutput.Print(hep, kept, screen);
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
    private static string Added(string text, HepSetup? hep, ManagerSetup? setup)
    {
        if (hep is not null)
        {
            text = ConfigEdit.Set(text, "hep", [("listen", HepConf.Address), ("password", hep.Password)]);
        }

        if (setup?.Account is { } manager)
        {
            (string, string)[] settings = [("user", ManagerAccount.Name), ("secret", manager.Secret ?? "")];
            text = ConfigEdit.Set(text, "ami", manager.Address.Equals(RingfenceConfig.Default.Ami.Manager) ? settings : [.. settings, ("manager", manager.Address.ToString())]);
        }

        return text;
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
        var backup = File.Exists(path) ? KeptCopy.Of(path, clock) : null;
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
}
