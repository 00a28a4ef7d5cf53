using System.Diagnostics;
using System.Text;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A program that ran to its end, or until its time was up.</summary>
/// <param name="ExitCode">null: it was ended because its time was up.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error.</param>
internal sealed record ToolRun(int? ExitCode, string Output, string Errors)
{
    /// <summary>All of it, for the message of a failed test.</summary>
    public string Said => $"exit code {ExitCode}\n{Output}{Errors}";

    // A busy machine may take seconds to start the shortest program; one that ends by itself is not waited for.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <summary>Runs a program that ends by itself.</summary>
    /// <param name="command">The program and its arguments; no shell sees them.</param>
    /// <param name="limit">After this, and half a minute at least, it is killed, with what it started.</param>
    public static Task<ToolRun> OfAsync(IReadOnlyList<string> command, TimeSpan limit, CancellationToken stop) => CutAsync(command, limit < Least ? Least : limit, stop);

    /// <summary>Runs a program that may not end by itself.</summary>
    /// <param name="limit">After this it is killed, with what it started.</param>
    /// <inheritdoc cref="OfAsync" path="/param"/>
    public static async Task<ToolRun> CutAsync(IReadOnlyList<string> command, TimeSpan limit, CancellationToken stop)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start");
        process.StandardInput.Close();
        var output = new StringBuilder();
        var errors = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop);
        bounded.CancelAfter(limit);
        try
        {
            await process.WaitForExitAsync(bounded.Token);
            return new ToolRun(process.ExitCode, Text(output), Text(errors));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            stop.ThrowIfCancellationRequested();
            return new ToolRun(null, Text(output), Text(errors));
        }
    }

    private static void Append(StringBuilder said, string? line)
    {
        lock (said)
        {
            said.AppendLine(line);
        }
    }

    private static string Text(StringBuilder said)
    {
        lock (said)
        {
            return said.ToString();
        }
    }
}
