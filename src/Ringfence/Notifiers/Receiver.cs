using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Ringfence.Sqlite;

namespace Ringfence.Notifiers;

/// <summary>One section [notify NAME]: alarms and the rest side by side, so that neither waits for the other; and mail for each of its people alone, so
/// that one whose mailbox is full or whose server greylists neither misses what the others got nor holds it up.</summary>
internal sealed class Receiver
{
    private readonly NotifierSettings _settings;
    private readonly string _server;
    private readonly TimeProvider _clock;
    private readonly IReadOnlyList<INotifier> _ways;
    private readonly IReadOnlyList<Lane> _lanes;

    /// <param name="notifierOf">Makes the notifier of one recipient.</param>
    public Receiver(
        NotifierSettings settings, Func<NotifierSettings, INotifier> notifierOf, string server, DigestRules digest, Func<NoticeQueue> queue, TimeProvider clock, ILogger log)
    {
        _settings = settings;
        _server = server;
        _clock = clock;
        List<(string Key, INotifier Notifier)> ways = [.. Split(settings).Select(one => (one.Key, notifierOf(one.Settings)))];
        _ways = [.. ways.Select(way => way.Notifier)];
        _lanes = [.. from way in ways from urgent in (bool[])[false, true] select new Lane(way.Key, urgent, settings, way.Notifier, server, digest, queue, clock, log)];
        Keys = [.. ways.Select(way => way.Key)];
    }

    public string Name => _settings.Name;

    public string Kind => NotifierOf.Name(_settings.Kind);

    public NoticeFilter Filter => _settings.Filter;

    /// <summary>By which the queue knows those who are told.</summary>
    public IReadOnlyList<string> Keys { get; }

    public void Wake()
    {
        foreach (var lane in _lanes)
        {
            lane.Wake();
        }
    }

    /// <summary>A part for the supervisor.</summary>
    /// <exception cref="SqliteException">The queue can't be read or written.</exception>
    /// <exception cref="IOException">The same, of the file itself.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task> running = [.. _lanes.Select(lane => lane.RunAsync(end.Token, stop))];
        try
        {
            // The end of one is the end of all: the supervisor learns of it, and starts them again.
            await await Task.WhenAny(running);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Taken if everybody took it; else what those who did not said.</returns>
    public async Task<Answer> TestAsync(CancellationToken stop)
    {
        var message = NoticeMessage.Of(_server, NoticeFrom.Test(_clock.GetUtcNow()));
        var answers = await Task.WhenAll(_ways.Select(way => way.SendAsync(message, stop)));
        var worst = answers.Max(answer => answer.Kind);
        return new Answer(worst, Joined(answers.Where(answer => answer.Kind == AnswerKind.Taken == (worst == AnswerKind.Taken)).Select(answer => answer.Words))!);
    }

    public NotifierStatus Status(int waiting, long lost)
    {
        List<LaneStatus> lanes = [.. _lanes.Select(lane => lane.Status)];
        var refused = lanes.Sum(lane => lane.Refused);
        var lastRefusal = lanes.Where(lane => lane.LastRefusal is not null).MaxBy(lane => lane.LastFailure)?.LastRefusal;
        var all = lost + lanes.Sum(lane => lane.TooOld);
        return new NotifierStatus(
            Name, Kind, waiting, lanes.Max(lane => lane.LastSuccess), lanes.Max(lane => lane.LastFailure), refused, all, Joined(lanes.Select(lane => lane.Problem).OfType<string>()))
        {
            FailingSince = lanes.Min(lane => lane.FailingSince),
            Note = (refused, all) switch
            {
                (0, 0) => null,
                (0, _) => $"{all} notices were dropped untold: too many, or too old",
                (_, 0) => $"{refused} refused for good: {lastRefusal}",
                _ => $"{refused} refused for good: {lastRefusal}; {all} notices were dropped untold: too many, or too old",
            },
        };
    }

    // A mail server answers for each recipient, and what it says to one is to be tried again for that one alone. The machine's own program queues for each itself.
    private static IEnumerable<(string Key, NotifierSettings Settings)> Split(NotifierSettings settings) =>
        settings is { Kind: NotifierKind.Mail, Server: not null }
            ? settings.To.Select(to => ($"{settings.Name} {to}", settings with { To = [to] }))
            : [(settings.Name, settings)];

    private static string? Joined(IEnumerable<string> words) => string.Join("; ", words.Distinct(StringComparer.Ordinal)) is { Length: > 0 } joined ? joined : null;
}
