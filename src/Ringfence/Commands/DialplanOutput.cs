using Ringfence.Core.Audit;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>One call through the dialplan, for people: each step with its line, and why it is the next.</summary>
internal static class DialplanOutput
{
    // A FreePBX has hundreds, and those on which somebody is called stand first.
    private const int MostWays = 20;

    public static void Print(PlanTrace trace, string context, string number, ShownValues values, Screen screen)
    {
        if (trace.Ways.Count == 0)
        {
            screen.Line($"{Shown.Text(number)} is nothing in context {Shown.Text(context)}: the call is refused.");
        }

        // What it comes to stands first: the steps of a FreePBX are hundreds.
        foreach (var exit in trace.Reach.Called())
        {
            var kind = exit.Kind switch { ExitKind.Trunk => "trunk", ExitKind.Phone => "phone", _ => "channel" };
            // Which one is called the caller types: the steps show one of them.
            screen.Line(new Span(exit.Resource is { } resource ? $"{kind} {exit.Technology}/{Shown.Text(resource)}" : $"a {kind} of {exit.Technology} that the call chooses", exit.Kind == ExitKind.Trunk ? Tone.Bad : Tone.Plain),
                $" is called{(exit.Sent() is { Length: > 0 } sent ? $" with {Shown.Text(sent)}" : "")} in {exit.Place}{(exit.Brakes.IsEmpty ? "" : $"; on the way: {string.Join(", ", exit.Brakes.Select(static brake => brake.Text))}")}");
            foreach (var assumption in exit.Assumptions)
            {
                screen.Line(new Span($"  if {Shown.Text(values.Call(assumption.Text), 200)} ({assumption.Place})", Tone.Faint));
            }
        }

        IReadOnlyList<TraceStep> before = [];
        foreach (var way in trace.Ways.Take(MostWays))
        {
            var same = way.Zip(before).TakeWhile(static pair => ReferenceEquals(pair.First.Step, pair.Second.Step)).Count();
            if (same > 0)
            {
                screen.Line(new Span($"  or, behind {way[same - 1].Step.Priority.Place}:", Tone.Faint));
            }

            foreach (var step in way.Skip(same))
            {
                Print(step, trace, values, screen);
            }

            before = way;
        }

        if (!trace.IsWhole || trace.Ways.Count > MostWays)
        {
            screen.Line("There are more ways than are shown; --json has up to 200 of them.");
        }

        foreach (var unknown in trace.Reach.Unknowns)
        {
            screen.Line(new Span($"not known: {unknown.Place}: {Shown.Text(values.Call(unknown.Text), 200)}", Tone.Faint));
        }
    }

    private static void Print(TraceStep step, PlanTrace trace, ShownValues values, Screen screen)
    {
        foreach (var assumption in step.Assumptions)
        {
            screen.Line(new Span($"  if {Shown.Text(values.Call(assumption.Text), 200)}", Tone.Faint));
        }

        var via = step.Step.Via.Count > 0 ? $", included by {string.Join(" < ", step.Step.Via.Reverse().Skip(1).Append("the context itself").Select(static name => Shown.Text(name)))}" : "";
        screen.Line($"  {step.Step.Priority.Place}: [{Shown.Text(step.Step.Context)}] {Shown.Text(step.Number ?? "?")} fits {Shown.Text(step.Step.Extension)}{via}, {step.Step.Priority.Number}: {Shown.Text(Call(step.Step.Priority, trace, values), 250)}");
    }

    // A PIN that is compared may be put into a variable before.
    private static string Call(PlanPriority priority, PlanTrace trace, ShownValues values) =>
        trace.Pins.Aggregate(values.Call($"{priority.Application}({priority.Arguments})"), static (text, pin) => text.Replace(pin, ShownValues.NotShown, StringComparison.Ordinal));
}
