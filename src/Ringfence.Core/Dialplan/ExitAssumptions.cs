using System.Collections.Immutable;

namespace Ringfence.Core.Dialplan;

/// <summary>A condition of which nothing is known does not matter where both of its answers lead to the same call: what is assumed for an exit is as little as the ways to it need together.</summary>
/// <remarks>
/// FreePBX decides some fifteen times between a line and a trunk: which name is shown, whether the call is recorded. Each leaves another variable behind, so the ways meet again only where the trunk is called.
/// It is the rule of resolution: from "a or what follows" and "not a or what follows" follows what follows.
/// </remarks>
internal static class ExitAssumptions
{
    // Of the same call: more ways are no better known.
    private const int MostWays = 64;

    // For one call, in the units of LanguageWork: some tenths of a second. A hundred answers of a database on each way would take minutes, and are left as they are.
    private const long MostWork = 500_000;

    // For all calls of a walk.
    private const long MostInAll = 5_000_000;

    // So many assumptions are put together in the time of one unit.
    private const int AssumedInOneUnit = 4;

    /// <summary>Of everything that a walk found.</summary>
    /// <param name="injections">By the line; each with the ways to it.</param>
    /// <param name="isWhole">There was no more to put together than is done.</param>
    public static (IReadOnlyList<PlanExit> Exits, IReadOnlyList<PlanInjection> Injections) Of(IReadOnlyList<PlanExit> exits, IReadOnlyCollection<List<PlanInjection>> injections, out bool isWhole)
    {
        var isCut = false;
        void Cut() => isCut = true;
        var resolved = LanguageWork.Within(MostInAll, () => Resolved(exits, Cut), null);
        var least = LanguageWork.Within(MostInAll, () => injections.Select(ways => Least(ways, Cut)).ToList(), null);
        isWhole = !isCut && resolved is not null && least is not null;
        return (resolved ?? exits, least ?? [.. injections.Select(static ways => ways[0])]);
    }

    /// <param name="cut">Called where there was more to put together; null: nobody asks.</param>
    /// <returns>The exits, and those that hold with fewer assumptions.</returns>
    public static IReadOnlyList<PlanExit> Resolved(IReadOnlyList<PlanExit> exits, Action? cut = null)
    {
        var found = new List<PlanExit>();
        foreach (var same in exits.GroupBy(static exit => (exit.Kind, exit.Technology, exit.Resource, exit.Number.Key, exit.Inputs.Length, string.Join(',', exit.Order), string.Join(',', exit.Parts), string.Join(' ', exit.Asked.Select(static asked => asked.Key)), OneNumber(exit))))
        {
            // In the order of the walk, each way that needs no more than another left out.
            var ways = new List<PlanExit>();
            var fewer = LanguageWork.Within(MostWork, () => Fewer([.. same.Where(static exit => !exit.IsCertain).OrderBy(static exit => exit.Hindrances).Take(MostWays)]), null);
            if (fewer is null)
            {
                cut?.Invoke();
            }

            foreach (var way in same.Concat(fewer ?? []))
            {
                if (!ways.Any(other => IsCovered(way, other)))
                {
                    ways.RemoveAll(other => IsCovered(other, way));
                    ways.Add(way);
                }
            }

            found.AddRange(ways);
        }

        return found;
    }

    /// <param name="ways">To one line.</param>
    /// <returns>The one that assumes least: what both answers to a condition lead to does not depend on it.</returns>
    private static PlanInjection Least(List<PlanInjection> ways, Action cut)
    {
        var least = Resolved([.. ways.Select(static way => new PlanExit(ExitKind.Unknown, way.Application, way.Example, SymbolicText.Nothing, [], [], [], way.Assumptions, way.Way))], cut).MinBy(static exit => exit.Hindrances)!;
        return ways[0] with { Example = least.Resource!, Way = least.Way, Assumptions = least.Assumptions };
    }

    // Thousands of names that call the same trunk have nothing in common that could be put together.
    private static NumberLanguage? OneNumber(PlanExit exit) => exit.Inputs is [var only] && only.IsOneNumber ? only : null;

    // One condition after the other is taken out of all ways that have an answer to it, as far as there is a way with the other answer.
    private static List<PlanExit> Fewer(List<PlanExit> ways)
    {
        var made = new List<PlanExit>();
        foreach (var answer in ways.SelectMany(static way => way.Assumptions).Where(static assumption => assumption.Answer is true).Distinct().ToList())
        {
            var resolvents = new List<PlanExit>();
            foreach (var yes in ways.Where(way => way.Assumptions.Contains(answer)))
            {
                foreach (var no in ways)
                {
                    if (no.Assumptions.FirstOrDefault(answer.IsOppositeOf) is { } opposite && Resolvent(yes, answer, no, opposite) is { } resolvent)
                    {
                        resolvents.Add(resolvent);
                    }
                }
            }

            foreach (var resolvent in resolvents.OrderBy(static way => way.Hindrances))
            {
                if (!ways.Any(way => IsCovered(resolvent, way)))
                {
                    ways.RemoveAll(way => IsCovered(way, resolvent));
                    ways.Add(resolvent);
                    made.Add(resolvent);
                }
            }

            if (ways.Count > MostWays)
            {
                ways = [.. ways.OrderBy(static way => way.Hindrances).Take(MostWays)];
            }
        }

        return [.. made.Where(ways.Contains)];
    }

    private static PlanExit? Resolvent(PlanExit yes, Assumption answer, PlanExit no, Assumption opposite)
    {
        var inputs = ImmutableArray.CreateBuilder<NumberLanguage>(yes.Inputs.Length);
        for (var i = 0; i < yes.Inputs.Length; i++)
        {
            var both = Languages.Intersect(yes.Inputs[i], no.Inputs[i]);
            if (both.IsNone)
            {
                return null;
            }

            inputs.Add(both);
        }

        LanguageWork.Spend((yes.Assumptions.Count + no.Assumptions.Count) / AssumedInOneUnit);
        return yes with { Inputs = inputs.MoveToImmutable(), Brakes = yes.Brakes.Union(no.Brakes), Assumptions = yes.Assumptions.Remove(answer).Union(no.Assumptions.Remove(opposite)) };
    }

    private static bool IsCovered(PlanExit way, PlanExit by)
    {
        LanguageWork.Spend(1);
        return by.Assumptions.IsSubsetOf(way.Assumptions) && by.Brakes.IsSubsetOf(way.Brakes) && way.Inputs.Zip(by.Inputs).All(static pair => Languages.IsWithin(pair.First, pair.Second));
    }
}
