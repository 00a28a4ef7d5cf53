using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class SupervisorTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_failed_part_is_started_again_after_growing_delays_up_to_a_minute()
    {
        using var stop = new CancellationTokenSource();
        var supervisor = new Supervisor(_time, NullLogger<Supervisor>.Instance);
        supervisor.Add("source", _ => throw new IOException("gone"));
        var running = supervisor.RunAsync(stop.Token);

        var delays = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var delay = await _time.NextTimerAsync();
            delays.Add(delay.TotalSeconds);
            _time.Advance(delay);
        }

        await _time.NextTimerAsync();
        await stop.CancelAsync();
        await running.EndAsync();
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], delays);
    }

    [Fact]
    public async Task A_part_that_was_steady_for_a_minute_starts_again_after_one_second()
    {
        using var stop = new CancellationTokenSource();
        var supervisor = new Supervisor(_time, NullLogger<Supervisor>.Instance);
        var runs = 0;
        supervisor.Add("source", _ =>
        {
            if (++runs == 3)
            {
                _time.Advance(TimeSpan.FromSeconds(60));
            }

            throw new IOException("gone");
        });
        var running = supervisor.RunAsync(stop.Token);

        var delays = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            var delay = await _time.NextTimerAsync();
            delays.Add(delay.TotalSeconds);
            _time.Advance(delay);
        }

        await stop.CancelAsync();
        await running.EndAsync();
        Assert.Equal([1, 2, 1], delays);
    }

    [Fact]
    public async Task A_failure_is_reported_with_its_reason_and_next_try_and_is_gone_when_the_part_runs_again()
    {
        using var stop = new CancellationTokenSource();
        var supervisor = new Supervisor(_time, NullLogger<Supervisor>.Instance);
        var runsAgain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;
        supervisor.Add("source", async token =>
        {
            if (++runs == 1)
            {
                throw new IOException("gone");
            }

            runsAgain.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });

        var before = Assert.Single(supervisor.Parts);
        var running = supervisor.RunAsync(stop.Token);
        await _time.NextTimerAsync();
        var failed = Assert.Single(supervisor.Parts);
        _time.Advance(TimeSpan.FromSeconds(1));
        await runsAgain.Task.EndAsync();
        var again = Assert.Single(supervisor.Parts);
        await stop.CancelAsync();
        await running.EndAsync();
        var after = Assert.Single(supervisor.Parts);

        Assert.Equal("waiting", before.State);
        Assert.Equal(("waiting", 1, "gone", (DateTimeOffset?)failed.Since.AddSeconds(1)), (failed.State, failed.Failures, failed.Problem, failed.NextTry));
        Assert.Equal(("running", 1, null, null), (again.State, again.Failures, again.Problem, again.NextTry));
        Assert.Equal("stopped", after.State);
    }

    [Fact]
    public async Task Cancellation_is_no_failure_and_stops_every_part()
    {
        using var stop = new CancellationTokenSource();
        var log = new LogOfIds();
        var supervisor = new Supervisor(_time, log);
        supervisor.Add("one", token => Task.Delay(Timeout.Infinite, token));
        supervisor.Add("two", token => Task.Delay(Timeout.Infinite, token));
        supervisor.AddVital("three", token => Task.Delay(Timeout.Infinite, token));
        var running = supervisor.RunAsync(stop.Token);

        await stop.CancelAsync();
        await running.EndAsync();

        Assert.All(supervisor.Parts, part => Assert.Equal(("stopped", 0), (part.State, part.Failures)));
        Assert.Empty(log.Ids);
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_is_a_failure()
    {
        using var stop = new CancellationTokenSource();
        var supervisor = new Supervisor(_time, NullLogger<Supervisor>.Instance);
        supervisor.Add("source", _ => throw new TaskCanceledException("a time limit of its own"));
        var running = supervisor.RunAsync(stop.Token);

        await _time.NextTimerAsync();
        var failed = Assert.Single(supervisor.Parts);
        await stop.CancelAsync();
        await running.EndAsync();

        Assert.Equal(("waiting", 1), (failed.State, failed.Failures));
    }

    [Fact]
    public async Task A_part_that_ends_by_itself_is_a_problem_and_not_started_again()
    {
        using var stop = new CancellationTokenSource();
        var supervisor = new Supervisor(_time, NullLogger<Supervisor>.Instance);
        var runs = 0;
        supervisor.Add("once", _ =>
        {
            runs++;
            return Task.CompletedTask;
        });

        await supervisor.RunAsync(stop.Token);

        Assert.Equal(1, runs);
        var part = Assert.Single(supervisor.Parts);
        Assert.Equal(("stopped", "it ended by itself, and what it does is not done: restart the guard"), (part.State, part.Problem));
    }

    [Fact]
    public async Task The_failure_of_a_vital_part_stops_the_others_and_reaches_the_caller()
    {
        using var stop = new CancellationTokenSource();
        var log = new LogOfIds();
        var supervisor = new Supervisor(_time, log);
        supervisor.Add("source", token => Task.Delay(Timeout.Infinite, token));
        supervisor.AddVital("pipeline", _ => throw new InvalidOperationException("our bug"));

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => supervisor.RunAsync(stop.Token));

        Assert.Equal("our bug", thrown.Message);
        Assert.All(supervisor.Parts, part => Assert.Equal("stopped", part.State));
        Assert.Equal([2002], log.Ids);
    }

    [Fact]
    public async Task Every_fifth_failure_in_a_row_is_an_error_in_the_log()
    {
        using var stop = new CancellationTokenSource();
        var log = new LogOfIds();
        var supervisor = new Supervisor(_time, log);
        supervisor.Add("source", _ => throw new IOException("gone"));
        var running = supervisor.RunAsync(stop.Token);

        for (var i = 0; i < 9; i++)
        {
            _time.Advance(await _time.NextTimerAsync());
        }

        await _time.NextTimerAsync();
        await stop.CancelAsync();
        await running.EndAsync();
        Assert.Equal(10, log.Ids.Count(id => id == 2000));
        Assert.Equal(2, log.Ids.Count(id => id == 2001));
    }

    private sealed class LogOfIds : ILogger<Supervisor>
    {
        public List<int> Ids { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Ids.Add(eventId.Id);
    }
}
