using Ringfence.Core.Configuration;

namespace Ringfence.Daemon;

/// <summary>Whether the pipeline moves: outside of systemd, whose watchdog would end the guard, a pipeline that stands still would look well for ever.</summary>
/// <param name="turns">A count that grows with each turn of the pipeline's loop, also of an idle one; read from any thread.</param>
internal sealed class Pulse(Func<long> turns, TimeProvider clock)
{
    /// <summary>An idle pipeline turns each second; the longest that a turn waits for is nft, some seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private long _last = turns();
    private long _moved = clock.GetTimestamp();

    /// <summary>null: it moves. By the clock that nobody sets.</summary>
    public string? Problem => Look() is var still && still < Patience
        ? null
        : $"it has stood still for {Duration.Words(TimeSpan.FromSeconds((long)still.TotalSeconds))}: nothing is read and nobody is banned, bans in the kernel stand; if it does not move again, restart the guard and report it";

    /// <summary>A part for <see cref="Supervisor"/>: looks often enough that <see cref="Problem"/> can say since when.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Look();
        }
    }

    private TimeSpan Look()
    {
        lock (_lock)
        {
            var now = turns();
            if (now != _last)
            {
                _last = now;
                _moved = clock.GetTimestamp();
            }

            return clock.GetElapsedTime(_moved);
        }
    }
}
