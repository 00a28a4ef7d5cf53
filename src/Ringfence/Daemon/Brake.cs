using System.Globalization;
using Ringfence.Api;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Who is told what became of calls.</summary>
internal interface ICallTeller
{
    void Tell(Notice notice, string line);
}

/// <summary>Does what the engine says: hangs calls up, keeps what is stopped, tells people. In <see cref="CallDesk"/>'s turn.</summary>
internal sealed partial class Brake(LiveCalls live, StopFile book, ICallTeller teller, bool enforces, string currency, TimeProvider clock, ILogger log)
{
    private string State => enforces ? StopFile.Enforced : StopFile.Observed;

    private const int MostTries = 5;
    private const int MostEvidence = 20;

    // A channel ends within milliseconds of the order.
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(2);

    // ITU-T Q.850, 21: call rejected.
    private const string Cause = "21";

    private readonly Dictionary<string, Cut> _cuts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private string? _refused;

    /// <summary>What decides.</summary>
    public required CallEngine Engine { get; set; }

    /// <summary>Whether a gate is asked before calls leave: it holds what is stopped, also where nothing can be hung up.</summary>
    public bool HasGate { get; init; }

    public long Hung { get; private set; }

    /// <summary>Why calls are not hung up or not stopped, for people; null: all is well.</summary>
    public string? Problem => _refused
        ?? (_cuts.Values.Count(static cut => cut.Tries >= MostTries) is > 0 and var left ? $"{left} calls were to be hung up, and go on after {MostTries} tries: asterisk -rx \"core show channels\" has them" : null)
        ?? book.Problem;

    /// <summary>Whether the engine knows the time before the guard: until then nobody can say how much a lift excuses.</summary>
    public bool KnowsBefore { get; set; }

    public bool IsCut(string id) => _cuts.ContainsKey(id);

    /// <summary>What held when the last guard ended holds on, and what was lifted stays so.</summary>
    public void Restore(long now)
    {
        Engine.NumberStopsAfter(book.All.Select(static stop => stop.Number).DefaultIfEmpty().Max());
        List<StopReport> changed = KnowsBefore ? [.. book.All.Where(static stop => stop.LiftedAt is not null).Select(stop => Excuse(stop, now))] : [];
        List<StopReport> held = [.. book.All.Where(stop => StopFile.Holds(stop) && stop.Until.ToUnixTimeMilliseconds() > now)];

        // What was observed alone nobody had a reason to lift: whose calls go on is stopped anew. What was enforced is observed from now on, where nothing else is.
        changed.AddRange(held.Where(stop => stop.State != State).Select(stop => stop with { State = enforces ? "over" : State }));
        changed.ForEach(book.Put);
        if (changed.Count > 0)
        {
            book.Save();
        }

        // What is over makes the next one longer.
        foreach (var stop in book.All.Where(stop => stop.State == State).OrderBy(static stop => stop.Number))
        {
            Engine.Restore(StopFrom.Stop(stop), now);
        }
    }

    /// <summary>What holds, and what did, newest first.</summary>
    public IReadOnlyList<StopReport> Stops(long now) => [.. Unbooked(now), .. book.All.Reverse().Select(stop => StopFile.Holds(stop) && stop.Until.ToUnixTimeMilliseconds() <= now ? stop with { State = "over" } : stop)];

    /// <exception cref="RefusedException">None of that number holds.</exception>
    public LiftReport Lift(int? number, long now)
    {
        List<StopReport> lifted = [.. Stops(now).Where(stop => StopFile.Holds(stop) && (number is null || stop.Number == number)).Select(static stop => stop with { State = "lifted" })];
        if (number is { } missing && lifted.Count == 0)
        {
            throw new RefusedException($"no stop {missing} holds: ringfence calls stops shows those that do");
        }

        foreach (var stop in lifted)
        {
            Engine.Lift(stop.Number);
            book.Put(stop with
            {
                LiftedAt = Time(now),
                Limits = [.. stop.Limits.Select(one => Engine.Excuse(one.Limit, one.Key, most: null) is { } much && KnowsBefore ? one with { Excused = much } : one)],
            });
            LogLifted(log, stop.Number, stop.Why);
        }

        if (lifted.Count > 0)
        {
            book.Save();
        }

        return new LiftReport(lifted);
    }

    // The book has room for so many; what is not in it holds all the same.
    private IEnumerable<StopReport> Unbooked(long now)
    {
        var booked = book.All.Select(static stop => stop.Number).ToHashSet();
        return Engine.Stops.Where(stop => stop.Until > now && !booked.Contains(stop.Number)).Select(stop => StopFrom.Report(stop, State));
    }

