using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Ringfence.Sources;

namespace Ringfence.Enforcement;

/// <summary>Runs nft, ip and their kin with a script on standard input: arguments as a list and no shell, bounded in time and output.</summary>
internal static class FilterTool
{
    // The ruleset of a machine with large sets is long.
    private const int MaxBytes = 256 << 20;

    /// <summary>For a whole ruleset. A policy with a few thousand networks takes some tenths of a second; a Raspberry Pi ten times that.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="FirewallException">There is no such program, or it did not end in time.</exception>
    public static Task<ToolAnswer> RunAsync(IReadOnlyList<string> command, string input, TimeProvider clock, CancellationToken stop) =>
        RunAsync(command, input, Patience, static _ => { }, clock, stop);

    /// <param name="started">Is told the process's id before the script is given to it.</param>
    /// <exception cref="FirewallException">There is no such program.</exception>
    /// <exception cref="NftTimeoutException">It did not end in time, and was killed with all that it had started.</exception>
    public static async Task<ToolAnswer> RunAsync(IReadOnlyList<string> command, string input, TimeSpan patience, Action<uint> started, TimeProvider clock, CancellationToken stop)
    {
        var process = Start(command);
        started((uint)process.Id);
        using var limit = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            // With its children: a wrapper's child would go on, and one more would be left by each try.
            var end = await BoundedProcess.RunAsync(process, Encoding.UTF8.GetBytes(input), MaxBytes, static one => one.Kill(entireProcessTree: true), clock, either.Token);
            return new ToolAnswer(end.ExitCode, Encoding.UTF8.GetString(end.Output), Encoding.UTF8.GetString(end.Errors));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new NftTimeoutException($"{command[0]} did not end within {patience.TotalSeconds} s and was killed; look what hangs: nft list ruleset");
        }
    }

    /// <exception cref="FirewallException">It failed; the message is the first line of what it said.</exception>
    public static async Task<string> NeedAsync(IReadOnlyList<string> command, string input, TimeProvider clock, CancellationToken stop)
    {
        var answer = await RunAsync(command, input, clock, stop);
        return answer.ExitCode == 0 ? answer.Output : throw Refused(command[0], answer);
    }

    public static FirewallException Refused(string program, ToolAnswer answer) => new(answer.Errors.Split('\n', 2)[0].Contains("Operation not permitted", StringComparison.Ordinal)
        ? $"{program}: not permitted: run it as root"
        : $"{program}: {answer.Complaint}");

    private static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Translations of nft's messages would be of no use in a log.
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start) ?? throw new FirewallException($"{command[0]} did not start");
        }
        catch (Win32Exception e)
        {
            throw new FirewallException($"{command[0]}: {e.Message}; install nftables, iproute2 and util-linux (apt install nftables iproute2 util-linux, or dnf install)", e) { IsLasting = true };
        }
    }
}

/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it complained of.</param>
internal sealed record ToolAnswer(int ExitCode, string Output, string Errors)
{
    /// <summary>The first line says what is wrong; nft repeats the script's line and a caret below it.</summary>
    public string Complaint => Errors.Split('\n', 2)[0].Trim() is { Length: > 0 } line ? line : $"exit code {ExitCode}";
}

/// <summary>nft hung: another try in the same turn would make everybody wait again.</summary>
internal sealed class NftTimeoutException(string message) : FirewallException(message);
