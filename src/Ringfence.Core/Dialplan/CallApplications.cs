using System.Collections.Immutable;
using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>What each application does with a call: where it may go on, and whom it calls.</summary>
/// <remarks>Asterisk 22: main/pbx_builtins.c, apps/app_dial.c, app_stack.c, app_exec.c, app_while.c, app_disa.c, app_voicemail.c, app_directory.c, app_read.c.</remarks>
internal sealed class CallApplications(CallWalk walk, ExitClassifier classify)
{
    private const int MaxFrames = 20;

    // What needs somebody at the other end.
    private static readonly string[] NeedCaller = ["DIAL", "RETRYDIAL", "PAGE", "QUEUE", "FOLLOWME", "READ", "BACKGROUND", "BACKGROUNDDETECT", "WAITEXTEN", "DISA", "VOICEMAIL", "VOICEMAILMAIN", "MINIVMGREET", "DIRECTORY", "TRANSFER"];

    private readonly CallDialling _dialling = new(walk, classify);

    /// <param name="state">At this priority.</param>
    public void Run(CallState state, PlanPriority priority) => Run(state, priority, priority.Application, priority.Arguments);

    private void Run(CallState state, PlanPriority priority, string application, string arguments)
    {
        var texts = Texts(state);
        foreach (var command in FunctionText.Calls("SHELL", arguments))
        {
            walk.Look(InjectionKind.Shell, texts.Substitute(command), state, priority);
        }

        switch (application.ToUpperInvariant())
        {
            case var needs when state.IsHungUp && NeedCaller.Contains(needs):
                walk.Go(state.Next());
                break;
            case "GOTO":
                GoTo(state, arguments, priority);
                break;
            case "GOTOIF":
                var (condition, branches) = CallArguments.Cut(arguments, '?');
                var (whenTrue, whenFalse) = CallArguments.Cut(branches ?? "", ':');
                Decide(state, CallCondition.Of(condition, texts), condition, texts, priority,
                    taken => GoToOr(taken, whenTrue, priority), other => GoToOr(other, whenFalse ?? "", priority));
                break;
            case "GOTOIFTIME":
                var (times, targets) = CallArguments.Cut(arguments, '?');
                var (inTime, atOtherTimes) = CallArguments.Cut(targets ?? "", ':');
                AtTime(state, times, priority, now => GoToOr(now, inTime, priority), later => GoToOr(later, atOtherTimes ?? "", priority));
                break;
            case "EXECIF":
                ExecIf(state, texts, arguments, priority);
                break;
            case "EXECIFTIME":
                var (when, then) = CallArguments.Cut(arguments, '?');
                AtTime(state, when, priority, now => Call(now, then ?? "", priority), later => walk.Go(later.Next()));
                break;
            case "EXEC" or "TRYEXEC":
                Call(state, arguments, priority);
                break;
            case "GOSUB":
                GoSub(state, arguments, priority);
                break;
            case "GOSUBIF":
                var (asked, subs) = CallArguments.Cut(arguments, '?');
                var labels = CallArguments.Split(subs ?? "", ':', keepsQuotes: true);
                Decide(state, CallCondition.Of(asked, texts), asked, texts, priority,
                    taken => GoSubOr(taken, labels[0], priority), other => GoSubOr(other, labels.Count > 1 ? labels[1] : "", priority));
                break;
            case "RETURN" when state.Frames is [{ IsMacro: false }, ..]:
                walk.Go(CallWalk.Popped(state).With("GOSUB_RETVAL", texts.Substitute(arguments)));
                break;
            case "STACKPOP" when state.Frames is [{ IsMacro: false }, ..]:
                walk.Go((state with { Frames = state.Frames.RemoveAt(0) }).Next());
                break;
            case "MACRO":
                Macro(state, arguments, priority);
                break;
            case "MACROEXIT" when state.Frames is [{ IsMacro: true }, ..]:
                walk.Go(CallWalk.Popped(state));
                break;
            case "WHILE":
                Decide(state, CallCondition.Of(arguments, texts), arguments, texts, priority, static taken => taken.Next(), other => BehindLoop(other), walk.Go);
                break;
            case "ENDWHILE" or "CONTINUEWHILE":
                if (LoopStart(state) is { } start)
                {
                    walk.Go(state with { Priority = start, IsBeginning = false });
                }

                break;
            case "EXITWHILE":
                walk.Go(BehindLoop(state));
                break;
            case "SET":
                walk.Go(Assigned(state, arguments, texts, priority).Next());
                break;
            case "MSET":
                walk.Go(CallArguments.Split(arguments, keepsQuotes: false).Aggregate(state, (set, one) => Assigned(set, one, Texts(set), priority)).Next());
                break;
            case "READ":
                Read(state, arguments, texts);
                break;
            case "BACKGROUND" or "WAITEXTEN" or "BACKGROUNDDETECT":
                Prompt(state, application, arguments, texts);
                break;
            case "DISA":
                Disa(state, arguments, texts, priority);
                break;
            case "AUTHENTICATE" or "VMAUTHENTICATE":
                walk.Go(state.With(new Brake(BrakeKind.Pin, application, priority.Place)).Next());
                break;
            case "AGI" or "EAGI" or "DEADAGI" or "FASTAGI" or "ASYNCAGI" or "EXTERNALIVR":
                walk.Unknown($"{application}({arguments}) may send the call anywhere", priority.Place);
                walk.Go(state.With(new Brake(BrakeKind.Gate, application, priority.Place)).Next());
                break;
            case "STASIS":
                walk.Unknown($"the program behind Stasis({arguments}) may send the call anywhere", priority.Place);
                walk.Go(state.With(new Brake(BrakeKind.Gate, application, priority.Place)).Next());
                break;
            case "DIAL":
                _dialling.Dial(state, arguments, texts, priority);
                walk.Go(state.Next());
                break;
            case "RETRYDIAL":
                var (_, later) = CallArguments.Cut(arguments, ',');
                var (_, repeated) = CallArguments.Cut(later ?? "", ',');
                var (_, dialled) = CallArguments.Cut(repeated ?? "", ',');
                _dialling.Dial(state, dialled ?? "", texts, priority);
                walk.Go(state.Next());
                break;
            case "PAGE":
                _dialling.Dial(state, CallArguments.Split(arguments)[0], texts, priority);
                walk.Go(state.Next());
                break;
            case "ORIGINATE":
                _dialling.Originate(state, arguments, texts, priority);
                walk.Go(state.Next());
                break;
            case "QUEUE":
                if (texts.Substitute(CallArguments.Split(arguments)[0]).Constant is { } queue && walk.QueueMembers(queue) is { } members)
                {
                    _dialling.Members(state, members, priority);
                }
                else
                {
                    walk.Unknown($"the members of the queue in Queue({arguments}) were not read", priority.Place);
                }

                if (CallArguments.Options(CallArguments.Split(arguments).ElementAtOrDefault(1)).ContainsKey('T'))
                {
                    _dialling.Transfer(state, texts, priority);
                }

                walk.Go(state.Next());
                break;
            case "FOLLOWME":
                walk.Unknown($"the numbers of FollowMe({arguments}) were not read", priority.Place);
                walk.Go(state.Next());
                break;
            case "VOICEMAIL" or "VOICEMAILMAIN" or "MINIVMGREET":
                Voicemail(state, application, arguments, texts);
                break;
            case "DIRECTORY":
                Directory(state, arguments, texts, priority);
                break;
            case "SYSTEM" or "TRYSYSTEM":
                walk.Look(InjectionKind.Shell, texts.Substitute(arguments), state, priority);
                walk.Go(state.Next());
                break;
            case "TRANSFER":
                walk.Unknown($"Transfer({arguments}) sends the caller elsewhere", priority.Place);
                walk.Go(state.Next());
                break;
            case "HANGUP" or "BUSY" or "CONGESTION" or "RETURN" or "ENDIVR":
                break;
            case var name when name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'):
                walk.Go(state.Next());
                break;
            default:
                // No application has such a name: Asterisk ends the call.
                break;
        }
    }

