using Ringfence.Core.Decisions;

namespace Ringfence.Enforcement;

/// <summary>A part of the world that bans: the kernel's nftables, or nothing (observe). It converges to the desired bans, it is not commanded.</summary>
internal interface IFirewall : IAsyncDisposable
{
    /// <summary>Makes the table, keeps what is in it, and brings it to hold at least <paramref name="bans"/>.</summary>
    /// <param name="bans">Every ban in force, with its end; replaces what the firewall believed to be desired.</param>
    /// <exception cref="FirewallException">There is no nft, no permission, or the kernel refused; the message says which and what to do.</exception>
    ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop);

    /// <summary>Applies bans and unbans in one kernel transaction; spares and alerts are passed through as observed.</summary>
    /// <returns>One outcome per decision, in order. A kernel refusal is an outcome (Failed), not an exception.</returns>
    ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop);

    /// <summary>Runs until stopped: notices when somebody flushes or edits our table and puts it back within a second.</summary>
    /// <exception cref="FirewallException">The watch itself broke; the supervisor starts it again.</exception>
    Task WatchAsync(CancellationToken stop);

    /// <summary>Everything that the kernel's sets hold now, whoever put it there; a network perhaps in pieces. Half a second for 100,000.</summary>
    /// <exception cref="FirewallException">The kernel can't be asked.</exception>
    IReadOnlyList<ActiveBan> Standing() => [];

    /// <summary>What became of bans since the last call that had failed at first: once for each, when a later try brought it into the kernel.</summary>
    IReadOnlyList<Outcome> TakeMended() => [];

    FirewallStatus Status { get; }
}

/// <param name="Mode">"nftables" or "observe".</param>
/// <param name="Repairs">How often the table had to be put back since start.</param>
/// <param name="Problem">What is wrong now, for people; null when all is well.</param>
internal sealed record FirewallStatus(string Mode, long Elements, long DroppedPackets, long Repairs, string? Problem)
{
    /// <summary>Hosts among the elements that the journal does not know: put there by hand, or before the journal was lost.</summary>
    public long Strangers { get; init; }
}

internal sealed class FirewallException(string message, Exception? inner = null) : Exception(message, inner);
