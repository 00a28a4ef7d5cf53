using System.ComponentModel;
using System.Diagnostics;

namespace Ringfence.Enforcement;

/// <summary>The program nft, for the few things that are said in its language: sets, chains and rules; never elements.</summary>
/// <param name="command">The program and what stands before its arguments: ["nft"].</param>
internal sealed class NftCommand(IReadOnlyList<string> command)
{
    // A run takes some milliseconds. Bans, logs and the API wait for it, so it must end long before systemd's watchdog (30 s) does.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

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
        using var process = Start(start);
        started((uint)process.Id);
        // Process.Dispose leaves streams alone that were asked for once: two pipes per run would stay open until the next collection.
        using var input = process.StandardInput;
        using var output = process.StandardOutput;
        using var errors = process.StandardError;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            var complaint = errors.ReadToEndAsync(limit.Token);
            var rest = output.ReadToEndAsync(limit.Token);
            await GiveAsync(input, script, limit.Token);
            await rest;
            var said = await complaint;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? null : FirstLine(said, process.ExitCode);
        }
        catch (OperationCanceledException)
        {
            // With its children: a wrapper's child would go on holding the pipes, and one more would be left by each try.
            process.Kill(entireProcessTree: true);
            if (stop.IsCancellationRequested)
            {
                throw;
            }

            throw new NftTimeoutException($"nftables: {command[0]} did not end within {Patience.TotalSeconds} s and was killed; look what hangs: nft list ruleset");
        }
    }

    private static async Task GiveAsync(StreamWriter input, string script, CancellationToken stop)
    {
        try
        {
            await input.WriteAsync(script.AsMemory(), stop);
            await input.FlushAsync(stop);
            input.Close();
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
