using System.Collections.Concurrent;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;

namespace Ringfence.Enforcement;

/// <summary>Bans that the kernel refused, and what became of them since.</summary>
/// <remarks>One at a time; <see cref="TakeMended"/> is anybody's.</remarks>
internal sealed class FailedBans
{
    private readonly Dictionary<Network, Ban> _failed = [];
    private readonly ConcurrentQueue<Outcome> _mended = new();

    /// <param name="decisions">One for each subject.</param>
    /// <param name="failures">Which of them the kernel refused, and why.</param>
    public void See(IEnumerable<Decision> decisions, Dictionary<Network, string> failures)
    {
        foreach (var decision in decisions)
        {
            _failed.Remove(decision.Subject);
            if (decision is Ban ban && failures.ContainsKey(ban.Subject))
            {
                _failed[ban.Subject] = ban;
            }
        }
    }

    /// <summary>The kernel holds now what it should.</summary>
    public void Mend(DateTimeOffset now)
    {
        foreach (var ban in _failed.Values)
        {
            _mended.Enqueue(ban.Until <= now
                ? new Outcome(ban.Id, now, OutcomeKind.Expired, "it ended before the kernel took it")
                : new Outcome(ban.Id, now, OutcomeKind.Enforced, "at a later try"));
        }

        _failed.Clear();
    }

    /// <inheritdoc cref="IFirewall.TakeMended"/>
    public IReadOnlyList<Outcome> TakeMended()
    {
        var mended = new List<Outcome>();
        while (_mended.TryDequeue(out var outcome))
        {
            mended.Add(outcome);
        }

        return mended;
    }
}
