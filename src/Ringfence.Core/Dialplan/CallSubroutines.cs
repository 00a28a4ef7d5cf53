using System.Collections.Immutable;
using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Gosub and Macro, While and If: what a call comes back from, and what stands between two lines that belong together.</summary>
/// <remarks>apps/app_stack.c, app_macro.c (until 20), app_while.c and app_if.c of Asterisk 22.</remarks>
internal sealed class CallSubroutines(CallWalk walk, CallTargets targets)
{
    private const int MaxFrames = 20;

    private readonly ForeignTargets _foreign = new(walk.Search);

    public void GoSub(CallState state, string arguments, PlanPriority priority)
    {
        if (state.Frames.Count >= MaxFrames)
        {
            walk.Unknown("subroutines are called deeper than was walked", priority.Place);
            return;
        }

        var (target, behind) = CallArguments.Cut(arguments, '(');
        var close = behind?.LastIndexOf(')') ?? -1;
        var given = behind is null ? [] : CallArguments.Split(close < 0 ? behind : behind[..close], keepsQuotes: true);
        var texts = walk.Texts(state);
        var values = given.Select(argument => (texts with { UnsetIsEmpty = false }).Substitute(argument)).ToList();
        LookBeforePins(state, DialTarget.Split(texts.Target(target), ',') is [{ Constant: { Length: > 0 } context }, _, _] ? context : state.Context, values, priority);
        // Where there is no such line the call ends: "i" is for those who dial (measured).
        targets.Go(state, texts.Target(target), priority, there => walk.Go(Framed(state, there, values, isMacro: false) with { IsBeginning = walk.Plan[there.Context] is not null }));
    }

    private void LookBeforePins(CallState state, string context, IReadOnlyList<SymbolicText> arguments, PlanPriority priority)
    {
        foreach (var argument in _foreign.BeforePins(context, arguments))
        {
            walk.Look(InjectionKind.Arguments, argument, state, priority);
        }
    }

    private static CallState Framed(CallState from, CallState to, List<SymbolicText> values, bool isMacro)
    {
        var saved = ImmutableSortedDictionary.Create<string, SymbolicText?>(StringComparer.Ordinal);
        var variables = to.Variables;
        // Arguments of the subroutine before that this one does not give are hidden too; without any they stay (measured).
        var names = values.Count == 0 && !isMacro ? []
            : Enumerable.Range(1, values.Count).Select(Argument).Union(from.Variables.Keys.Where(static name => name.StartsWith("ARG", StringComparison.Ordinal))).Append("ARGC").Distinct().ToList();
        foreach (var name in names)
        {
            saved = saved.SetItem(name, from.Variables.GetValueOrDefault(name));
            variables = variables.SetItem(name, SymbolicText.Nothing);
        }

        for (var i = 0; i < values.Count; i++)
        {
            variables = variables.SetItem(Argument(i + 1), values[i]);
        }

        variables = names.Count == 0 ? variables : variables.SetItem("ARGC", new ConstantText(values.Count.ToString(CultureInfo.InvariantCulture)));
        var frame = new CallFrame(from.Context, from.Extension, from.Name, from.Priority + 1, isMacro, saved);
        return to with { Variables = variables, Frames = to.Frames.Insert(0, frame) };
    }

    /// <summary>A subroutine that another application runs: context,extension,priority(argument,argument).</summary>
    /// <param name="at">Where it goes, with its arguments.</param>
    public void Run(CallState state, SymbolicText call, PlanPriority priority, Action<CallState> at)
    {
        var (target, behind) = DialTarget.Cut(call, '(');
        targets.Go(state, target, priority, there => at(Given(there, behind is null ? [] : [.. DialTarget.Split(WithoutEnd(behind), ',')])));
    }

    /// <summary>The call with arguments of a subroutine.</summary>
    public static CallState Given(CallState state, IReadOnlyList<SymbolicText> arguments) =>
        arguments.Select(static (value, at) => (Name: Argument(at + 1), Value: value)).Aggregate(state, static (set, one) => set.With(one.Name, one.Value)) is var given && arguments.Count == 0 ? given
            : given.With("ARGC", new ConstantText(arguments.Count.ToString(CultureInfo.InvariantCulture)));

