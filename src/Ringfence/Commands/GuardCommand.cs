using System.CommandLine;
using System.Runtime.InteropServices;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Daemon;
using Ringfence.Notifiers;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence guard</c>: the daemon, in the foreground.</summary>
internal static class GuardCommand
{
    public static Command Build()
    {
        var config = ConfigOption.Create();
        var enforce = new Option<bool>("--enforce") { Description = "Ban, whatever observe says in the configuration; exit with code 3 where that can't be done, in place of observing." };
        var observe = new Option<bool>("--observe") { Description = "Decide and show, ban nobody." };
        var check = new Option<bool>("--check") { Description = "Read the configuration, say every mistake in it with file and line (exit code 2), and start nothing." };
        var verb = new Verb("guard", "Watch, detect, decide and ban: the daemon, in the foreground (systemd runs this). Bans unless the configuration or --observe says otherwise, or it can't; then it observes and says so.")
        {
            Examples =
            [
                ("ringfence guard --observe", "show what would be banned, ban nobody"),
                ("ringfence guard", "ban"),
                ("ringfence guard --enforce", "ban, and fail rather than only watch"),
                ("ringfence guard --check", "before a restart: is the changed configuration right?"),
                ("ringfence guard --config ./ringfence.conf", "with another configuration"),
            ],
        };
        verb.Add(config);
        verb.Add(enforce);
        verb.Add(observe);
        verb.Add(check);
        verb.Checks(result =>
        {
            if (result.GetValue(enforce) && result.GetValue(observe))
            {
                result.AddError("--enforce and --observe exclude each other.");
            }
        });
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(config) ?? ConfigOption.DefaultPath);
            var file = new ReadFile(path);
            var settings = surroundings.ReadConfig(parsed.GetValue(config));
            if (parsed.GetValue(check))
            {
                CheckFiles(settings.Calls, path);
                new Screen(surroundings).Line($"No mistake in the configuration. A guard reads it when it starts: {GuardProcess.Restart(surroundings.FindGuard())}");
                Notes(settings).ToList().ForEach(note => new Screen(surroundings).Line(new Span("  ! ", Tone.Warning), note));
                return ExitCode.Fine;
            }

            // systemd takes a death by SIGHUP for a clean end and starts nothing again: a `kill -HUP` to have the configuration read would leave nobody guarding. A terminal that is closed ends its guard as ever.
            using var reload = !Console.IsInputRedirected ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                new Screen(surroundings).Note($"SIGHUP: nothing is read again, and the guard goes on. A changed configuration it reads when it starts: {GuardProcess.Restart(surroundings.FindGuard())}");
            });
            using var alone = OneGuard.Take(settings.Socket, settings.Journal.Path);
            return await Guard.RunAsync(new GuardOptions(settings, parsed.GetValue(enforce), parsed.GetValue(observe)) { File = file }, surroundings, stop);
        });
    }

    // A guard that starts goes on without them; who asks before is told.
    private static void CheckFiles(CallSettings calls, string path)
    {
        List<(string Key, string File, Action Read)> files =
        [
            .. calls.Deck is { } deck ? [("deck", deck, () => DeckFile.Read(deck))] : Array.Empty<(string, string, Action)>(),
            .. calls.Listed.Select(static list => ("listed", list, (Action)(() => NumberFiles.Read([list])))),
        ];
        List<string> mistakes = [];
        foreach (var (key, file, read) in files)
        {
            try
            {
                read();
            }
            catch (WorldFailedException problem)
            {
                mistakes.Add($"{PlaceOf(path, key, file)}: {key}: {problem.Message}");
            }
        }

        if (mistakes.Count > 0)
        {
            throw new MistakeException(string.Join('\n', mistakes));
        }
    }

    // Read once more: settings do not keep where they stood.
    private static Core.Pbx.Place PlaceOf(string path, string key, string value)
    {
        var directory = Path.GetDirectoryName(path)!;
        var settings = Core.Pbx.AsteriskConfig.Read(Path.GetFileName(path), directory, new ConfigDirectory()).Sections.Where(static section => section.Name == CallKeys.Section).SelectMany(static section => section.Settings);
        return settings.LastOrDefault(setting => setting.Name == key && setting.Value.Contains(value, StringComparison.Ordinal)) is { } found
            ? found.Place with { File = Path.GetFullPath(found.Place.File, directory) }
            : new Core.Pbx.Place(path, 0);
    }

    // No mistakes: what is not there now may come, a log with its first line.
    private static IEnumerable<string> Notes(RingfenceConfig settings)
    {
        if (DeckFile.ReadAll(settings.Calls.Deck).Unread is { } badRows)
        {
            yield return badRows;
        }

        foreach (var log in settings.Logs.Where(log => !File.Exists(log)))
        {
            yield return $"{log} is not there: is it what logger.conf names?";
        }

        foreach (var door in settings.Doors)
        {
            foreach (var log in door.Logs.Where(log => !File.Exists(log)))
            {
                yield return $"[door {door.Name}]: {log} is not there";
            }
        }

        foreach (var notifier in settings.Notify.Notifiers.Where(notifier => notifier is { Kind: NotifierKind.Mail, Server: null } && !File.Exists(SendmailMail.Program)))
        {
            yield return $"[notify {notifier.Name}]: {SendmailMail.Program} is not there: install a mail server, or name one (server = HOST)";
        }
    }
}
