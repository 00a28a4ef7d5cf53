using System.Collections.Immutable;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>Walks every way of a call, for all its numbers at once.</summary>
/// <remarks>__ast_pbx_run of main/pbx.c, Asterisk 22, without time: an application that can end in several ways ends in all.</remarks>
internal sealed class CallWalk
{
    /// <summary>More is no dialplan that a person wrote: the rest is left out, and told.</summary>
    private const int MaxStates = 50_000;

    private const int MaxSteps = 250;

    /// <summary>Of the automata for each of those states: some ten times what a dialplan with prefixes, slices and expressions takes.</summary>
    private const long WorkOfState = 250;

    private readonly Plan _plan;
    private readonly CallSearch _search;
    private readonly CallApplications _applications;
    private readonly Queue<CallState> _open = new();
    private readonly Dictionary<string, List<CallState>> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _hungUpIn = new(StringComparer.Ordinal);
    private readonly List<PlanExit> _exits = [];
    private readonly Dictionary<(string, Place), PlanUnknown> _unknowns = [];
    private readonly Dictionary<(InjectionKind, Place), PlanInjection> _injections = [];

    public CallWalk(CallSearch search, ExitClassifier classify)
    {
        _plan = search.Plan;
        _search = search;
        _applications = new CallApplications(this, classify);
    }

    public Plan Plan => _plan;

    public CallSearch Search => _search;

    public IReadOnlyDictionary<string, string?> Globals => _search.Globals;

    /// <summary>Every state that ran, in the order of the walk; null: nobody asked for them.</summary>
    public List<CallState>? Trace { get; init; }

    /// <summary>Whom a queue of this name calls, "PJSIP/1001"; null: it was not read.</summary>
    public Func<string, IReadOnlyList<string>?> QueueMembers { get; init; } = static _ => null;

    /// <summary>So many states are walked at most.</summary>
    public int Limit { get; init; } = MaxStates;

    /// <summary>So many were, and so many more as their numbers cost.</summary>
    public int States { get; private set; }

    public PlanReach Run(PlanEntry entry)
    {
        if (_plan.Unread.Count > 0)
        {
            Unknown($"{string.Join(" and ", _plan.Unread)} is part of the dialplan and was not read", new Place(_plan.Unread[0], 0));
        }

        if (_plan.HasNewPatternMatch)
        {
            Unknown("extenpatternmatchnew=yes: where patterns overlap, another one may be taken", new Place("extensions.conf", 0));
        }

        if (_plan.OverrideSwitch is { } asked)
        {
            Unknown($"overrideswitch: {asked} is asked first, and was not read", new Place("extensions.conf", 0));
        }

        Go(new CallState { Context = entry.Context, Extension = new InputText(0), Inputs = [entry.Dialled], IsBeginning = true });
        var before = LanguageWork.Done;
        CallState? last = null;
        if (!LanguageWork.Within(Limit * WorkOfState, () => IsWalked(ref last), otherwise: false))
        {
            Unknown("the dialplan has more ways than were walked", last?.Way?.Step.Priority.Place ?? _plan[entry.Context]?.Place ?? new Place("extensions.conf", 0));
        }

        States += (int)Math.Min((LanguageWork.Done - before) / WorkOfState, int.MaxValue - States);
        return new PlanReach(_exits, [.. _unknowns.Values], [.. _injections.Values]);
    }

    private bool IsWalked(ref CallState? last)
    {
        while (_open.TryDequeue(out last))
        {
            if (++States > Limit)
            {
                return false;
            }

            if (New(last) is { } left)
            {
                Step(left);
            }
        }

        return true;
    }

    public void Go(CallState state)
    {
        if (state.Way?.Length >= MaxSteps)
        {
            Unknown("a way is longer than was walked", state.Way.Step.Priority.Place);
            return;
        }

        _open.Enqueue(state);
    }

    public void Exit(PlanExit exit)
    {
        if (exit.Inputs.All(static input => !input.IsNone))
        {
            _exits.Add(exit);
        }
    }

    /// <summary>Tells it where the text of a caller goes on as it is.</summary>
    public void Look(InjectionKind kind, SymbolicText text, CallState state, PlanPriority priority)
    {
        var key = (kind, priority.Place);
        // The way that assumes least is the one that is told.
        if ((!_injections.TryGetValue(key, out var before) || before.Assumptions.Count > state.Assumptions.Count) && CallerText.Into(kind, text, state) is { } example)
        {
            _injections[key] = new PlanInjection(kind, priority.Application, example, state.Way!, state.Assumptions);
        }
    }

    public void Unknown(string text, Place place) => _unknowns.TryAdd((text, place), new PlanUnknown(text, place));

