namespace Ringfence.Core.Fraud;

/// <summary>What would have become of a call of the past.</summary>
/// <param name="Answer">The gate's; of a replay without one <see cref="GateAnswer.Fine"/>.</param>
/// <param name="Talked">Milliseconds: 0 of a call that did not leave.</param>
/// <param name="Cost">What it would have cost.</param>
/// <param name="IsCut">The brake hung it up, or it came to the gate's seconds.</param>
/// <param name="Limit">Which limit stopped it; "" for none.</param>
internal readonly record struct PastOutcome(PastCall Call, GateAnswer Answer, long Talked, long Cost, bool IsCut, string Limit = "")
{
    public bool IsStopped => IsCut || Answer.Verdict != GateVerdict.Allow;
}

/// <summary>Calls of the past through the engine, as if it had been there.</summary>
/// <param name="hasGate">Whether calls are asked about before they leave; else the brake alone sees them, when they have begun.</param>
/// <param name="take">Each call once, when it has ended.</param>
internal sealed class CallReplay(CallEngine engine, bool hasGate, Action<PastOutcome> take, Action<CallAlarm>? alarmed = null)
{
    // What the brake takes until a call is hung up: a message over the loopback, there and back.
    private const long Reaction = 500;

    private readonly PriorityQueue<(Going Call, bool IsEnd), (long At, int Order)> _events = new();
    private readonly Dictionary<string, Going> _going = new(StringComparer.Ordinal);
    private readonly Stack<Going> _idle = new();
    private int _order;

    /// <param name="call">Not before the one before it.</param>
    public void Add(in PastCall call)
    {
        RunTo(call.Attempt.At);

        // Whoever had to give a PIN knew it. Asterisk writes a record for each channel that a call rang at, and all of them have the caller's id.
        var id = _going.ContainsKey(call.Id) ? $"{call.Id}/{_order}" : call.Id;
        var answer = hasGate ? engine.Ask(id, call.Attempt, hasPin: true) : GateAnswer.Fine;
        if (answer.Verdict != GateVerdict.Allow)
        {
            take(new PastOutcome(call, answer, 0, 0, IsCut: false, answer.Limit));
            Look(call.Attempt.At);
            return;
        }

        var talk = answer.Seconds is { } seconds ? Math.Min(call.Talk, seconds * 1000L) : call.Talk;
        var going = _idle.TryPop(out var idle) ? idle : new Going();
        going.Begin(id, call, answer, call.Attempt.At + call.Ring + talk, isCut: talk < call.Talk);
        _going[id] = going;
        if (talk > 0)
        {
            _events.Enqueue((going, false), (call.Attempt.At + call.Ring, _order++));
        }

        _events.Enqueue((going, true), (going.End, _order++));
        engine.Begin(id, call.Attempt);
        Look(call.Attempt.At);
    }

    public void See(SiteEvent seen)
    {
        RunTo(seen.At);
        engine.See(seen);
        Look(seen.At);
    }

    /// <summary>It is that late: what should have ended or been cut by then has.</summary>
    public void Advance(long at) => RunTo(at);

    /// <summary>Until the last call has ended.</summary>
    public void Finish() => RunTo(long.MaxValue);

    private void RunTo(long at)
    {
        while (true)
        {
            var next = _events.TryPeek(out _, out var due) ? due.At : long.MaxValue;
            if (engine.NextCheck is { } check && check < next && check <= at && _going.Count > 0)
            {
                engine.Advance(check);
                Look(check);
                continue;
            }

            if (next > at || next == long.MaxValue)
            {
                return;
            }

            var (going, isEnd) = _events.Dequeue();
            if (going.HasEnded || (isEnd && next != going.End))
            {
                continue;
            }

            if (isEnd)
            {
                going.HasEnded = true;
                _going.Remove(going.Id);
                var talked = Math.Max(0, next - going.Call.Attempt.At - going.Call.Ring);
                engine.End(going.Id, next);
                take(new PastOutcome(going.Call, going.Answer, Math.Min(talked, going.Call.Talk), going.Call.Attempt.Price.Rate.Cost((Math.Min(talked, going.Call.Talk) + 999) / 1000), going.IsCut, going.Limit));
                if (!going.IsCut)
                {
                    // What was cut has another end waiting, or its answer.
                    _idle.Push(going);
                }
            }
            else
            {
                engine.Answer(going.Id, next);
            }

            Look(next);
        }
    }

    private void Look(long at)
    {
        var alarms = engine.TakeAlarms();
        foreach (var cut in engine.TakeCuts())
        {
            if (_going.GetValueOrDefault(cut.Id) is { HasEnded: false } going && at + Reaction < going.End)
            {
                (going.End, going.IsCut, going.Limit) = (at + Reaction, true, LimitOf(cut, alarms, at));
                _events.Enqueue((going, true), (going.End, _order++));
            }
        }

        if (alarmed is not null)
        {
            foreach (var alarm in alarms)
            {
                alarmed(alarm);
            }
        }
    }

    // The limit that was reached, or whose stop holds since before.
    private string LimitOf(LiveCall cut, IReadOnlyList<CallAlarm> alarms, long at) =>
        alarms.FirstOrDefault(alarm => alarm.Cut.Contains(cut))?.Limit.Name ?? engine.Stops.FirstOrDefault(stop => stop.Holds(cut.Attempt, at, cut.Standing))?.Limit ?? "";

    // Used again and again: of a year's calls only those that go on at once are there.
    private sealed class Going
    {
        private PastCall _call;

        public string Id { get; private set; } = "";

        public ref readonly PastCall Call => ref _call;

        public GateAnswer Answer { get; private set; }

        public long End { get; set; }

        public bool IsCut { get; set; }

        public string Limit { get; set; } = "";

        public bool HasEnded { get; set; }

        public void Begin(string id, in PastCall call, in GateAnswer answer, long end, bool isCut)
        {
            _call = call;
            (Id, Answer, End, IsCut, Limit, HasEnded) = (id, answer, end, isCut, isCut ? answer.Limit : "", false);
        }
    }
}