    // What was counted before the lift is right after a restart too, as long as the limit looks back so far.
    private StopReport Excuse(StopReport stop, long now)
    {
        var at = stop.LiftedAt!.Value.ToUnixTimeMilliseconds();
        Engine.Grant(stop.Extension, stop.Region, at);
        return stop with { Limits = [.. stop.Limits.Select(one => now - at < Engine.WindowOf(one.Limit) && Engine.Excuse(one.Limit, one.Key, one.Excused) is { } much ? one with { Excused = one.Excused ?? much } : one)] };
    }

    /// <summary>Takes what the engine has said, and orders what is to be done about it.</summary>
    public void Do(long now, bool isConnected, List<AmiOrder> orders)
    {
        var isNew = false;
        foreach (var alarm in Engine.TakeAlarms())
        {
            isNew |= alarm.Stop is not null;
            Tell(alarm, isConnected);
        }

        foreach (var cut in Engine.TakeCuts())
        {
            if (_cuts.ContainsKey(cut.Id))
            {
                continue;
            }

            Hung++;
            isNew |= Count(cut, now);
            if (enforces)
            {
                _cuts[cut.Id] = new Cut();
            }

            LogCut(log, enforces ? "Hung up" : "Would hang up", Shown.Text(cut.Attempt.Extension), Shown.Text(cut.Attempt.Dialled.ToString()), Rate.Amount(cut.Cost(now)));
        }

        foreach (var (id, cut) in _cuts.Where(pair => isConnected && pair.Value.Tries < MostTries && (pair.Value.Tries == 0 || clock.GetElapsedTime(pair.Value.TriedAt) >= TryAgain)))
        {
            cut.Tries++;
            cut.TriedAt = clock.GetTimestamp();
            foreach (var channel in ChannelsOf(id))
            {
                orders.Add(new AmiOrder("Hangup", [("Channel", channel), ("Cause", Cause)]));
            }
        }

        if (isNew)
        {
            book.Save();
        }
    }

    /// <summary>A new session: what an older one was refused, or was not answered, says nothing of this one.</summary>
    public void Connected()
    {
        _refused = null;
        _ids.Clear();
        foreach (var cut in _cuts.Values)
        {
            cut.Tries = 0;
        }
    }

    public void Sent(string id)
    {
        _ids.Add(id);
    }

    public void Answered(LiveMessage answer)
    {
        if (_ids.Remove(answer.Text))
        {
            // A channel that is gone ends its call by itself.
            _refused = answer.IsSuccess || !answer.Data.Contains("ermission", StringComparison.Ordinal) ? null
                : "Asterisk does not let the guard hang up: the section of [ami]'s user in manager.conf needs write = call";
        }
    }

    public void Ended(string id) => _cuts.Remove(id);

    // The channel to outside costs the money. Whoever dialled at a phone goes with it: else his dialplan tries the next trunk.
    private IEnumerable<string> ChannelsOf(string id)
    {
        if (live.Find(id) is not { } call)
        {
            return [];
        }

        IEnumerable<string> legs = call.Legs.Keys;
        return call.Attempt.Origin == CallOrigin.Phone && call.DiallerId.Length > 0 ? legs.Prepend(call.DiallerId) : legs;
    }

    // The stop that a call is cut for, where it holds already.
    private bool Count(LiveCall cut, long now)
    {
        if (Engine.Stops.FirstOrDefault(stop => stop.Holds(cut.Attempt, now, cut.Standing)) is not { } stop || book.Find(stop.Number) is not { } known)
        {
            return false;
        }

        book.Put(known with { Hung = known.Hung + 1 });
        return true;
    }

