using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Sources;

namespace Ringfence.Tests.Daemon;

/// <summary>A journal and a firewall that write down, in one list and in order, what was asked of them.</summary>
internal sealed class Recorded : IJournal, IFirewall
{
    private readonly List<(Decision Decision, List<Outcome> Outcomes)> _decisions = [];

    /// <summary>"journal ban 198.51.100.7", "kernel ban 198.51.100.7", "journal enforced"...</summary>
    public List<string> Acts { get; } = [];

    /// <summary>What was banned before the start.</summary>
    public List<Ban> Before { get; } = [];

    /// <summary>What the kernel says to every change.</summary>
    public OutcomeKind Answer { get; set; } = OutcomeKind.Enforced;

    /// <inheritdoc cref="IFirewall.CanThrottle"/>
    public bool CanThrottle { get; set; } = true;

    /// <inheritdoc cref="IFirewall.KeepsLongOut"/>
    public bool KeepsLongOut { get; set; } = true;

    /// <summary>Who meets no limit, each time that it was said.</summary>
    public List<IReadOnlyCollection<Network>> Unlimited { get; } = [];

    /// <summary>What the kernel's limits dropped so far.</summary>
    public (long Alone, long Together) Dropped { get; set; }

    /// <summary>The file was removed: the next question says so, and nothing is in it.</summary>
    public bool IsReopened { get; set; }

    public IReadOnlyList<Decision> Decisions => [.. _decisions.Select(entry => entry.Decision)];

    JournalStatus IJournal.Status => new(_decisions.Count, 0, 0, null);

    FirewallStatus IFirewall.Status => new("nftables", 0, 0, 0, null);

    public ValueTask TrustAsync(IReadOnlyCollection<Network> trusted, CancellationToken stop)
    {
        Unlimited.Add(trusted);
        return ValueTask.CompletedTask;
    }

    public (long Alone, long Together) Limiting() => Dropped;

    public IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions)
    {
        Acts.AddRange(decisions.Select(decision => $"journal {Words(decision)}"));
        var numbered = decisions.Select((decision, i) => decision with { Id = _decisions.Count + i + 1 }).ToList();
        _decisions.AddRange(numbered.Select(decision => (decision, new List<Outcome>())));
        return numbered;
    }

    public void Append(IReadOnlyList<Outcome> outcomes) => Acts.AddRange(outcomes.Select(outcome => $"journal {outcome.Kind.ToString().ToLowerInvariant()}"));

    public void Save(IReadOnlyList<ReadPosition> positions) => Acts.AddRange(positions.Select(position => $"journal position {position.Offset}"));

    public IReadOnlyList<ReadPosition> Positions() => [];

    public IReadOnlyList<Ban> ActiveBans(DateTimeOffset now, bool withObserved = false) => Before;

    public IReadOnlyList<Ban> BansSince(DateTimeOffset since, bool withObserved = false) => Before;

    public IReadOnlyList<Unban> ForgivenSince(DateTimeOffset since) => [];

    public IReadOnlyList<Decision> Latest(int count) => [];

    public IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network) => [];

    public int Purge(DateTimeOffset before) => 0;

    public bool TakeReopened()
    {
        var reopened = IsReopened;
        IsReopened = false;
        return reopened;
    }

    public ValueTask StartAsync(IReadOnlyList<ActiveBan> bans, CancellationToken stop)
    {
        Acts.AddRange(bans.Select(ban => $"kernel begins with {ban.Subject}"));
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<Outcome>> ApplyAsync(IReadOnlyList<Decision> decisions, CancellationToken stop)
    {
        Acts.AddRange(decisions.Select(decision => $"kernel {Words(decision)}"));
        return new([.. decisions.Select(decision => new Outcome(decision.Id, decision.Time, Answer, Answer == OutcomeKind.Failed ? "no memory" : ""))]);
    }

    public Task WatchAsync(CancellationToken stop) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Words(Decision decision) => $"{decision.GetType().Name.ToLowerInvariant()} {decision.Subject}";
}
