using System.CommandLine;
using System.CommandLine.Parsing;
using Ringfence.Api;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Output;
using Ringfence.Sqlite;

namespace Ringfence.Commands;

/// <summary>A verb of the command line, with the examples that its help ends with.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Each a command line and what it does: "ringfence why 203.0.113.5", "..."; a test runs the parser over them.</summary>
    public required IReadOnlyList<(string CommandLine, string Meaning)> Examples { get; init; }

    /// <summary>Sets what must be so between arguments. One that is wrong by itself is told by its own parser, and has no value to ask for.</summary>
    public void Checks(Action<CommandResult> check) => Validators.Add(result =>
    {
        try
        {
            check(result);
        }
        catch (InvalidOperationException) when (result.Children.Any(static child => child.Errors.Any()))
        {
            // What GetValue says of an argument that could not be read (System.CommandLine 2.0): the parse ends with its error.
        }
    });

    /// <summary>Sets what the verb does. Mistakes and the world's failures become a message on stderr and the exit code that they stand for.</summary>
    public Verb Does(Func<ParseResult, Surroundings, CancellationToken, Task<int>> action)
    {
        SetAction(async (parsed, stop) =>
        {
            var surroundings = (Surroundings)parsed.InvocationConfiguration;
            try
            {
                return await action(parsed, surroundings, stop);
            }
            catch (Exception mistake) when (mistake is MistakeException or RefusedException)
            {
                return await Failed(surroundings, mistake.Message, ExitCode.Mistake);
            }
            catch (Exception failure) when (failure is WorldFailedException or ApiException or FirewallException or JournalException or SqliteException or IOException)
            {
                return await Failed(surroundings, failure.Message, ExitCode.WorldFailed);
            }
            catch (NotRunningException failure)
            {
                return await Failed(surroundings, surroundings.Explain(failure), ExitCode.WorldFailed);
            }
            catch (UnauthorizedAccessException failure)
            {
                // Without a path it is the runtime's word for a standard output that the caller closed.
                return await Failed(
                    surroundings, failure.Message.Contains('\'', StringComparison.Ordinal) ? $"{failure.Message} Try as root." : "standard output is closed", ExitCode.WorldFailed);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return await Failed(surroundings, "interrupted", ExitCode.WorldFailed);
            }
        });
        return this;
    }

    private static async Task<int> Failed(Surroundings surroundings, string message, int exitCode)
    {
        await surroundings.Error.WriteLineAsync($"ringfence: {Terminal.SafeLines(message)}");
        return exitCode;
    }
}
