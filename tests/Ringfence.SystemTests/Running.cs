using System.Diagnostics;
using Ringfence.Tests;

namespace Ringfence.SystemTests;

/// <summary>Programs that run until the test ends them; what they write is always read, so that none of them stands still at a full pipe.</summary>
internal static class Running
{
    /// <param name="command">The program and its arguments; no shell sees them.</param>
    /// <param name="hear">Each line that it writes, of either stream, from threads of the pool; null at the end of one. Nobody if unset.</param>
    public static Process Start(IReadOnlyList<string> command, Action<string?>? hear = null, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start");
        process.OutputDataReceived += (_, line) => hear?.Invoke(line.Data);
        process.ErrorDataReceived += (_, line) => hear?.Invoke(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>kill -9, also of what they started, and waits until they are gone.</summary>
    public static async Task EndAsync(IEnumerable<Process> processes)
    {
        foreach (var process in processes)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            await process.WaitForExitAsync(CancellationToken.None).EndAsync();
            process.Dispose();
        }
    }
}
