using System.Collections.Immutable;
using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Whom Dial and its like call, and where its options lead.</summary>
/// <remarks>apps/app_dial.c, app_originate.c, main/bridge_basic.c (get_transfer_context) of Asterisk 22.</remarks>
internal sealed class CallDialling(CallWalk walk, CallTargets targets, CallSubroutines subroutines, ExitClassifier classify)
{
    /// <summary>Before the name of a variable that channels get which this one calls; no name in a dialplan has a blank.</summary>
    public const string Inherited = "inherited ";

    /// <summary>The same, for variables that the called channel does not hand on: those with one underscore.</summary>
    public const string InheritedOnce = "inherited-once ";

    /// <summary>The context in which a transfer looks up its number, as a variable of who transfers or a global.</summary>
    public const string TransferContext = "TRANSFER_CONTEXT";

    // In the units of LanguageWork: a microsecond each.
    private const int WorkOfMember = 3;

    // These would end the number, or begin another channel: what then happens is another matter than this exit.
    private static readonly NumberLanguage Clean = Languages.Except(NumberLanguage.All,
        Languages.Concatenate(NumberLanguage.All, Languages.Concatenate(Languages.Repeat("&/@,\"\\()[]", 1, 1), NumberLanguage.All)));

    public void Dial(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var options = CallArguments.Options(given.ElementAtOrDefault(2));
        walk.Look(InjectionKind.Options, texts.Substitute(given.ElementAtOrDefault(2) ?? ""), state, priority);
        var limited = state;
        if (Positive(options.GetValueOrDefault('L')?.Split(':')[0], texts) is { } milliseconds)
        {
            limited = state.With(new Brake(BrakeKind.TimeLimit, $"L({milliseconds})", priority.Place));
        }
        else if (Positive(options.GetValueOrDefault('S'), texts) is { } seconds)
        {
            limited = state.With(new Brake(BrakeKind.TimeLimit, $"S({seconds})", priority.Place));
        }

        Channels(limited, texts.Target(given[0]), priority);
        if (MayTransfer(options, texts))
        {
            Transfer(state, texts, priority);
        }

        if (options.ContainsKey('d'))
        {
            walk.Typed(state, CallPrompts.Context(state, "EXITCONTEXT", texts), CallPrompts.OneKey, mustExist: true);
        }

        var answered = Answered(state, priority);
        if (options.TryGetValue('G', out var both) && both is { Length: > 0 })
        {
            targets.Go(answered, Target(both, texts), priority, there =>
            {
                walk.Go(there);
                walk.Go(Called(there).Next());
            });
        }

        Behind(options, answered, texts, priority);
        Before(options, state, texts, priority);
        // U(context^argument^argument)
        if (options.TryGetValue('U', out var sub) && sub is { Length: > 0 } && DialTarget.Split(Target(sub, texts), ',') is var called && called[0].Constant is { } subroutine)
        {
            walk.Go(CallSubroutines.Given(Called(answered), [.. called.Skip(1)]).At(subroutine, new ConstantText("s"), 1));
        }

        if (options.TryGetValue('M', out var macro) && macro is { Length: > 0 } && texts.Substitute(macro.Split('^')[0]).Constant is { } name)
        {
            walk.Go(Called(answered).At($"macro-{name}", new ConstantText("s"), 1));
        }
    }

    // F: the called channel goes on there when the caller hangs up; without a place, behind the line that called it.
    private void Behind(Dictionary<char, string?> options, CallState answered, CallTexts texts, PlanPriority priority)
    {
        if (!options.TryGetValue('F', out var target))
        {
            return;
        }

        if (target is { Length: > 0 })
        {
            targets.Go(answered, Target(target, texts), priority, there => walk.Go(Called(there)));
        }
        else
        {
            walk.Go(Called(answered.Next()));
        }
    }

    // Before anybody is called: a subroutine for the channel that is called, or for the caller's own.
    private void Before(Dictionary<char, string?> options, CallState state, CallTexts texts, PlanPriority priority)
    {
        foreach (var letter in (char[])['b', 'B'])
        {
            if (options.TryGetValue(letter, out var before) && before is { Length: > 0 })
            {
                subroutines.Run(letter == 'b' ? Called(state) : state, Target(before, texts), priority, there => walk.Go(there with { Frames = [] }));
            }
        }
    }

    // BRIDGE_FEATURES lets keys do the same (measured), as a variable of the channel or a global.
    private static bool MayTransfer(Dictionary<char, string?> options, CallTexts texts) =>
        options.ContainsKey('T') || texts.Substitute("${BRIDGE_FEATURES}").Constant?.Contains('T', StringComparison.Ordinal) is true;

    private static SymbolicText Target(string option, CallTexts texts) => texts.Substitute(option.Replace('^', ','));

    private static CallState Answered(CallState state, PlanPriority priority) => state.With(new Assumption(AssumptionKind.Answer, "the call is answered", priority.Place));

