using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>What calls came to before the guard began, from the site's records: limits over a day or a month know it, and what is usual for an extension.</summary>
/// <remarks>It is read once, beside the work: until then the brake knows what it has seen itself.</remarks>
internal sealed partial class CallMemory(CallSettings settings, CallSite site, TimeZoneInfo zone, CallDesk desk, TimeProvider clock, ILogger log)
{
    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var (engine, calls) = (new CallEngine(site.Policy) { IsLearning = true }, 0);
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var replay = new CallReplay(engine, hasGate: false, static _ => { });
        var problems = await CallHistory.ReadAsync(
            settings,
            zone,
            clock.GetUtcNow() - CallHistory.Month,
            new CallReading(site.Rules, site.Tariff),
            one =>
            {
                // A clock that was wrong for a while has written records of a time that is still to come.
                if (one.Written > now)
                {
                    return;
                }

                calls++;
                if (one.Seen is { } seen)
                {
                    replay.See(seen);
                }
                else
                {
                    replay.Add(one.Call);
                }
            },
            stop);
        replay.Finish();
        desk.Remember(engine);
        LogRead(log, calls);
        foreach (var problem in problems)
        {
            LogProblem(log, problem);
        }

        desk.MemoryProblem = problems.Count > 0 ? problems[0] : null;
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, stop);
    }

    [LoggerMessage(2946, LogLevel.Information, "{Calls} calls of the last month are known from the site's records")]
    private static partial void LogRead(ILogger log, int calls);

    [LoggerMessage(2947, LogLevel.Warning, "Records of calls: {Problem}")]
    private static partial void LogProblem(ILogger log, string problem);
}
