using Ringfence.Api;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Calls;

/// <summary>What is stopped, in the engine and in the file alike: what holds, what did, and what was lifted. In <see cref="CallDesk"/>'s turn.</summary>
/// <param name="enforces">false: what would be stopped is told alone.</param>
internal sealed partial class CallStops(EngineInForce inForce, StopFile file, bool enforces, ILogger log)
{
    private string State => enforces ? StopFile.Enforced : StopFile.Observed;

    private CallEngine Engine => inForce.Engine;

    /// <summary>Why they do not hold over a restart, for people; null: they do.</summary>
    public string? Problem => file.Problem;

    /// <summary>What held when the last guard ended holds on, and what was lifted stays so.</summary>
    public void Restore(long now)
    {
        Engine.NumberStopsAfter(file.All.Select(static stop => stop.Number).DefaultIfEmpty().Max());
        List<StopReport> changed = inForce.KnowsBefore ? [.. file.All.Where(static stop => stop.LiftedAt is not null).Select(stop => Excuse(stop, now))] : [];
        List<StopReport> held = [.. file.All.Where(stop => StopFile.Holds(stop) && stop.Until.ToUnixTimeMilliseconds() > now)];

        // What was observed alone nobody had a reason to lift: whose calls go on is stopped anew. What was enforced is observed from now on, where nothing else is.
        changed.AddRange(held.Where(stop => stop.State != State).Select(stop => stop with { State = enforces ? "over" : State }));
        changed.ForEach(file.Put);
        file.Save();

        // What is over makes the next one longer.
        foreach (var stop in file.All.Where(stop => stop.State == State).OrderBy(static stop => stop.Number))
        {
            Engine.Restore(StopFrom.Stop(stop), now);
        }

        SetClock();
    }

    /// <summary>The clock was set: in the file stops end when they do in the engine.</summary>
    public void SetClock()
    {
        foreach (var stop in Engine.Stops)
        {
            if (file.Find(stop.Number) is { } known && StopFile.Holds(known))
            {
                file.Put(known with { From = DateTimeOffset.FromUnixTimeMilliseconds(stop.From), Until = DateTimeOffset.FromUnixTimeMilliseconds(stop.Until) });
            }
        }
    }

    /// <summary>What holds, and what did, newest first.</summary>
    public IReadOnlyList<StopReport> All(long now) => [.. Unbooked(now), .. file.All.Reverse().Select(stop => StopFile.Holds(stop) && stop.Until.ToUnixTimeMilliseconds() <= now ? stop with { State = "over" } : stop)];

    /// <summary>A limit was reached.</summary>
    /// <param name="evidence">A line for each call that led to it.</param>
    public void Add(CallAlarm alarm, IReadOnlyList<string> evidence)
    {
        if (alarm.Stop is not { } stop)
        {
            return;
        }

        // Another limit may be reached while it holds: then it holds for longer, and what it was made for stays.
        var known = file.Find(stop.Number) is { } before && StopFile.Holds(before) && before.From.ToUnixTimeMilliseconds() == stop.From ? before : null;
        file.Put(StopFrom.Report(stop, State) with
        {
            Lost = known?.Lost ?? Rate.Amount(alarm.Lost),
            Hung = known?.Hung ?? 0,
            Refused = known?.Refused ?? 0,
            RefusedAt = known?.RefusedAt,
            Evidence = known?.Evidence ?? evidence,
            Limits = [.. (known?.Limits ?? []).Where(one => (one.Limit, one.Key) != (alarm.Limit.Name, alarm.Key.Name)), new StopLimit(alarm.Limit.Name, alarm.Key.Name, null)],
        });
    }

    /// <summary>A call is hung up: counted for the stop that holds it, where one does.</summary>
    public void Hung(LiveCall cut, long now)
    {
        if (Engine.Stops.FirstOrDefault(stop => stop.Holds(cut.Attempt, now, cut.Standing)) is { } stop && file.Find(stop.Number) is { } known)
        {
            file.Put(known with { Hung = known.Hung + 1 });
        }
    }

    /// <summary>The gate refused a call that a stop holds: whether somebody still tries is what an operator wants to know first.</summary>
    public void Refused(int number, long now)
    {
        if (number > 0 && file.Find(number) is { } known)
        {
            file.Note(known with { Refused = known.Refused + 1, RefusedAt = DateTimeOffset.FromUnixTimeMilliseconds(now) });
        }
    }

    /// <summary>What was put is to be on disk soon.</summary>
    public void Save() => file.Save();

    /// <exception cref="RefusedException">None of that number holds.</exception>
    public LiftReport Lift(int? number, long now)
    {
        List<StopReport> lifted = [.. All(now).Where(stop => StopFile.Holds(stop) && (number is null || stop.Number == number)).Select(static stop => stop with { State = "lifted" })];
        if (number is { } missing && lifted.Count == 0)
        {
            throw new RefusedException($"no stop {missing} holds: ringfence calls stops shows those that do");
        }

        foreach (var stop in lifted)
        {
            Engine.Lift(stop.Number);
            file.Put(stop with
            {
                LiftedAt = DateTimeOffset.FromUnixTimeMilliseconds(now),
                Limits = Excuse(stop),
            });
            LogLifted(log, stop.Number, stop.Why);
        }

        file.Save();
        return new LiftReport(lifted) { Left = [.. All(now).Where(stop => StopFile.Holds(stop) && lifted.Exists(one => MayHoldSame(one, stop)))] };
    }

    // Who lifts 201's calls to one country, and is not told that all of 201's are stopped as well, tells people that they can call.
    private static bool MayHoldSame(StopReport one, StopReport other) =>
        (one.Extension.Length == 0 || other.Extension.Length == 0 || one.Extension == other.Extension) && (one.Region.Length == 0 || other.Region.Length == 0 || one.Region == other.Region);

    // The file has room for so many; what is not in it holds all the same.
    private IEnumerable<StopReport> Unbooked(long now)
    {
        var booked = file.All.Select(static stop => stop.Number).ToHashSet();
        return Engine.Stops.Where(stop => stop.Until > now && !booked.Contains(stop.Number)).Select(stop => StopFrom.Report(stop, State));
    }

    // What made it, and whatever else has counted the same calls: else the next limit stops them again minutes later. Until the records were read nobody knows how much that is.
    private StopLimit[] Excuse(StopReport stop)
    {
        List<StopLimit> excused = [];
        foreach (var one in stop.Limits.Concat(Engine.CountingWith(StopFrom.Stop(stop)).Select(static one => new StopLimit(one.Limit, one.Key, null))).DistinctBy(static one => (one.Limit, one.Key)))
        {
            var much = Engine.Excuse(one.Limit, one.Key, most: null);
            if (!inForce.KnowsBefore || much > 0)
            {
                excused.Add(inForce.KnowsBefore ? one with { Excused = much } : one);
            }
        }

        return [.. excused];
    }

    // What was counted before the lift is right after a restart too, as long as the limit looks back so far.
    private StopReport Excuse(StopReport stop, long now)
    {
        var at = stop.LiftedAt!.Value.ToUnixTimeMilliseconds();
        Engine.Grant(stop.Extension, stop.Region, at);
        return stop with { Limits = [.. stop.Limits.Select(one => now - at < Engine.WindowOf(one.Limit) && Engine.Excuse(one.Limit, one.Key, one.Excused) is { } much ? one with { Excused = one.Excused ?? much } : one)] };
    }

    [LoggerMessage(2945, LogLevel.Information, "Stop {Number} was lifted: {Why}")]
    private static partial void LogLifted(ILogger log, int number, string why);
}
