using System.Collections.Concurrent;
using System.Threading.Channels;
using Ringfence.Api;
using Ringfence.Core.Events;

namespace Ringfence.Tests.Api;

/// <summary>A daemon that answers what it was given and remembers what it was asked.</summary>
internal sealed class FakeDaemon : IDaemon
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    public ConcurrentQueue<object> Asked { get; } = [];

    public StatusReport Status { get; set; } = new() { From = "daemon", Version = "1.2.3", Now = Now };

    public IReadOnlyList<BanReport> Bans { get; set; } = [];

    public IReadOnlyList<WatchedReport> Watched { get; set; } = [];

    public IReadOnlyList<TrustReport> Trusted { get; set; } = [];

    public WhyReport? Why { get; set; }

    public IReadOnlyList<NotifyTestResult> Told { get; set; } = [new NotifyTestResult("boss", "mail", Taken: true, "250 ok")];

    /// <summary>What stands around whoever is unbanned.</summary>
    public Network? StillBannedWith { get; set; }

    /// <summary>Thrown by every change.</summary>
    public Exception? Refuses { get; set; }

    /// <summary>What every change, and why, waits for once it is asked; null: nothing.</summary>
    public Task? Slow { get; set; }

    /// <summary>Whether each was waited for to the end, or cut off.</summary>
    public Channel<bool> Ends { get; } = Channel.CreateUnbounded<bool>();

    public ValueTask<StatusReport> StatusAsync(CancellationToken stop) => new(Status);

    public ValueTask<BansReport> BansAsync(CancellationToken stop) => new(new BansReport("daemon", Now, Bans));

    public ValueTask<WatchedListReport> WatchedAsync(CancellationToken stop) => new(new WatchedListReport(Now, Watched));

    public ValueTask<ChangeReport> BanAsync(BanRequest request, CancellationToken stop) => Change(request, request.Subject, "banned", request.For, request.DryRun, stop);

    public LiveCallsReport Calls { get; set; } = new(Now, "enforce", "EUR", [], 0, 0, [], null);

    public ValueTask<LiveCallsReport> LiveCallsAsync(CancellationToken stop) => new(Calls);

    public IReadOnlyList<StopReport> Left { get; init; } = [];

    public ValueTask<LiftReport> LiftAsync(int? number, CancellationToken stop)
    {
        Asked.Enqueue(("lift", number));
        return Refuses is { } refusal ? throw refusal : new(new LiftReport([.. Calls.Stops.Where(one => number is null || one.Number == number)]) { Left = Left });
    }

    public ValueTask<ChangeReport> UnbanAsync(Network subject, bool dryRun, CancellationToken stop) => Change(("unban", subject), subject, "unbanned", null, dryRun, stop);

    public ValueTask<NotifyTestReport> NotifyTestAsync(string? name, CancellationToken stop)
    {
        Asked.Enqueue(("notify test", name));
        return Refuses is { } refusal ? throw refusal : new(new NotifyTestReport(Told));
    }

    public ValueTask<FeedsReport> UpdateFeedsAsync(string? name, bool force, CancellationToken stop)
    {
        Asked.Enqueue(("feeds update", name, force));
        return Refuses is { } refusal ? throw refusal : new(new FeedsReport(Now, FeedUpdates));
    }

    public ValueTask<OuterTestReport> OuterTestAsync(string name, CancellationToken stop)
    {
        Asked.Enqueue(("outer test", name));
        return Refuses is { } refusal ? throw refusal : new(new OuterTestReport(name, OuterSteps));
    }

    public ValueTask<OuterSyncReport> OuterSyncAsync(string name, CancellationToken stop)
    {
        Asked.Enqueue(("outer sync", name));
        return Refuses is { } refusal ? throw refusal : new(new OuterSyncReport(name, 3));
    }

    public ValueTask<DoorsClosedReport> CloseDoorAsync(string who, CancellationToken stop)
    {
        Asked.Enqueue(who);
        return Refuses is { } refusal ? throw refusal : new(new DoorsClosedReport(DoorsClosed));
    }

    public IReadOnlyList<RoamingUserReport> DoorsClosed { get; init; } = [];

    public IReadOnlyList<OuterTestStep> OuterSteps { get; init; } = [];

    public IReadOnlyList<FeedUpdateReport> FeedUpdates { get; init; } = [];

    public ValueTask<TrustListReport> TrustedAsync(CancellationToken stop) => new(new TrustListReport(Now, Trusted));

    public ValueTask<ChangeReport> TrustAsync(TrustRequest request, CancellationToken stop) =>
        Change(request, request.Subject, "trusted", request.For, request.DryRun, stop);

    public ValueTask<ChangeReport> UntrustAsync(Network subject, bool dryRun, CancellationToken stop) =>
        Change(("untrust", subject), subject, "untrusted", null, dryRun, stop);

    public async ValueTask<WhyReport> WhyAsync(Network subject, CancellationToken stop)
    {
        Asked.Enqueue(subject);
        await EndAsync(stop);
        return (Why ?? new WhyReport("daemon", Now, subject, null, null, []));
    }

    private async ValueTask<ChangeReport> Change(object asked, Network subject, string change, TimeSpan? length, bool dryRun, CancellationToken stop)
    {
        Asked.Enqueue(asked);
        await EndAsync(stop);
        return Refuses is { } refusal
            ? throw refusal
            : (new ChangeReport(subject, change, length is { } duration ? Now + duration : null, dryRun, $"{subject} is {change}.") { StillBannedWith = StillBannedWith });
    }

    private async Task EndAsync(CancellationToken stop)
    {
        if (Slow is not null)
        {
            await Task.WhenAny(Slow, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
            Ends.Writer.TryWrite(!stop.IsCancellationRequested);
            stop.ThrowIfCancellationRequested();
        }
    }
}
