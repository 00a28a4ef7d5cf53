using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Ringfence.Notifiers;

namespace Ringfence.Daemon;

/// <summary>Looks at status as an operator would, and makes notices of what is wrong there.</summary>
internal sealed class AlarmWatch(IDaemon desk, Notices notices, TimeProvider clock)
{
    /// <summary>What has lasted so long is told, and its end when that has lasted as long.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);

    /// <summary>A receiver that takes nothing for so long is told to the others. Not sooner: a mail server that is restarted, or greylists, is back within the hour.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly AlarmBook _book = new(Lasting);

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await LookAsync(stop);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        foreach (var notice in _book.See(Problems(await desk.StatusAsync(stop)), clock.GetUtcNow()))
        {
            notices.Post(notice);
        }
    }

    /// <summary>What status has, by what has it; of receivers those alone that are as good as dead.</summary>
    public static IReadOnlyDictionary<string, string> Problems(StatusReport status)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var problem in StatusProblems.Of(status))
        {
            if (problem.Receiver is not { } receiver)
            {
                problems[problem.What] = problem.Words;
            }
            else if (status.Now - receiver.FailingSince >= DeadAfter)
            {
                // Of several people who get mail others may have all of it.
                var whole = receiver.LastSuccess > receiver.FailingSince ? "it has not taken all that it was sent" : "it has taken nothing";
                problems[problem.What] = $"{whole} for {Duration.Words(status.Now - receiver.FailingSince!.Value)}, and {receiver.Waiting} notices wait for it: {problem.Words}";
            }
        }

        return problems;
    }
}
