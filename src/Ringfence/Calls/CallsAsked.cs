using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;

namespace Ringfence.Calls;

/// <summary>What a gate asks: what it is answered, and the calls that it let out and that nobody has told of yet. In <see cref="CallDesk"/>'s turn.</summary>
/// <param name="isTrunk">By the name of an endpoint; null: nobody knows.</param>
internal sealed class CallsAsked(Func<string, bool?> isTrunk, LiveCalls live, EngineInForce inForce, CallsHeard heard, TimeProvider clock)
{
    /// <summary>So many are known of those that were let through; ten a second are 72,000. Of others the engine forgets that they were let out, as of all that never begin, five minutes later.</summary>
    public const int Most = 100_000;

    // Whoever was let through and never called: nobody told of his end.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    private readonly Dictionary<string, (CallAttempt Attempt, bool HasPin, long Since)> _out = new(StringComparer.Ordinal);

    /// <summary>Since start.</summary>
    public long Count { get; private set; }

    /// <summary>Those of them that may not leave.</summary>
    public long Denied { get; private set; }

    /// <summary>Those that a gate let out, and that nobody has told of.</summary>
    public IEnumerable<(string Id, CallAttempt Attempt, bool HasPin)> Out => _out.Select(static pair => (pair.Key, pair.Value.Attempt, pair.Value.HasPin));

    public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin)
    {
        // A dialplan knows its own channel alone: not that it was forwarded, nor that its caller dials on. Whose a program's call is it may know (FreePBX's AMPUSER), and the manager interface does not.
        var paid = live.PaidBy(id) is { Extension.Length: > 0 } payer && (payer.Extension != CallAttempt.Originated || attempt.Extension.Length == 0) ? attempt with { Extension = payer.Extension, Origin = payer.Origin } : Stopped(attempt);
        var answer = inForce.Ask(id, paid, hasPin);
        Count++;
        Denied += answer.Verdict == GateVerdict.Deny ? 1 : 0;
        heard.LastEvent = clock.GetUtcNow();
        if (answer.Verdict == GateVerdict.Allow)
        {
            heard.Asked(id, attempt.At);
            if (live.Find(id) is null && (_out.Count < Most || _out.ContainsKey(id)))
            {
                _out[id] = (paid, hasPin, clock.GetTimestamp());
            }
        }

        return answer;
    }

    /// <summary>It goes on, and from now on is told of.</summary>
    public void Began(string id) => _out.Remove(id);

    /// <summary>One that was let out will not be made, or is over.</summary>
    public void End(string id, long at)
    {
        if (_out.Remove(id) && live.Find(id) is null)
        {
            inForce.End(id, at);
        }
    }

    public void EndLate(long now)
    {
        foreach (var late in _out.Where(pair => clock.GetElapsedTime(pair.Value.Since) > Longest).Select(static pair => pair.Key).ToList())
        {
            End(late, now);
        }
    }

    // How a trunk's call came about its record alone tells, when it is over: what is stopped of such calls is all held that the trunk asks for.
    private CallAttempt Stopped(in CallAttempt attempt)
    {
        if (isTrunk(attempt.Extension) is not true && !ChannelName.IsSpan(attempt.Extension))
        {
            return attempt;
        }

        foreach (var stop in inForce.Engine.Stops.OrderBy(static stop => stop.NewOnly))
        {
            // Whether its country is known there the engine says.
            if (stop.Origin is { } origin && attempt with { Origin = origin } is var same && stop.Holds(same, attempt.At, Standing.NewToSite))
            {
                return same;
            }
        }

        return attempt;
    }
}
