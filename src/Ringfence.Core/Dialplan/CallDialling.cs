using System.Collections.Immutable;
using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Whom Dial and its like call, and where its options lead.</summary>
/// <remarks>apps/app_dial.c, app_originate.c, main/bridge_basic.c (get_transfer_context) of Asterisk 22.</remarks>
internal sealed class CallDialling(CallWalk walk, ExitClassifier classify)
{
    /// <summary>Before the name of a variable that channels get which this one calls; no name in a dialplan has a blank.</summary>
    public const string Inherited = "inherited ";

    /// <summary>The same, for variables that the called channel does not hand on: those with one underscore.</summary>
    public const string InheritedOnce = "inherited-once ";

    // These would end the number, or begin another channel: what then happens is another matter than this exit.
    private static readonly NumberLanguage Clean = Languages.Except(NumberLanguage.All,
        Languages.Concatenate(NumberLanguage.All, Languages.Concatenate(Languages.Repeat("&/@,\"\\()[]", 1, 1), NumberLanguage.All)));

    public void Dial(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var options = CallArguments.Options(given.ElementAtOrDefault(2));
        var limited = state;
        if (Positive(options.GetValueOrDefault('L')?.Split(':')[0], texts) is { } milliseconds)
        {
            limited = state.With(new Brake(BrakeKind.TimeLimit, $"L({milliseconds})", priority.Place));
        }
        else if (Positive(options.GetValueOrDefault('S'), texts) is { } seconds)
        {
            limited = state.With(new Brake(BrakeKind.TimeLimit, $"S({seconds})", priority.Place));
        }

        Channels(limited, texts.Substitute(given[0]), priority);
        if (options.ContainsKey('T'))
        {
            Transfer(state, texts, priority);
        }

        if (options.ContainsKey('d'))
        {
            walk.Typed(state, texts.Substitute("${EXITCONTEXT}").Constant ?? state.Context, Languages.Repeat("0123456789*#ABCD", 1, 1));
        }

        var answered = state.With(new Assumption(AssumptionKind.Answer, "the call is answered", priority.Place));
        foreach (var letter in (char[])['G', 'F'])
        {
            if (options.TryGetValue(letter, out var target) && target is { Length: > 0 })
            {
                Elsewhere(letter == 'F' ? Called(answered) : answered, target.Replace('^', ','), texts, letter == 'G', priority);
            }
        }

        foreach (var letter in (char[])['b', 'B'])
        {
            // Before anybody is called: a subroutine for the channel that is called, or for the caller's own.
            if (options.TryGetValue(letter, out var before) && before is { Length: > 0 })
            {
                Elsewhere((letter == 'b' ? Called(state) : state) with { Frames = [] }, CallArguments.Cut(before, '(').First.Replace('^', ','), texts, isAlsoNext: false, priority);
            }
        }

        if (options.TryGetValue('U', out var sub) && sub is { Length: > 0 } && texts.Substitute(sub.Split('^')[0]).Constant is { } subroutine)
        {
            walk.Go(Called(answered).At(subroutine, new ConstantText("s"), 1));
        }

        if (options.TryGetValue('M', out var macro) && macro is { Length: > 0 } && texts.Substitute(macro.Split('^')[0]).Constant is { } name)
        {
            walk.Go(Called(answered).At($"macro-{name}", new ConstantText("s"), 1));
        }
    }

    /// <param name="members">Channels, as queues.conf names them.</param>
    public void Members(CallState state, IReadOnlyList<string> members, PlanPriority priority)
    {
        foreach (var member in members)
        {
            Channels(state, new ConstantText(member), priority);
        }
    }

    /// <summary>Originate(technology/resource,app|exten,...): the call of another channel, and where its other end goes.</summary>
    public void Originate(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        Channels(state, texts.Substitute(given[0]), priority);
        if (given.Count > 2 && given[1].Trim().Equals("exten", StringComparison.OrdinalIgnoreCase))
        {
            var rest = given.Count > 3 ? $"{given[2]},{given[3]},{(given.Count > 4 && given[4].Length > 0 ? given[4] : "1")}" : $"{given[2]},s,1";
            Elsewhere(Called(state.With(new Assumption(AssumptionKind.Answer, "the call is answered", priority.Place))), rest, texts, isAlsoNext: false, priority);
        }
    }

