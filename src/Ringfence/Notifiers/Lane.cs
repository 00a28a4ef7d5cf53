using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Ringfence.Sqlite;

namespace Ringfence.Notifiers;

/// <summary>One way to one receiver: his alarms, or the rest; of mail to several people one for each of them. Brings what waits, singly or as digests,
/// and tries again what is not taken.</summary>
/// <param name="key">By which the queue knows how far it is.</param>
internal sealed partial class Lane(
    string key, bool urgent, NotifierSettings settings, INotifier notifier, string server, DigestRules digest, Func<NoticeQueue> queue, TimeProvider clock, ILogger log)
{
    // So many tries take half an hour: who is down is back by then, as a rule, and one that still does not go through may itself be why.
    private const int TriesBeforeNext = 11;

    // Whoever wakes it twice before it looks has woken it.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Lock _lock = new();
    private LaneStatus _status = new(null, null, 0, 0);
    private (long Position, DigestState State)? _unsaved;
    private int _failures;

    public string Key => key;

    public LaneStatus Status
    {
        get
        {
            lock (_lock)
            {
                return _status;
            }
        }
    }

    public void Wake() => _wake.Writer.TryWrite(true);

    /// <param name="end">Ends it while nothing is under way: what is being sent is sent, or it would come again.</param>
    /// <param name="stop">Ends it at once.</param>
    /// <exception cref="SqliteException">The queue can't be read or written.</exception>
    /// <exception cref="IOException">The same, of the file itself.</exception>
    public async Task RunAsync(CancellationToken end, CancellationToken stop)
    {
        while (true)
        {
            end.ThrowIfCancellationRequested();
            Save();
            var waiting = queue().For(key, urgent, settings.Filter);
            var step = DigestPlan.Next(waiting.State, digest, waiting.Came, clock.GetUtcNow());
            if (step.Count == 0)
            {
                await RestAsync(waiting, step.Until, end);
                continue;
            }

            var message = Message(waiting.Ids, step);
            if (message is null || await SendAsync(message, stop))
            {
                _failures = 0;
                _unsaved = (waiting.Ids[step.Count - 1], step.After);
                continue;
            }

            _failures++;
            if (_failures >= TriesBeforeNext && await IsItselfWhyAsync(message, waiting, step, stop))
            {
                _failures = 0;
            }
            else
            {
                await Task.Delay(NoticeRetry.Delay.After(_failures), clock, end);
            }
        }
    }

    // What an attacker wrote is in it, and a firewall for web applications in front of a webhook, or a script, may not let just this through: with an
    // account named like an injection he would shut up the receiver for four days. So the next is tried: if that is taken, and this is still not, it is dropped.
    private async Task<bool> IsItselfWhyAsync(NoticeMessage message, Waiting waiting, DigestStep step, CancellationToken stop)
    {
        var next = DigestPlan.Next(step.After, digest, [.. waiting.Came.Skip(step.Count)], clock.GetUtcNow());
        if (next.Count == 0 || Message([.. waiting.Ids.Skip(step.Count)], next) is not { } other || (await notifier.SendAsync(other, stop)).Kind != AnswerKind.Taken)
        {
            return false;
        }

        _unsaved = (waiting.Ids[step.Count + next.Count - 1], next.After);
        var answer = await notifier.SendAsync(message, stop);
        var now = clock.GetUtcNow();
        if (answer.Kind != AnswerKind.Taken)
        {
            Set(status => status.WasRefused(now, answer.Words));
            LogDropped(message.Id, settings.Name, answer.Words);
        }

        Set(status => status.Taken(now));
        return true;
    }

    // A full disk takes no position. What was told is remembered until it does, or it would be told again with each try of the supervisor.
    private void Save()
    {
        if (_unsaved is { } told)
        {
            queue().Advance(key, urgent, told.Position, told.State);
            _unsaved = null;
        }
    }

    // Nothing to tell now: until something comes, or until the digest's time.
    private async Task RestAsync(Waiting waiting, DateTimeOffset? until, CancellationToken end)
    {
        if (waiting.Ids.Count == 0 && waiting.HasUnwanted)
        {
            queue().Advance(key, urgent, waiting.End, waiting.State);
        }

        if (until is not { } time)
        {
            await _wake.Reader.ReadAsync(end);
            return;
        }

        // What comes meanwhile is for the same digest. A clock that is set meanwhile is seen within the minute.
        var rest = time - clock.GetUtcNow();
        await Task.Delay(TimeSpan.FromTicks(Math.Clamp(rest.Ticks, 0, TimeSpan.TicksPerMinute)), clock, end);
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
    private async Task<bool> SendAsync(NoticeMessage message, CancellationToken stop)
    {
        var answer = await notifier.SendAsync(message, stop);
        var now = clock.GetUtcNow();
        var isTooOld = answer.Kind == AnswerKind.TryAgain && now - message.Time > NoticeRetry.GiveUp;
        Set(status => answer.Kind switch
        {
            AnswerKind.Taken => status.Taken(now),
            AnswerKind.Refused => status.WasRefused(now, answer.Words),
            _ => status.NotYet(now, answer.Words, isTooOld ? message.Digest?.Count ?? 1 : 0),
        });

        if (answer.Kind == AnswerKind.Refused || isTooOld)
        {
            LogDropped(message.Id, settings.Name, answer.Words);
        }
        else if (answer.Kind == AnswerKind.TryAgain && _failures == 0)
        {
            LogLater(message.Id, settings.Name, answer.Words);
        }

        return answer.Kind != AnswerKind.TryAgain || isTooOld;
    }

    private void Set(Func<LaneStatus, LaneStatus> change)
    {
        lock (_lock)
        {
            _status = change(_status);
        }
    }

    [LoggerMessage(2600, LogLevel.Warning, "Notice {Id} is not told to {Receiver} yet: {Problem}")]
    private partial void LogLater(string id, string receiver, string problem);

    [LoggerMessage(2601, LogLevel.Error, "Notice {Id} will never be told to {Receiver}: {Problem}")]
    private partial void LogDropped(string id, string receiver, string problem);
}
