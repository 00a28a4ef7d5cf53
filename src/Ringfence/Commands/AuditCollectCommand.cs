using System.CommandLine;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence audit collect</c>: this machine's PBX as one file, to be audited on another.</summary>
internal static class AuditCollectCommand
{
    public static Command Build()
    {
        var path = new Argument<string>("file") { Description = "The archive that is made, a .tar.gz; there may be none of that name yet.", HelpName = "FILE" };
        var config = ConfigOption.Create();
        var verb = new Verb("collect", "Pack what an audit of this machine's PBX looks at into one file, to be audited elsewhere: Asterisk's directory, what else the rules read, and what the machine says of itself. Passwords and keys are in it as they are.")
        {
            Examples =
            [
                ("ringfence audit collect pbx7.tar.gz", "on the PBX, as root; then, on another machine: ringfence audit pbx7.tar.gz"),
            ],
        };
        verb.Add(path);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var file = parsed.GetRequiredValue(path);
            if (!file.EndsWith(".tar.gz", StringComparison.Ordinal) && !file.EndsWith(".tgz", StringComparison.Ordinal))
            {
                throw new MistakeException($"{file}: expected a name that ends in .tar.gz");
            }

            var made = await AuditArchive.WriteAsync(file, surroundings.ReadConfigToAsk(parsed.GetValue(config)).AsteriskDirectory, surroundings.Clock, stop);
            var screen = new Screen(surroundings);
            foreach (var left in made.Left)
            {
                screen.Note($"ringfence: left out: {left}");
            }

            screen.Line($"{file}: {Words.Count(made.Files, "file")} and {Words.Count(made.Facts, "fact")} of this machine.");
            screen.Line("The passwords and keys of the PBX are in it as they are. Only you can read it (mode 0600): keep it so, and remove it when the audit is done.");
            return ExitCode.Fine;
        });
    }
}
