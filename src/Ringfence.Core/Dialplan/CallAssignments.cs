using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>What Set does: variables, and those functions and variables that send a call somewhere later.</summary>
/// <remarks>main/pbx_variables.c, funcs/func_timeout.c, func_channel.c, func_strings.c, res/res_tonedetect.c, res_fax.c of Asterisk 22.</remarks>
internal sealed class CallAssignments(CallWalk walk, CallTargets targets, CallSubroutines subroutines, CallDialling dialling, Action<CallState, PlanPriority, string> call)
{
    /// <param name="assignment">name=value</param>
    /// <returns>The call behind it.</returns>
    public CallState Assigned(CallState state, string assignment, PlanPriority priority)
    {
        var texts = walk.Texts(state);
        var (name, value) = CallArguments.Cut(assignment, '=');
        if (name.TrimStart('_').StartsWith("FILE(", StringComparison.Ordinal))
        {
            walk.Look(InjectionKind.File, texts.Substitute(name), state, priority);
        }

        if (value is null || texts.Substitute(name).Constant is not { } target)
        {
            return state;
        }

        var text = (texts with { UnsetIsEmpty = false }).Substitute(value);
        Later(state, target, text, priority);
        switch (FunctionText.Split(target))
        {
            case ("TIMEOUT", "absolute", ""):
                var unlimited = state.WithoutTimeout();
                return double.TryParse(text.Constant, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
                    ? unlimited.With(new Brake(BrakeKind.TimeLimit, $"TIMEOUT(absolute)={text.Constant}", priority.Place)) with { HasTimeout = true }
                    : unlimited with { HasTimeout = text.Constant is null };
            case ("LOCAL", var local, "") when state.Frames is [var frame, ..]:
                var saved = frame.Saved.ContainsKey(local) ? frame : frame with { Saved = frame.Saved.SetItem(local, state.Variables.GetValueOrDefault(local)) };
                return (state with { Frames = state.Frames.SetItem(0, saved) }).With(local, text);
            case ("ARRAY", var names, ""):
                var (array, values) = (names.Split(','), DialTarget.Split(text, ','));
                return Enumerable.Range(0, array.Length).Aggregate(state, (set, i) => set.With(Plain(array[i]), i < values.Count ? values[i] : SymbolicText.Nothing));
            case ("GLOBAL", var global, ""):
                // The channel's own variable of that name hides it.
                return state.Variables.ContainsKey(global) && !state.Variables.ContainsKey(OfAll + global) ? state : state.With(global, text).With(OfAll + global, SymbolicText.Nothing);
            case ("PUSH" or "UNSHIFT", var list, ""):
                return Changed(state, list.Split(',')[0]);
            case ("EXPORT", var exported, ""):
                return Changed(state, exported.Split(',')[^1]);
            case ("CALLERID", var part, ""):
                return CallTexts.CallerIdParts(part).Aggregate(state, (set, one) => set.With(one, text));
            case not null:
                return state;
            default:
                var plain = Plain(target);
                var inherited = target.StartsWith("__", StringComparison.Ordinal) ? CallDialling.Inherited : target.StartsWith('_') ? CallDialling.InheritedOnce : null;
                // A name stands once: what was handed on under it is not any more (measured).
                var own = state with { Variables = state.Variables.Remove(OfAll + plain).Remove(CallDialling.Inherited + plain).Remove(CallDialling.InheritedOnce + plain) };
                return inherited is null ? own.With(plain, text) : own.With(plain, text).With(inherited + plain, text);
        }
    }

    /// <summary>Before the name of a variable that this call set for all channels; no name in a dialplan has a blank.</summary>
    private const string OfAll = "global ";

    private static readonly string[] Changing = ["INC", "DEC", "SHIFT", "POP", "SET", "DELETE"];

    /// <summary>Behind a line whose arguments have functions that change what they are asked for: ${INC(i)}, ${SHIFT(list)}, ${SET(a=b)}.</summary>
    public static CallState WithSideEffects(CallState state, string arguments, CallTexts texts) =>
        !arguments.Contains("${", StringComparison.Ordinal) ? state
        : Changing.SelectMany(function => FunctionText.Calls(function, arguments))
            .Aggregate(state, (set, called) => Changed(set, texts.Substitute(called.Split(',', '=')[0]).Constant?.TrimStart('_') ?? ""));

    // What it is then is not followed.
    private static CallState Changed(CallState state, string name) => state.With(name, new UnknownText($"${{{name}}}", TextOrigins.Elsewhere));

    // Where something that happens later sends the call; what then holds of its variables is not followed.
    private void Later(CallState state, string target, SymbolicText text, PlanPriority priority)
    {
        switch (FunctionText.Split(target))
        {
            case ("CHANNEL", "hangup_handler_push" or "hangup_handler_pop" or "hangup_handler_wipe", ""):
                // It runs in the end, and may call whom a line behind this one names.
                foreach (var at in walk.Search.Originates ? (CallState[])[state, state with { Variables = state.Variables.Clear(), IsLater = true }] : [state])
                {
                    subroutines.Run(at, text, priority, there => walk.Go(there with { IsHungUp = true, Frames = [] }));
                }

                break;
            case ("CHANNEL", "dtmf_features", "") when text.Constant?.Contains('T', StringComparison.Ordinal) is true:
                // As Dial's option: whoever types may transfer, in the bridges that follow.
                dialling.Transfer(state, walk.Texts(state), priority);
                break;
            case ("CHANNEL", "after_bridge_goto", ""):
                targets.Go(state, text, priority, there => walk.Go(there with { Frames = [] }));
                break;
            case ("CONFBRIDGE", var entry, "") when entry.StartsWith("menu", StringComparison.OrdinalIgnoreCase):
                foreach (var executed in CallFiles.Executed(text.Constant ?? ""))
                {
                    targets.Go(state, new ConstantText(executed), priority, there => walk.Go(there with { Frames = [] }));
                }

                break;
            case ("TONE_DETECT", _, ""):
                foreach (var (letter, where) in CallArguments.Options(DialTarget.Split(text, ',').ElementAtOrDefault(1)?.Constant))
                {
                    if (letter is 'g' or 'h' && where is { Length: > 0 })
                    {
                        Maybe(state, new ConstantText(where), "a tone is heard", priority);
                    }
                }

                break;
            // Followed only where ways past the gate are looked for.
            case ("GLOBAL", CallDialling.TransferContext, "") when walk.Gate is not null:
                dialling.TransferInto(state, text, priority);
                break;
            case null when walk.Gate is not null && Plain(target) == CallDialling.TransferContext:
                dialling.TransferInto(state, text, priority);
                break;
            case null when Plain(target) is var plain:
                switch (plain.ToUpperInvariant())
                {
                    // Behind U() or M() of a Dial: the caller goes there (app_dial.c, "GOTO:").
                    case "GOSUB_RESULT" or "MACRO_RESULT" when DialTarget.Cut(text, ':') is ({ Constant: { } goTo }, { } where) && goTo.Trim().Equals("GOTO", StringComparison.OrdinalIgnoreCase):
                        Maybe(state, SymbolicText.Replace(where, '^', ','), "a Dial runs this with U() or M()", priority);
                        break;
                    case "GOTO_ON_BLINDXFR":
                        walk.Unknown("where GOTO_ON_BLINDXFR sends a call that is transferred was not followed", priority.Place);
                        break;
                    case "FORWARD_CONTEXT" when text.Constant is { Length: > 0 } forwards:
                        walk.Unknown($"a phone that forwards its calls decides at which extension of [{forwards}] they go on", priority.Place);
                        break;
                    case "CONNECTED_LINE_SEND_SUB" or "REDIRECTING_SEND_SUB" or "CC_CALLBACK_SUB":
                        subroutines.Run(state.With(new Assumption(AssumptionKind.Value, "the other end's name changes", priority.Place)), text, priority, there => walk.Go(there with { Frames = [] }));
                        break;
                    case "DYNAMIC_FEATURES" when text.Constant is { } features:
                        Features(state, features, priority);
                        break;
                    default:
                        break;
                }

                break;
            default:
                break;
        }
    }

    /// <summary>What keys do in each call, as [globals] say; what a channel's own variable says was told where it was set.</summary>
    public void Features(CallState state, CallTexts texts, PlanPriority priority)
    {
        if (texts.Globals.TryGetValue("DYNAMIC_FEATURES", out var features) && features is { Length: > 0 } && !texts.Variables.ContainsKey("DYNAMIC_FEATURES"))
        {
            Features(state, features, priority);
        }
    }

    private void Features(CallState state, string features, PlanPriority priority)
    {
        foreach (var application in features.Split('#').SelectMany(feature => walk.Files.Features.GetValueOrDefault(feature.Trim(), [])))
        {
            call(state.With(new Assumption(AssumptionKind.Answer, "the call is answered", priority.Place)), priority, application);
        }
    }

    private void Maybe(CallState state, SymbolicText target, string when, PlanPriority priority) =>
        targets.Go(state.With(new Assumption(AssumptionKind.Value, when, priority.Place)), target, priority, there => walk.Go(there with { Frames = [] }));

    // Blanks are part of a name: Set( a = 1) gives no value to a.
    private static string Plain(string name) => name.TrimStart('_');
}
