using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;

namespace Ringfence.Tests.Daemon;

/// <summary>A firewall that does what it is told, or with mode "observe" nothing.</summary>
internal sealed class FakeFirewall(string mode) : IFirewall
{
    /// <summary>What it was begun with.</summary>
    public IReadOnlyList<ActiveBan> Begun { get; private set; } = [];

    /// <summary>It refuses every ban.</summary>
    public bool Refuses { get; set; }

    /// <summary>What the next question for it gets.</summary>
    public List<Outcome> Mended { get; } = [];

    /// <summary>Every ban that it was given.</summary>
    public List<Ban> Applied { get; } = [];

    /// <summary>Every subject whose ban it was told to end, whether it did or not.</summary>
    public List<Network> Freed { get; } = [];

    public FirewallStatus Status => new(mode, 0, 0, 0, null);

    public ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop)
    {
        Begun = bans;
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        Applied.AddRange(decisions.OfType<Ban>());
        Freed.AddRange(decisions.OfType<Unban>().Select(unban => unban.Subject));
        var kind = mode == "observe" ? OutcomeKind.Observed : Refuses ? OutcomeKind.Failed : OutcomeKind.Enforced;
        return new([.. decisions.Select(decision => new Outcome(decision.Id, decision.Time, kind, ""))]);
    }

    public IReadOnlyList<Outcome> TakeMended()
    {
        Outcome[] mended = [.. Mended];
        Mended.Clear();
        return mended;
    }

    public Task WatchAsync(CancellationToken stop) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