    public CallTexts Texts(CallState state) => new(state.Context, state.Extension, state.Priority, state.Variables, walk.Globals);

    private void Decide(CallState state, Demand demand, string condition, CallTexts texts, PlanPriority priority, Action<CallState> whenTrue, Action<CallState> whenFalse)
    {
        var kind = PbxStates.Decide(condition, texts, walk.Search.IsUnset) ? AssumptionKind.State : AssumptionKind.Value;
        var doubtful = demand.Doubtful;
        Branch(state, demand with { Holds = Languages.Except(demand.Holds, doubtful) }, priority, whenTrue);
        Branch(state, demand.Opposite() with { Holds = Languages.Except(demand.Fails, doubtful) }, priority, whenFalse);
        if (state.Narrowed(demand with { Holds = doubtful }) is { } either)
        {
            whenTrue(Secret(either, condition, priority).With(new Assumption(kind, $"{condition} is true", priority.Place) { Answer = true }));
            whenFalse(either.With(new Assumption(kind, $"{condition} is false", priority.Place) { Answer = false }));
        }
    }

    private void Decide(CallState state, Demand demand, string condition, CallTexts texts, PlanPriority priority, Func<CallState, CallState> whenTrue, Func<CallState, CallState> whenFalse, Action<CallState> go) =>
        Decide(state, demand, condition, texts, priority, taken => go(whenTrue(taken)), other => go(whenFalse(other)));

