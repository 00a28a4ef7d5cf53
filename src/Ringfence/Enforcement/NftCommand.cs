using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Ringfence.Sources;

namespace Ringfence.Enforcement;

/// <summary>The program nft, for the few things that are said in its language: sets, chains and rules; never elements.</summary>
/// <param name="command">The program and what stands before its arguments: ["nft"].</param>
internal sealed class NftCommand(IReadOnlyList<string> command)
{
    // A run takes some milliseconds; on a machine that swaps or boots its start alone may take seconds, and a table that somebody flushed stays open while
    // none gets through. Bans, logs and the API wait for it: it ends before status says that nothing moves (10 s) and long before systemd's watchdog (30 s).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    // The first line says what is wrong; nft repeats the script's line and a caret below it.
    private const int KeptBytes = 16 * 1024;

    /// <summary>In this process's own network namespace.</summary>
    public static readonly NftCommand Own = new(["nft"]);

    /// <summary>Runs a script as one transaction.</summary>
    /// <param name="started">Is told the process's id, which is also the number of its netlink socket, before the script is given to it.</param>
    /// <returns>null if all went well, else what nft said, one line.</returns>
    /// <exception cref="FirewallException">There is no nft.</exception>
    /// <exception cref="NftTimeoutException">It did not end in time, and was killed with all that it had started.</exception>
    public async Task<string?> RunAsync(string script, Action<uint> started, CancellationToken stop)
    {
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), "-f", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Translations of nft's messages would be of no use in a log.
        start.Environment["LC_ALL"] = "C";
        var process = Start(start);
        started((uint)process.Id);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            // With its children: a wrapper's child would go on, and one more would be left by each try.
            var end = await BoundedProcess.RunAsync(process, Encoding.UTF8.GetBytes(script), KeptBytes, one => one.Kill(entireProcessTree: true), TimeProvider.System, limit.Token);
            return end.ExitCode == 0 ? null : FirstLine(Encoding.UTF8.GetString(end.Errors), end.ExitCode);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new NftTimeoutException($"nftables: {command[0]} did not end within {Patience.TotalSeconds} s and was killed; look what hangs: nft list ruleset");
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new FirewallException("nft did not start");
        }
        catch (Win32Exception e)
        {
            throw new FirewallException(
                $"{command[0]}: {e.Message}; install nftables (apt install nftables, dnf install nftables), or run without --enforce", e)
            { IsLasting = true };
        }
    }

    private static string FirstLine(string said, int exitCode)
    {
        var line = said.Split('\n', 2)[0].Trim();
        return line.Length > 0 ? line : $"exit code {exitCode}";
    }
}

/// <summary>nft hung: another try in the same turn would make everybody wait again.</summary>
internal sealed class NftTimeoutException(string message) : Exception(message);
