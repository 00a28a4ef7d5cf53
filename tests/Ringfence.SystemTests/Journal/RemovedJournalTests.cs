using Ringfence.Enforcement;
using Ringfence.SystemTests.Firewall;
using Xunit;

namespace Ringfence.SystemTests.Journal;

public sealed class RemovedJournalTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-removed-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Bans_in_force_are_written_into_a_journal_that_was_removed_while_the_guard_ran()
    {
        await using var firewall = new Observing(TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using (var guard = new OperatorsDesk(firewall, _directory))
        {
            await guard.StartAsync();
            await guard.BanAsync("198.51.100.66");
            await guard.BanAsync("203.0.113.0/24");
            foreach (var file in Directory.GetFiles(_directory, "ringfence.db*"))
            {
                File.Delete(file);
            }

            var running = guard.Pipeline.RunAsync(stop.Token);
            await Eventually(() => guard.StatusAsync(), status => File.Exists(Path.Combine(_directory, "ringfence.db")) && status.Journal!.Decisions == 2);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        await using var next = new OperatorsDesk(firewall, _directory);
        await next.StartAsync();

        Assert.Equal(["198.51.100.66 observed", "203.0.113.0/24 observed"], await next.BansAsync());
    }

    private static async Task Eventually<T>(Func<Task<T>> ask, Func<T, bool> holds)
    {
        for (var tries = 0; !holds(await ask()); tries++)
        {
            Assert.True(tries < 100, "not within 10 s");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
