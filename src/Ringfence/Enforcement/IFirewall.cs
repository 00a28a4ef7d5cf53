using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>A part of the world that bans: the kernel's nftables, or nothing (observe). It converges to the desired bans, it is not commanded.</summary>
internal interface IFirewall : IAsyncDisposable
{
    /// <summary>Makes the table, keeps what is in it, and brings it to hold at least <paramref name="bans"/>.</summary>
    /// <param name="bans">Every ban in force, with its end; replaces what the firewall believed to be desired.</param>
    /// <exception cref="FirewallException">There is no nft, no permission, or the kernel refused; the message says which and what to do.</exception>
    ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop);

    /// <summary>Applies bans and unbans in one kernel transaction, and what throttles in another behind it; spares and alerts are passed through as observed.</summary>
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

    /// <summary>Whether it can throttle; else what would be throttled is told alone (<see cref="Decider.Throttles"/>).</summary>
    bool CanThrottle => true;

    /// <summary>Whether no message reaches the PBX over UDP that is too long for HEP to tell its answer (<see cref="LimitRules.LongestDatagram"/>).</summary>
    bool KeepsLongOut => true;

    /// <summary>Says who meets no limit from now on, all of them; before the start too. What the kernel refuses is a problem of the status, and tried again.</summary>
    ValueTask TrustAsync(IReadOnlyCollection<Network> trusted, CancellationToken stop) => ValueTask.CompletedTask;

    /// <summary>What the limits dropped since start, of single addresses and of all together; some microseconds.</summary>
    (long Alone, long Together) Limiting() => default;

    /// <summary>Who went beyond the limit for one address in the last quarter of an hour. Some milliseconds for 10,000.</summary>
    IReadOnlyList<LimitedAddress> Limited() => [];

    FirewallStatus Status { get; }
}

/// <param name="Mode">"nftables" or "observe".</param>
/// <param name="Repairs">How often the table had to be put back since start.</param>
/// <param name="Problem">What is wrong now, for people; null when all is well.</param>
internal sealed record FirewallStatus(string Mode, long Elements, long DroppedPackets, long Repairs, string? Problem)
{
    /// <summary>Hosts and networks among the elements that the journal does not know: put there by hand, or before the journal was lost.</summary>
    public long Strangers { get; init; }

    /// <summary>The limits of SIP from strangers; null: there are none.</summary>
    public LimitStatus? Limits { get; init; }
}

/// <param name="Rate">Packets a second of one address.</param>
/// <param name="GlobalRate">Of all together.</param>
/// <param name="DroppedAlone">Packets dropped since start because one address sent too many.</param>
/// <param name="DroppedTogether">Packets dropped since start because all strangers together sent too many.</param>
/// <param name="Addresses">Who sent too many in the last quarter of an hour; more than 16,384 of a family are not counted.</param>
internal sealed record LimitStatus(int Rate, int GlobalRate, long DroppedAlone, long DroppedTogether, int Addresses)
{
    /// <summary>Who is throttled now.</summary>
    public int Throttled { get; init; }

    /// <summary>Packets dropped since start of those who are throttled.</summary>
    public long DroppedThrottled { get; init; }

    /// <summary>Datagrams, or their first fragments, dropped since start because no message of SIP over UDP is that long.</summary>
    public long DroppedLong { get; init; }
}

internal class FirewallException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>No waiting helps: a permission or a program is missing.</summary>
    public bool IsLasting { get; init; }
}
