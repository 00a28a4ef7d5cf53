using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Sources;

namespace Ringfence.Tests.Commands;

/// <summary>A journal that was written before and is only read now.</summary>
internal sealed class FakeJournal(params (Decision Decision, IReadOnlyList<Outcome> Outcomes)[] entries) : IJournal
{
    public JournalStatus Status => new(entries.Length, 4096, 0, null);

    public IReadOnlyList<Ban> ActiveBans(DateTimeOffset now, bool withObserved = false) =>
        [.. entries.Select(entry => entry.Decision).OfType<Ban>().Where(ban => ban.Until is null || ban.Until > now)];

    public IReadOnlyList<Ban> BansSince(DateTimeOffset since, bool withObserved = false) => [.. entries.Select(entry => entry.Decision).OfType<Ban>().Where(ban => ban.Time >= since)];

    public IReadOnlyList<Unban> ForgivenSince(DateTimeOffset since) => [];

    public IReadOnlyList<Decision> Latest(int count) => [.. entries.Select(entry => entry.Decision).OrderByDescending(decision => decision.Time).Take(count)];

    public IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network) =>
        [.. entries.Where(entry => network.Contains(entry.Decision.Subject) || entry.Decision.Subject.Contains(network))];

    public IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions) => throw new InvalidOperationException("a verb wrote to the journal");

    public void Append(IReadOnlyList<Outcome> outcomes) => throw new InvalidOperationException("a verb wrote to the journal");

    public void Save(IReadOnlyList<ReadPosition> positions) => throw new InvalidOperationException("a verb wrote to the journal");

    public int Purge(DateTimeOffset before) => throw new InvalidOperationException("a verb wrote to the journal");

    public IReadOnlyList<ReadPosition> Positions() => [];

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