    // What was decided by one time before is not decided otherwise now.
    private static void AtTime(CallState state, string times, PlanPriority priority, Action<CallState> inTime, Action<CallState> atOtherTimes)
    {
        var (now, later) = ($"the time is {times}", $"the time is not {times}");
        if (state.Assumptions.All(assumption => assumption.Text != later))
        {
            inTime(state.With(new Assumption(AssumptionKind.Time, now, priority.Place)));
        }

        if (state.Assumptions.All(assumption => assumption.Text != now))
        {
            atOtherTimes(state.With(new Assumption(AssumptionKind.Time, later, priority.Place)));
        }
    }

    private static void Branch(CallState state, Demand demand, PlanPriority priority, Action<CallState> go)
    {
        if (state.Narrowed(demand) is not { } narrowed)
        {
            return;
        }

        // One text of at least four characters, typed at a prompt, is a secret and no choice from a menu.
        if (demand.Input is { } input && state.Read.Contains(input) && narrowed.Inputs[input].Shortest() is { Length: >= 4 } typed
            && !state.Inputs[input].Equals(narrowed.Inputs[input]) && narrowed.Inputs[input].Equals(Languages.Only(typed)))
        {
            narrowed = narrowed.With(new Brake(BrakeKind.Pin, "a number to be typed", priority.Place));
        }

        go(narrowed);
    }

    // What was typed is compared with something that stands elsewhere: "${PIN}" = "${DB(pin/${CALLERID(num)})}".
    private static CallState Secret(CallState state, string condition, PlanPriority priority) =>
        condition.Contains('=', StringComparison.Ordinal) && !condition.Contains("!=", StringComparison.Ordinal)
            && state.Variables.Any(pair => pair.Value.Inputs.Any(state.Read.Contains) && condition.Contains($"${{{pair.Key}}}", StringComparison.Ordinal))
            ? state.With(new Brake(BrakeKind.Pin, "a number to be typed", priority.Place))
            : state;

    private void GoToOr(CallState state, string target, PlanPriority priority)
    {
        if (target.Length == 0)
        {
            walk.Go(state.Next());
        }
        else
        {
            GoTo(state, target, priority);
        }
    }

    private void GoTo(CallState state, string target, PlanPriority priority) => Target(state, target, priority, walk.Go);

