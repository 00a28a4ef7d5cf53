using System.Collections.Immutable;

namespace Ringfence.Core.Dialplan;

/// <summary>What a walk has seen: of a state that comes again only what is new of it is walked.</summary>
/// <param name="search">Says which variables have a part in whom a call reaches, and which are global.</param>
internal sealed class SeenStates(CallSearch search)
{
    /// <summary>At one point of the dialplan variables may be filled in so many ways; a person's own have fewer. FreePBX has a thousand, of who records what: from then on the values are not told apart that decide nothing.</summary>
    private const int MostValues = 3;

    /// <summary>From then on those of which some were not known on some way anyway.</summary>
    private const int MostHalfKnown = 6;

    /// <summary>Of a loop, and then nothing that counts in it is told apart.</summary>
    private const int MostRounds = 4;

    /// <summary>From then on none.</summary>
    private const int MostKnown = 2_000;

    /// <summary>So many assumptions are compared in the time of one unit of <see cref="LanguageWork"/>.</summary>
    private const int ComparedInOneUnit = 32;

    private readonly Dictionary<string, Point> _points = new(StringComparer.Ordinal);

    /// <returns>What is left of the state when everything is taken out that was there before with no more brakes and assumptions; null: nothing.</returns>
    public CallState? New(CallState state)
    {
        // Two names have no text in common, and 2,000 of them would be compared with each other.
        var key = state.Extension.Constant is null ? $"{state.Name}\n{state.Point}" : state.Point;
        if (!_points.TryGetValue(key, out var point))
        {
            _points[key] = point = new Point(search.Globals);
        }

        var values = state.Values;
        if (!point.Seen.TryGetValue(values, out var before))
        {
            if (point.Seen.Count >= MostValues)
            {
                state = point.Widened(state, point.Seen.Count switch
                {
                    >= MostKnown => static _ => true,
                    _ when IsLoop(state) => static _ => true,
                    >= MostHalfKnown => name => !search.IsDialling(name) || point.IsHalfKnown(name),
                    _ => name => !search.IsDialling(name),
                });
                values = state.Values;
            }

            if (!point.Seen.TryGetValue(values, out before))
            {
                point.Seen[values] = [state];
                point.Add(state.Variables);
                return state;
            }
        }

        return Left(state, before);
    }

    // It has been at this line so often on its own way: what counts there is a counter, and what it is compared with is not known.
    private static bool IsLoop(CallState state)
    {
        var times = 0;
        for (var way = state.Way; way is not null; way = way.Before)
        {
            times += way.Step.Priority.Number == state.Priority && way.Step.Context == state.Context && way.Step.Number.Key == state.Extension.Key ? 1 : 0;
        }

        return times >= MostRounds;
    }

    private static CallState? Left(CallState state, List<CallState> before)
    {
        foreach (var seen in before)
        {
            if (!seen.Brakes.IsSubsetOf(state.Brakes) || !AssumesLess(seen.Assumptions, state.Assumptions))
            {
                continue;
            }

            var wider = Enumerable.Range(0, state.Inputs.Length).Where(i => !Languages.IsWithin(state.Inputs[i], seen.Inputs[i])).ToList();
            switch (wider)
            {
                case []:
                    return Either(state, before);
                case [var one]:
                    state = state with { Inputs = state.Inputs.SetItem(one, Languages.Except(state.Inputs[one], seen.Inputs[one])) };
                    break;
                default:
                    break;
            }
        }

        before.Add(state);
        return state;
    }

    // Of values that are not known it does not matter which, but how many: twenty conditions behind each other, as FreePBX has them, would be a million ways. Times decide each other.
    // What comes by itself is no hindrance, so it does not matter either.
    private static bool AssumesLess(ImmutableHashSet<Assumption> seen, ImmutableHashSet<Assumption> now) =>
        seen.All(assumption => assumption.Kind == AssumptionKind.State || now.Contains(assumption)
            || (assumption.Kind != AssumptionKind.Time && seen.Count(other => other.Kind == assumption.Kind) <= now.Count(other => other.Kind == assumption.Kind)));

