using Ringfence.Core.Decisions;
using Ringfence.Enforcement;

namespace Ringfence.Tests.Daemon;

/// <summary>A firewall that does what it is told, or with mode "observe" nothing.</summary>
internal sealed class FakeFirewall(string mode) : IFirewall
{
    /// <summary>What it was begun with.</summary>
    public IReadOnlyList<ActiveBan> Begun { get; private set; } = [];

    public FirewallStatus Status => new(mode, 0, 0, 0, null);

    public ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop)
    {
        Begun = bans;
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop) =>
        new([.. decisions.Select(decision => new Outcome(decision.Id, decision.Time, mode == "observe" ? OutcomeKind.Observed : OutcomeKind.Enforced, ""))]);

    public Task WatchAsync(CancellationToken stop) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
