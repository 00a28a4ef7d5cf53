using System.Globalization;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;

namespace Ringfence.Journal;

/// <summary>Alerts and spares that come faster than anybody reads them: the first of a minute are kept each, the others are counted, and told by one
/// alert for every rule. Forged sources cost an attacker nothing, and each would be a row with its evidence.</summary>
/// <param name="perMinute">Those of one rule that are kept each.</param>
internal sealed class AlertTally(int perMinute)
{
    // Everything of the family: so `why ADDRESS` shows that an alert about the address may be among those counted.
    private static readonly Network All4 = new(Address.FromIPv4(0), 0);
    private static readonly Network All6 = new(Address.FromBytes(new byte[16]), 0);

    private readonly Dictionary<(string Rule, DecisionKind Kind, bool IsIPv4), int> _counts = [];
    private DateTimeOffset _minute;

    /// <summary>Decisions counted and not kept since start.</summary>
    public long Counted { get; private set; }

    /// <summary>Whether the decision is one too many in its minute: then it is counted, and not to be written.</summary>
    /// <param name="isFull">There is no room: none is kept.</param>
    public bool Takes(Decision decision, bool isFull)
    {
        if (decision is not (Alert or Spare))
        {
            return false;
        }

        var key = (decision.Rule, decision.Kind, decision.Subject.First.IsIPv4);
        var count = _counts.GetValueOrDefault(key);
        if (isFull && count < perMinute)
        {
            count = perMinute;
        }

        _counts[key] = count + 1;
        if (count < perMinute)
        {
            return false;
        }

        Counted++;
        return true;
    }

    /// <summary>What was counted in the minute before, once it is over.</summary>
    public IReadOnlyList<Alert> TakeEnded(DateTimeOffset now)
    {
        var minute = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), now.Offset);
        if (minute == _minute)
        {
            return [];
        }

        var ended = _minute;
        _minute = minute;
        List<Alert> told = [];
        foreach (var ((rule, kind, isIPv4), count) in _counts)
        {
            if (count > perMinute)
            {
                told.Add(new Alert(0, ended.AddMinutes(1), isIPv4 ? All4 : All6, rule, string.Create(CultureInfo.InvariantCulture,
                    $"{count - perMinute} more {(kind == DecisionKind.Spare ? "spares" : "alerts")} within this minute came too fast to keep each: counted only")));
            }
        }

        _counts.Clear();
        return told;
    }
}
