using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Ringfence.Core.Configuration;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>From arguments to an exit code.</summary>
internal static class CommandLine
{
    /// <param name="verbs">Name and maker of each verb, in the order of the help.</param>
    public static async Task<int> RunAsync(
        string[] args, IReadOnlyList<(string Name, Func<Command> Build)> verbs, Surroundings surroundings, CancellationToken stop)
    {
        // "ringfence" and "ringfence help [VERB...]", as people try them.
        args = args switch
        {
            [] or ["help"] => ["--help"],
            ["help", .. var about] => [.. about, "--help"],
            _ => args,
        };
        if (args is [var name, ..] && name.Length > 0 && name[0] is not ('-' or '[') && !verbs.Any(verb => verb.Name == name))
        {
            var near = NearestName.Of(name, verbs.Select(verb => verb.Name)) is { } meant ? $"; did you mean {meant}?" : "";
            await surroundings.Error.WriteLineAsync($"ringfence: {Terminal.SafeLines(name)}: no such verb{near}");
            await surroundings.Error.WriteLineAsync($"Verbs: {string.Join(", ", verbs.Select(verb => verb.Name))}. Try: ringfence --help");
            return ExitCode.Mistake;
        }

        // An argument that begins with @ is text here (a reason, a file's name), not a file to read arguments from.
        var parsed = Root(args, verbs).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not ParseErrorAction)
        {
            return await parsed.InvokeAsync(surroundings, stop);
        }

        var command = parsed.CommandResult.Command;
        if (command is Verb { Subcommands.Count: > 0, Arguments.Count: 0 } of && (command.Action is null || parsed.UnmatchedTokens.Count > 0) && parsed.UnmatchedTokens is var rest && (rest.Count == 0 || rest[0] is not ['-', ..]))
        {
            var below = of.Subcommands.Select(static verb => verb.Name);
            var near = rest.Count > 0 && NearestName.Of(rest[0], below) is { } meant ? $"; did you mean {of.Name} {meant}?" : "";
            await surroundings.Error.WriteLineAsync($"ringfence: {of.Name}{(rest.Count > 0 ? $" {Terminal.SafeLines(rest[0])}: no such verb{near}" : ": expected a verb behind it")}");
            await surroundings.Error.WriteLineAsync($"Verbs: {string.Join(", ", below)}. Try: ringfence {of.Name} --help");
            return ExitCode.Mistake;
        }

        foreach (var error in parsed.Errors)
        {
            // "... as expected type 'System.Nullable`1[System.Int32]'": what has a type of its own and no parser is a number.
            var message = error.Message.Split(" as expected type ") is [var what, _] ? $"{what}: expected a number" : error.Message;
            await surroundings.Error.WriteLineAsync($"ringfence: {Terminal.SafeLines(message.Replace("\t", "  ", StringComparison.Ordinal))}");
        }

        foreach (var meant in Meant(args, [.. command.Options, .. parsed.RootCommandResult.Command.Options.Where(static option => option.Recursive)]))
        {
            await surroundings.Error.WriteLineAsync(meant);
        }

        await surroundings.Error.WriteLineAsync(command is Verb
            ? $"Try: ringfence {(parsed.CommandResult.Parent is CommandResult { Command: Verb over } ? $"{over.Name} " : "")}{command.Name} --help"
            : $"Verbs: {string.Join(", ", verbs.Select(verb => verb.Name))}. Try: ringfence --help");
        return ExitCode.Mistake;
    }

    // A verb that takes an address or a file takes a misspelt option for it: the arguments are what was typed.
    private static IEnumerable<string> Meant(string[] args, List<Option> options) => args
        .Where(static arg => arg.StartsWith("--", StringComparison.Ordinal))
        .Select(static arg => arg.Split('=', ':')[0])
        .Where(name => !options.Exists(option => option.Name == name || option.Aliases.Contains(name)))
        .Select(name => (Name: name, Near: NearestName.Of(name[2..], options.Select(static option => option.Name[2..].Replace('-', '_')))))
        .Where(static pair => pair.Near is not null)
        .Select(static pair => $"{Terminal.SafeLines(pair.Name)}: did you mean --{pair.Near!.Replace('_', '-')}?");

    // replay is compared with grep as a whole process: only the verb that was asked for is built.
    private static RootCommand Root(string[] args, IReadOnlyList<(string Name, Func<Command> Build)> verbs)
    {
        var root = new RootCommand("Ringfence keeps an Asterisk or FreePBX system from being broken into.");
        var chosen = args.Length == 0 ? [] : verbs.Where(verb => string.Equals(verb.Name, args[0], StringComparison.Ordinal)).ToList();
        foreach (var verb in chosen.Count == 1 ? chosen : verbs)
        {
            root.Add(verb.Build());
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            // "audit [<path>] dialplan [<path>]": it may stand at either place, and is told once.
            foreach (var argument in parseResult.CommandResult.Parent is CommandResult { Command: Verb over } ? over.Arguments : [])
            {
                argument.Hidden = true;
            }

            help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is not Verb verb)
            {
                return ExitCode.Fine;
            }

            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            var width = verb.Examples.Max(example => example.CommandLine.Length);
            foreach (var (commandLine, meaning) in verb.Examples)
            {
                output.WriteLine($"  {commandLine.PadRight(width)}  {meaning}");
            }

            return ExitCode.Fine;
        }
    }
}