    /// <summary>Goes to context, extension and a priority or label; where it does not exist, as Asterisk does.</summary>
    public void GoToLabel(CallState state, string label, Action<CallState> go)
    {
        var found = _search.Find(state, label);
        foreach (var hit in found.Hits)
        {
            go(hit.State with { Priority = hit.Priority.Number });
        }
    }

    /// <summary>The caller types a number that this context looks up.</summary>
    /// <param name="language">What can be typed.</param>
    public void Typed(CallState state, string context, NumberLanguage language)
    {
        var (entered, text) = state.Enter(language, over: null);
        Go(entered.At(context, text, 1));
    }

    private void Step(CallState state)
    {
        if (!state.Extension.IsFollowed)
        {
            Unknown($"the extension {state.Extension} in [{state.Context}] could not be resolved", state.Way!.Step.Priority.Place);
            return;
        }

        if (_plan[state.Context] is null)
        {
            if (state.Way is { } way && !state.IsBeginning)
            {
                Unknown("the context that the call goes to is not in extensions.conf", way.Step.Priority.Place);
            }

            return;
        }

        // Once for each context: what "h" does with the caller's own text hardly depends on where he hung up.
        if (!state.IsBeginning && !state.IsHungUp && _hungUpIn.Add(state.Context) && _search.Has(state.Context, "h"))
        {
            Go(state.At(state.Context, new ConstantText("h"), 1) with { IsHungUp = true, Frames = [] });
        }

        var found = _search.Find(state);
        foreach (var asked in found.Switches)
        {
            Unknown($"the switch {asked.Text} was not read", asked.Place);
        }

        foreach (var hit in found.Hits)
        {
            var step = new CallStep(hit.Visit.Context.Name, hit.Extension.Name, hit.Priority, [.. hit.Visit.Via.Select(static include => include.Context)], hit.State.Extension, hit.State.Order);
            var at = hit.State with { Way = new CallWay(step, hit.State.Way) };
            if (!at.IsHungUp)
            {
                Trace?.Add(at);
            }

            _applications.Run(at, hit.Priority);
        }

        if (!state.IsBeginning && found.Missing is { } missing)
        {
            Leave(missing);
        }
    }

    // No such priority: the macro ends, or the call; or there is no such extension at all.
    private void Leave(CallState state)
    {
        if (state.Frames is [var frame, ..] && frame.IsMacro)
        {
            Go(Popped(state));
            return;
        }

        var exists = state.Priority == 1 ? new CallSearch.Result([], [], () => state) : _search.Find(state with { Priority = 1 });
        if (!_plan.AutoFallThrough)
        {
            foreach (var hit in exists.Hits)
            {
                Typed(hit.State, state.Context, Languages.Keys);
            }
        }

        if (exists.Missing is { } invalid && state.Extension.Constant is not ("i" or "e"))
        {
            foreach (var name in (string[])["i", "e"])
            {
                if (_search.Has(state.Context, name))
                {
                    Go(invalid.With("INVALID_EXTEN", state.Extension).At(state.Context, new ConstantText(name), 1));
                    return;
                }
            }
        }
    }

    /// <summary>Behind Return or the end of a macro.</summary>
    public static CallState Popped(CallState state)
    {
        var frame = state.Frames[0];
        var variables = state.Variables;
        foreach (var (name, value) in frame.Saved)
        {
            variables = value is null ? variables.Remove(name) : variables.SetItem(name, value);
        }

        return state with
        {
            Context = frame.Context,
            Extension = frame.Extension,
            Name = frame.Name,
            Priority = frame.Priority,
            Frames = state.Frames.RemoveAt(0),
            Variables = variables,
            IsBeginning = false,
        };
    }

    // Of values that are not known it does not matter which: twenty conditions behind each other, as FreePBX has them, would be a million ways. Times decide each other.
    private static bool AssumesLess(ImmutableHashSet<Assumption> seen, ImmutableHashSet<Assumption> now) =>
        seen.All(assumption => now.Contains(assumption) || (assumption.Kind != AssumptionKind.Time && now.Any(other => other.Kind == assumption.Kind)));

    // What is left of a state when everything is taken out that was there before with no more brakes and assumptions.
    private CallState? New(CallState state)
    {
        // Two names have no text in common, and 2,000 of them would be compared with each other.
        var key = state.Extension.Constant is null ? $"{state.Name}\n{state.Key}" : state.Key;
        if (!_seen.TryGetValue(key, out var before))
        {
            _seen[key] = [state];
            return state;
        }

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

    // Where both answers to a condition come to the same point, the condition does not matter any more: most of those that nothing is known of are such, and decide a ring tone or a name.
    private static CallState? Either(CallState state, List<CallState> before)
    {
        foreach (var seen in before)
        {
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
}
