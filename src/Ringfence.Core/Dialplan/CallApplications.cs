using System.Collections.Immutable;

namespace Ringfence.Core.Dialplan;

/// <summary>What each application does with a call: where it may go on, and whom it calls.</summary>
/// <remarks>Asterisk 22: main/pbx_builtins.c, apps/app_dial.c, app_stack.c, app_exec.c, app_while.c, app_disa.c, app_voicemail.c, app_directory.c, app_read.c.</remarks>
internal sealed class CallApplications
{
    // What needs somebody at the other end.
    private static readonly string[] NeedCaller = ["DIAL", "RETRYDIAL", "PAGE", "QUEUE", "FOLLOWME", "READ", "BACKGROUND", "BACKGROUNDDETECT", "WAITEXTEN", "DISA", "VOICEMAIL", "VOICEMAILMAIN", "MINIVMGREET", "DIRECTORY", "TRANSFER"];

    // What ends a call also in a TryExec.
    private static readonly string[] Ends = ["Hangup", "Busy", "Congestion"];

    private readonly CallWalk _walk;
    private readonly CallTargets _targets;
    private readonly CallSubroutines _subroutines;
    private readonly CallAssignments _assignments;
    private readonly CallPrompts _prompts;
    private readonly CallDialling _dialling;

    public CallApplications(CallWalk walk, ExitClassifier classify)
    {
        _walk = walk;
        _targets = new CallTargets(walk);
        _subroutines = new CallSubroutines(walk, _targets);
        _dialling = new CallDialling(walk, _targets, _subroutines, classify);
        _assignments = new CallAssignments(walk, _targets, _subroutines, _dialling, (state, priority, application) => Call(state, application, priority));
        _prompts = new CallPrompts(walk, _targets);
    }

    /// <param name="state">At this priority.</param>
    public void Run(CallState state, PlanPriority priority) => Run(state, priority, priority.Application, priority.Arguments);

