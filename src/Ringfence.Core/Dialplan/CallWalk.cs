using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>Walks every way of a call, for all its numbers at once.</summary>
/// <remarks>__ast_pbx_run of main/pbx.c, Asterisk 22, without time: an application that can end in several ways ends in all.</remarks>
internal sealed class CallWalk
{
    /// <summary>More is no dialplan that a person wrote: the rest is left out, and told.</summary>
    private const int MaxStates = 50_000;

    private const int MaxSteps = 2_000;

    /// <summary>On one way; FreePBX sets some hundred. Each state holds them all.</summary>
    private const int MostVariables = 2_000;

    /// <summary>Ways to one line on which a caller's text goes on as it is: what they assume is put together in the end.</summary>
    private const int MostInjections = 64;

    /// <summary>For each that is walked so many wait: they are not walked in the order in which they came.</summary>
    private const long MostWaiting = 4;

    /// <summary>
    /// Of the automata for each of those states: so many units (some 0.3 microseconds each) take as long as the rest of a state does (some 80), so that what a walk takes is bounded by its states
    /// whatever they do. Measured for each state: tenants by the thousand 7, small offices 30 to 80, FreePBX's outgoing routes 11, its 200 incoming numbers 620.
    /// </summary>
    private const long WorkOfState = 250;

    private readonly Plan _plan;
    private readonly CallSearch _search;
    private readonly CallApplications _applications;
    // What a pattern takes is walked before what one name does: it is a route, and names are phones and features; where a walk is cut, that is what is left out.
    // Then those that assume least: where both answers to a condition have met, what assumed one of them finds itself seen.
    private readonly PriorityQueue<CallState, (bool IsOneNumber, int Assumed, long Order)> _open = new();
    private long _opened;
    private readonly SeenStates _seen;
    private readonly HashSet<string> _hungUpIn = new(StringComparer.Ordinal);
    private readonly List<PlanExit> _exits = [];
    private readonly Dictionary<(string, Place), PlanUnknown> _unknowns = [];
    private readonly Dictionary<(InjectionKind Into, Place), List<PlanInjection>> _injections = [];

    public CallWalk(CallSearch search, ExitClassifier classify)
    {
        _plan = search.Plan;
        _search = search;
        _seen = new SeenStates(search);
        _applications = new CallApplications(this, classify);
    }

    public Plan Plan => _plan;

    public CallSearch Search => _search;

    public IReadOnlyDictionary<string, string?> Globals => _search.Globals;

    /// <summary>Every state that ran, in the order of the walk; null: nobody asked for them.</summary>
    public List<CallState>? Trace { get; init; }

    /// <summary>What other files than the dialplan say.</summary>
    public CallFiles Files { get; init; } = CallFiles.Unread;

    /// <summary>The context in which calls are asked about before they leave: behind its "s" a call has a brake of that name, whatever was answered. null: none is looked for.</summary>
    public string? Gate { get; init; }

    /// <summary>So many states are walked at most.</summary>
    public int Limit { get; init; } = MaxStates;

    /// <summary>So many were, and so many more as their numbers cost.</summary>
    public int States { get; private set; }

