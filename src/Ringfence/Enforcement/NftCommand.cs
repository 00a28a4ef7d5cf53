using System.ComponentModel;
using System.Diagnostics;
using Ringfence.Daemon;

namespace Ringfence.Enforcement;

/// <summary>The program nft, for the few things that are said in its language: sets, chains and rules; never elements.</summary>
/// <param name="command">The program and what stands before its arguments: ["nft"].</param>
internal sealed class NftCommand(IReadOnlyList<string> command)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>In this process's own network namespace.</summary>
    public static readonly NftCommand Own = new(["nft"]);

    /// <summary>Runs a script as one transaction.</summary>
    /// <param name="started">Is told the process's id, which is also the number of its netlink socket, before the script is given to it.</param>
    /// <returns>null if all went well, else what nft said, one line.</returns>
    /// <exception cref="FirewallException">There is no nft.</exception>
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
        using var process = Start(start);
        started((uint)process.Id);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            await GiveAsync(process, script, limit.Token);
            await output;
            var said = await errors;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? null : FirstLine(said, process.ExitCode);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            process.Kill();
            return $"nft did not end within {Patience.TotalSeconds} s";
        }
    }

    private static async Task GiveAsync(Process process, string script, CancellationToken stop)
    {
        try
        {
            await process.StandardInput.WriteAsync(script.AsMemory(), stop);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code and its words say why.
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
                $"{command[0]}: {e.Message}; install nftables (apt install nftables, dnf install nftables), or run without --enforce", e);
        }
    }

    private static string FirstLine(string said, int exitCode)
    {
        var line = said.Split('\n', 2)[0].Trim();
        return line.Length > 0 ? line : $"exit code {exitCode}";
    }
}
