using System.ComponentModel;
using System.Diagnostics;
using Ringfence.Sources;

namespace Ringfence.Notifiers;

/// <summary>Runs a program that takes its standard input to the end: arguments as a list and no shell, none of our capabilities, bounded in time and output.</summary>
internal static class FedCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // What is shown of its output has 200 characters.
    private const int KeptBytes = 4096;

    /// <param name="environment">Beside the daemon's own.</param>
    public static async Task<Answer> RunAsync(
        string program, IReadOnlyList<string> arguments, byte[] input, IReadOnlyList<(string Name, string Value)> environment, TimeProvider clock, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments)
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

        using (process)
        {
            try
            {
                return await Attempt.RunAsync(program, Limit, clock, token => FeedAsync(process, program, input, token), stop);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    private static async Task<Answer> FeedAsync(Process process, string program, byte[] input, CancellationToken stop)
    {
        var said = Task.WhenAll(ReadAsync(process.StandardOutput.BaseStream, stop), ReadAsync(process.StandardError.BaseStream, stop));
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, stop);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended, or closed its input, before it had read all: its exit code says what it thinks of that.
        }

        var output = string.Join(' ', (await said).Where(text => text.Length > 0));
        await process.WaitForExitAsync(stop);
        var words = output.Length == 0 ? "" : $": {Attempt.Safe(output)}";
        return process.ExitCode == 0 ? Answer.Taken($"{program} took it{words}") : Answer.TryAgain($"{program} ended with code {process.ExitCode}{words}");
    }

    // Drained to the end, or the program would block.
    private static async Task<string> ReadAsync(Stream stream, CancellationToken stop)
    {
        var kept = new byte[KeptBytes];
        var length = 0;
        var buffer = new byte[4096];
        int count;
        while ((count = await stream.ReadAsync(buffer, stop)) > 0)
        {
            var more = Math.Min(count, kept.Length - length);
            buffer.AsSpan(0, more).CopyTo(kept.AsSpan(length));
            length += more;
        }

        return System.Text.Encoding.UTF8.GetString(kept, 0, length).Trim();
    }
}
