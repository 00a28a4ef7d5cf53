using System.Collections.Concurrent;
using Ringfence.Core.Fraud;
using Ringfence.Gate;

namespace Ringfence.SystemTests.Gate;

/// <summary>An engine behind a lock, and what it was told; answers of a test's own for some numbers.</summary>
internal sealed class EngineGate(CallPolicy policy) : IGate
{
    private readonly Lock _lock = new();
    private readonly CallEngine _engine = new(policy);

    /// <summary>What is answered for a number ("+4930123456"), in place of the engine's answer.</summary>
    public ConcurrentDictionary<string, GateAnswer> Answers { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<(string Id, CallAttempt Attempt, bool HasPin)> Asked { get; } = new();

    public ConcurrentQueue<SiteEvent> Seen { get; } = new();

    public ConcurrentQueue<string> Dropped { get; } = new();

    public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin)
    {
        lock (_lock)
        {
            Asked.Enqueue((id, attempt, hasPin));
            return Answers.TryGetValue(attempt.Dialled.ToString(), out var answer) ? answer : _engine.Ask(id, attempt, hasPin);
        }
    }

    public void See(SiteEvent seen)
    {
        lock (_lock)
        {
            Seen.Enqueue(seen);
            _engine.See(seen);
        }
    }

    public void Drop(string id)
    {
        lock (_lock)
        {
            Dropped.Enqueue(id);
            _engine.End(id, _engine.Now);
        }
    }
}
