using Ringfence.Api;
using Ringfence.Output;

namespace Ringfence.Daemon;

/// <summary>Tells systemd when the guard is ready, and from then on how it fares: the line that <c>systemctl status</c> shows.</summary>
/// <param name="isReady">Whether the API accepts and every log was looked at; the table stood before anything else began.</param>
internal sealed class ServiceStatus(IDaemon daemon, Systemd systemd, Func<bool> isReady, TimeProvider clock)
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(10);

    /// <summary>Half of the unit's TimeoutStartSec: a guard whose API can't be had still bans, and must not be killed for it; the line then has its problem.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var begun = clock.GetTimestamp();
        while (!isReady() && clock.GetElapsedTime(begun) < Patience)
        {
            await Task.Delay(LookEvery, clock, stop);
        }

        var said = Line(await daemon.StatusAsync(stop));
        systemd.Ready(said);
        using var timer = new PeriodicTimer(TellEvery, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            var line = Line(await daemon.StatusAsync(stop));
            if (line != said)
            {
                systemd.Status(line);
                said = line;
            }
        }
    }

    /// <returns>"enforcing: 12 bans in force, 3 logs (1 blind), 1 problem: see ringfence status".</returns>
    public static string Line(StatusReport status)
    {
        var mode = status.Firewall is { Mode: "observe" } ? "observing, banning nobody" : "enforcing";
        var blind = status.Sources.Count(source => !source.Alive);
        var logs = status.Sources.Count == 0 ? "no log is known" : Words.Count(status.Sources.Count, "log") + (blind == 0 ? "" : $" ({blind} blind)");
        var problems = StatusProblems.Of(status).Count;
        return $"{mode}: {Words.Count(status.Bans, "ban")} in force, {logs}{(problems == 0 ? "" : $", {Words.Count(problems, "problem")}: see ringfence status")}";
    }
}
