using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Ringfence.Enforcement;
using Ringfence.Sources;

namespace Ringfence.Perimeter;

/// <summary>Runs nft, ip and their kin with a script on standard input: arguments as a list and no shell, bounded in time and output.</summary>
internal static class FilterTool
{
    // A policy with a few thousand networks takes some tenths of a second; a Raspberry Pi ten times that.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // The ruleset of a machine with large sets is long.
    private const int MaxBytes = 256 << 20;

    /// <exception cref="FirewallException">There is no such program, or it did not end in time.</exception>
    public static async Task<ToolAnswer> RunAsync(IReadOnlyList<string> command, string input, TimeProvider clock, CancellationToken stop)
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
        Process process;
        try
        {
            process = Process.Start(start) ?? throw new FirewallException($"{command[0]} did not start");
        }
        catch (Win32Exception e)
        {
            throw new FirewallException($"{command[0]}: {e.Message}; install the packages nftables, iproute2 and util-linux", e) { IsLasting = true };
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            var end = await BoundedProcess.RunAsync(process, Encoding.UTF8.GetBytes(input), MaxBytes, one => one.Kill(entireProcessTree: true), clock, limit.Token);
            return new ToolAnswer(end.ExitCode, Encoding.UTF8.GetString(end.Output), Encoding.UTF8.GetString(end.Errors));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new FirewallException($"{command[0]} did not end within {Patience.TotalSeconds} s and was killed");
        }
    }

    /// <exception cref="FirewallException">It failed; the message is the first line of what it said.</exception>
    public static async Task<string> NeedAsync(IReadOnlyList<string> command, string input, TimeProvider clock, CancellationToken stop)
    {
        var answer = await RunAsync(command, input, clock, stop);
        return answer.ExitCode == 0 ? answer.Output : throw Refused(command[0], answer);
    }

    public static FirewallException Refused(string program, ToolAnswer answer)
    {
        var line = answer.Errors.Split('\n', 2)[0].Trim();
        return new FirewallException(line.Contains("Operation not permitted", StringComparison.Ordinal)
            ? $"{program}: not permitted: run it as root"
            : $"{program}: {(line.Length > 0 ? line : $"exit code {answer.ExitCode}")}");
    }
}

/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it complained of.</param>
internal sealed record ToolAnswer(int ExitCode, string Output, string Errors);