    /// <summary>There were more ways: of those nothing is known.</summary>
    public bool IsCut { get; private set; }

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
            IsCut = true;
            Unknown("the dialplan has more ways than were walked", last?.Way?.Step.Priority.Place ?? _plan[entry.Context]?.Place ?? new Place("extensions.conf", 0));
        }

        if (_plan.IsCut)
        {
            IsCut = true;
            Unknown("contexts that hold at certain times include each other on more ways than were followed", _plan[entry.Context]?.Place ?? new Place("extensions.conf", 0));
        }

        States += (int)Math.Min((LanguageWork.Done - before) / WorkOfState, int.MaxValue - States);
        var (exits, injections) = ExitAssumptions.Of(_exits, _injections.Values, out var isWhole);
        IsCut |= !isWhole;
        return new PlanReach(exits, [.. _unknowns.Values], injections);
    }

    private bool IsWalked(ref CallState? last)
    {
        while (_open.TryDequeue(out last, out _))
        {
            if (++States > Limit)
            {
                return false;
            }

            if (_seen.New(last) is { } left)
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
            IsCut = true;
            Unknown("a way is longer than was walked", state.Way.Step.Priority.Place);
            return;
        }

        if (state.Variables.Count > MostVariables)
        {
            IsCut = true;
            Unknown("a way sets more variables than were followed", state.Way?.Step.Priority.Place ?? new Place("extensions.conf", 0));
            return;
        }

        // What is behind more than may be walked never is, and five hundred members of a queue in each of a thousand extensions would fill the memory.
        if (States + _open.Count <= Limit * MostWaiting)
        {
            _open.Enqueue(state, (state.Inputs is [var only, ..] && only.IsOneNumber, state.Assumptions.Count(static assumption => !assumption.ComesByItself), _opened++));
        }
    }

    public CallTexts Texts(CallState state) => new(state.Context, state.Extension, state.Priority, state.Variables, Globals)
    {
        Plan = _plan.Unread.Count == 0 ? _plan : null,
        // A program on the way may have set anything.
        IsEmptyUnlessSet = state.IsLater || state.Brakes.Any(static brake => brake.Kind == BrakeKind.Gate) ? null : _search.IsEmptyUnlessSet,
        UnsetIsEmpty = true,
    };

    public void Exit(PlanExit exit)
    {
        if (exit.Inputs.All(static input => !input.IsNone))
        {
            _exits.Add(exit);
        }
    }

    /// <summary>Tells it where the text of a caller goes on as it is.</summary>
    public void Look(InjectionKind kind, SymbolicText text, CallState state, PlanPriority priority) => Look(kind, () => CallerText.Into(kind, text, state), state, priority);

    /// <param name="example">What to dial, or the variable that holds the caller's text; null: it can't.</param>
    public void Look(InjectionKind kind, Func<string?> example, CallState state, PlanPriority priority)
    {
        var before = _injections.GetValueOrDefault((kind, priority.Place)) ?? [];
        if (before.Count < MostInjections && !before.Exists(other => other.Assumptions.IsSubsetOf(state.Assumptions)) && example() is { } told)
        {
            _injections[(kind, priority.Place)] = before;
            before.Add(new PlanInjection(kind, priority.Application, told, state.Way!, state.Assumptions));
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
    /// <param name="mustExist">What no extension takes leads nowhere, and never to "i" (ast_goto_if_exists, and who transfers).</param>
    public void Typed(CallState state, string context, NumberLanguage language, bool mustExist = false)
    {
        var (entered, text) = state.Enter(language, over: null);
        Go(entered.At(context, text, 1) with { IsBeginning = mustExist && _plan[context] is not null });
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

        var found = _search.Find(state);
        foreach (var asked in found.Switches)
        {
            Unknown($"the switch {asked.Text} was not read", asked.Place);
        }

        foreach (var hit in found.Hits)
        {
            var step = new CallStep(hit.Visit.Context.Name, hit.Extension.Name, hit.Priority, [.. hit.Visit.Via.Select(static include => include.Context)], hit.State.Extension, hit.State.Order);
            var at = hit.State with { Way = new CallWay(step, hit.State.Way) { At = hit.State } };
            if (Gate is { } gate && step is { Extension: "s", Priority.Number: 1 } && step.Context == gate)
            {
                at = GateWays.Asked(at, gate);
            }

            if (RepeatedLines.Repeats(at, _search.IsDialling))
            {
                continue;
            }

            if (!at.IsHungUp)
            {
                Trace?.Add(at);
                Interrupted(at, hit.Priority);
            }

            _applications.Run(at, hit.Priority);
        }

        if (!state.IsBeginning && found.Missing is { } missing)
        {
            Leave(missing);
        }
    }

    // Lines that end before anything else can happen.
    private static readonly string[] AtOnce =
        ["Set", "MSet", "NoOp", "Verbose", "Log", "Goto", "GotoIf", "GotoIfTime", "Gosub", "GosubIf", "Return", "StackPop", "Macro", "MacroIf", "MacroExit", "While", "EndWhile", "ExitWhile", "ContinueWhile", "If", "ElseIf", "Else", "EndIf", "ExitIf", "Hangup", "UserEvent"];

    // What can happen while a line runs: the caller hangs up, the time of the call is over, a fax is heard, something fails.
    private void Interrupted(CallState at, PlanPriority priority)
    {
        // Once for each context: what "h" does with the caller's own text hardly depends on where he hung up. Whom it calls does: on what the lines before have set.
        if ((_hungUpIn.Add(at.Context) || (_search.Originates && !ReferenceEquals(at.Way?.Before?.At?.Variables, at.Variables))) && _search.Has(at.Context, "h"))
        {
            Go(at.At(at.Context, new ConstantText("h"), 1) with { IsHungUp = true, Frames = [] });
        }

        if (AtOnce.Any(priority.Is))
        {
            return;
        }

        if (at.HasTimeout && ((string[])["T", "e"]).FirstOrDefault(name => _search.Has(at.Context, name)) is { } over)
        {
            Go(at.WithoutTimeout().With(new Assumption(AssumptionKind.Time, "the call lasts until TIMEOUT(absolute)", priority.Place)).At(at.Context, new ConstantText(over), 1));
        }

        // Of what may happen to any line patterns are left out: "_." takes these names too, and sends them on as a number that nobody can call.
        if (at.Extension.Constant != "fax" && _search.HasNamed(at.Context, "fax"))
        {
            Go(at.With(new Assumption(AssumptionKind.Value, "a fax is heard and looked for", priority.Place)).At(at.Context, new ConstantText("fax"), 1));
        }

        if (at.Extension.Constant != "e" && _search.HasNamed(at.Context, "e"))
        {
            Go(at.With(new Assumption(AssumptionKind.Value, "the line fails", priority.Place)).At(at.Context, new ConstantText("e"), 1));
        }

        if (priority.Is("BackgroundDetect") && _search.Has(at.Context, "talk"))
        {
            Go(at.At(at.Context, new ConstantText("talk"), 1));
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
}