    private static SymbolicText WithoutEnd(SymbolicText text) => text switch
    {
        ConstantText { Value: [.. var inner, ')'] } => new ConstantText(inner),
        JoinedText { Parts: [.. var before, ConstantText { Value: [.. var inner, ')'] }] } => SymbolicText.Join([.. before, new ConstantText(inner)]),
        _ => text,
    };

    private static string Argument(int number) => string.Create(CultureInfo.InvariantCulture, $"ARG{number}");

    public void Macro(CallState state, string arguments, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var texts = walk.Texts(state);
        if (texts.Substitute(given[0]).Constant is not { } name || state.Frames.Count >= MaxFrames)
        {
            walk.Unknown($"Macro({arguments}) could not be resolved", priority.Place);
            return;
        }

        if (walk.Files.HasMacro is false)
        {
            // No such application: Asterisk ends the call.
            return;
        }

        var assumed = walk.Files.HasMacro is true ? state : state.With(new Assumption(AssumptionKind.Value, "Macro exists: Asterisk 21 and later have none, and end the call here", priority.Place));
        var there = assumed.At($"macro-{name}", new ConstantText("s"), 1).With("MACRO_EXTEN", state.Extension).With("MACRO_CONTEXT", new ConstantText(state.Context));
        List<SymbolicText> values = [.. given.Skip(1).Select(argument => texts.Substitute(argument))];
        LookBeforePins(assumed, there.Context, values, priority);
        walk.Go(Framed(assumed, there, values, isMacro: true));
    }

    /// <summary>MacroIf, which is in Macro's own module.</summary>
    public void MacroOr(CallState state, string arguments, PlanPriority priority)
    {
        if (arguments.Length == 0)
        {
            walk.Go(state.Next());
        }
        else
        {
            Macro(state, arguments, priority);
        }
    }

    public CallState BehindLoop(CallState state) =>
        // Asterisk warns that there is no EndWhile, and goes on.
        state with { Priority = (Paired(state, 1, "While", "EndWhile") ?? state.Priority) + 1, IsBeginning = false };

    public int? LoopStart(CallState state) => Paired(state, -1, "EndWhile", "While");

    /// <summary>Where a call goes for which If or ElseIf does not hold: to the next ElseIf, else behind Else, else behind EndIf.</summary>
    public CallState Otherwise(CallState state)
    {
        var end = Paired(state, 1, "If", "EndIf");
        var next = Paired(state, 1, "If", "EndIf", "ElseIf") is { } other && (end is null || other < end) ? other
            : Paired(state, 1, "If", "EndIf", "Else") is { } last && (end is null || last < end) ? last + 1
            : (end ?? state.Priority) + 1;
        return state with { Priority = next, IsBeginning = false };
    }

    public CallState BehindIf(CallState state) => state with { Priority = (Paired(state, 1, "If", "EndIf") ?? state.Priority) + 1, IsBeginning = false };

    // In the units of LanguageWork: a microsecond.
    private const int WorkOfLine = 3;

    /// <summary>The next line that is the end of this block, or on its own level the one that is asked for.</summary>
    private int? Paired(CallState state, int step, string begin, string end, string? wanted = null)
    {
        var depth = 1;
        for (var number = state.Priority + step; number > 0 && Same(state, number) is { } priority; number += step)
        {
            // Two thousand of them without an end would each look through all the others.
            LanguageWork.Spend(WorkOfLine);
            depth += priority.Is(begin) ? 1 : priority.Is(end) ? -1 : 0;
            if (depth == 0 ? wanted is null : depth == 1 && wanted is not null && priority.Is(wanted))
            {
                return number;
            }

            if (depth == 0)
            {
                return null;
            }
        }

        return null;
    }

    // Both are taken to stand in one extension.
    private PlanPriority? Same(CallState state, int number) =>
        walk.Search.Find(state with { Priority = number }).Hits is [var first, ..] ? first.Priority : null;
}
