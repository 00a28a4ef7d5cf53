using Ringfence.Core.Fraud;

namespace Ringfence.Bench.Fraud;

/// <summary>What stands between a site's phones and its trunk, in a replay.</summary>
internal abstract class Defence
{
    /// <summary>Each call once, when it has ended or was refused; the name of what stopped it, "" of one that nothing did.</summary>
    public required Action<PastOutcome, string> Take { get; init; }

    /// <summary>A call of before its time, as the PBX's records have it.</summary>
    public virtual void Learn(in PastCall call)
    {
    }

    /// <param name="call">Not before anything before it.</param>
    public abstract void Add(in PastCall call);

    public abstract void See(SiteEvent seen);

    /// <summary>It is that late.</summary>
    public abstract void Advance(long at);

    public abstract void Finish();
}

/// <summary>Ringfence's engine, as the gate and the brake use it, or the brake alone.</summary>
internal sealed class EngineDefence : Defence
{
    private readonly CallEngine _engine;
    private readonly CallReplay _replay;

    public EngineDefence(CallPolicy policy, bool hasGate)
    {
        _engine = new CallEngine(policy);
        _replay = new CallReplay(_engine, hasGate, outcome => Take!(outcome, !outcome.IsStopped ? "" : outcome.Limit.Length > 0 ? outcome.Limit : "a stop"));
    }

    public override void Learn(in PastCall call)
    {
        _engine.IsLearning = true;
        _replay.Add(call);
    }

    public override void Add(in PastCall call)
    {
        _engine.IsLearning = false;
        _replay.Add(call);
    }

    public override void See(SiteEvent seen) => _replay.See(seen);

    public override void Advance(long at) => _replay.Advance(at);

    public override void Finish() => _replay.Finish();
}

/// <summary>A way to tell fraud that others have, as far as it is described in public.</summary>
internal abstract class Baseline
{
    /// <summary>A call of before its time.</summary>
    public virtual void Learn(in CallAttempt attempt, long cost)
    {
    }

    /// <summary>A call is about to leave.</summary>
    /// <returns>Why it may not; null: it may.</returns>
    public abstract string? Refuses(in CallAttempt attempt);

    /// <summary>It left.</summary>
    public virtual void Begin(in CallAttempt attempt)
    {
    }

    /// <summary>A call that left has ended.</summary>
    public virtual void End(in CallAttempt attempt, long at, long talked, long cost)
    {
    }

    /// <summary>Extensions whose calls abroad are to be hung up now.</summary>
    public List<string> Cuts { get; } = [];
}

/// <summary>A baseline in the place of the engine: with a gate it refuses, without one what it refuses is hung up as fast as the brake does that.</summary>
internal sealed class BaselineDefence(Baseline baseline, bool hasGate) : Defence
{
    private const long Reaction = 500;

    private readonly PriorityQueue<Going, (long At, int Order)> _ends = new();
    private readonly Dictionary<string, List<Going>> _byExtension = new(StringComparer.Ordinal);
    private int _order;

    public override void Learn(in PastCall call) => baseline.Learn(call.Attempt, call.Cost);

    public override void Add(in PastCall call)
    {
        Advance(call.Attempt.At);
        var why = baseline.Refuses(call.Attempt);
        Cut(call.Attempt.At);
        if (why is not null && hasGate)
        {
            Take(new PastOutcome(call, new GateAnswer(GateVerdict.Deny, null, why, why), 0, 0, IsCut: false), why);
            return;
        }

        var going = new Going(call) { End = call.Attempt.At + call.Ring + call.Talk };
        if (!_byExtension.TryGetValue(call.Attempt.Extension, out var its))
        {
            _byExtension[call.Attempt.Extension] = its = [];
        }

        its.Add(going);
        if (why is not null && going.End > call.Attempt.At + Reaction)
        {
            (going.End, going.Why) = (call.Attempt.At + Reaction, why);
        }

        _ends.Enqueue(going, (going.End, _order++));
        baseline.Begin(call.Attempt);
    }

    public override void See(SiteEvent seen) => Advance(seen.At);

    public override void Advance(long at)
    {
        while (_ends.TryPeek(out var going, out var due) && due.At <= at)
        {
            _ends.Dequeue();
            if (going.HasEnded || due.At != going.End)
            {
                continue;
            }

            going.HasEnded = true;
            _byExtension[going.Call.Attempt.Extension].Remove(going);
            var talked = Math.Clamp(due.At - going.Call.Attempt.At - going.Call.Ring, 0, going.Call.Talk);
            var cost = going.Call.Attempt.Price.Rate.Cost((talked + 999) / 1000);
            baseline.End(going.Call.Attempt, due.At, talked, cost);
            Take(new PastOutcome(going.Call, GateAnswer.Fine, talked, cost, going.Why.Length > 0), going.Why);
            Cut(due.At);
        }
    }

    public override void Finish() => Advance(long.MaxValue);

    private void Cut(long at)
    {
        foreach (var extension in baseline.Cuts)
        {
            foreach (var going in _byExtension.GetValueOrDefault(extension) ?? [])
            {
                if (going.Call.Attempt.Number.Region != PhoneBook.Home && going.Why.Length == 0 && at + Reaction < going.End)
                {
                    (going.End, going.Why) = (at + Reaction, "cut");
                    _ends.Enqueue(going, (going.End, _order++));
                }
            }
        }

        baseline.Cuts.Clear();
    }

    private sealed class Going(PastCall call)
    {
        public PastCall Call => call;

        public long End { get; set; }

        public string Why { get; set; } = "";

        public bool HasEnded { get; set; }
    }
}
