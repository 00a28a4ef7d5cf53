using Ringfence.Core.Fraud;

namespace Ringfence.Calls;

/// <summary>The engine that decides. What it is told since the guard began is kept until one that knows the time before takes its place: no call is lost meanwhile, and none counts twice. In <see cref="CallDesk"/>'s turn.</summary>
internal sealed class EngineInForce(CallEngine first)
{
    // Some 30 MB, and at ten calls a second an hour: the records of three months are read in less.
    private const int Most = 100_000;

    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);

    // null: there was more than is kept, or nobody needs it any more.
    private List<Action<CallEngine>>? _told = [];

    public CallEngine Engine { get; private set; } = first;

    /// <summary>Whether it knows the time before the guard: until then nobody can say how much a lift excuses.</summary>
    public bool KnowsBefore { get; private set; }

    /// <summary>Whether a call that has a record was seen as well.</summary>
    public bool HasSeen(string id) => KnowsBefore || _begun.Contains(id);

    public GateAnswer Ask(string id, CallAttempt attempt, bool hasPin)
    {
        var answer = Engine.Ask(id, attempt, hasPin);
        if (answer.Verdict == GateVerdict.Allow)
        {
            Keep(engine => engine.Ask(id, attempt, hasPin));
        }

        return answer;
    }

    public void Begin(string id, CallAttempt attempt)
    {
        if (_told is not null)
        {
            _begun.Add(id);
        }

        Tell(engine => engine.Begin(id, attempt));
    }

    public void Answer(string id, long at) => Tell(engine => engine.Answer(id, at));

    public void End(string id, long at) => Tell(engine => engine.End(id, at));

    public void See(SiteEvent seen) => Tell(engine => engine.See(seen));

    /// <summary>The machine's clock was set by so many milliseconds.</summary>
    public void SetClock(long by) => Tell(engine => engine.SetClock(by));

    /// <summary>Goes on with an engine that knows the time before, when that was told what happened since.</summary>
    /// <param name="tellGoingOn">Tells it what goes on, where more happened than was kept.</param>
    public void TakeOver(CallEngine next, Action<CallEngine> tellGoingOn)
    {
        // It was all looked at once, by the engine of until now: nobody is told of it again.
        next.IsLearning = true;
        foreach (var tell in _told ?? [tellGoingOn])
        {
            tell(next);
        }

        // What it comes to together with the time before nobody has looked at yet.
        next.IsLearning = false;
        (Engine, KnowsBefore, _told) = (next, true, null);
        _begun.Clear();
    }

    private void Tell(Action<CallEngine> tell)
    {
        Keep(tell);
        tell(Engine);
    }

    private void Keep(Action<CallEngine> tell)
    {
        if (_told?.Count == Most)
        {
            _told = null;
        }

        _told?.Add(tell);
    }
}
