using Ringfence.Daemon;
using Ringfence.Output;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class AnnouncerTests
{
    [Fact]
    public async Task An_output_that_nobody_reads_holds_up_neither_who_posts_nor_the_end()
    {
        using var output = new Unread();
        using var stop = new CancellationTokenSource();
        var announcer = new Announcer(new Screen(new Commands.Console().Surroundings(output, TextWriter.Null)));
        var running = announcer.RunAsync(stop.Token);

        for (var line = 0; line < 2_000; line++)
        {
            announcer.Post("a line");
        }

        await output.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.EndAsync());
    }

    /// <summary>A full pipe.</summary>
    private sealed class Unread : StringWriter
    {
        private readonly ManualResetEventSlim _read = new();

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Write(string? value)
        {
            Begun.TrySetResult();
            _read.Wait();
        }

        protected override void Dispose(bool disposing)
        {
            _read.Set();
            _read.Dispose();
            base.Dispose(disposing);
        }
    }
}
