using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Output;

namespace Ringfence.Daemon;

/// <summary>Says each decision on the standard output as it happens, and counts what it could not say: under a flood nobody waits for a terminal, nor ever for a
/// pipe that nobody reads.</summary>
internal sealed class Announcer(Screen screen)
{
    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private long _unsaid;

    public void Post(IReadOnlyList<Decision> decisions, IReadOnlyList<Outcome> outcomes)
    {
        for (var i = 0; i < decisions.Count; i++)
        {
            Post(new Item(decisions[i], outcomes[i], default));
        }
    }

    /// <summary>A line of another kind.</summary>
    public void Post(Span line) => Post(new Item(null, null, line));

    /// <summary>A part for <see cref="Supervisor"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await foreach (var item in _queue.Reader.ReadAllAsync(stop))
        {
            // Writing to a full pipe blocks until somebody reads, which may be never: the thread waits for that, and not the guard's end.
            await Task.Factory.StartNew(() => Say(item), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).WaitAsync(stop);
        }
    }

    /// <summary>The last word, when the part has ended. It waits a moment for whoever should read it.</summary>
    public async Task EndAsync(Func<Screen, string> line)
    {
        try
        {
            await Task.Factory.StartNew(() => screen.Line(line(screen)), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(1));
        }
        catch (Exception unread) when (unread is TimeoutException or IOException)
        {
            // Nobody reads, or nobody can.
        }
    }

    private void Post(Item item)
    {
        if (!_queue.Writer.TryWrite(item))
        {
            Interlocked.Increment(ref _unsaid);
        }
    }

    private void Say(Item item)
    {
        if (item is { Decision: { } decision, Outcome: { } outcome })
        {
            Say(decision, outcome);
        }
        else
        {
            screen.Line(item.Line);
        }

        if (Interlocked.Exchange(ref _unsaid, 0) is > 0 and var unsaid)
        {
            screen.Line(new Span($"... and {unsaid} decisions more; all are in the journal (ringfence bans)", Tone.Warning));
        }
    }

    private void Say(Decision decision, Outcome outcome)
    {
        var (action, tone) = (decision, outcome.Kind) switch
        {
            (Ban { Throttles: true }, OutcomeKind.Observed) => ("WOULD THROTTLE", Tone.Warning),
            (Ban { Throttles: true }, OutcomeKind.Enforced) => ("THROTTLE", Tone.Warning),
            (Ban, OutcomeKind.Observed) => ("WOULD BAN", Tone.Warning),
            (Ban, OutcomeKind.Failed) => ("BAN FAILED", Tone.Bad),
            (Ban, OutcomeKind.Expired) => ("BAN OVER", Tone.Faint),
            (Ban, _) => ("BAN", Tone.Bad),
            (Unban, _) => ("UNBAN", Tone.Good),
            (Spare, _) => ("SPARE", Tone.Warning),
            _ => ("ALERT", Tone.Warning),
        };
        var time = decision is Ban ban ? ban.Until is { } until ? $" for {Duration.Words(until - ban.Time)}" : " for ever" : "";
        var trust = decision is Spare spare ? $" (trusted: {spare.Trust})" : "";
        var failure = outcome.Kind == OutcomeKind.Failed ? $": {outcome.Detail}" : "";
        screen.Line($"{screen.Time(decision.Time)} ", new Span(action, tone), $" {decision.Subject}{time}  {decision.Rule}: {decision.Reason}{trust}{failure}");
    }

    // A decision with its outcome, or a line.
    private readonly record struct Item(Decision? Decision, Outcome? Outcome, Span Line);
}
