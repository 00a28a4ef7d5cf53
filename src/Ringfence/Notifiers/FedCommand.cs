using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Ringfence.Sources;

namespace Ringfence.Notifiers;

/// <summary>Runs a program that takes its standard input to the end: arguments as a list and no shell, none of our capabilities, bounded in time and output.</summary>
internal static class FedCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // What is shown of its output has 200 characters.
    private const int KeptBytes = 4096;

    // Of util-linux, which every distribution has. .NET can't begin a session, and to end one is the only way to end what a script left behind:
    // who started it has ended, so it stands in nobody's tree.
    private const string NewSession = "/usr/bin/setsid";

    /// <summary>What it leaves running in the background when it ends is its own affair. What runs at the limit is ended, with all that it started.</summary>
    /// <param name="environment">Beside the daemon's own.</param>
    public static async Task<Answer> RunAsync(
        string program, IReadOnlyList<string> arguments, byte[] input, IReadOnlyList<(string Name, string Value)> environment, TimeProvider clock, CancellationToken stop)
    {
        // The other program's word for it would be a code.
        if (program.Contains('/', StringComparison.Ordinal) && !File.Exists(program))
        {
            return Answer.TryAgain($"{program} can't be run: there is no such file");
        }

        var isOwnSession = File.Exists(NewSession);
        List<string> command = isOwnSession ? [NewSession, program, .. arguments] : [program, .. arguments];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // systemd's socket is the daemon's: whoever has it can say that the daemon stops.
        start.Environment.Remove("NOTIFY_SOCKET");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        Process? process;
        try
        {
            process = Unprivileged.Start(start);
        }
        catch (Win32Exception e)
        {
            return Answer.TryAgain($"{program} can't be run: {e.Message}");
        }

        if (process is null)
        {
            return Answer.TryAgain($"{program} can't be run");
        }

        return await Attempt.RunAsync(
            program, Limit, clock, async token => Of(program, await BoundedProcess.RunAsync(process, input, KeptBytes, one => Kill(one, isOwnSession), clock, token)), stop);
    }

    // It has not ended, so its number is its own.
    private static void Kill(Process process, bool isOwnSession)
    {
        if (isOwnSession)
        {
            Libc.KillGroup(process.Id);
        }

        process.Kill(entireProcessTree: true);
    }

    private static Answer Of(string program, ProcessEnd end)
    {
        var output = string.Join(' ', ((byte[][])[end.Output, end.Errors]).Select(said => Encoding.UTF8.GetString(said).Trim()).Where(text => text.Length > 0));
        var words = output.Length == 0 ? "" : $": {Attempt.Safe(output)}";
        return end.ExitCode == 0 ? Answer.Taken($"{program} took it{words}") : Answer.TryAgain($"{program} ended with code {end.ExitCode}{words}");
    }
}
