using System.ComponentModel;
using System.Diagnostics;

namespace Ringfence.Sources;

/// <summary>Runs another program for its answer: arguments as a list and no shell, five seconds, bounded output.</summary>
internal static class ShortCommand
{
    /// <summary>An Asterisk under attack answers in milliseconds; a program that takes longer is hung, and the caller has other work.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // ENOENT, errno(3).
    private const int NoSuchFile = 2;

    /// <summary>About 20,000 registered phones.</summary>
    private const int MaxBytes = 16 << 20;

    /// <param name="program">Looked up in PATH when it has no slash.</param>
    public static Task<CommandAnswer> RunAsync(string program, IReadOnlyList<string> arguments, TimeProvider clock, CancellationToken stop) =>
        RunAsync(program, arguments, Patience, Process.Start, clock, stop);

    /// <param name="patience">In place of five seconds.</param>
    /// <inheritdoc cref="RunAsync(string, IReadOnlyList{string}, TimeProvider, CancellationToken)" path="/param"/>
    public static Task<CommandAnswer> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan patience, TimeProvider clock, CancellationToken stop) =>
        RunAsync(program, arguments, patience, Process.Start, clock, stop);

    /// <summary>The same for a program that needs none of the service's capabilities, and talks to strangers.</summary>
    public static Task<CommandAnswer> RunUnprivilegedAsync(string program, IReadOnlyList<string> arguments, TimeProvider clock, CancellationToken stop) =>
        RunAsync(program, arguments, Patience, Unprivileged.Start, clock, stop);

    private static async Task<CommandAnswer> RunAsync(
        string program, IReadOnlyList<string> arguments, TimeSpan patience, Func<ProcessStartInfo, Process?> begin, TimeProvider clock, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        // ufw and fail2ban speak the operator's language, which nobody reads here.
        start.Environment["LC_ALL"] = "C";
        using var limit = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        Process? process;
        try
        {
            process = begin(start);
        }
        catch (Win32Exception e) when (e.NativeErrorCode == NoSuchFile)
        {
            return new CommandAnswer([], $"{program} is not installed{(program.Contains('/', StringComparison.Ordinal) ? "" : " (not in PATH)")}") { IsMissing = true };
        }
        catch (Win32Exception e)
        {
            return new CommandAnswer([], $"{program} can't be run: {e.Message}");
        }

        if (process is null)
        {
            return new CommandAnswer([], $"{program} can't be run");
        }

        try
        {
            var end = await BoundedProcess.RunAsync(process, default, MaxBytes, one => one.Kill(entireProcessTree: true), clock, either.Token);
            return new CommandAnswer(end.Output, (end.ExitCode, end.IsWhole) switch
            {
                (not 0, _) => $"{program} ended with code {end.ExitCode}",
                (_, false) => $"{program} ended, and what it started goes on writing",
                _ => null,
            })
            {
                Errors = end.Errors,
            };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new CommandAnswer([], $"{program} did not answer in {patience.TotalSeconds} s");
        }
        catch (IOException e)
        {
            return new CommandAnswer([], $"{program}: {e.Message}");
        }
    }
}

/// <param name="Output">What it wrote to stdout, any bytes.</param>
/// <param name="Problem">null if it ran, was in time and ended with 0.</param>
internal sealed record CommandAnswer(byte[] Output, string? Problem)
{
    /// <summary>What it wrote to stderr, any bytes.</summary>
    public byte[] Errors { get; init; } = [];

    /// <summary>There is no such program.</summary>
    public bool IsMissing { get; init; }
}