    public void Page(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        Channels(state, texts.Target(given[0]), priority);
        Before(CallArguments.Options(given.ElementAtOrDefault(1)), state, texts, priority);
    }

    /// <summary>Queue(name,options,URL,announcement,timeout,AGI,gosub,...); until Asterisk 20 a macro stands before the gosub.</summary>
    public void Queue(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var options = CallArguments.Options(given.ElementAtOrDefault(1));
        if (walk.Files.Queues is { } queues && texts.Substitute(given[0]).Constant is { } name && queues.TryGetValue(name, out var queue))
        {
            // So much as each of them costs: one queue of a call centre has hundreds, and a file that was made for it asks for thousands in each of its lines.
            LanguageWork.Spend(WorkOfMember * queue.Members.Count);
            foreach (var member in queue.Members)
            {
                Channels(state, new ConstantText(member), priority);
            }

            if (queue.Exit is { } exit)
            {
                walk.Typed(state, exit, Languages.Keys, mustExist: true);
            }

            if (queue.Subroutine is { } subroutine)
            {
                walk.Go(Called(Answered(state, priority)).At(subroutine, new ConstantText("s"), 1));
            }
        }
        else
        {
            walk.Unknown($"the members of the queue in Queue({arguments}) were not read", priority.Place);
        }

        foreach (var called in given.Skip(6).Take(2).Select(argument => texts.Substitute(argument).Constant).OfType<string>())
        {
            foreach (var context in ((string[])[called, $"macro-{called}"]).Where(context => walk.Plan[context] is not null))
            {
                walk.Go(Called(Answered(state, priority)).At(context, new ConstantText("s"), 1));
            }
        }

        if (MayTransfer(options, texts))
        {
            Transfer(state, texts, priority);
        }

        Behind(options, Answered(state, priority), texts, priority);
        Before(options, state, texts, priority);
    }

    public void FollowMe(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        if (walk.Files.FollowMe is { } known && texts.Substitute(given[0]).Constant is { } name && known.TryGetValue(name, out var numbers))
        {
            foreach (var number in numbers)
            {
                Channels(state, new ConstantText(number), priority);
            }
        }
        else
        {
            walk.Unknown($"the numbers of FollowMe({arguments}) were not read", priority.Place);
        }

        Before(CallArguments.Options(given.ElementAtOrDefault(1)), state, texts, priority);
    }

    /// <summary>Park(lot,options) and ParkAndAnnounce(lot,options,announcement,channel): nobody picks the call up, and it comes back.</summary>
    public void Park(CallState state, string application, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var late = state.With(new Assumption(AssumptionKind.Time, "nobody picks the parked call up", priority.Place)) with { Frames = [] };
        if (CallArguments.Options(given.ElementAtOrDefault(1)).GetValueOrDefault('c') is { Length: > 0 } comeback)
        {
            targets.Go(late, Target(comeback, texts), priority, walk.Go);
        }

        foreach (var context in walk.Files.Comebacks.Where(context => walk.Plan[context] is not null))
        {
            // The extension is the name of whoever parked it, or "s".
            walk.Unknown($"who parks a call decides at which extension of [{context}] it comes back", priority.Place);
            walk.Go(late.At(context, new ConstantText("s"), 1));
        }

        if (application.Equals("ParkAndAnnounce", StringComparison.OrdinalIgnoreCase) && given.ElementAtOrDefault(3) is { Length: > 0 } announced)
        {
            Channels(state, texts.Substitute(announced), priority);
        }
    }

    /// <summary>Another channel is sent there.</summary>
    public void Redirect(CallState state, string target, CallTexts texts, PlanPriority priority) =>
        targets.Go(state.With(new Assumption(AssumptionKind.Value, "that channel exists", priority.Place)), texts.Substitute(target), priority, there => walk.Go(Called(there)));

    public void Bridge(CallState state, string arguments, CallTexts texts, PlanPriority priority) =>
        Behind(CallArguments.Options(CallArguments.Split(arguments).ElementAtOrDefault(1)), Answered(state, priority), texts, priority);

    /// <summary>Originate(technology/resource,app|exten,...): the call of another channel, and where its other end goes.</summary>
    public void Originate(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var options = CallArguments.Options(given.ElementAtOrDefault(6));
        // The new call has a caller of its own, and shows none of this one's.
        state = CallTexts.CallerIdParts("all").Aggregate(state, static (set, part) => set.With(part, new UnknownText("the caller ID of Originate", TextOrigins.Elsewhere)));
        Channels(state, texts.Target(given[0]), priority);
        if (given.Count > 2 && given[1].Trim().Equals("exten", StringComparison.OrdinalIgnoreCase))
        {
            // A priority counts where nothing stands behind it (measured).
            var rest = given.Count > 3 ? $"{given[2]},{given[3]},{(given.Count == 5 ? given[4] : "1")}" : $"{given[2]},s,1";
            // v(name=value^name=value): what the new channel holds.
            var variables = (options.GetValueOrDefault('v') ?? "").Split('^').Select(static one => CallArguments.Cut(one, '=')).Where(static one => one.Behind is not null)
                .Select(one => (Name: one.First.TrimStart('_'), Value: texts.Substitute(one.Behind!))).ToList();
            targets.Go(Answered(state, priority), texts.Substitute(rest), priority, there => walk.Go(variables.Aggregate(Called(there), static (set, one) => set.With(one.Name, one.Value))));
        }

        if (given.Count > 2 && given[1].Trim().Equals("app", StringComparison.OrdinalIgnoreCase))
        {
            Application(Called(Answered(state, priority)), given[2], given.ElementAtOrDefault(3) ?? "", texts, priority);
        }

        Before(options, state, texts, priority);
    }