    private void Tell(CallAlarm alarm, bool isConnected)
    {
        var stop = alarm.Stop;
        List<string> evidence = [.. alarm.Calls.Take(MostEvidence).Select(call => Line(call, alarm.At))];
        if (alarm.Calls.Count > MostEvidence)
        {
            evidence.Add($"... and {alarm.Calls.Count - MostEvidence} more");
        }

        if (stop is not null)
        {
            // Another limit may be reached while it holds: then it holds for longer, and what it was made for stays.
            var known = book.Find(stop.Number) is { } before && StopFile.Holds(before) && before.From.ToUnixTimeMilliseconds() == stop.From ? before : null;
            book.Put(StopFrom.Report(stop, State) with
            {
                Lost = known?.Lost ?? Rate.Amount(alarm.Lost),
                Hung = known?.Hung ?? 0,
                Evidence = known?.Evidence ?? evidence,
                Limits = [.. (known?.Limits ?? []).Where(one => (one.Limit, one.Key) != (alarm.Limit.Name, alarm.Key.Name)), new StopLimit(alarm.Limit.Name, alarm.Key.Name, null)],
            });
        }

        var isCritical = alarm.Level == AlarmLevel.Critical;
        var whom = alarm.Key.Name.Length == 0 ? "the site" : alarm.Key.Scope == LimitScope.Site ? $"the site, {alarm.Key.Name}" : Shown.Text(alarm.Key.Name);
        var what = $"{whom}: {alarm.Limit.Name} reached, {Figure(alarm)}, {Going(alarm.Calls)}, {Amount(alarm.Lost)} so far";
        var done = (stop, alarm.Cut.Count) switch
        {
            ({ } made, _) => $"{(enforces ? "stopped" : "would stop")} {made.Subject} for {Duration.Words(TimeSpan.FromMilliseconds(made.Until - made.From))}, {(enforces ? "hung up" : "would hang up")} {alarm.Cut.Count} (ringfence calls lift {made.Number})",
            (null, > 0 and var cut) => $"{(enforces ? "hung up" : "would hang up")} {cut}",
            _ => "nothing is stopped",
        };
        var held = stop is null || !enforces || isConnected ? "" : HasGate ? "; the gate holds it, and nothing can be hung up without the manager interface" : "; nobody can hold it: no gate is asked, and without the manager interface nothing can be hung up";
        var words = $"{what}; {done}{held}";
        LogAlarm(log, isCritical ? LogLevel.Error : LogLevel.Warning, words);
        teller.Tell(
            new Notice
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"fraud-{alarm.At}-{PlainAscii.Of(alarm.Limit.Name, 30)}-{PlainAscii.Of(alarm.Key.Name.Replace(' ', '-'), 30)}"),
                Time = Time(alarm.At),
                Kind = NoticeKind.Fraud,
                Severity = isCritical ? Severity.Critical : Severity.Medium,
                Headline = PlainAscii.Of($"{(isCritical ? "FRAUD" : "calls")} {whom}: {alarm.Limit.Name}, {Amount(alarm.Lost)} so far{(stop is null ? "" : enforces ? ", stopped" : ", would be stopped")}", 120),
                Rule = alarm.Limit.Rule,
                Reason = words,
                Until = stop is null ? null : Time(stop.Until),
                Outcome = stop is null ? "" : State,
                Lines = [.. evidence.TakeLast(NoticeFrom.MostLines).Select((line, at) => new NoticeLine(Time(alarm.At), "calls", at + 1, line))],
            },
            $"{(isCritical ? enforces ? "BRAKE" : "WOULD BRAKE" : "CALLS")} {words}");
    }

    private string Figure(CallAlarm alarm) => CallRules.Of(alarm.Limit).Unit switch
    {
        LimitUnit.Money => $"{Amount(alarm.Figure)} of {Amount(alarm.Threshold)}",
        LimitUnit.Time => $"{Duration.Words(TimeSpan.FromMilliseconds(alarm.Figure))} of {Duration.Words(TimeSpan.FromMilliseconds(alarm.Threshold))}",
        LimitUnit.Ratio => string.Create(CultureInfo.InvariantCulture, $"{alarm.Figure / 100m:0.##} times what is usual, of {alarm.Threshold / 100m:0.##}"),
        _ => $"{alarm.Figure} of {alarm.Threshold}",
    };

    private string Line(LiveCall call, long now)
    {
        var talk = call.AnsweredAt == 0 ? "rings" : $"{call.Talk(now) / 1000} s";
        return $"{Time(call.Attempt.At):HH:mm:ss} UTC {Shown.Text(call.Attempt.Extension)} to {Shown.Text(call.Attempt.Dialled.ToString())} ({call.Attempt.Number.Region}, {call.Attempt.Price.Risk.Name}) over {Shown.Text(call.Attempt.Trunk)}: {talk}, {Amount(call.Cost(now))}";
    }

    private string Amount(long millionths) => string.Create(CultureInfo.InvariantCulture, $"{Rate.Amount(millionths):0.00}{(currency.Length == 0 ? "" : " ")}{Shown.Text(currency)}");

    private static string Going(IReadOnlyList<LiveCall> calls) =>
        calls.Count(static call => call.EndedAt > 0) is > 0 and var over ? $"{Words(over)} over, as the records say, {calls.Count - over} on" : $"{Words(calls.Count)} on";

    private static string Words(int calls) => calls == 1 ? "1 call" : $"{calls} calls";

    private static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);

    [LoggerMessage(EventId = 2943, Message = "{Words}")]
    private static partial void LogAlarm(ILogger log, LogLevel level, string words);

    [LoggerMessage(2944, LogLevel.Warning, "{What} {Extension}'s call to {Number}: {Cost} so far")]
    private static partial void LogCut(ILogger log, string what, string extension, string number, decimal cost);

    [LoggerMessage(2945, LogLevel.Information, "Stop {Number} was lifted: {Why}")]
    private static partial void LogLifted(ILogger log, int number, string why);

    private sealed class Cut
    {
        public int Tries { get; set; }

        public long TriedAt { get; set; }
    }
}
