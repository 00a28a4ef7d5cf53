using Ringfence.Core.Events;

namespace Ringfence.Api;

/// <summary>What can be asked of a running guard: the daemon's desk answers, <see cref="ApiServer"/> serves it on the unix socket, and
/// <see cref="DaemonClient"/> is its other end.</summary>
/// <remarks>Called from the API's threads while the pipeline runs: questions and changes take their turn between two batches. The token of a change ends it
/// half done, so it is the daemon's and not that of whoever asked.</remarks>
internal interface IDaemon
{
    ValueTask<StatusReport> StatusAsync(CancellationToken stop);

    /// <returns>Bans in force, in any order.</returns>
    ValueTask<BansReport> BansAsync(CancellationToken stop);

    /// <returns>Who has something against him that was not enough yet.</returns>
    ValueTask<WatchedListReport> WatchedAsync(CancellationToken stop);

    /// <summary>Bans by hand: in the journal, then in the kernel, when this returns.</summary>
    /// <exception cref="RefusedException">The network holds the PBX itself, loopback or a trusted address, and <see cref="BanRequest.Force"/> is not set.</exception>
    ValueTask<ChangeReport> BanAsync(BanRequest request, CancellationToken stop);

    /// <summary>Lifts the bans of this network and of everything in it, also those that only the kernel knows; for one IPv6 address that of its /64.</summary>
    /// <exception cref="RefusedException">The address is only part of a banned network: lifting that would free more than was asked.</exception>
    ValueTask<ChangeReport> UnbanAsync(Network subject, bool dryRun, CancellationToken stop);

    /// <returns>Every trusted network with the reason, in any order.</returns>
    ValueTask<TrustListReport> TrustedAsync(CancellationToken stop);

    /// <summary>Trusts by hand, beside what the configuration and the PBX say; a ban of the network is lifted, and one of a wider network goes on without it.</summary>
    ValueTask<ChangeReport> TrustAsync(TrustRequest request, CancellationToken stop);

    /// <summary>Takes back what <see cref="TrustAsync"/> did for exactly this network.</summary>
    /// <exception cref="RefusedException">The trust comes from the configuration or from the PBX, and must be changed there.</exception>
    ValueTask<ChangeReport> UntrustAsync(Network subject, bool dryRun, CancellationToken stop);

    /// <summary>Everything known about the addresses in the network, and about networks that hold it.</summary>
    ValueTask<WhyReport> WhyAsync(Network subject, CancellationToken stop);

    /// <summary>Sends a test notice now, to one receiver or to all, and says what each answered.</summary>
    /// <param name="name">null: all.</param>
    /// <exception cref="RefusedException">There is no such receiver, or none at all.</exception>
    ValueTask<NotifyTestReport> NotifyTestAsync(string? name, CancellationToken stop);

    /// <summary>Fetches blocklists now, one or all; waits some seconds for them.</summary>
    /// <param name="name">null: all.</param>
    /// <param name="force">Takes a list that shrank, and asks for it whether it has changed or not.</param>
    /// <exception cref="RefusedException">There is no such feed, or none at all.</exception>
    ValueTask<FeedsReport> UpdateFeedsAsync(string? name, bool force, CancellationToken stop);

    /// <summary>Tells a firewall outside this machine that an example is banned and then that it is not, and says what it answered.</summary>
    /// <exception cref="RefusedException">There is no such firewall, or none at all.</exception>
    ValueTask<OuterTestReport> OuterTestAsync(string name, CancellationToken stop);

    /// <summary>Tells a firewall outside this machine everything again, whatever it was told.</summary>
    /// <exception cref="RefusedException">There is no such firewall, or none at all.</exception>
    ValueTask<OuterSyncReport> OuterSyncAsync(string name, CancellationToken stop);

    /// <summary>Shuts the doors that a user opened for himself; connections that are open already stay.</summary>
    /// <param name="who">His name, "*" for who knows the ports, or an address.</param>
    /// <exception cref="RefusedException">Nobody can open a door here.</exception>
    ValueTask<DoorsClosedReport> CloseDoorAsync(string who, CancellationToken stop);

    /// <returns>Calls to outside that go on, and what is stopped.</returns>
    /// <exception cref="RefusedException">Nobody follows calls here.</exception>
    ValueTask<LiveCallsReport> LiveCallsAsync(CancellationToken stop);

    /// <summary>Lets calls leave again that a stop holds.</summary>
    /// <param name="number">null: all.</param>
    /// <exception cref="RefusedException">No stop of that number holds.</exception>
    ValueTask<LiftReport> LiftAsync(int? number, CancellationToken stop);
}

/// <summary>The daemon understood and will not: the message says why and what to do instead. The verb prints it and exits with <see cref="ExitCode.Mistake"/>.</summary>
internal sealed class RefusedException(string message) : Exception(message);

/// <param name="For">null: for ever.</param>
/// <param name="Force">Ban although the network is the PBX's own, loopback or trusted.</param>
/// <param name="DryRun">Say what would happen, change nothing.</param>
internal sealed record BanRequest(Network Subject, TimeSpan? For, string Reason, bool Force, bool DryRun);

/// <param name="For">null: for ever.</param>
/// <param name="DryRun">Say what would happen, change nothing.</param>
internal sealed record TrustRequest(Network Subject, TimeSpan? For, string Reason, bool DryRun);