    /// <summary>The caller transfers whom he talks to: that channel is sent to whatever he types.</summary>
    public void Transfer(CallState state, CallTexts texts, PlanPriority priority)
    {
        var context = texts.Substitute("${TRANSFER_CONTEXT}").Constant is { Length: > 0 } given ? given : state.Context;
        walk.Typed(Called(state.With(new Assumption(AssumptionKind.Answer, "the call is answered", priority.Place))), context, Languages.Keys);
    }

    // Another channel: without this one's variables and subroutines; its own limit does not cut it.
    private static CallState Called(CallState state) => state with
    {
        Variables = CallerId(state),
        Frames = [],
        Brakes = [.. state.Brakes.Where(static brake => brake.Kind != BrakeKind.TimeLimit)],
    };

    // The called channel shows what the caller's own was given.
    private static ImmutableSortedDictionary<string, SymbolicText> CallerId(CallState state) =>
        state.Variables.Where(static variable => variable.Key.StartsWith("CALLERID(", StringComparison.Ordinal)).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private void Elsewhere(CallState state, string target, CallTexts texts, bool isAlsoNext, PlanPriority priority)
    {
        var parts = DialTarget.Split(texts.Substitute(target), ',');
        var (context, extension, number) = parts switch
        {
            [var only] => (new ConstantText(state.Context), state.Extension, only),
            [var first, var second] => (new ConstantText(state.Context), first, second),
            _ => (parts[0], parts[1], parts[2]),
        };
        if (context.Constant is not { } to || !int.TryParse(number.Constant, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            walk.Unknown($"{priority.Application}({priority.Arguments}): {target} could not be resolved", priority.Place);
            return;
        }

        walk.Go(state.At(to, extension, value));
        if (isAlsoNext)
        {
            walk.Go(Called(state).At(to, extension, value + 1));
        }
    }

    private static string? Positive(string? text, CallTexts texts) =>
        text is not null && double.TryParse(texts.Substitute(text).Constant, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number.ToString(CultureInfo.InvariantCulture)
            : null;

    private void Channels(CallState state, SymbolicText channels, PlanPriority priority)
    {
        foreach (var channel in DialTarget.Split(channels, '&').Where(static channel => channel.Constant is not ""))
        {
            walk.Look(InjectionKind.Dial, channel, state, priority);
            var target = DialTarget.Parse(channel);
            if (target.Technology is null)
            {
                walk.Unknown($"{priority.Application}({priority.Arguments}): which channel is called could not be resolved", priority.Place);
            }
            else if (target.Technology == "Local")
            {
                Local(state, target, priority);
            }
            else
            {
                Exit(state, target);
            }
        }
    }

    private void Exit(CallState state, DialTarget target)
    {
        // With nothing but marks in it that would be another call, the exit is told as it stands.
        var clean = state.Narrowed(Demand.That(target.Number, Clean)) ?? state;
        walk.Exit(new PlanExit(classify(target.Technology!, target.Resource?.Constant), target.Technology!, target.Resource?.Constant, target.Number,
            clean.InOrder(), clean.Order, clean.Brakes, clean.Assumptions, clean.Way!));
    }

    private void Local(CallState state, DialTarget target, PlanPriority priority)
    {
        if (target.Resource?.Constant is not { } context)
        {
            walk.Unknown($"{priority.Application}({priority.Arguments}): the context of Local could not be resolved", priority.Place);
            return;
        }

        var variables = CallerId(state);
        foreach (var (name, value) in state.Variables)
        {
            variables = name.StartsWith(Inherited, StringComparison.Ordinal) ? variables.SetItem(name, value).SetItem(name[Inherited.Length..], value)
                : name.StartsWith(InheritedOnce, StringComparison.Ordinal) ? variables.SetItem(name[InheritedOnce.Length..], value)
                : variables;
        }

        var clean = state.Narrowed(Demand.That(target.Number, Clean)) ?? state;
        var called = clean with { Variables = variables, Frames = [] };
        var emptied = Demand.That(target.Number, NumberLanguage.Empty);
        if (called.Narrowed(emptied.Opposite()) is { } dialled)
        {
            walk.Go(dialled.At(context, target.Number, 1) with { IsBeginning = true });
        }

        // Without a number it runs "s", but only where the empty one is found too.
        if (called.Narrowed(emptied) is { } without && walk.Search.Has(context, ""))
        {
            walk.Go(without.At(context, new ConstantText("s"), 1));
        }
    }
}
