using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Where a call goes that is sent to [[context,]extension,]priority.</summary>
/// <remarks>pbx_parseable_goto of main/pbx.c, Asterisk 22.</remarks>
internal sealed class CallTargets(CallWalk walk)
{
    private readonly ForeignTargets _foreign = new(walk.Search);

    /// <param name="target">Variables are put in; "^" stands for a comma where an option of an application names it.</param>
    /// <param name="go">For each state that arrives.</param>
    public void Go(CallState state, SymbolicText target, PlanPriority priority, Action<CallState> go)
    {
        var parts = DialTarget.Split(target, ',');
        walk.Look(InjectionKind.Target, () => _foreign.Example(state, parts), state, priority);
        var (context, extension, number) = parts switch
        {
            [var only] => (null, null, only),
            [var first, var second] => (null, first, second),
            [var first, var second, var third, ..] => ((SymbolicText?)first, (SymbolicText?)second, third),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var to = context is null or ConstantText { Value.Length: 0 } ? state.Context : context.Constant;
        var exten = extension is null or ConstantText { Value.Length: 0 } ? state.Extension : extension;
        if (exten is { IsFollowed: false } && EndsOfDial(exten).ToList() is { Count: > 0 } ends)
        {
            foreach (var (status, named) in ends)
            {
                Go(state.With(new Assumption(AssumptionKind.State, $"Dial ended with {status}", priority.Place)), SymbolicText.Join([new ConstantText(to + ","), named, new ConstantText(","), number]), priority, go);
            }

            return;
        }

        if (number is UnknownText && to is not null && exten.IsFollowed)
        {
            // Goto(${WHERE}): one of the labels of this extension, or a number that nobody writes so.
            var kind = PbxStates.IsState(((UnknownText)number).Name) ? AssumptionKind.State : AssumptionKind.Value;
            var labels = walk.Search.Labels(state, to, exten);
            foreach (var label in labels)
            {
                Go(state.With(new Assumption(kind, $"{number} is {label}", priority.Place)), SymbolicText.Join([new ConstantText(to + ","), exten, new ConstantText("," + label)]), priority, go);
            }

            if (labels.Count > 0)
            {
                return;
            }
        }

        if (to is null || number.Constant is not { } wanted || !exten.IsFollowed)
        {
            walk.Unknown($"{priority.Application}({priority.Arguments}) could not be resolved", priority.Place);
            return;
        }

        var same = state with { Context = to, IsBeginning = false };
        if (ReferenceEquals(exten, state.Extension))
        {
            Arrive(same, wanted, state.Priority, go);
            return;
        }

        // An empty extension is none: the call stays with the one that it has.
        var emptied = Demand.That(exten, NumberLanguage.Empty);
        if (same.Narrowed(emptied) is { } unchanged)
        {
            Arrive(unchanged, wanted, state.Priority, go);
        }

        if (state.Narrowed(emptied.Opposite()) is { } changed)
        {
            Arrive(changed.At(to, exten, 1), wanted, state.Priority, go);
        }
    }

    private static readonly string[] DialStatus = ["ANSWER", "BUSY", "CANCEL", "CHANUNAVAIL", "CONGESTION", "DONTCALL", "INVALIDARGS", "NOANSWER", "TORTURE"];

    // s-${DIALSTATUS}
    private static IEnumerable<(string Status, SymbolicText Extension)> EndsOfDial(SymbolicText extension) =>
        from status in DialStatus
        let named = SymbolicText.Join((extension is JoinedText joined ? joined.Parts : [extension]).Select(part => part is UnknownText { Name: "${DIALSTATUS}" } ? new ConstantText(status) : part))
        where named.IsFollowed
        select (status, named);

    private void Arrive(CallState at, string number, int from, Action<CallState> go)
    {
        // Blanks around a number are passed over; a label has none.
        var sign = number.StartsWith('+') ? 1 : number.StartsWith('-') ? -1 : 0;
        if (int.TryParse(number[(sign == 0 ? 0 : 1)..], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value))
        {
            go(at with { Priority = sign == 0 ? value : from + (sign * value) });
        }
        else
        {
            walk.GoToLabel(at, number, go);
        }
    }
}
