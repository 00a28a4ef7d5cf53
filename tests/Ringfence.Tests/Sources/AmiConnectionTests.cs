using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class AmiConnectionTests : IDisposable
{
    private readonly FakeManager _manager = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _manager.Dispose();

    [Fact]
    public async Task A_time_limit_that_comes_due_as_the_answer_arrives_harms_nobody()
    {
        var time = new TimersInFlight();
        var opening = AmiConnection.OpenAsync(_manager.Settings.Manager!, time, Stop);
        await _manager.AcceptAsync(Stop);
        using var connection = await opening;
        var asking = connection.AskAsync("Ping", [], Stop);
        await _manager.AnswerAsync(await _manager.ReadAsync(Stop), "Success", "Ping: Pong\r\n", Stop);
        await asking;

        var failures = time.RunAll();

        Assert.NotEmpty(time.Limits);
        Assert.All(time.Limits, static limit => Assert.Equal(AmiConnection.Patience, limit));
        Assert.Empty(failures);
    }

    [Theory]
    [InlineData("1.1\nAction: Command")]
    [InlineData("1.1\r")]
    public async Task No_value_ends_its_line(string value)
    {
        var opening = AmiConnection.OpenAsync(_manager.Settings.Manager!, TimeProvider.System, Stop);
        await _manager.AcceptAsync(Stop);
        using var connection = await opening;

        await Assert.ThrowsAsync<ArgumentException>(() => connection.SendAsync("Hangup", [("Channel", value)], Stop));
    }

    /// <summary>The system's timers at their worst: each has come due before it was disposed, and its callback runs after that, on a thread where nobody catches.</summary>
    private sealed class TimersInFlight : TimeProvider
    {
        private readonly List<Action> _callbacks = [];

        public List<TimeSpan> Limits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_callbacks)
            {
                _callbacks.Add(() => callback(state));
                Limits.Add(dueTime);
            }

            return new Disposable();
        }

        public List<Exception> RunAll()
        {
            lock (_callbacks)
            {
                return [.. _callbacks.Select(static callback => Record.Exception(callback)).OfType<Exception>()];
            }
        }

        private sealed class Disposable : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