    // What the new channel runs, and nothing behind it: it has no dialplan in which another application could send it elsewhere (measured: Goto leads nowhere).
    private void Application(CallState state, string application, string arguments, CallTexts texts, PlanPriority priority)
    {
        switch (application.ToUpperInvariant())
        {
            case "DIAL":
                Dial(state, arguments, texts, priority);
                break;
            case "PAGE":
                Page(state, arguments, texts, priority);
                break;
            case "QUEUE":
                Queue(state, arguments, texts, priority);
                break;
            case "FOLLOWME":
                FollowMe(state, arguments, texts, priority);
                break;
            default:
                break;
        }
    }

    /// <summary>AddQueueMember(queue,channel,...): who then waits in the queue calls it.</summary>
    public void Member(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        if (CallArguments.Split(arguments).ElementAtOrDefault(1) is { Length: > 0 } channel)
        {
            Channels(state.With(new Assumption(AssumptionKind.State, "a call comes to the queue", priority.Place)), texts.Target(channel), priority);
        }
    }

    /// <summary>The caller transfers whom he talks to: that channel is sent to whatever he types.</summary>
    public void Transfer(CallState state, CallTexts texts, PlanPriority priority)
    {
        walk.Typed(Called(Answered(state, priority)), CallPrompts.Context(state, TransferContext, texts), Languages.Keys, mustExist: true);
    }

    /// <summary>Whoever can transfer sends the other end to a number of this context (REFER asks for no option of Dial).</summary>
    public void TransferInto(CallState state, SymbolicText context, PlanPriority priority)
    {
        if (context.Constant is not { } named)
        {
            walk.Unknown($"in which context {TransferContext} looks up the numbers of transfers could not be resolved", priority.Place);
        }
        else if (named.Length > 0)
        {
            walk.Typed(Called(Answered(state, priority)), named, Languages.Dialled, mustExist: true);
        }
    }

    // Another channel: without this one's own variables and subroutines; its own limit does not cut it.
    private static CallState Called(CallState state) => state with
    {
        Variables = HandedOn(state),
        Frames = [],
        Brakes = state.WithoutTimeout().Brakes,
        HasTimeout = false,
        IsHungUp = false,
    };

    // The called channel shows what the caller's own was given, and has those variables that are handed on.
    private static ImmutableSortedDictionary<string, SymbolicText> HandedOn(CallState state)
    {
        var variables = state.Variables.Where(static variable => variable.Key.StartsWith("CALLERID(", StringComparison.Ordinal) || variable.Key.StartsWith(GateWays.AskedAs, StringComparison.Ordinal)).ToImmutableSortedDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in state.Variables)
        {
            variables = name.StartsWith(Inherited, StringComparison.Ordinal) ? variables.SetItem(name, value).SetItem(name[Inherited.Length..], value)
                : name.StartsWith(InheritedOnce, StringComparison.Ordinal) ? variables.SetItem(name[InheritedOnce.Length..], value)
                : variables;
        }

        return variables;
    }

    private static string? Positive(string? text, CallTexts texts) =>
        text is not null && double.TryParse(texts.Substitute(text).Constant, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number.ToString(CultureInfo.InvariantCulture)
            : null;

    private void Channels(CallState state, SymbolicText channels, PlanPriority priority)
    {
        foreach (var channel in DialTarget.Split(channels, '&').Where(static channel => channel.Constant is not ""))
        {
            // Hundreds in each of ten thousand lines, as one global variable may hold them, would be millions of calls.
            LanguageWork.Spend(WorkOfMember);
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
            clean.InOrder(), clean.Order, clean.Brakes, clean.Assumptions, clean.Way!)
        {
            Parts = clean.Parts,
            Asked = GateWays.AskedAbout(clean),
            AskedTrunk = GateWays.AskedTrunk(clean),
            Called = target.Resource is { Constant: null } called ? called : null,
        });
    }

    private void Local(CallState state, DialTarget target, PlanPriority priority)
    {
        if (target.Resource?.Constant is not { } context)
        {
            walk.Unknown($"{priority.Application}({priority.Arguments}): the context of Local could not be resolved", priority.Place);
            return;
        }

        var clean = state.Narrowed(Demand.That(target.Number, Clean)) ?? state;
        var called = clean with { Variables = HandedOn(state), Frames = [], HasTimeout = false, IsHungUp = false };
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
