using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Sources;

namespace Ringfence.Tests.Notifiers;

/// <summary>A journal that knows decisions, newest first, and takes none.</summary>
internal sealed class KnowingJournal(IReadOnlyList<Decision> newestFirst) : IJournal
{
    public JournalStatus Status => new(newestFirst.Count, 0, 0, null);

    public IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions) => throw new NotSupportedException();

    public void Append(IReadOnlyList<Outcome> outcomes) => throw new NotSupportedException();

    public void Save(IReadOnlyList<ReadPosition> positions) => throw new NotSupportedException();

    public IReadOnlyList<ReadPosition> Positions() => [];

    public IReadOnlyList<Ban> ActiveBans(DateTimeOffset now, bool withObserved = false) => [];

    public IReadOnlyList<Ban> BansSince(DateTimeOffset since, bool withObserved = false) => [];

    public IReadOnlyList<Unban> ForgivenSince(DateTimeOffset since) => [];

    public IReadOnlyList<Decision> Latest(int count) => [.. newestFirst.Take(count)];

    public IReadOnlyList<(Decision Decision, IReadOnlyList<Outcome> Outcomes)> About(Network network) =>
        [.. newestFirst.Where(decision => decision.Subject == network).Select(decision => (decision, (IReadOnlyList<Outcome>)[]))];

    public int Purge(DateTimeOffset before) => 0;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
