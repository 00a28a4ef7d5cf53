using System.Globalization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>What people are told when calls reach a limit.</summary>
/// <param name="enforces">false: nothing is hung up or stopped.</param>
/// <param name="hasGate">Whether a gate is asked before calls leave: it holds what is stopped, also where nothing can be hung up.</param>
/// <param name="currency">"": the operator gave none.</param>
internal sealed class FraudNotice(bool enforces, bool hasGate, string currency)
{
    private const int MostEvidence = 20;

    /// <summary>The calls that led to it, a line each.</summary>
    public IReadOnlyList<string> Evidence(CallAlarm alarm)
    {
        var lines = alarm.Calls.Take(MostEvidence).Select(call => Line(call, alarm.At));
        return [.. alarm.Calls.Count > MostEvidence ? lines.Append($"... and {alarm.Calls.Count - MostEvidence} more") : lines];
    }

    /// <param name="canHangUp">Whether the manager interface is there.</param>
    public Notice Of(CallAlarm alarm, IReadOnlyList<string> evidence, bool canHangUp)
    {
        var stop = alarm.Stop;
        var isCritical = alarm.Level == AlarmLevel.Critical;
        var whom = alarm.Key.Name.Length == 0 ? "the site" : alarm.Key.Scope == LimitScope.Site ? $"the site, {alarm.Key.Name}" : Shown.Text(alarm.Key.Name);
        var reached = alarm.Figure < alarm.Threshold ? "would be reached within 30 s" : "reached";
        var what = $"{whom}: {alarm.Limit.Name} {reached}, {Figure(alarm)}, {Going(alarm.Calls)}, {Amount(alarm.Lost)} so far";
        var done = (stop, alarm.Cut.Count) switch
        {
            ({ } made, var cut) => $"{(enforces ? "stopped" : "would stop")} {made.Subject} for {Duration.Words(TimeSpan.FromMilliseconds(made.Until - made.From))}, {HungUp(cut)} (ringfence calls lift {made.Number})",
            (null, > 0 and var cut) => HungUp(cut),
            _ => "nothing is stopped",
        };
        var held = stop is null || !enforces || canHangUp ? "" : hasGate ? "; the gate holds it, and nothing can be hung up without the manager interface" : "; nobody can hold it: no gate is asked, and without the manager interface nothing can be hung up";
        return new Notice
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"fraud-{alarm.At}-{PlainAscii.Of(alarm.Limit.Name, 30)}-{PlainAscii.Of(alarm.Key.Name.Replace(' ', '-'), 30)}"),
            Time = Time(alarm.At),
            Kind = NoticeKind.Fraud,
            Severity = isCritical ? Severity.Critical : Severity.Medium,
            Headline = PlainAscii.Of($"{(isCritical ? "FRAUD" : "calls")} {whom}: {alarm.Limit.Name}, {Amount(alarm.Lost)} so far{(stop is null ? "" : enforces ? ", stopped" : ", would be stopped")}", 120),
            Rule = alarm.Limit.Rule,
            Reason = $"{what}; {done}{held}",
            Until = stop is null ? null : Time(stop.Until),
            Stop = stop?.Number ?? 0,
            Outcome = stop is null ? "" : enforces ? "enforced" : "observed",
            Lines = [.. evidence.TakeLast(NoticeFrom.MostLines).Select((line, at) => new NoticeLine(Time(alarm.At), "calls", at + 1, line))],
        };
    }

    private string HungUp(int calls) => $"{(enforces ? "hung up" : "would hang up")} {calls}";

    private string Figure(CallAlarm alarm) => CallRules.Of(alarm.Limit).Unit switch
    {
        LimitUnit.Money => $"{Amount(alarm.Figure)} of {Amount(alarm.Threshold)}",
        LimitUnit.Time => $"{Duration.Words(TimeSpan.FromMilliseconds(alarm.Figure))} of {Duration.Words(TimeSpan.FromMilliseconds(alarm.Threshold))}",
        LimitUnit.Ratio => string.Create(CultureInfo.InvariantCulture, $"{alarm.Figure / 100m:0.##} times what is usual, of {alarm.Threshold / 100m:0.##}"),
        _ => $"{alarm.Figure} of {alarm.Threshold}",
    };

    private string Line(LiveCall call, long now)
    {
        var talk = call switch { { AnsweredAt: > 0 } => $"{call.Talk(now) / 1000} s", { HasBegun: true } => "rings", _ => "asked to leave" };
        return $"{Time(call.Attempt.At):HH:mm:ss} UTC {Shown.Text(call.Attempt.Extension)} to {Shown.Text(call.Attempt.Dialled.ToString())} ({call.Attempt.Number.Region}, {call.Attempt.Price.Risk.Name}) over {Shown.Text(call.Attempt.Trunk)}: {talk}, {Amount(call.Cost(now))}";
    }

    private string Amount(long millionths) => string.Create(CultureInfo.InvariantCulture, $"{Rate.Amount(millionths):0.00}{(currency.Length == 0 ? "" : " ")}{Shown.Text(currency)}");

    private static string Going(IReadOnlyList<LiveCall> calls) =>
        calls.Count(static call => call.EndedAt > 0) is > 0 and var over ? $"{Words(over)} over, as the records say, {calls.Count - over} on" : $"{Words(calls.Count)} on";

    private static string Words(int calls) => calls == 1 ? "1 call" : $"{calls} calls";

    private static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);
}
