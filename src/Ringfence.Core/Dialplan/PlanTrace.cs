using System.Runtime.CompilerServices;

namespace Ringfence.Core.Dialplan;

/// <summary>One priority that a call of one number runs.</summary>
/// <param name="Number">What EXTEN is there; null: that was not to be known, or is a PIN. Where something was typed on the way it is that of the shortest text that leads here.</param>
/// <param name="Assumptions">What was assumed since the step before.</param>
internal sealed record TraceStep(CallStep Step, string? Number, IReadOnlyList<Assumption> Assumptions);

/// <summary>What one number does in the dialplan: every way that it can go, step by step.</summary>
/// <param name="Ways">Each from the start to where it ends; ways have their beginnings in common.</param>
/// <param name="IsWhole">false: there are more ways.</param>
/// <param name="Pins">What must be typed on them and is a secret.</param>
internal sealed record PlanTrace(IReadOnlyList<IReadOnlyList<TraceStep>> Ways, bool IsWhole, PlanReach Reach, IReadOnlyList<string> Pins)
{
    private const int MaxWays = 200;

    public static PlanTrace Of(Plan plan, string context, string number, ExitClassifier classify) => Of(new CallSearch(plan), CallFiles.Unread, context, number, classify);

    /// <param name="files">What other files than the dialplan say.</param>
    public static PlanTrace Of(CallSearch search, CallFiles files, string context, string number, ExitClassifier classify)
    {
        var ran = new List<CallState>();
        var walk = new CallWalk(search, classify) { Trace = ran, Files = files };
        var reach = walk.Run(new PlanEntry(context, Languages.Only(number)));
        var byWay = new Dictionary<CallWay, CallState>(SameWay.Instance);
        foreach (var state in ran)
        {
            byWay[state.Way!] = state;
        }

        var goesOn = ran.Select(static state => state.Way!.Before).OfType<CallWay>().ToHashSet(SameWay.Instance);
        // Those first on which somebody is called.
        var calling = reach.Called().Select(static exit => exit.Way).ToHashSet(SameWay.Instance);
        var ends = ran.Select(static state => state.Way!).Where(way => !goesOn.Contains(way)).OrderBy(way => IsOn(way, calling) ? 0 : 1).ToList();
        return new PlanTrace([.. ends.Take(MaxWays).Select(end => Steps(end, byWay))], ends.Count <= MaxWays && !walk.IsCut, reach, Secrets(ran));
    }

    private static bool IsOn(CallWay? way, HashSet<CallWay> calling)
    {
        while (way is not null && !calling.Contains(way))
        {
            way = way.Before;
        }

        return way is not null;
    }

    private static List<string> Secrets(List<CallState> ran) =>
        [.. ran.Where(static state => state.Brakes.Count > 0).SelectMany(static state => state.InOrder().Skip(1).Where(input => Brake.IsPin(state.Brakes, input)).Select(static input => input.Shortest()!)).Distinct(StringComparer.Ordinal)];

    private static List<TraceStep> Steps(CallWay end, Dictionary<CallWay, CallState> states)
    {
        var steps = new List<TraceStep>();
        var state = states[end];
        for (var way = end; way is not null; way = way.Before)
        {
            // What runs when a call has ended is on no list, but a call that it makes is.
            state = states.GetValueOrDefault(way, state);
            var before = way.Before;
            while (before is not null && !states.ContainsKey(before))
            {
                before = before.Before;
            }

            var assumed = !states.ContainsKey(way) ? [] : before is null ? state.Assumptions : state.Assumptions.Except(states[before].Assumptions);
            var inputs = state.InOrder();
            var isPin = way.Step.Number.Inputs.Any(input => way.Step.Order[input] > 0 && Brake.IsPin(state.Brakes, inputs[way.Step.Order[input]]));
            steps.Add(new TraceStep(way.Step, isPin ? null : way.Step.Number.For([.. way.Step.Order.Select(at => inputs[at].Shortest() ?? "")]), [.. assumed]));
        }

        steps.Reverse();
        return steps;
    }

    // By identity: two ways may read alike.
    private sealed class SameWay : IEqualityComparer<CallWay>
    {
        public static SameWay Instance { get; } = new();

        public bool Equals(CallWay? x, CallWay? y) => ReferenceEquals(x, y);

        public int GetHashCode(CallWay obj) => RuntimeHelpers.GetHashCode(obj);
    }
}
