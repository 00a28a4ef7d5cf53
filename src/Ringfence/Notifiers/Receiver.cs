using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>Brings one receiver what waits for him: singly, or as digests; tries again what he does not take.</summary>
internal sealed partial class Receiver(
    NotifierSettings settings, INotifier notifier, string server, DigestRules digest, Func<NoticeQueue> queue, TimeProvider clock, ILogger log)
{
    // Whoever wakes it twice before it looks has woken it.
    private readonly Channel<bool>[] _wakes = [NewWake(), NewWake()];
    private readonly Lock _lock = new();
    private DateTimeOffset? _lastSuccess;
    private DateTimeOffset? _lastFailure;
    private DateTimeOffset? _failingSince;
    private string? _problem;
    private string? _lastRefusal;
    private long _refused;
    private long _tooOld;

    public string Name => settings.Name;

    public string Kind => NotifierOf.Name(settings.Kind);

    public void Wake()
    {
        foreach (var wake in _wakes)
        {
            wake.Writer.TryWrite(true);
        }
    }

    /// <summary>A part for the supervisor: alarms and the rest side by side, so that neither waits for the other.</summary>
    /// <exception cref="Ringfence.Journal.SqliteException">The queue can't be read or written.</exception>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(RunAsync(urgent: false, stop), RunAsync(urgent: true, stop));

    public Task<Answer> TestAsync(CancellationToken stop) => notifier.SendAsync(NoticeMessage.Of(server, NoticeFrom.Test(clock.GetUtcNow())), stop);

    public NotifierStatus Status(int waiting, long lost)
    {
        lock (_lock)
        {
            var all = lost + _tooOld;
            return new NotifierStatus(Name, Kind, waiting, _lastSuccess, _lastFailure, _refused, all, _problem)
            {
                FailingSince = _failingSince,
                Note = (_refused, all) switch
                {
                    (0, 0) => null,
                    (0, _) => $"{all} notices were dropped untold: too many, or too old",
                    (_, 0) => $"{_refused} refused for good: {_lastRefusal}",
                    _ => $"{_refused} refused for good: {_lastRefusal}; {all} notices were dropped untold: too many, or too old",
                },
            };
        }
    }

    private static Channel<bool> NewWake() => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private async Task RunAsync(bool urgent, CancellationToken stop)
    {
        var wake = _wakes[urgent ? 1 : 0].Reader;
        var failures = 0;
        while (true)
        {
            var waiting = queue().For(Name, urgent, settings.Filter);
            var step = DigestPlan.Next(waiting.State, digest, waiting.Came, clock.GetUtcNow());
            if (step.Count == 0)
            {
                await RestAsync(urgent, waiting, step.Until, wake, stop);
                continue;
            }

            var last = waiting.Ids[step.Count - 1];
            var message = Message(waiting.Ids, step);
            if (message is null || await SendAsync(message, failures, stop))
            {
                failures = 0;
                queue().Advance(Name, urgent, last, step.After);
            }
            else
            {
                failures++;
                await Task.Delay(RetryDelay.After(failures), clock, stop);
            }
        }
    }

    // Nothing to tell now: until something comes, or until the digest's time.
    private async Task RestAsync(bool urgent, Waiting waiting, DateTimeOffset? until, ChannelReader<bool> wake, CancellationToken stop)
    {
        if (waiting.Ids.Count == 0 && waiting.End > 0)
        {
            queue().Advance(Name, urgent, waiting.End, waiting.State);
        }

        if (until is not { } time)
        {
            await wake.ReadAsync(stop);
            return;
        }

        // What comes meanwhile is for the same digest. A clock that is set meanwhile is seen within the minute.
        var rest = time - clock.GetUtcNow();
        await Task.Delay(rest < TimeSpan.FromMinutes(1) ? rest : TimeSpan.FromMinutes(1), clock, stop);
    }

    /// <returns>null: they are gone from the queue, which was full.</returns>
    private NoticeMessage? Message(IReadOnlyList<long> ids, DigestStep step)
    {
        if (!step.IsDigest)
        {
            return queue().Read(ids[0]) is { } one ? NoticeMessage.Of(server, one) : null;
        }

        var builder = new DigestBuilder();
        var lastId = "";
        for (var i = 0; i < step.Count; i++)
        {
            if (queue().Read(ids[i]) is { } notice)
            {
                builder.Add(notice);
                lastId = notice.Id;
            }
        }

        return lastId.Length == 0 ? null : NoticeMessage.Of(server, builder.Build(), lastId);
    }

    /// <returns>false: to be tried again.</returns>
    private async Task<bool> SendAsync(NoticeMessage message, int failures, CancellationToken stop)
    {
        var answer = await notifier.SendAsync(message, stop);
        var now = clock.GetUtcNow();
        var isTooOld = answer.Kind == AnswerKind.TryAgain && now - message.Time > RetryDelay.GiveUp;
        lock (_lock)
        {
            _failingSince = answer.Kind == AnswerKind.TryAgain ? _failingSince ?? now : null;
            switch (answer.Kind)
            {
                case AnswerKind.Taken:
                    _lastSuccess = now;
                    _problem = null;
                    break;
                case AnswerKind.Refused:
                    _lastFailure = now;
                    _problem = null;
                    _lastRefusal = answer.Words;
                    _refused++;
                    break;
                default:
                    _lastFailure = now;
                    _problem = answer.Words;
                    _tooOld += isTooOld ? message.Digest?.Count ?? 1 : 0;
                    break;
            }
        }

        if (answer.Kind == AnswerKind.Refused || isTooOld)
        {
            LogDropped(message.Id, Name, answer.Words);
        }
        else if (answer.Kind == AnswerKind.TryAgain && failures == 0)
        {
            LogLater(message.Id, Name, answer.Words);
        }

        return answer.Kind != AnswerKind.TryAgain || isTooOld;
    }

    [LoggerMessage(2600, LogLevel.Warning, "Notice {Id} is not told to {Receiver} yet: {Problem}")]
    private partial void LogLater(string id, string receiver, string problem);

    [LoggerMessage(2601, LogLevel.Error, "Notice {Id} will never be told to {Receiver}: {Problem}")]
    private partial void LogDropped(string id, string receiver, string problem);
}