    // Where both answers to a condition come to the same point, the condition does not matter any more: most of those that nothing is known of are such, and decide a ring tone or a name.
    private static CallState? Either(CallState state, List<CallState> before)
    {
        foreach (var seen in before)
        {
            // A hundred on a way is much; of a thousand, each line of a database, walks would take minutes.
            LanguageWork.Spend(state.Assumptions.Count * seen.Assumptions.Count / ComparedInOneUnit);
            if (state.Assumptions.FirstOrDefault(assumption => seen.Assumptions.Any(assumption.IsOppositeOf)) is not { } answer)
            {
                continue;
            }

            var assumptions = state.Assumptions.Remove(answer).Union(seen.Assumptions.Where(other => !answer.IsOppositeOf(other)));
            var either = state with { Assumptions = assumptions, Brakes = state.Brakes.Union(seen.Brakes) };
            if (Covers(seen, either) && !before.Any(other => other.Brakes.IsSubsetOf(either.Brakes) && AssumesLess(other.Assumptions, either.Assumptions) && Covers(other, either)))
            {
                before.Add(either);
                return either;
            }
        }

        return null;
    }

    private static bool Covers(CallState wide, CallState narrow) =>
        Enumerable.Range(0, narrow.Inputs.Length).All(i => Languages.IsWithin(narrow.Inputs[i], wide.Inputs[i]));

    /// <summary>A line that is reached with the same calls to return to.</summary>
    private sealed class Point(IReadOnlyDictionary<string, string?> globals)
    {
        /// <summary>By the values of all variables.</summary>
        public Dictionary<string, List<CallState>> Seen { get; } = new(StringComparer.Ordinal);

        // What each variable held in all states so far; null: not the same in all.
        private readonly Dictionary<string, SymbolicText?> _common = new(StringComparer.Ordinal);
        private readonly Dictionary<string, TextOrigins> _origins = new(StringComparer.Ordinal);
        private readonly HashSet<string> _notFollowed = new(StringComparer.Ordinal);
        private bool _isFirst = true;

        /// <summary>On some way it was not known what this variable holds.</summary>
        public bool IsHalfKnown(string name) => _notFollowed.Contains(name);

        public void Add(ImmutableSortedDictionary<string, SymbolicText> variables)
        {
            foreach (var (name, value) in variables)
            {
                if (!value.IsFollowed)
                {
                    _notFollowed.Add(name);
                }
                else if (!_isFirst && !_common.ContainsKey(name))
                {
                    Missing(name);
                }

                _origins[name] = _origins.GetValueOrDefault(name) | value.PassedOn;
                _common[name] = _isFirst || (_common.TryGetValue(name, out var before) && before?.Key == value.Key) ? value : null;
            }

            foreach (var name in _common.Keys.Where(name => !variables.ContainsKey(name)).ToList())
            {
                _common[name] = null;
                Missing(name);
            }

            _isFirst = false;
        }

        // What no line on a way set is not known there, unless it is a global.
        private void Missing(string name)
        {
            if (!globals.ContainsKey(name))
            {
                _notFollowed.Add(name);
            }
        }

        /// <summary>Whatever was not the same in all states so far is not known any more: that is more than any of them, and what is certain without it is certain.</summary>
        public CallState Widened(CallState state, Func<string, bool> mayForget)
        {
            var variables = state.Variables;
            foreach (var (name, value) in state.Variables)
            {
                // What comes and goes by itself is open anyway, and to forget it would make a hindrance of it.
                if (!(_common.TryGetValue(name, out var common) && common?.Key == value.Key) && mayForget(name) && !PbxStates.IsState(value))
                {
                    variables = variables.SetItem(name, Forgotten(name, value.PassedOn));
                }
            }

            foreach (var name in _common.Keys)
            {
                if (!state.Variables.ContainsKey(name) && mayForget(name))
                {
                    variables = variables.SetItem(name, Forgotten(name, TextOrigins.None));
                }
            }

            return state with { Variables = variables };
        }

        private UnknownText Forgotten(string name, TextOrigins own) =>
            new($"${{{name}}}", TextOrigins.Elsewhere | ((own | _origins.GetValueOrDefault(name)) & ~TextOrigins.Input));
    }
}