    private void Run(CallState state, PlanPriority priority, string application, string arguments)
    {
        state = CallAssignments.WithSideEffects(state, arguments, _walk.Texts(state));
        var texts = _walk.Texts(state);
        arguments = texts.Known(arguments);
        foreach (var command in FunctionText.Calls("SHELL", arguments))
        {
            _walk.Look(InjectionKind.Shell, texts.Substitute(command), state, priority);
        }

        foreach (var put in FunctionText.Calls("EVAL", arguments))
        {
            _walk.Look(InjectionKind.Expansion, texts.Substitute(put), state, priority);
        }

        foreach (var expression in TextParts.Expressions(arguments).Where(static expression => expression.Contains("${", StringComparison.Ordinal)))
        {
            _walk.Look(InjectionKind.Expression, () => CallerText.Into(InjectionKind.Expression, texts.Substitute(expression), state), state, priority);
        }

        foreach (var hook in FunctionText.Calls("PERIODIC_HOOK", arguments))
        {
            _walk.Unknown($"what PERIODIC_HOOK({hook}) runs was not followed", priority.Place);
        }

        foreach (var called in FunctionText.Calls("EVAL_SUB", arguments))
        {
            // A subroutine whose result is a text.
            _subroutines.Run(state, texts.Substitute(called), priority, there => _walk.Go(there with { Frames = [] }));
        }

        switch (application.ToUpperInvariant())
        {
            case var needs when state.IsHungUp && NeedCaller.Contains(needs):
                _walk.Go(state.Next());
                break;
            case "GOTO":
                GoTo(state, arguments, priority);
                break;
            case "GOTOIF":
                var (condition, branches) = CallArguments.Cut(arguments, '?');
                var (whenTrue, whenFalse) = CallArguments.Cut(branches ?? "", ':');
                Decide(state, condition, texts, priority,
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
                AtTime(state, when, priority, now => Call(now, then ?? "", priority), later => _walk.Go(later.Next()));
                break;
            case "EXEC" or "TRYEXEC":
                var again = CallArguments.Cut(arguments, '(');
                _walk.Look(InjectionKind.Application, texts.Substitute(again.First), state, priority);
                // It puts variables in itself, behind those that the line had (measured).
                _walk.Look(InjectionKind.Expansion, texts.Substitute(again.Behind ?? ""), state, priority);
                if (application.Length == "TRYEXEC".Length && !Array.Exists(Ends, end => end.Equals(again.First, StringComparison.OrdinalIgnoreCase)))
                {
                    // Whatever fails in it, a wrong PIN too: the call goes on (measured).
                    _walk.Go(state.Next());
                }

                Call(state, texts.Substitute(arguments).Constant is { } put && put.Contains("${", StringComparison.Ordinal) ? put : arguments, priority);
                break;
            case "GOSUB":
                _subroutines.GoSub(state, arguments, priority);
                break;
            case "AELSUB":
                var (macro, given) = CallArguments.Cut(arguments, ',');
                _subroutines.GoSub(state, $"{macro},~~s~~,1({given})", priority);
                break;
            case "GOSUBIF":
                var (asked, subs) = CallArguments.Cut(arguments, '?');
                var labels = CallArguments.Split(subs ?? "", ':', keepsQuotes: true);
                Decide(state, asked, texts, priority,
                    taken => GoSubOr(taken, labels[0], priority), other => GoSubOr(other, labels.Count > 1 ? labels[1] : "", priority));
                break;
            case "RETURN" when state.Frames is [{ IsMacro: false }, ..]:
                _walk.Go(CallWalk.Popped(state).With("GOSUB_RETVAL", texts.Substitute(arguments)));
                break;
            case "STACKPOP" when state.Frames is [{ IsMacro: false }, ..]:
                // The way back is forgotten, and what was local with it.
                _walk.Go((state with { Frames = state.Frames.RemoveAt(0), Variables = CallWalk.Popped(state).Variables }).Next());
                break;
            case "MACRO" or "MACROEXCLUSIVE":
                _subroutines.Macro(state, arguments, priority);
                break;
            case "MACROIF":
                var (wanted, macros) = CallArguments.Cut(arguments, '?');
                var (first, second) = CallArguments.Cut(macros ?? "", ':');
                Decide(state, wanted, texts, priority, taken => _subroutines.MacroOr(taken, first, priority), other => _subroutines.MacroOr(other, second ?? "", priority));
                break;
            case "MACROEXIT" when state.Frames is [{ IsMacro: true }, ..]:
                _walk.Go(CallWalk.Popped(state));
                break;
            case "WHILE":
                Decide(state, arguments, texts, priority, static taken => taken.Next(), _subroutines.BehindLoop, _walk.Go);
                break;
            case "ENDWHILE" or "CONTINUEWHILE":
                if (_subroutines.LoopStart(state) is { } start)
                {
                    _walk.Go(state with { Priority = start, IsBeginning = false });
                }
                else
                {
                    // Without a While it does nothing.
                    _walk.Go(state.Next());
                }

                break;
            case "EXITWHILE":
                _walk.Go(_subroutines.BehindLoop(state));
                break;
            case "IF" or "ELSEIF":
                Decide(state, arguments, texts, priority, static taken => taken.Next(), _subroutines.Otherwise, _walk.Go);
                break;
            case "ELSE" or "EXITIF":
                _walk.Go(_subroutines.BehindIf(state));
                break;
            case "SET":
                _walk.Go(_assignments.Assigned(state, arguments, priority).Next());
                break;
            case "MSET":
                _walk.Look(InjectionKind.Assignment, texts.Substitute(arguments), state, priority);
                _walk.Go(CallArguments.Split(arguments, keepsQuotes: false).Aggregate(state, (set, one) => _assignments.Assigned(set, one, priority)).Next());
                break;
            case "STOREDTMF":
                // Direction, variable: what is typed from here on (measured).
                _prompts.Read(state, CallArguments.Split(arguments).ElementAtOrDefault(1) ?? "", texts, hasMost: false);
                break;
            case "RECEIVEMF" or "RECEIVESF":
                _prompts.Read(state, CallArguments.Split(arguments)[0], texts, hasMost: false);
                break;
            case "READ" or "READEXTEN":
                _prompts.Read(state, arguments, texts, hasMost: application.Length == "READ".Length);
                break;
            case "BACKGROUND" or "WAITEXTEN" or "BACKGROUNDDETECT":
                _prompts.Prompt(state, application, arguments, texts);
                break;
            case "DISA":
                _prompts.Disa(state, arguments, texts, priority);
                break;
            case "AUTHENTICATE" or "VMAUTHENTICATE":
                _walk.Go(state.With(new Brake(BrakeKind.Pin, application, priority.Place)).Next());
                break;
            case "AGI" or "EAGI" or "DEADAGI" or "FASTAGI" or "ASYNCAGI" or "EXTERNALIVR":
                _walk.Unknown($"{application}({arguments}) may send the call anywhere", priority.Place);
                _walk.Go(state.With(new Brake(BrakeKind.Gate, application, priority.Place)).Next());
                break;
            case "STASIS":
                _walk.Unknown($"the program behind Stasis({arguments}) may send the call anywhere", priority.Place);
                _walk.Go(state.With(new Brake(BrakeKind.Gate, application, priority.Place)).Next());
                break;
            case "DIAL":
                _dialling.Dial(state, arguments, texts, priority);
                _assignments.Features(state, texts, priority);
                _walk.Go(state.Next());
                break;
            case "RETRYDIAL":
                var (_, later) = CallArguments.Cut(arguments, ',');
                var (_, repeated) = CallArguments.Cut(later ?? "", ',');
                var (_, dialled) = CallArguments.Cut(repeated ?? "", ',');
                _dialling.Dial(state, dialled ?? "", texts, priority);
                // A key between two attempts.
                _walk.Typed(state, CallPrompts.Context(state, "EXITCONTEXT", texts), CallPrompts.OneKey, mustExist: true);
                _walk.Go(state.Next());
                break;
            case "PAGE":
                _dialling.Page(state, arguments, texts, priority);
                _walk.Go(state.Next());
                break;
            case "ORIGINATE":
                _dialling.Originate(state, arguments, texts, priority);
                _walk.Go(state.Next());
                break;
            case "QUEUE":
                _dialling.Queue(state, arguments, texts, priority);
                _assignments.Features(state, texts, priority);
                _walk.Go(state.Next());
                break;
            case "ADDQUEUEMEMBER":
                _dialling.Member(state, arguments, texts, priority);
                _walk.Go(state.Next());
                break;
            case "FOLLOWME":
                _dialling.FollowMe(state, arguments, texts, priority);
                _walk.Go(state.Next());
                break;
            case "VOICEMAIL" or "VOICEMAILMAIN" or "MINIVMGREET":
                _prompts.Voicemail(state, application, arguments, texts, priority);
                break;
            case "DIRECTORY":
                _prompts.Directory(state, arguments, texts, priority);
                break;
            case "MIXMONITOR" or "MONITOR":
                Recording(state, CallArguments.Split(arguments), texts, priority);
                _walk.Go(state.Next());
                break;
            case "SYSTEM" or "TRYSYSTEM":
                _walk.Look(InjectionKind.Shell, texts.Substitute(arguments), state, priority);
                _walk.Go(state.Next());
                break;
            case "SLASTATION" or "SLATRUNK":
                _walk.Unknown($"the lines of {application}({arguments}) are in sla.conf, which was not read", priority.Place);
                _walk.Go(state.Next());
                break;
            case "TRANSFER":
                _walk.Unknown($"Transfer({arguments}) sends the caller elsewhere", priority.Place);
                _walk.Go(state.Next());
                break;
            case "CHANSPY" or "EXTENSPY":
                _prompts.Exit(state, CallArguments.Split(arguments).ElementAtOrDefault(1), "SPY_EXIT_CONTEXT", texts);
                break;
            case "MEETME":
                _prompts.Exit(state, CallArguments.Split(arguments).ElementAtOrDefault(1), "MEETME_EXIT_CONTEXT", texts);
                break;
            case "CONFBRIDGE":
                _prompts.Conference(state, arguments, texts, priority);
                break;
            case "SAYALPHA" or "SAYALPHACASE" or "SAYDIGITS" or "SAYMONEY" or "SAYNUMBER" or "SAYORDINAL" or "SAYPHONETIC":
                _prompts.Speech(state, isEnded: texts.Substitute("${SAY_DTMF_INTERRUPT}").Constant is not "");
                break;
            case "SAYUNIXTIME" or "DATETIME":
                _prompts.Speech(state, isEnded: texts.Substitute("${SAY_DTMF_INTERRUPT}").Constant is not "" || CallArguments.Split(arguments).ElementAtOrDefault(3) is { Length: > 0 });
                break;
            case "VMSAYNAME" or "SAYCOUNTEDNOUN" or "SAYCOUNTEDADJ":
                // ast_stream_and_wait with AST_DIGIT_ANY, whose digit they give back.
                _prompts.Speech(state, isEnded: true);
                break;
            case "FESTIVAL":
                _prompts.Speech(state, isEnded: CallArguments.Split(arguments).ElementAtOrDefault(1) is { Length: > 0 });
                break;
            case "PARK" or "PARKANDANNOUNCE":
                _dialling.Park(state, application, arguments, texts, priority);
                _walk.Go(state.Next());
                break;
            case "CHANNELREDIRECT":
                _dialling.Redirect(state, CallArguments.Cut(arguments, ',').Behind ?? "", texts, priority);
                _walk.Go(state.Next());
                break;
            case "BRIDGE":
                _dialling.Bridge(state, arguments, texts, priority);
                _walk.Go(state.Next());
                break;
            case "BLINDTRANSFER" or "ATTENDEDTRANSFER":
                // Whom this channel talks to, or is to talk to: extension[,context]
                var (exten, context) = CallArguments.Cut(arguments, ',');
                _dialling.Redirect(state, $"{(context is { Length: > 0 } ? context : CallPrompts.Context(state, "TRANSFER_CONTEXT", texts))},{exten},1", texts, priority);
                _walk.Go(state.Next());
                break;
            case "RAISEEXCEPTION":
                _walk.Go(state.At(state.Context, new ConstantText("e"), 1));
                break;
            case "INCOMPLETE":
                _walk.Unknown("Incomplete waits for more digits, which were not followed", priority.Place);
                break;
            case "HANGUP" or "BUSY" or "CONGESTION" or "RETURN":
                break;
            case var known when PlainApplications.Contains(known):
                _walk.Go(state.Next());
                break;
            case var name when name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'):
                // Where there is none of that name Asterisk ends the call (measured).
                _walk.Unknown($"{application} is no application of Asterisk's own: what it does was not read", priority.Place);
                _walk.Go(state.With(new Assumption(AssumptionKind.Value, $"there is an application {application}", priority.Place)).Next());
                break;
            default:
                // No application has such a name: Asterisk ends the call.
                break;
        }
    }

    // file, options, the command that runs behind it: they are told apart when the variables are put in already (measured: a name of a,,id runs id).
    private void Recording(CallState state, List<string> given, CallTexts texts, PlanPriority priority)
    {
        var file = texts.Substitute(given[0]);
        var command = texts.Substitute(given.ElementAtOrDefault(2) ?? "");
        _walk.Look(InjectionKind.Shell, command, state, priority);
        if (command.Constant?.Contains("^{MIXMONITOR_FILENAME}", StringComparison.Ordinal) is true)
        {
            _walk.Look(InjectionKind.Shell, file, state, priority);
        }

        if (priority.Is("MixMonitor"))
        {
            _walk.Look(InjectionKind.Recording, file, state, priority);
            _walk.Look(InjectionKind.RecordingOptions, texts.Substitute(given.ElementAtOrDefault(1) ?? ""), state, priority);
        }
    }

    private static void Decide(CallState state, string condition, CallTexts texts, PlanPriority priority, Action<CallState> whenTrue, Action<CallState> whenFalse)
    {
        var kind = PbxStates.Decide(condition, texts) ? AssumptionKind.State : AssumptionKind.Value;
        var demand = CallCondition.Of(condition, texts);
        var doubtful = demand.Doubtful;
        Branch(state, demand with { Holds = Languages.Except(demand.Holds, doubtful) }, priority, whenTrue);
        Branch(state, demand.Opposite() with { Holds = Languages.Except(demand.Fails, doubtful) }, priority, whenFalse);
        if (state.Narrowed(demand with { Holds = doubtful }) is { } either)
        {
            var shown = kind == AssumptionKind.Value ? ShownText.Decides(condition, texts, state.Inputs.Length) : null;
            whenTrue(Secret(either, condition, isEqual: true, priority).With(Answered(shown?.Holds, isTrue: true)));
            whenFalse(Secret(either, condition, isEqual: false, priority).With(Answered(shown?.Fails, isTrue: false)));
        }

        // What no line on the way set is empty, and decided it; a program could have set it. One such variable is enough to tell of.
        if (state.Assumptions.Any(static assumption => assumption.Kind == AssumptionKind.Program))
        {
            return;
        }

        var whatever = CallCondition.Of(condition, texts with { UnsetIsEmpty = false });
        if (!Languages.IsWithin(whatever.Doubtful, doubtful))
        {
            var mayBe = Languages.Except(whatever.Doubtful, doubtful);
            Otherwise(whatever with { Holds = Languages.Intersect(mayBe, demand.Fails) }, isTrue: true, whenTrue);
            Otherwise(whatever with { Holds = Languages.Intersect(mayBe, demand.Holds) }, isTrue: false, whenFalse);
        }

        Assumption Answered(ShownText? shown, bool isTrue) =>
            new(shown?.Texts.IsNone is false ? AssumptionKind.Caller : ListChecks.IsAnswerOfOthers(condition, isTrue, texts) ? AssumptionKind.State : kind, $"{condition} is {(isTrue ? "true" : "false")}", priority.Place)
            {
                Answer = isTrue,
                Shown = shown?.Texts.IsNone is false ? shown : null,
            };

        void Otherwise(Demand where, bool isTrue, Action<CallState> go)
        {
            if (state.Narrowed(where) is { } other)
            {
                go(other.With(new Assumption(AssumptionKind.Program, $"{condition} is {(isTrue ? "true" : "false")}", priority.Place) { Answer = isTrue }));
            }
        }
    }

    private static void Decide(CallState state, string condition, CallTexts texts, PlanPriority priority, Func<CallState, CallState> whenTrue, Func<CallState, CallState> whenFalse, Action<CallState> go) =>
        Decide(state, condition, texts, priority, taken => go(whenTrue(taken)), other => go(whenFalse(other)));

    // What was decided by one time before is not decided otherwise now.
    private static void AtTime(CallState state, string times, PlanPriority priority, Action<CallState> inTime, Action<CallState> atOtherTimes)
    {
        if (PlanInclude.IsAlways(times))
        {
            inTime(state);
            return;
        }

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
    private static CallState Secret(CallState state, string condition, bool isEqual, PlanPriority priority) =>
        condition.Contains('=', StringComparison.Ordinal) && condition.Contains("!=", StringComparison.Ordinal) != isEqual
            && state.Variables.Any(pair => pair.Value.Inputs.Any(state.Read.Contains) && condition.Contains($"${{{pair.Key}}}", StringComparison.Ordinal))
            ? state.With(new Brake(BrakeKind.Pin, "a number to be typed", priority.Place))
            : state;

    private void GoToOr(CallState state, string target, PlanPriority priority)
    {
        if (target.Length == 0)
        {
            _walk.Go(state.Next());
        }
        else
        {
            GoTo(state, target, priority);
        }
    }

    private void GoTo(CallState state, string target, PlanPriority priority)
    {
        var text = _walk.Texts(state).Target(target);
        var (shown, where) = WithEntered(state, text);
        _targets.Go(shown, where, priority, _walk.Go);
    }

    // Goto(internal,${PJSIP_HEADER(read,X-Ext)},1): the caller enters the extension in a part of his call.
    private static (CallState State, SymbolicText Target) WithEntered(CallState state, SymbolicText target)
    {
        var named = DialTarget.Split(target, ',');
        if (target.Inputs.Count > 0 || named.Count is < 2 or > 3 || named[^2].Constant is not null || named.Count(static text => text.Constant is null) > 1)
        {
            return (state, target);
        }

        string? part = null;
        var marked = SymbolicText.WithParts(target, asked => (part ??= asked) == asked ? new InputText(0) : null);
        if (part is null || !marked.IsKnown)
        {
            return (state, target);
        }

        var (entered, text) = state.Enter(Languages.Intersect(Languages.Dialled, Languages.OfLength(1)), over: null);
        return (entered with { Parts = entered.Parts.SetItem(entered.Order[^1], part) }, SymbolicText.WithParts(target, _ => text));
    }

    private void ExecIf(CallState state, CallTexts texts, string arguments, PlanPriority priority)
    {
        var (condition, calls) = CallArguments.Cut(arguments, '?');
        if (calls is null)
        {
            _walk.Go(state.Next());
            return;
        }

        var branches = CallArguments.Split(calls, ':', keepsQuotes: true);
        if (CallCondition.Of(condition, texts).Opposite() is { Holds.IsNone: false } fails && state.Narrowed(fails) is { } otherwise)
        {
            // Measured: ExecIf($[1 = 0]?Set(X=${CALLERID(name)})) runs System for a caller whose name is "x):System(id".
            _walk.Look(InjectionKind.Application, texts.Substitute(branches[0]), otherwise, priority);
        }

        Decide(state, condition, texts, priority,
            taken => Call(taken, branches[0], priority), other => Call(other, branches.Count > 1 ? branches[1] : "", priority));
    }

    // Application(arguments), out of the arguments of another.
    private void Call(CallState state, string call, PlanPriority priority)
    {
        if (call.Length == 0)
        {
            _walk.Go(state.Next());
            return;
        }

        var (name, rest) = CallArguments.Cut(call, '(');
        if (_walk.Texts(state).Substitute(name).Constant is not { } application)
        {
            _walk.Unknown($"{priority.Application}({priority.Arguments}) could not be resolved", priority.Place);
            return;
        }

        var close = rest?.LastIndexOf(')') ?? -1;
        Run(state, priority, application, close < 0 ? rest ?? "" : rest![..close]);
    }

    private void GoSubOr(CallState state, string target, PlanPriority priority)
    {
        if (target.Length == 0)
        {
            _walk.Go(state.Next());
        }
        else
        {
            _subroutines.GoSub(state, target, priority);
        }
    }
}
