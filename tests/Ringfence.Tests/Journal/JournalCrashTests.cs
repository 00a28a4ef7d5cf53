using Xunit;

namespace Ringfence.Tests.Journal;

public sealed class JournalCrashTests : JournalFixture
{
    [Fact]
    public async Task Kill_9_at_any_moment_loses_nothing_that_Append_returned()
    {
        // The other process has the machine's clock.
        Time.SetClock(TimeProvider.System.GetUtcNow().AddMinutes(1) - Time.Now);
        var random = new Random(9);
        var printed = new List<long>();
        for (var round = 0; round < 10; round++)
        {
            await Journal.DisposeAsync();
            printed.AddRange(await KilledAfterAsync(random.Next(1, 400)));

            Journal = Open();

            var kept = Journal.About(Net("0.0.0.0/0")).Select(about => about.Decision.Id).ToList();
            Assert.Subset(kept.ToHashSet(), printed.ToHashSet());
            Assert.Equal(Enumerable.Range(1, kept.Count).Select(n => (long)n), kept);

            // The position came with the decisions that were counted in it: no line lost, none counted twice.
            Assert.Equal(kept.Count, Journal.Positions().Single().Offset);
            Assert.Equal(kept, Journal.ActiveBans(TimeProvider.System.GetUtcNow()).Select(ban => ban.Id));
            Assert.Null(Journal.Status.Problem);
        }

        Assert.Equal(printed.Count, printed.Distinct().Count());
    }

    private async Task<IReadOnlyList<long>> KilledAfterAsync(int lines)
    {
        using var writer = JournalWriterProcess.Start(Path);
        var printed = new List<string>();
        try
        {
            while (printed.Count < lines && await writer.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                printed.Add(line);
            }
        }
        finally
        {
            // SIGKILL on Linux. The writer is anywhere in its work: the pipe holds lines that are not read yet.
            writer.Kill();
            await writer.WaitForExitAsync(CancellationToken.None);
        }

        // The last line may be cut off in the middle, so of those the pipe still held only whole ones count.
        var rest = (await writer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
        printed.AddRange(rest[..^1]);
        Assert.True(printed.Count >= lines, $"the writer ended by itself after {printed.Count} lines");
        return [.. printed.SelectMany(line => line.Split(' ')).Select(long.Parse)];
    }
}
