namespace Ringfence.Enforcement;

/// <summary>The program nft as the guard runs it between two turns: a short script, and a short patience.</summary>
/// <param name="command">The program and what stands before its arguments: ["nft"].</param>
/// <param name="clock">null: the system's.</param>
internal sealed class NftCommand(IReadOnlyList<string> command, TimeProvider? clock = null)
{
    // A run takes some milliseconds; on a machine that swaps or boots its start alone may take seconds, and a table that somebody flushed stays open while
    // none gets through. Bans, logs and the API wait for it: it ends before status says that nothing moves (10 s) and long before systemd's watchdog (30 s).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>In this process's own network namespace.</summary>
    public static readonly NftCommand Own = new(["nft"]);

    /// <summary>Runs a script as one transaction.</summary>
    /// <returns>null if all went well, else what nft said, one line.</returns>
    /// <exception cref="FirewallException">There is no nft.</exception>
    /// <exception cref="NftTimeoutException">It did not end in time, and was killed with all that it had started.</exception>
    public Task<string?> RunAsync(string script, CancellationToken stop) => RunAsync(script, static _ => { }, stop);

    /// <inheritdoc cref="RunAsync(string, CancellationToken)"/>
    /// <param name="started">Is told the process's id, which is also the number of its netlink socket, before the script is given to it.</param>
    public async Task<string?> RunAsync(string script, Action<uint> started, CancellationToken stop)
    {
        var answer = await FilterTool.RunAsync([.. command, "-f", "-"], script, Patience, started, clock ?? TimeProvider.System, stop);
        return answer.ExitCode == 0 ? null : answer.Complaint;
    }
}