    /// <summary>[[context,]extension,]priority</summary>
    private void Target(CallState state, string target, PlanPriority priority, Action<CallState> go)
    {
        var texts = Texts(state);
        var parts = DialTarget.Split(texts.Substitute(target), ',');
        var (context, extension, number) = parts switch
        {
            [var only] => (null, null, only),
            [var first, var second] => (null, first, second),
            [var first, var second, var third, ..] => ((SymbolicText?)first, (SymbolicText?)second, third),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var to = context is null or ConstantText { Value.Length: 0 } ? state.Context : context.Constant;
        if (to is null || number.Constant is not { } wanted)
        {
            walk.Unknown($"{priority.Application}({priority.Arguments}) could not be resolved", priority.Place);
            return;
        }

        var exten = extension is null or ConstantText { Value.Length: 0 } ? state.Extension : extension;
        if (!exten.IsFollowed)
        {
            walk.Unknown($"{priority.Application}({priority.Arguments}) could not be resolved", priority.Place);
            return;
        }

        var same = state with { Context = to, IsBeginning = false };
        if (ReferenceEquals(exten, state.Extension))
        {
            Arrive(same, wanted.Trim(), state.Priority, go);
            return;
        }

        // An empty extension is none: the call stays with the one that it has.
        var emptied = Demand.That(exten, NumberLanguage.Empty);
        if (same.Narrowed(emptied) is { } unchanged)
        {
            Arrive(unchanged, wanted.Trim(), state.Priority, go);
        }

        if (state.Narrowed(emptied.Opposite()) is { } changed)
        {
            Arrive(changed.At(to, exten, 1), wanted.Trim(), state.Priority, go);
        }
    }

    private void Arrive(CallState at, string trimmed, int from, Action<CallState> go)
    {
        if (int.TryParse(trimmed.TrimStart('+', '-'), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            var sign = trimmed[0] == '+' ? 1 : trimmed[0] == '-' ? -1 : 0;
            go(at with { Priority = sign == 0 ? value : from + (sign * value) });
        }
        else
        {
            walk.GoToLabel(at, trimmed, go);
        }
    }

    private void ExecIf(CallState state, CallTexts texts, string arguments, PlanPriority priority)
    {
        var (condition, calls) = CallArguments.Cut(arguments, '?');
        if (calls is null)
        {
            walk.Go(state.Next());
            return;
        }

        var branches = CallArguments.Split(calls, ':', keepsQuotes: true);
        Decide(state, CallCondition.Of(condition, texts), condition, texts, priority,
            taken => Call(taken, branches[0], priority), other => Call(other, branches.Count > 1 ? branches[1] : "", priority));
    }

    // Application(arguments), out of the arguments of another.
    private void Call(CallState state, string call, PlanPriority priority)
    {
        if (call.Length == 0)
        {
            walk.Go(state.Next());
            return;
        }

        var (name, rest) = CallArguments.Cut(call, '(');
        if (Texts(state).Substitute(name).Constant is not { } application)
        {
            walk.Unknown($"{priority.Application}({priority.Arguments}) could not be resolved", priority.Place);
            return;
        }

        var close = rest?.LastIndexOf(')') ?? -1;
        Run(state, priority, application.Trim(), close < 0 ? rest ?? "" : rest![..close]);
    }

    private void GoSubOr(CallState state, string target, PlanPriority priority)
    {
        if (target.Length == 0)
        {
            walk.Go(state.Next());
        }
        else
        {
            GoSub(state, target, priority);
        }
    }

    private void GoSub(CallState state, string arguments, PlanPriority priority)
    {
        if (state.Frames.Count >= MaxFrames)
        {
            walk.Unknown("subroutines are called deeper than was walked", priority.Place);
            return;
        }

        var (target, behind) = CallArguments.Cut(arguments, '(');
        var close = behind?.LastIndexOf(')') ?? -1;
        var given = behind is null ? [] : CallArguments.Split(close < 0 ? behind : behind[..close], keepsQuotes: true);
        var texts = Texts(state);
        var values = given.Select(argument => texts.Substitute(argument)).ToList();
        Target(state, target, priority, there => walk.Go(Framed(state, there, values, isMacro: false)));
    }

    private static CallState Framed(CallState from, CallState to, List<SymbolicText> values, bool isMacro)
    {
        var saved = ImmutableSortedDictionary.Create<string, SymbolicText?>(StringComparer.Ordinal);
        var variables = to.Variables;
        // Arguments of the subroutine before that this one does not give are hidden too.
        var names = Enumerable.Range(1, values.Count).Select(Argument).Union(from.Variables.Keys.Where(static name => name.StartsWith("ARG", StringComparison.Ordinal))).Append("ARGC").Distinct().ToList();
        foreach (var name in names)
        {
            saved = saved.SetItem(name, from.Variables.GetValueOrDefault(name));
            variables = variables.SetItem(name, SymbolicText.Nothing);
        }

        for (var i = 0; i < values.Count; i++)
        {
            variables = variables.SetItem(Argument(i + 1), values[i]);
        }

        variables = variables.SetItem("ARGC", new ConstantText(values.Count.ToString(CultureInfo.InvariantCulture)));
        var frame = new CallFrame(from.Context, from.Extension, from.Name, from.Priority + 1, isMacro, saved);
        return to with { Variables = variables, Frames = to.Frames.Insert(0, frame) };
    }

    private static string Argument(int number) => string.Create(CultureInfo.InvariantCulture, $"ARG{number}");

    private void Macro(CallState state, string arguments, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var texts = Texts(state);
        if (texts.Substitute(given[0]).Constant is not { } name || state.Frames.Count >= MaxFrames)
        {
            walk.Unknown($"Macro({arguments}) could not be resolved", priority.Place);
            return;
        }

        var assumed = state.With(new Assumption(AssumptionKind.Value, "Macro exists: Asterisk 21 and later have none, and end the call here", priority.Place));
        var there = assumed.At($"macro-{name}", new ConstantText("s"), 1).With("MACRO_EXTEN", state.Extension).With("MACRO_CONTEXT", new ConstantText(state.Context));
        walk.Go(Framed(assumed, there, [.. given.Skip(1).Select(argument => texts.Substitute(argument))], isMacro: true));
    }

    private CallState BehindLoop(CallState state)
    {
        var depth = 1;
        for (var number = state.Priority + 1; Same(state, number) is { } priority; number++)
        {
            depth += priority.Is("While") ? 1 : priority.Is("EndWhile") ? -1 : 0;
            if (depth == 0)
            {
                return state with { Priority = number + 1, IsBeginning = false };
            }
        }

        // Asterisk warns that there is no EndWhile, and goes on.
        return state.Next();
    }

    private int? LoopStart(CallState state)
    {
        var depth = 1;
        for (var number = state.Priority - 1; number > 0 && Same(state, number) is { } priority; number--)
        {
            depth += priority.Is("EndWhile") ? 1 : priority.Is("While") ? -1 : 0;
            if (depth == 0)
            {
                return number;
            }
        }

        return null;
    }

    // Loops are taken to stand in one extension.
    private PlanPriority? Same(CallState state, int number) =>
        walk.Search.Find(state with { Priority = number }).Hits is [var first, ..] ? first.Priority : null;

    private static CallState Assigned(CallState state, string assignment, CallTexts texts, PlanPriority priority)
    {
        var (name, value) = CallArguments.Cut(assignment, '=');
        if (value is null || texts.Substitute(name).Constant is not { } target)
        {
            return state;
        }

        var text = texts.Substitute(value);
        switch (FunctionText.Split(target))
        {
            case ("TIMEOUT", "absolute", ""):
                var unlimited = state with { Brakes = [.. state.Brakes.Where(static brake => brake.Kind != BrakeKind.TimeLimit)] };
                return double.TryParse(text.Constant, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
                    ? unlimited.With(new Brake(BrakeKind.TimeLimit, $"TIMEOUT(absolute)={text.Constant}", priority.Place))
                    : unlimited;
            case ("LOCAL", var local, "") when state.Frames is [var frame, ..]:
                var saved = frame.Saved.ContainsKey(local) ? frame : frame with { Saved = frame.Saved.SetItem(local, state.Variables.GetValueOrDefault(local)) };
                return (state with { Frames = state.Frames.SetItem(0, saved) }).With(local, text);
            case ("ARRAY", var names, ""):
                var (array, values) = (names.Split(','), DialTarget.Split(text, ','));
                return Enumerable.Range(0, array.Length).Aggregate(state, (set, i) => set.With(Plain(array[i]), i < values.Count ? values[i] : SymbolicText.Nothing));
            case ("GLOBAL", var global, ""):
                return state.With(global, text);
            case ("CALLERID", var part, ""):
                return CallTexts.CallerIdParts(part).Aggregate(state, (set, one) => set.With(one, text));
            case not null:
                return state;
            default:
                var plain = Plain(target);
                var inherited = target.StartsWith("__", StringComparison.Ordinal) ? CallDialling.Inherited : target.StartsWith('_') ? CallDialling.InheritedOnce : null;
                return inherited is null ? state.With(plain, text) : state.With(plain, text).With(inherited + plain, text);
        }
    }

    private static string Plain(string name) => name.Trim().TrimStart('_');

    private void Read(CallState state, string arguments, CallTexts texts)
    {
        var given = CallArguments.Split(arguments);
        if (texts.Substitute(given[0]).Constant is not { } variable)
        {
            walk.Go(state.Next());
            return;
        }

        var most = int.TryParse(given.ElementAtOrDefault(2), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) && digits is > 0 and <= 255 ? digits : 255;
        // # ends it, unless an option says otherwise; nothing at all may be typed.
        var hasTerminator = CallArguments.Options(given.ElementAtOrDefault(3)).ContainsKey('t');
        var language = Languages.Repeat(hasTerminator ? "0123456789*#ABCD" : "0123456789*ABCD", 0, most);
        var (entered, text) = state.Enter(language, over: variable);
        walk.Go((entered with { Read = entered.Read.Add(((InputText)text).Number) }).With(variable, text).Next());
    }

    private void Prompt(CallState state, string application, string arguments, CallTexts texts)
    {
        walk.Typed(state, state.Context, Languages.Keys);
        if (CallArguments.Split(arguments) is { Count: > 3 } given && application.Equals("Background", StringComparison.OrdinalIgnoreCase) && texts.Substitute(given[3]).Constant is { Length: > 0 } context
            && context != state.Context)
        {
            walk.Typed(state, context, Languages.Repeat("0123456789*#ABCD", 1, 1));
        }

        if (application.Equals("WaitExten", StringComparison.OrdinalIgnoreCase) && walk.Search.Find(state.Next()) is { Hits: [] })
        {
            foreach (var name in ((string[])["t", "e"]).Where(name => walk.Search.Has(state.Context, name)).Take(1))
            {
                walk.Go(state.At(state.Context, new ConstantText(name), 1));
            }
        }
        else
        {
            walk.Go(state.Next());
        }
    }

    private void Disa(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var context = given.Count > 1 && given[1].Length > 0 ? texts.Substitute(given[1]).Constant : "disa";
        if (context is null)
        {
            walk.Unknown($"DISA({Secretless(given)}) could not be resolved", priority.Place);
            return;
        }

        var isOpen = given[0].Equals("no-password", StringComparison.OrdinalIgnoreCase);
        walk.Typed(isOpen ? state : state.With(new Brake(BrakeKind.Pin, "DISA", priority.Place)), context, Languages.Keys);
    }

    private static string Secretless(List<string> given) => string.Join(',', given.Skip(1).Prepend("..."));

    private void Voicemail(CallState state, string application, string arguments, CallTexts texts)
    {
        // Whoever presses 0 or * leaves; VoiceMailMain knows the star alone.
        foreach (var name in application.Equals("VoiceMail", StringComparison.OrdinalIgnoreCase) ? (string[])["o", "a"] : ["a"])
        {
            if (walk.Search.Has(state.Context, name))
            {
                var left = name == "o" ? state.With(new Assumption(AssumptionKind.Value, "voicemail.conf has operator=yes", state.Way!.Step.Priority.Place)) : state;
                walk.Go(left.At(state.Context, new ConstantText(name), 1));
            }
        }

        if (CallArguments.Options(CallArguments.Split(arguments).ElementAtOrDefault(1)).TryGetValue('d', out var context))
        {
            walk.Typed(state, texts.Substitute(context ?? "").Constant is { Length: > 0 } given ? given : state.Context, Languages.Repeat("0123456789*#ABCD", 1, 1));
        }

        walk.Go(state.Next());
    }

    private void Directory(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var context = given.Count > 1 && given[1].Length > 0 ? texts.Substitute(given[1]).Constant : texts.Substitute(given[0]).Constant;
        if (context is null)
        {
            walk.Unknown($"Directory({arguments}) could not be resolved", priority.Place);
        }
        else
        {
            walk.Typed(state.With(new Assumption(AssumptionKind.Value, "a mailbox has that number", priority.Place)), context, Languages.Repeat("0123456789", 1));
        }

        foreach (var name in ((string[])["o", "a"]).Where(name => walk.Search.Has(context ?? state.Context, name)))
        {
            walk.Go(state.At(context ?? state.Context, new ConstantText(name), 1));
        }

        walk.Go(state.Next());
    }
}
