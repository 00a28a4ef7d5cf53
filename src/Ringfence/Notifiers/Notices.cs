using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Notices;
using Ringfence.Journal;
using Ringfence.Sqlite;

namespace Ringfence.Notifiers;

/// <summary>From decisions and alarms to people: taken without waiting, onto the disk, then to each receiver at his own pace.</summary>
/// <remarks>Where nobody is to be told there is no queue, no file and no part.</remarks>
internal sealed partial class Notices : IDisposable
{
    // A batch of the pipeline has at most some thousand; the disk takes 10,000 in a second. What is beyond it is counted as lost; the journal knows it.
    private const int Room = 65_536;

    // Of what was decided and not queued when the process died: seconds, even of a flood.
    private const int MostTakenUp = 1_000;

    private readonly Channel<Item> _posted = Channel.CreateBounded<Item>(new BoundedChannelOptions(Room) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _opening = new();
    private readonly List<Item> _taken = [];
    private (IJournal Journal, long Newest)? _before;
    private NoticeQueue? _queue;
    private long _dropped;

    /// <param name="path">The queue's file.</param>
    /// <param name="make">Makes the notifier of a section; tests have their own.</param>
    public Notices(NotifySettings settings, string path, TimeProvider clock, ILogger log, Func<NotifierSettings, string, INotifier>? make = null)
    {
        _path = path;
        _clock = clock;
        _log = log;
        Server = settings.Server ?? PlainAscii.Of(Environment.MachineName, 64);
        var notifierOf = make ?? ((notifier, server) => NotifierOf.Settings(notifier, server, clock));
        Receivers = [.. settings.Notifiers.Select(notifier => new Receiver(notifier, one => notifierOf(one, Server), Server, settings.Digest, Queue, clock, log))];
    }

    public string Server { get; }

    public IReadOnlyList<Receiver> Receivers { get; }

    /// <summary>Reads the queue: not from the pipeline's turn, where a ban would wait for the disk.</summary>
    public IReadOnlyList<NotifierStatus> Status
    {
        get
        {
            var queue = _queue;
            try
            {
                return [.. Receivers.Select(receiver => receiver.Status(
                    queue?.CountFor(receiver.Keys, receiver.Filter) ?? 0, (queue?.LostFor(receiver.Keys) ?? 0) + Interlocked.Read(ref _dropped)))];
            }
            catch (SqliteException problem)
            {
                return [.. Receivers.Select(receiver => receiver.Status(0, Interlocked.Read(ref _dropped)) with { Problem = $"{_path}: {problem.Message}" })];
            }
        }
    }

    /// <summary>Never waits; from the pipeline's turn.</summary>
    public void Post(IReadOnlyList<Decision> decisions, IReadOnlyList<Outcome> outcomes)
    {
        if (Receivers.Count == 0)
        {
            return;
        }

        for (var i = 0; i < decisions.Count; i++)
        {
            Post(new Item(decisions[i], outcomes[i], null));
        }
    }

    public void Post(Notice notice)
    {
        if (Receivers.Count > 0)
        {
            Post(new Item(null, null, notice));
        }
    }

    /// <summary>Takes up what the journal knows and the queue does not, for the process died between the two: remembers here how far that goes, and
    /// reads it in <see cref="RunAsync"/>, where no ban waits for it. Before the first <see cref="Post(Notice)"/>.</summary>
    public void CatchUp(IJournal journal)
    {
        if (Receivers.Count > 0)
        {
            _before = (journal, journal.Latest(1) is [var newest, ..] ? newest.Id : 0);
            return;
        }

        try
        {
            NoticeQueue.Remove(_path);
        }
        catch (Exception problem) when (FileTrouble.Is(problem))
        {
            LogNotRemoved(_path, problem.Message);
        }
    }

    /// <summary>A part for the supervisor: what was posted goes onto the disk.</summary>
    /// <exception cref="SqliteException">The disk refuses: tried again, with what was taken already.</exception>
    /// <exception cref="IOException">The same, of the file itself.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        if (_before is var (journal, newest))
        {
            TakeUp(journal, newest);
            _before = null;
        }

        var waiting = 0;
        while (true)
        {
            if (_taken.Count == 0)
            {
                await _posted.Reader.WaitToReadAsync(stop);
            }

            while (_taken.Count < 4_096 && _posted.Reader.TryRead(out var item))
            {
                _taken.Add(item);
            }

            waiting = Queue().Count;
            var notices = _taken.ConvertAll(item => item.Notice ?? NoticeFrom.Decision(item.Decision!, item.Outcome!, withLines: waiting < NoticeQueue.MostWithLines));
            Queue().Append(notices, _clock.GetUtcNow(), _taken.FindLast(item => item.Decision is not null).Decision?.Id);
            _taken.Clear();
            foreach (var receiver in Receivers)
            {
                receiver.Wake();
            }
        }
    }

    public void Dispose() => _queue?.Dispose();

    private void TakeUp(IJournal journal, long newest)
    {
        var last = Queue().LastDecision;
        var now = _clock.GetUtcNow();
        if (last == 0)
        {
            // The first start with receivers: what was before is nobody's news.
            Queue().Append([], now, newest);
            return;
        }

        List<Decision> untold = [.. journal.Latest(MostTakenUp).Where(decision => decision.Id > last && decision.Id <= newest)];
        var fresh = untold.Where(decision => now - decision.Time <= NoticeRetry.GiveUp).Reverse().ToList();

        // What is behind the thousandth, and what nobody would be told any more by the queue's own patience.
        var others = untold.Count < MostTakenUp ? 0 : untold[^1].Id - last - 1;
        Interlocked.Add(ref _dropped, others + untold.Count - fresh.Count);

        // One reading for each subject, and not for each decision: an old acquaintance has hundreds of them, with their evidence.
        var known = fresh.Select(decision => decision.Subject).Distinct().SelectMany(journal.About).DistinctBy(entry => entry.Decision.Id).ToDictionary(entry => entry.Decision.Id);
        foreach (var decision in fresh)
        {
            var (full, outcomes) = known.GetValueOrDefault(decision.Id);
            _taken.Add(new Item(full ?? decision, outcomes is { Count: > 0 } ? outcomes[^1] : new Outcome(decision.Id, decision.Time, OutcomeKind.Enforced, ""), null));
        }
    }

    private NoticeQueue Queue()
    {
        lock (_opening)
        {
            return _queue ??= NoticeQueue.Open(_path, [.. Receivers.SelectMany(receiver => receiver.Keys)], _clock.GetUtcNow());
        }
    }

    private void Post(Item item)
    {
        if (!_posted.Writer.TryWrite(item))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    [LoggerMessage(2611, LogLevel.Warning, "{Path}: nobody is to be told, and this queue of an earlier guard can't be removed: {Problem}")]
    private partial void LogNotRemoved(string path, string problem);

    // Either a decision with its outcome, or a notice: it is made into one outside of the pipeline's turn.
    private readonly record struct Item(Decision? Decision, Outcome? Outcome, Notice? Notice);
}
