using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>Something that the policy would have stopped.</summary>
/// <param name="Alarm">What was reached.</param>
/// <param name="IsFraud">Of its last call, where somebody said which calls were.</param>
internal sealed record BacktestStop(CallAlarm Alarm, bool? IsFraud);

/// <summary>What one limit would have come to.</summary>
internal sealed class BacktestLimit
{
    /// <summary>How often its critical level was reached.</summary>
    public int Reached { get; set; }

    /// <summary>How often its warning level was.</summary>
    public int Warned { get; set; }

    /// <summary>Calls that did not leave, or were hung up.</summary>
    public int Stopped { get; set; }

    /// <summary>Those of them that were no fraud.</summary>
    public int Good { get; set; }

    /// <summary>Millionths.</summary>
    public long Saved { get; set; }
}

/// <summary>What a policy would have done with the calls of the past, and what it would have saved.</summary>
/// <param name="fraud">Ids of the calls that were fraud; null: nobody said, and each call that is stopped counts as a good one.</param>
/// <param name="most">Stops that are kept one by one; all are counted.</param>
internal sealed class Backtest(CallPolicy policy, bool hasGate, IReadOnlySet<string>? fraud, int most)
{
    private readonly List<BacktestStop> _stops = [];
    private readonly SortedDictionary<string, BacktestLimit> _limits = new(StringComparer.Ordinal);
    private CallReplay? _replay;

    /// <summary>Of all calls that were no fraud.</summary>
    public WorkHoursFit Hours { get; } = new(policy);

    public IReadOnlyList<BacktestStop> Stops => _stops;

    public int StopsTotal { get; private set; }

    public IReadOnlyDictionary<string, BacktestLimit> Limits => _limits;

    /// <summary>Calls to outside, without those for help: they cost nothing, and nobody stops them.</summary>
    public CallSum All { get; } = new();

    /// <summary>Those of them to short numbers of the carrier's network: their price is a guess.</summary>
    public CallSum Short { get; } = new();

    /// <summary>Those of them that were fraud.</summary>
    public CallSum Fraud { get; } = new();

    /// <summary>What would have been spent on those.</summary>
    public CallSum FraudLeft { get; } = new();

    /// <summary>What would have been spent on all.</summary>
    public long Spent { get; private set; }

    /// <summary>Calls that would not have left, or been hung up.</summary>
    public int Stopped { get; private set; }

    /// <summary>Those of them that were no fraud.</summary>
    public int GoodStopped { get; private set; }

    public long? First { get; private set; }

    public long? Last { get; private set; }

    /// <summary>Days from the first call to the last, a begun one whole.</summary>
    public int Days => First is { } first && Last is { } last ? (int)((last - first) / 86_400_000) + 1 : 0;

    public void Add(in PastEvent one)
    {
        // A call of days may be told late: it began when it did.
        var began = one.Seen is null ? one.Written - one.Call.Ring - one.Call.Talk : one.At;
        First = Math.Min(First ?? began, began);
        Last = Math.Max(Last ?? began, began);
        _replay ??= new CallReplay(new CallEngine(policy), hasGate, Take, Alarmed);
        if (one.Seen is { } seen)
        {
            _replay.See(seen);
        }
        else
        {
            if (fraud?.Contains(one.Call.Id) is not true)
            {
                Hours.Add(one.Call.Attempt);
            }

            _replay.Add(one.Call);
        }
    }

    /// <summary>Everything that goes on ends as it did; what comes then is a new past.</summary>
    public void Finish()
    {
        _replay?.Finish();
        _replay = null;
    }

    private void Take(PastOutcome outcome)
    {
        var isFraud = fraud?.Contains(outcome.Call.Id) ?? false;
        var (call, cost) = (outcome.Call, outcome.Call.Cost);
        if (call.Attempt.Dialled.Kind == DialledKind.Emergency)
        {
            return;
        }

        All.Add(call.Talk / 1000, cost);
        if (call.Attempt.Dialled.Kind == DialledKind.Short)
        {
            Short.Add(call.Talk / 1000, cost);
        }

        Spent += outcome.Cost;
        if (isFraud)
        {
            Fraud.Add(call.Talk / 1000, cost);
            FraudLeft.Add(outcome.Talked / 1000, outcome.Cost);
        }

        if (!outcome.IsStopped)
        {
            return;
        }

        Stopped++;
        GoodStopped += isFraud ? 0 : 1;
        var limit = Of(outcome.Limit);
        limit.Stopped++;
        limit.Good += isFraud ? 0 : 1;
        limit.Saved += cost - outcome.Cost;
    }

    private void Alarmed(CallAlarm alarm)
    {
        var limit = Of(alarm.Limit.Name);
        if (alarm.Level != AlarmLevel.Critical)
        {
            limit.Warned++;
            return;
        }

        limit.Reached++;
        if (alarm.Limit.Action == BrakeAction.Tell)
        {
            return;
        }

        StopsTotal++;
        if (_stops.Count < most)
        {
            var last = alarm.Last ?? (alarm.Calls.Count > 0 ? alarm.Calls[^1] : null);
            _stops.Add(new BacktestStop(alarm, last is null ? null : fraud is null ? null : IsFraud(last.Id)));
        }
    }

    // A replay and the engine make "1795219652.7/3" of a second call of one channel: its record has the channel's own.
    private bool IsFraud(string id) => fraud!.Contains(id) || (id.LastIndexOf('/') is > 0 and var at && fraud.Contains(id[..at]));

    private BacktestLimit Of(string name) => _limits.TryGetValue(name, out var limit) ? limit : _limits[name] = new BacktestLimit();
}
