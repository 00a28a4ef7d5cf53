using Ringfence.Core.Decisions;
using Ringfence.Daemon;

namespace Ringfence.Enforcement;

/// <summary>The firewall of `observe`: everything is decided and shown, nothing is done.</summary>
/// <param name="problem">Why nothing can be done; null where the operator asked to observe.</param>
internal sealed class Observing(TimeProvider time, string? problem = null) : IFirewall
{
    public FirewallStatus Status { get; } = new("observe", 0, 0, 0, problem);

    public ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        return new([.. decisions.Select(decision => new Outcome(decision.Id, now, OutcomeKind.Observed, ""))]);
    }

    public async Task WatchAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop: there was nothing to watch.
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
