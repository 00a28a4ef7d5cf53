using Ringfence.Enforcement;

namespace Ringfence.Daemon;

/// <summary>Has patience with a firewall that can't be had at the start: at a boot everything is slow, and a guard that only observes is none.</summary>
internal sealed partial class FirewallStart(TimeProvider clock, ILogger logger)
{
    // With the rest of the start less than systemd allows (TimeoutStartSec in packaging/ringfence.service).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(1);

    /// <summary>Starts it, and tries again for half a minute where waiting may help.</summary>
    /// <param name="start">May be called again when it has failed.</param>
    /// <exception cref="FirewallException">It can't be had.</exception>
    public async Task TryAsync(Func<Task> start, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await start();
                return;
            }
            catch (FirewallException problem) when (!problem.IsLasting && clock.GetElapsedTime(began) < Patience)
            {
                LogAgain(problem.Message, Pause.TotalSeconds);
            }

            await Task.Delay(Pause, clock, stop);
        }
    }

    /// <summary>Of a guard that observes because the firewall could not be had: tries each minute, and ends the daemon when it can, so that systemd starts it again and it enforces.</summary>
    /// <param name="start">What the next start will do: else one that only seems to work would end each guard after a minute.</param>
    /// <exception cref="WorldFailedException">The firewall can be had.</exception>
    public async Task AwaitAsync(Func<CancellationToken, Task> start, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(Later, clock, stop);
            try
            {
                await start(stop);
            }
            catch (FirewallException)
            {
                // As status says since the start.
                continue;
            }

            throw new WorldFailedException("the firewall, which could not be had at the start, works now: the guard ends, to be started again and enforce");
        }
    }

    [LoggerMessage(2333, LogLevel.Warning, "{Problem}; next try in {Seconds} s")]
    private partial void LogAgain(string problem, double seconds);
}
